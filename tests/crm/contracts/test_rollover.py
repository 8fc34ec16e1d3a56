"""Both sides may let unused units carry over: it is agreed in the draft, read by both, and signed."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from crm.contracts import invariants, queries
from crm.contracts.document import shown
from crm.contracts.models import ScopeLine
from marketplace.briefs.models import LinePeriod
from tests.crm.contracts.test_draft import as_json, edit_data
from tests.crm.contracts.test_pdf import pdf_of, words_of
from tests.factories.contracts import make_contract, put_signature, staged, stored
from tests.people import text_of

WHAT_IT_SAYS = "Up to 4 posts of the limit, if unused, carry over into the next period"


def row_of(line, **changes):
    """A line of the draft as its form sends it."""
    row = {"id": str(line.id), "approver": line.approver, "evidence": line.evidence.value, "exclusions": ""}
    return {**row, **changes}


@pytest.fixture
def draft(database):
    """The draft of alice and bob: 12 posts a month are its first line, replies and reports follow."""
    contract_id = staged(database)
    with database.read() as db:
        return stored(db, contract_id), queries.lines_of(db, contract_id)


def caps(database, contract):
    with database.read() as db:
        return [line.rollover_cap for line in queries.lines_of(db, contract.id)]


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_either_side_sets_it_and_both_read_it_before_they_sign(as_, database, draft, who):
    contract, lines = draft
    here = f"/contracts/{contract.id}"
    sent = edit_data(contract, [row_of(lines[0], rollover_cap="4")])
    assert as_(who).post(here, sent).status_code == 303
    assert caps(database, contract) == [4, 0, 0, 0, 0]
    for reader in ("alice", "bob"):
        assert WHAT_IT_SAYS in text_of(as_(reader).get(here))
    assert 'name="lines-0-rollover_cap" inputmode="numeric" value="4"' in as_("bob").get(f"{here}/edit").text
    assert WHAT_IT_SAYS in words_of(pdf_of(as_("bob"), contract.id))


def test_the_same_over_json_and_left_out_it_is_none(as_, database, draft):
    contract, lines = draft
    here, alice = f"/contracts/{contract.id}", as_("alice")
    done = alice.api("PUT", here, as_json(contract, [row_of(lines[0], rollover_cap=12)]))
    assert done.status_code == 200
    assert done.json()["lines"][0]["rollover_cap"] == 12
    again = {**as_json(contract, [row_of(lines[0])]), "version": done.json()["version"]}
    assert alice.api("PUT", here, again).json()["lines"][0]["rollover_cap"] == 0


def test_it_is_frozen_and_signed(as_, database):
    with database.write() as db:
        contract = make_contract(db)
        line = queries.lines_of(db, contract.id)[0]
    alice, here = as_("alice"), f"/contracts/{contract.id}"
    edited = alice.api("PUT", here, as_json(contract, [row_of(line, rollover_cap=4)])).json()
    assert alice.api("POST", f"{here}/send", {"version": edited["version"]}).status_code == 200
    with database.write() as db:
        contract = stored(db, contract.id)
        put_signature(db, contract, "alice")
        put_signature(db, contract, "bob")
        body, sha256 = shown(db, contract)
    assert body["lines"][0]["rollover_cap"] == 4
    assert WHAT_IT_SAYS in body["text"]["clauses"][0]["table"]["rows"][0]["notes"]
    assert sha256
    assert as_("bob").api("GET", f"{here}/verification").json() == {"holds": True, "faults": []}


@pytest.mark.parametrize("value", ["-1", "13", "100001", "1.5", "some"])
def test_at_most_the_limit_and_nothing_is_stored(as_, database, draft, value):
    contract, lines = draft
    sent = edit_data(contract, [row_of(lines[0], rollover_cap=value)], notes="Kept as typed")
    answer = as_("alice").post(f"/contracts/{contract.id}", sent)
    assert answer.status_code == 422
    assert 'id="f-lines-0-rollover_cap-error"' in answer.text
    assert "Kept as typed" in answer.text
    refused = as_("alice").api("PUT", f"/contracts/{contract.id}", as_json(contract, [sent_row(sent)]))
    assert (refused.status_code, set(refused.json()["fields"])) == (422, {"lines.0.rollover_cap"})
    with database.read() as db:
        assert stored(db, contract.id).version == contract.version
    assert caps(database, contract) == [0] * 5


def sent_row(sent):
    return {name.removeprefix("lines-0-"): value for name, value in sent.items() if name.startswith("lines-0-")}


@pytest.mark.parametrize("change", [{"limit": None}, {"period": LinePeriod.ONCE}])
def test_only_a_limit_that_starts_anew_carries_over(as_, database, draft, change):
    contract, lines = draft
    with database.write() as db:
        db.execute(update(ScopeLine).where(ScopeLine.id == lines[0].id).values(**change))
    here = f"/contracts/{contract.id}"
    page = as_("alice").get(f"{here}/edit").text
    assert 'name="lines-0-exclusions"' in page
    assert 'name="lines-0-rollover_cap"' not in page
    assert 'name="lines-2-rollover_cap"' in page
    refused = as_("alice").api("PUT", here, as_json(contract, [row_of(lines[0], rollover_cap=1)]))
    assert refused.json()["fields"] == {
        "lines.0.rollover_cap": "Only a limit that starts anew each month or quarter carries over."
    }
    assert as_("alice").api("PUT", here, as_json(contract, [row_of(lines[0])])).status_code == 200


@pytest.mark.parametrize("change", [{"rollover_cap": 13}, {"rollover_cap": 1, "limit": None}, {"rollover_cap": -1}])
def test_a_stored_line_that_carries_over_what_it_cannot_is_found(database, draft, change):
    contract, lines = draft
    with database.write() as db:
        assert invariants.only_repeating_limits_carry_over(db) == []
        db.execute(update(ScopeLine).where(ScopeLine.id == lines[0].id).values(**change))
    with database.read() as db:
        found = invariants.only_repeating_limits_carry_over(db)
    assert found == [f"contract {contract.id}: its line 1 carries over what it cannot"]
