"""Legal details typed into a draft are typed once: the workspace of who typed them keeps what it lacks."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update
from sqlmodel import col

from accounts.workspaces.models import Workspace
from core.events import Event
from tests.cast import CAST
from tests.crm.contracts.test_draft import as_json, edit_data
from tests.factories.contracts import staged, stored
from tests.people import text_of

HINT = "Kept for your next contracts, where your workspace says nothing yet."
ALICE = {"legal_name": "ИП Аркадьева А. П.", "address": "ул. Ленина 1\nРига", "country": "Latvia"}
BOB = {"legal_name": "Công ty Phở", "address": "12 Trần Phú\nĐà Nẵng", "country": "Vietnam"}
NOTHING = {"legal_name": "", "address": "", "country": ""}


@pytest.fixture(autouse=True)
def _both_say_nothing(database):
    with database.write() as db:
        places = [CAST.alice.workspace_id, CAST.bob.workspace_id]
        empty = {"legal_name": "", "legal_address": "", "country": ""}
        db.execute(update(Workspace).where(col(Workspace.id).in_(places)).values(empty))


def typed(contract, **changes):
    sides = {"specialist": ALICE, "client": BOB}
    details = {f"{side}_{name}": value for side, values in sides.items() for name, value in values.items()}
    return edit_data(contract, **{**details, **changes})


def draft(database):
    contract_id = staged(database)
    with database.read() as db:
        return stored(db, contract_id)


def kept(database, name):
    with database.read() as db:
        found = db.get_one(Workspace, CAST.members[name].workspace_id)
        return {"legal_name": found.legal_name, "address": found.legal_address, "country": found.country}


def times_edited(database):
    with database.read() as db:
        return db.scalar(select(func.count()).select_from(Event).where(col(Event.kind) == "workspace.edited"))


def test_the_next_contract_begins_with_them(as_, database):
    first = draft(database)
    assert first.parties["client"]["legal_name"] == ""
    assert as_("bob").post(f"/contracts/{first.id}", typed(first)).status_code == 303
    assert kept(database, "bob") == BOB
    assert "Công ty Phở" in as_("bob").get("/settings/workspace").text
    second = staged(database)
    with database.read() as db:
        assert stored(db, second).parties["client"] == {"name": "Bob's Café", **BOB}


@pytest.mark.parametrize(("who", "own", "other"), [("alice", ALICE, "bob"), ("bella", BOB, "alice")])
def test_only_those_of_the_own_side(as_, database, who, own, other):
    contract = draft(database)
    assert as_(who).api("PUT", f"/contracts/{contract.id}", as_json(contract, **typed(contract))).status_code == 200
    assert kept(database, who) == own
    assert kept(database, other) == NOTHING


def test_what_the_workspace_says_stays(as_, database):
    with database.write() as db:
        db.get_one(Workspace, CAST.bob.workspace_id).legal_name = "Bob's Bakery Ltd"
    contract = draft(database)
    bob, here = as_("bob"), f"/contracts/{contract.id}"
    assert bob.post(here, typed(contract)).status_code == 303
    assert kept(database, "bob") == {**BOB, "legal_name": "Bob's Bakery Ltd"}
    again = typed(contract, version=contract.version + 1, client_country="France")
    assert bob.post(here, again).status_code == 303
    assert kept(database, "bob")["country"] == "Vietnam"
    assert times_edited(database) == 1


def test_a_refused_draft_leaves_nothing_behind(as_, database):
    contract = draft(database)
    assert as_("bob").post(f"/contracts/{contract.id}", typed(contract, notice_days="soon")).status_code == 422
    assert as_("bob").post(f"/contracts/{contract.id}", typed(contract, version=99)).status_code == 409
    assert kept(database, "bob") == NOTHING
    assert times_edited(database) == 0


def test_settings_take_what_was_kept(as_, database):
    contract = draft(database)
    long = "\n".join(["Building 12 of the old harbour warehouses"] * 6)
    assert as_("bob").post(f"/contracts/{contract.id}", typed(contract, client_address=long)).status_code == 303
    assert as_("bob").send("/settings/workspace", "/settings/workspace", city="Riga").status_code == 303
    assert kept(database, "bob")["address"] == long


def test_the_form_says_so_beside_the_own_side(as_, database):
    contract = draft(database)
    for who, heading in (("alice", "Alice Social"), ("bob", "Café")):
        page = text_of(as_(who).get(f"/contracts/{contract.id}/edit"))
        assert page.count(HINT) == 1
        assert f"{heading} {HINT}" in page
