"""The checks over briefs and their offers name what is broken and nothing else."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from app.checks import broken
from marketplace.offers import checks
from marketplace.offers import service as offers

TO_BRIEF = "brief_id IS NOT NULL"
AWARDED = "awarded with 0 of 1 seats taken"
BREAKING = {
    "UPDATE brief SET status = 'awarded'": (checks.briefs_follow_their_seats, AWARDED),
    "UPDATE brief SET status = 'filled'": (checks.briefs_follow_their_seats, "filled with 0 of 1 seats taken"),
    f"UPDATE offer SET status = 'accepted' WHERE {TO_BRIEF}": (
        checks.briefs_follow_their_seats,
        "open with 1 of 1 seats taken",
    ),
    "UPDATE brief SET offer_count = 99": (checks.briefs_count_their_offers, "counts 99 offers, got 1"),
    f"UPDATE offer SET sent_at = NULL WHERE {TO_BRIEF}": (
        checks.briefs_count_their_offers,
        "counts 1 offers, got 0",
    ),
    f"UPDATE offer SET on_standby = true WHERE {TO_BRIEF}": (
        checks.offers_wait_for_their_brief,
        "sent on standby, its brief open",
    ),
    "UPDATE offer SET on_standby = true WHERE brief_id IS NULL": (
        checks.offers_wait_for_their_brief,
        "sent on standby, its brief none",
    ),
    "UPDATE brief SET status = 'cancelled'": (checks.offers_wait_for_their_brief, "sent, its brief cancelled"),
    "UPDATE brief SET status = 'expired'": (checks.offers_wait_for_their_brief, "sent, its brief expired"),
    f"UPDATE offer SET brief_id = NULL WHERE {TO_BRIEF}": (
        checks.broken_offers,
        "is a proposal to no brief, or a hire to one",
    ),
    "UPDATE offer SET brief_id = (SELECT id FROM brief) WHERE brief_id IS NULL": (
        checks.broken_offers,
        "is a proposal to no brief, or a hire to one",
    ),
    f"UPDATE offer SET author_id = business_id WHERE {TO_BRIEF}": (
        checks.broken_offers,
        "is not by the side that makes such offers",
    ),
    "UPDATE brief SET workspace_id = (SELECT specialist_id FROM offer WHERE brief_id IS NOT NULL)": (
        checks.broken_offers,
        "is to a brief of another client",
    ),
}


def run(database, sql):
    with database.writer.begin() as connection:
        assert connection.execute(text(sql)).rowcount == 1


def found(database, invariant):
    """What an invariant says, without the ids."""
    with database.read() as db:
        return [fault.replace(": ", " ").split(" ", 2)[2] for fault in invariant(db)]


@pytest.mark.parametrize("sql", BREAKING)
def test_what_no_longer_fits_together_is_named(stage, database, sql):
    stage.proposal()
    stage.hire()
    assert broken(database) == []
    run(database, sql)
    invariant, fault = BREAKING[sql]
    assert found(database, invariant) == [fault]


CHOSEN = {
    "UPDATE brief SET status = 'open'": (checks.briefs_follow_their_seats, "open with 1 of 1 seats taken"),
    "UPDATE brief SET status = 'filled'": (checks.briefs_follow_their_seats, "filled with 1 of 1 seats taken"),
    "UPDATE brief SET status = 'cancelled'": (checks.briefs_follow_their_seats, "cancelled with 1 of 1 seats taken"),
    "UPDATE offer SET status = 'converted' WHERE status = 'accepted'": (
        checks.briefs_follow_their_seats,
        "awarded with 1 of 1 seats taken",
    ),
    "UPDATE offer SET status = 'lapsed' WHERE status = 'accepted'": (checks.briefs_follow_their_seats, AWARDED),
    "UPDATE offer SET on_standby = false WHERE on_standby": (
        checks.offers_wait_for_their_brief,
        "sent, its brief awarded",
    ),
    "UPDATE offer SET status = 'withdrawn' WHERE on_standby": (
        checks.offers_wait_for_their_brief,
        "withdrawn on standby, its brief awarded",
    ),
}


@pytest.mark.parametrize("sql", CHOSEN)
def test_nor_once_one_is_chosen(stage, database, sql):
    stage.proposal("dina")
    stage.do(offers.accept, stage.proposal(), 1, by="bob")
    assert broken(database) == []
    run(database, sql)
    invariant, fault = CHOSEN[sql]
    assert found(database, invariant) == [fault]


def test_a_brief_of_two_seats_is_awarded_with_the_second(stage, database):
    run(database, "UPDATE brief SET seats = 2")
    for specialist in ("alice", "dina"):
        offer_id = stage.proposal(specialist)
        stage.do(offers.accept, offer_id, 1, by="bob")
        assert broken(database) == []
    run(database, "UPDATE brief SET seats = 3")
    assert found(database, checks.briefs_follow_their_seats) == ["awarded with 2 of 3 seats taken"]
