"""The console shuts a person out and lets them in again."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update
from sqlmodel import col
from typer.testing import CliRunner

from accounts.workspaces.invariants import every_workspace_has_an_owner
from accounts.workspaces.models import Membership, Role
from app.checks import broken
from app.cli import cli
from app.complaints import complaint
from core.db import Database
from marketplace.offers.models import Offer, OfferStatus
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


def test_an_unknown_address_is_said(console):
    assert "no person" in console("user", "suspend", "who@example.com")


def test_a_workspace_without_an_owner_is_found(database, cast):
    with database.write() as db:
        assert every_workspace_has_an_owner(db) == []
        db.execute(delete(Membership).where(col(Membership.user_id) == cast.dina.user_id))
        assert every_workspace_has_an_owner(db) == [f"workspace {cast.dina.workspace_id} has no owner"]
