"""A row changes only as it was read: of two who read the same, one succeeds and the other is told."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, text

from core.db import Session
from core.errors import Conflict
from core.states import amend, move
from marketplace.briefs.models import Brief, BriefStatus
from tests.cast import viewer_of
from tests.factories.briefs import make_brief


@pytest.fixture
def read_by_two(database) -> tuple[Brief, Brief]:
    """An open brief as two people have it before them."""
    with database.write() as db:
        brief_id = make_brief(db, viewer_of(db, "bob")).id
    with database.read() as first, database.read() as second:
        return first.get_one(Brief, brief_id), second.get_one(Brief, brief_id)


def stored(database, brief: Brief) -> tuple[str, BriefStatus, int]:
    with database.read() as db:
        found = db.get_one(Brief, brief.id)
        return found.title, found.status, found.version


def test_the_second_to_write_is_told_and_changes_nothing(database, read_by_two):
    mine, theirs = read_by_two
    before = mine.version
    with database.write() as db:
        amend(db, theirs, title="Theirs")
    assert (theirs.title, theirs.version) == ("Theirs", before + 1)
    with pytest.raises(Conflict), database.write() as db:
        amend(db, mine, title="Mine")
    assert stored(database, mine) == ("Theirs", BriefStatus.OPEN, before + 1)


def pause(db: Session, brief: Brief) -> None:
    db.connection().execute(text("UPDATE brief SET status = 'paused'"))


def drop(db: Session, brief: Brief) -> None:
    db.execute(delete(Brief).where(Brief.id == brief.id))


@pytest.mark.parametrize("change", [pause, drop])
def test_nor_is_a_row_written_that_left_its_state_or_is_gone(database, read_by_two, change):
    mine, _theirs = read_by_two
    with database.write() as db:
        change(db, mine)
    with pytest.raises(Conflict), database.write() as db:
        amend(db, mine, title="Mine")
    with database.read() as db:
        assert db.scalar(text("SELECT count(*) FROM brief WHERE title = 'Mine'")) == 0


def test_a_state_is_left_only_for_those_its_table_names(database, read_by_two):
    mine, _theirs = read_by_two
    before = stored(database, mine)
    with pytest.raises(Conflict), database.write() as db:
        move(db, mine, BriefStatus.IN_REVIEW)
    assert stored(database, mine) == before
    with database.write() as db:
        move(db, mine, BriefStatus.PAUSED, title="Later")
    assert stored(database, mine) == ("Later", BriefStatus.PAUSED, before[2] + 1)
