"""A contract in force takes hours off what the directory says is free."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import col

from crm.contracts import endings
from crm.contracts.events import tell
from crm.contracts.schemas import ReasonInput
from crm.scopes.reactions import weekly_minutes
from marketplace.briefs.models import LineOwner, LinePeriod
from marketplace.profiles.models import Profile
from marketplace.taxonomy.catalogue import load
from tests.cast import viewer_of
from tests.factories.contracts import make_sent, put_signature
from tests.factories.profiles import make_profile
from tests.factories.scopes import make_running_contract


def test_the_formula():
    posts = load().responsibility("C3").norm_minutes
    report = load().responsibility("K3").norm_minutes
    whole, half = LineOwner.SPECIALIST, LineOwner.SHARED
    lines = [
        ("C3", 12, LinePeriod.MONTH, whole),
        ("C3", 2, LinePeriod.MONTH, half),
        ("K3", 1, LinePeriod.QUARTER, whole),
        ("A1", 1, LinePeriod.ONCE, whole),
    ]
    expected = (13 * posts + report / 3) / 4.33
    assert expected <= weekly_minutes(lines) < expected + 1
    assert weekly_minutes([]) == 0


def test_an_acceptance_reserves_hours_and_signing_keeps_them(database, cast):
    def busy(db):
        profile = db.scalars(select(Profile).where(col(Profile.workspace_id) == cast.alice.workspace_id)).one()
        assert profile.free_hours == 40 - -(-profile.busy_minutes // 60)
        return profile.busy_minutes

    with database.write() as db:
        make_profile(db, weekly_hours=40)
        assert busy(db) == 0
        contract = make_sent(db)
        reserved = busy(db)
        assert reserved > 0
        put_signature(db, contract, "alice")
        put_signature(db, contract, "bob")
        assert busy(db) == reserved


def test_what_is_not_signed_gives_them_back(database, cast):
    with database.write() as db:
        make_profile(db, weekly_hours=40)
        endings.void(db, make_sent(db), ReasonInput(reason="Signed elsewhere"), by=viewer_of(db, "alice"))
        profile = db.scalars(select(Profile).where(col(Profile.workspace_id) == cast.alice.workspace_id)).one()
        assert (profile.busy_minutes, profile.free_hours) == (0, 40)


def test_more_minutes_than_32_bits_hold_keep_no_contract_from_running(database, cast):
    longest = max(load().responsibilities.values(), key=lambda duty: duty.norm_minutes)
    lines = [{"responsibility": longest.code, "unit": "piece", "limit": 100_000}] * 200
    with database.write() as db:
        make_profile(db, weekly_hours=40)
        tell(db, "contract.activated", make_running_contract(db, lines=lines), by=None)
    with database.read() as db:
        profile = db.scalars(select(Profile).where(col(Profile.workspace_id) == cast.alice.workspace_id)).one()
    assert (profile.busy_minutes > 2**31, profile.free_hours) == (True, 0)
