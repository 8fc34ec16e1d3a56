"""The hours in which reply times run are a term of the whole contract: agreed in the draft, frozen, seen by both."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from accounts.workspaces.models import Workspace
from crm.contracts.document import shown
from crm.contracts.models import ScopeLine
from crm.contracts.verification import verify
from tests.cast import CAST
from tests.crm.contracts.test_draft import as_json, edit_data
from tests.crm.contracts.test_pdf import pdf_of, words_of
from tests.factories.contracts import make_active, make_contract, put_signature, staged, stored
from tests.people import text_of

CHOICES = [
    ("always", "around the clock"),
    ("weekdays_9_18", "Monday to Friday, 9:00 to 18:00, time zone Asia/Ho Chi Minh"),
    ("daily_9_21", "every day, 9:00 to 21:00, time zone Asia/Ho Chi Minh"),
]


@pytest.fixture(autouse=True)
def _alice_works_in_hanoi(database):
    with database.write() as db:
        place = Workspace.id == CAST.alice.workspace_id
        db.execute(update(Workspace).where(place).values(time_zone="Asia/Ho_Chi_Minh"))


def draft_of(database):
    contract_id = staged(database)
    with database.read() as db:
        return stored(db, contract_id)


def signed(database, contract_id):
    with database.write() as db:
        for who in ("alice", "bob"):
            put_signature(db, stored(db, contract_id), who)


@pytest.mark.parametrize(("choice", "words"), CHOICES)
def test_both_read_them_on_every_page_and_in_the_document(as_, database, choice, words):
    contract = draft_of(database)
    bob, here = as_("bob"), f"/contracts/{contract.id}"
    assert bob.post(here, edit_data(contract, reply_hours=choice)).status_code == 303
    assert f'<option value="{choice}" selected>' in as_("alice").get(f"{here}/edit").text
    read = bob.api("GET", here).json()
    assert (read["terms"]["reply_hours"], read["terms"]["reply_zone"]) == (choice, "Asia/Ho_Chi_Minh")
    assert bob.api("POST", f"{here}/send", {"version": read["version"]}).status_code == 200
    signed(database, contract.id)
    for who in ("alice", "bob"):
        assert f"Reaction times run: {words}." in text_of(as_(who).get(here))
        assert f"reply within 4 hours ({words})" in text_of(as_(who).get(f"{here}/scope"))
    assert f"Reaction times run: {words}." in words_of(pdf_of(bob, contract.id))
    scope = bob.api("GET", f"{here}/scope").json()
    assert (scope["reply_hours"], scope["reply_zone"]) == (choice, "Asia/Ho_Chi_Minh")
    line = next(line for line in scope["lines"] if line["sla_minutes"])
    assert f"Reply within 4 hours ({words})" in text_of(bob.get(f"{here}/lines/{line['id']}"))
    assert bob.api("GET", f"{here}/verification").json() == {"holds": True, "faults": []}


def test_a_draft_begins_around_the_clock_and_what_is_left_out_stays(as_, database):
    contract = draft_of(database)
    alice, here = as_("alice"), f"/contracts/{contract.id}"
    assert alice.api("GET", here).json()["terms"]["reply_hours"] == "always"
    done = alice.api("PUT", here, as_json(contract, reply_hours="daily_9_21")).json()
    again = {**as_json(contract), "version": done["version"]}
    assert alice.api("PUT", here, again).json()["terms"]["reply_hours"] == "daily_9_21"


@pytest.mark.parametrize("value", ["nights", "ALWAYS"])
def test_other_hours_are_refused_and_nothing_is_stored(as_, database, value):
    contract = draft_of(database)
    here = f"/contracts/{contract.id}"
    page = as_("alice").post(here, edit_data(contract, reply_hours=value))
    assert page.status_code == 422
    assert 'id="f-reply_hours-error"' in page.text
    refused = as_("alice").api("PUT", here, as_json(contract, reply_hours=value))
    assert (refused.status_code, set(refused.json()["fields"])) == (422, {"reply_hours"})
    with database.read() as db:
        assert stored(db, contract.id).terms == contract.terms


def test_the_zone_is_the_one_that_was_signed(as_, database):
    contract_id = staged(database, make_active)
    with database.write() as db:
        place = Workspace.id == CAST.alice.workspace_id
        db.execute(update(Workspace).where(place).values(time_zone="Europe/Riga"))
    assert as_("bob").api("GET", f"/contracts/{contract_id}/scope").json()["reply_zone"] == "Asia/Ho_Chi_Minh"


def test_without_reply_times_there_is_nothing_to_choose(as_, database):
    contract = draft_of(database)
    with database.write() as db:
        db.execute(update(ScopeLine).where(ScopeLine.contract_id == contract.id).values(sla_minutes=None))
    page = as_("alice").get(f"/contracts/{contract.id}/edit").text
    assert 'name="notice_days"' in page
    assert 'name="reply_hours"' not in page
    assert "Reaction times run" not in as_("alice").get(f"/contracts/{contract.id}").text


def test_a_contract_from_before_says_nothing_of_hours_and_still_proves(as_, database):
    with database.write() as db:
        contract = make_contract(db)
        newer = ("reply_hours", "reply_zone")
        contract.terms = {name: value for name, value in contract.terms.items() if name not in newer}
        db.flush()
        version = contract.version
    alice, here = as_("alice"), f"/contracts/{contract.id}"
    assert '<option value="always" selected>' in alice.get(f"{here}/edit").text
    assert alice.api("POST", f"{here}/send", {"version": version}).status_code == 200
    signed(database, contract.id)
    with database.read() as db:
        found = stored(db, contract.id)
        assert verify(db, found) == []
        body, _sha256 = shown(db, found)
    assert "reply_hours" not in body["terms"]
    assert "Reaction times run" not in text_of(as_("bob").get(here))
    scope = text_of(as_("bob").get(f"{here}/scope"))
    assert "reply within 4 hours" in scope
    assert "reply within 4 hours (" not in scope
    scope = as_("bob").api("GET", f"{here}/scope").json()
    assert (scope["reply_hours"], scope["reply_zone"]) == (None, None)
