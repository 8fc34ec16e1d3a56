"""The console shuts a person out and lets them in again."""

from __future__ import annotations

import pytest
from sqlalchemy import delete
from sqlmodel import col
from typer.testing import CliRunner

from accounts.workspaces.invariants import every_workspace_has_an_owner
from accounts.workspaces.models import Membership
from app.cli import cli
from app.complaints import complaint
from core.db import Database
from tests.cast import PASSWORD


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


def test_an_unknown_address_is_said(console):
    assert "no person" in console("user", "suspend", "who@example.com")


def test_a_workspace_without_an_owner_is_found(database, cast):
    with database.write() as db:
        assert every_workspace_has_an_owner(db) == []
        db.execute(delete(Membership).where(col(Membership.user_id) == cast.dina.user_id))
        assert every_workspace_has_an_owner(db) == [f"workspace {cast.dina.workspace_id} has no owner"]
