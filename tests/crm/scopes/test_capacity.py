"""A contract in force takes hours off what the directory says is free."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import col

from crm.contracts.events import tell
from crm.scopes.reactions import weekly_minutes
from marketplace.briefs.models import LinePeriod
from marketplace.profiles.models import Profile
from marketplace.taxonomy.catalogue import load
from tests.factories.contracts import make_active
from tests.factories.profiles import make_profile
from tests.factories.scopes import make_running_contract


def test_the_formula():
    posts = load().responsibility("C3").norm_minutes
    report = load().responsibility("K3").norm_minutes
    lines = [("C3", 12, LinePeriod.MONTH), ("K3", 1, LinePeriod.QUARTER), ("A1", 1, LinePeriod.ONCE)]
    expected = (12 * posts + report / 3) / 4.33
    assert expected <= weekly_minutes(lines) < expected + 1
    assert weekly_minutes([]) == 0


def test_signing_takes_hours(database, cast):
    with database.write() as db:
        make_profile(db, weekly_hours=40)
        make_active(db)
        profile = db.scalars(select(Profile).where(col(Profile.workspace_id) == cast.alice.workspace_id)).one()
        assert profile.busy_minutes > 0
        assert profile.free_hours == 40 - -(-profile.busy_minutes // 60)


def test_more_minutes_than_32_bits_hold_keep_no_contract_from_running(database, cast):
    longest = max(load().responsibilities.values(), key=lambda duty: duty.norm_minutes)
    lines = [{"responsibility": longest.code, "unit": "piece", "limit": 100_000}] * 200
    with database.write() as db:
        make_profile(db, weekly_hours=40)
        tell(db, "contract.activated", make_running_contract(db, lines=lines), by=None)
    with database.read() as db:
        profile = db.scalars(select(Profile).where(col(Profile.workspace_id) == cast.alice.workspace_id)).one()
    assert (profile.busy_minutes > 2**31, profile.free_hours) == (True, 0)
