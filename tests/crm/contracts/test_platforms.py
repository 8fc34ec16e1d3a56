"""On which platforms: what the brief asked for is a term of the contract, for every line that names none itself."""

from __future__ import annotations

import csv
import io

import pytest

from crm.contracts import invariants, queries
from marketplace.briefs.models import Brief
from marketplace.offers import service as offers
from tests.cast import viewer_of
from tests.crm.contracts.test_draft import as_json
from tests.crm.contracts.test_pdf import pdf_of, words_of
from tests.factories.contracts import make_active, make_contract, make_sent, put_signature, staged, stored
from tests.factories.offers import make_hire
from tests.factories.profiles import make_profile
from tests.people import text_of

LINES = [{"responsibility": "C3", "limit": 12}, {"responsibility": "D3", "limit": 4, "owner": "client"}]
ONE = {"platforms": ["IG"], "lines": LINES}
TWO = {"platforms": ["IG", "FB"], "lines": LINES}
RULE = "A line that names no platform is for Instagram and no other."
RULE_OF_TWO = "A line that names no platform is for these together and no others: Instagram, Facebook."


@pytest.mark.parametrize(
    ("brief", "rule", "names"), [(ONE, RULE, "Instagram"), (TWO, RULE_OF_TWO, "Instagram, Facebook")]
)
def test_both_read_them_in_the_document_and_in_the_scope(as_, database, brief, rule, names):
    contract_id = staged(database, make_active, brief=brief)
    here = f"/contracts/{contract_id}"
    for who in ("alice", "bob"):
        assert rule in text_of(as_(who).get(here))
        assert rule in text_of(as_(who).get(f"{here}/scope"))
    bob = as_("bob")
    assert rule in words_of(pdf_of(bob, contract_id))
    assert bob.api("GET", here).json()["terms"]["platforms"] == brief["platforms"]
    scope = bob.api("GET", f"{here}/scope").json()
    assert scope["platforms"] == brief["platforms"]
    assert f"For {names}" in text_of(bob.get(f"{here}/lines/{scope['lines'][0]['id']}"))
    rows = list(csv.DictReader(io.StringIO(bob.get(f"{here}/scope.csv").text.lstrip("\ufeff"))))
    assert [row["Platform"] for row in rows] == [names, names]


def test_lines_stay_as_they_were_offered(as_, database):
    contract_id = staged(database, make_active, brief=ONE)
    with database.read() as db:
        assert [line.platform for line in queries.lines_of(db, contract_id)] == ["", ""]
        assert invariants.contracts_hold_what_was_accepted(db) == []
    assert as_("bob").api("GET", f"/contracts/{contract_id}/verification").json() == {"holds": True, "faults": []}


def test_lines_that_name_theirs_need_no_word(as_, database):
    lines = [{"responsibility": "C3", "limit": 12, "platform": "IG"}]
    contract_id = staged(database, make_active, brief={"platforms": ["IG", "FB"], "lines": lines})
    here, alice = f"/contracts/{contract_id}", as_("alice")
    for address in (here, f"{here}/scope"):
        assert "A line that names no platform" not in text_of(alice.get(address))
    line = alice.api("GET", f"{here}/scope").json()["lines"][0]
    assert "Facebook" not in text_of(alice.get(f"{here}/lines/{line['id']}"))


def test_an_edited_draft_keeps_them(as_, database):
    contract_id = staged(database, brief=ONE)
    with database.read() as db:
        body = as_json(stored(db, contract_id))
    assert as_("alice").api("PUT", f"/contracts/{contract_id}", body).json()["terms"]["platforms"] == ["IG"]
    assert as_("alice").get(f"/contracts/{contract_id}/edit").status_code == 200


def test_a_hire_offer_without_a_brief_names_none(as_, database):
    with database.write() as db:
        make_profile(db, responsibilities=["C1", "D1"])
        offer = make_hire(db, viewer_of(db, "bob"))
        offers.accept(db, offer, offer.number, by=viewer_of(db, "alice"))
        contract = queries.contract_of_offer(db, offer.id)
        assert contract is not None
        assert contract.terms["platforms"] == []
    assert "A line that names no platform" not in text_of(as_("bob").get(f"/contracts/{contract.id}"))


def test_a_contract_from_before_says_nothing_of_them_and_still_proves(as_, database):
    with database.write() as db:
        contract = make_contract(db, brief=ONE)
        contract.terms = {name: value for name, value in contract.terms.items() if name != "platforms"}
        db.flush()
        version = contract.version
    bob, here = as_("bob"), f"/contracts/{contract.id}"
    assert bob.api("POST", f"{here}/send", {"version": version}).status_code == 200
    with database.write() as db:
        for who in ("alice", "bob"):
            put_signature(db, stored(db, contract.id), who)
    assert bob.api("GET", f"{here}/verification").json() == {"holds": True, "faults": []}
    for address in (here, f"{here}/scope"):
        assert "A line that names no platform" not in text_of(bob.get(address))
    assert bob.api("GET", f"{here}/scope").json()["platforms"] == []


def test_a_document_on_the_table_does_not_change_with_the_brief(as_, database):
    contract_id = staged(database, make_sent, brief=ONE)
    with database.write() as db:
        brief_id = stored(db, contract_id).brief_id
        db.get_one(Brief, brief_id).platforms = ["IG", "TT"]
    assert RULE in text_of(as_("bob").get(f"/contracts/{contract_id}"))
