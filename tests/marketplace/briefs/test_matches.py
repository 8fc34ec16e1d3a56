"""A brief that comes onto the board is told to the specialists whose profiles fit it, and to nobody else."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from accounts.workspaces.models import Membership, Role, Workspace
from core.events import Event
from marketplace.briefs import jobs
from tests.cast import viewer_of
from tests.factories.briefs import make_brief
from tests.factories.profiles import make_profile
from tests.people import text_of

ALL = ["C3", "D4", "E1", "K3"]
PLACES = [{"code": "IG", "level": "expert"}, {"code": "FB", "level": "confident"}]


@pytest.fixture
def profiles(database) -> None:
    with database.write() as db:
        make_profile(db, "alice", responsibilities=ALL, platforms=PLACES)
        make_profile(db, "dina", responsibilities=["C3", "D4"], platforms=PLACES)
        make_profile(db, "mallory", responsibilities=ALL, platforms=PLACES, publish=False)


def open_one(database, worker, **overrides) -> None:
    with database.write() as db:
        make_brief(db, viewer_of(db, "bob"), **overrides)
    worker.drain()


def told(database) -> list:
    with database.read() as db:
        return list(db.scalars(select(Event.other_workspace_id).where(col(Event.kind) == "brief.matched")))


def test_who_covers_the_needs_hears_of_it(as_, database, worker, profiles, cast):
    open_one(database, worker)
    assert told(database) == [cast.alice.workspace_id]
    page = as_("alice").get("/inbox")
    assert "A new brief fits your profile: Café wants regulars back" in text_of(page)


def test_a_private_brief_is_told_to_nobody(database, worker, profiles):
    open_one(database, worker, visibility="invited")
    assert told(database) == []


def test_neither_the_suspended_nor_ones_own_people(database, worker, profiles, cast):
    with database.write() as db:
        make_profile(db, "dina", responsibilities=ALL, platforms=PLACES, publish=False)
        suspended = update(Workspace).where(col(Workspace.id) == cast.dina.workspace_id)
        db.execute(suspended.values(suspended_at=db.now()))
        both = {"user_id": cast.amir.user_id, "role": Role.VIEWER, "created_at": db.now()}
        db.add(Membership(workspace_id=cast.bob.workspace_id, **both))
    open_one(database, worker)
    assert told(database) == []


def test_it_is_told_to_a_few_only(database, worker, profiles, cast, monkeypatch):
    with database.write() as db:
        make_profile(db, "dina", responsibilities=ALL, platforms=PLACES[:1], publish=False)
    monkeypatch.setattr(jobs, "MOST_TOLD", 1)
    open_one(database, worker)
    assert told(database) == [cast.alice.workspace_id]
