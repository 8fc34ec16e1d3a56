"""The console shuts a person out and lets them in again."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import OperationalError
from sqlmodel import col
from typer.testing import CliRunner

from accounts.users.models import User
from accounts.workspaces.invariants import every_workspace_has_an_owner
from accounts.workspaces.models import Membership, Role
from app.checks import broken
from app.cli import cli
from app.complaints import complaint
from core.db import Database
from marketplace.offers import service as offers
from marketplace.offers.models import Offer, OfferStatus
from marketplace.offers.schemas import DeclineInput
from tests.cast import PASSWORD, viewer_of
from tests.factories.briefs import make_brief
from tests.factories.offers import make_proposal
from tests.factories.profiles import make_profile


@pytest.fixture
def console(database: Database, monkeypatch: pytest.MonkeyPatch):
    """``console("user", …)``: the sentence the command refuses with, or nothing."""
    monkeypatch.setenv("POSTWRIGHT_DATABASE_URL", database.url)

    def run(*words: str) -> str:
        done = CliRunner().invoke(cli, words)
        assert done.exit_code == (1 if done.exception else 0)
        return complaint(done.exception) or "" if done.exception else ""

    return run


def test_suspended_at_once_and_restored(as_, cast, console):
    bob = as_("bob")
    assert bob.get("/settings").status_code == 200
    assert console("user", "suspend", " BOB@example.com") == ""
    assert bob.get("/settings").status_code == 303
    assert bob.api("GET", "/me").status_code == 401
    assert "already" in console("user", "suspend", cast.bob.email)
    assert console("user", "restore", cast.bob.email) == ""
    assert bob.get("/settings").status_code == 303, "the log-in stays ended"
    assert bob.api("GET", "/me").status_code == 200
    assert as_("").post("/log-in", {"email": cast.bob.email, "password": PASSWORD}).status_code == 303
    assert console("user", "restore", cast.bob.email) != ""


def test_what_a_suspended_owner_has_out_goes_with_them(as_, cast, database, console):
    with database.write() as db:
        make_profile(db, "dina")
        make_profile(db)
        brief = make_brief(db, viewer_of(db, "bob"))
        theirs = make_proposal(db, brief, viewer_of(db, "dina")).id
        stays = make_proposal(db, brief, viewer_of(db, "alice")).id
    assert console("user", "suspend", cast.dina.email) == ""
    nobody, bob = as_(""), as_("bob")
    assert nobody.get("/specialists/dina-digital").status_code == 404
    refused = bob.api("POST", f"/offers/{theirs}/acceptance", {"number": 1})
    assert refused.status_code == 409
    with database.read() as db:
        assert db.get_one(Offer, theirs).status is OfferStatus.VOIDED
        assert db.get_one(Offer, stays).is_live
    assert console("user", "suspend", cast.bob.email) == ""  # the only owner; bella, a manager, goes on no more
    assert nobody.get(f"/briefs/{brief.id}").status_code == 404
    with database.read() as db:
        assert db.get_one(Offer, stays).status is OfferStatus.VOIDED
        assert broken(database) == []
    for part in (cast.dina, cast.bob):
        assert console("user", "restore", part.email) == ""
    assert nobody.get("/specialists/dina-digital").status_code == 200
    assert nobody.get(f"/briefs/{brief.id}").status_code == 200


def test_a_workspace_with_another_owner_goes_on(as_, cast, database, console):
    with database.write() as db:
        make_profile(db)
        db.execute(update(Membership).where(col(Membership.user_id) == cast.anton.user_id).values(role=Role.OWNER))
    assert console("user", "suspend", cast.alice.email) == ""
    assert as_("").get("/specialists/alice-social").status_code == 200


def someone_waits(database: Database) -> bool:
    """Whether a transaction of this database waits for another's lock."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with database.read() as db:
        return bool(db.scalar(text(waiting)))


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)  # SQLite lets one write after the other
def test_who_is_being_told_something_is_shut_out_all_the_same(cast, database, console):
    """The offer is locked before its maker's count of notices, a person who is shut out before their offers."""
    with database.write() as db:
        make_profile(db, "mallory")
        offer = make_proposal(db, make_brief(db, viewer_of(db, "bob")), viewer_of(db, "mallory"), message="").id
    said: list[str] = []
    shutting = threading.Thread(target=lambda: said.append(console("user", "suspend", cast.mallory.email)))
    with suppress(OperationalError), database.write() as db:  # either may be the one the database ends
        offers.decline(db, db.get_one(Offer, offer), DeclineInput(reason="price"), by=viewer_of(db, "bob"))
        db.flush()
        shutting.start()
        while not someone_waits(database) and shutting.is_alive():
            time.sleep(0.02)
        assert shutting.is_alive()
    shutting.join()
    assert said == [""]
    with database.read() as db:
        assert db.get_one(User, cast.mallory.user_id).suspended_at is not None
        assert not db.get_one(Offer, offer).is_live
    assert broken(database) == []


def test_an_unknown_address_is_said(console):
    assert "no person" in console("user", "suspend", "who@example.com")


def test_a_workspace_without_an_owner_is_found(database, cast):
    with database.write() as db:
        assert every_workspace_has_an_owner(db) == []
        db.execute(delete(Membership).where(col(Membership.user_id) == cast.dina.user_id))
        assert every_workspace_has_an_owner(db) == [f"workspace {cast.dina.workspace_id} has no owner"]
