"""Thirty days without an action of the client end a brief, after two warnings; the decision day closes it."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.worker import Worker
from core.events import Event
from core.jobs import enqueue
from marketplace.briefs import jobs, service
from marketplace.briefs.models import Brief, BriefFacet, BriefStatus
from tests.cast import viewer_of
from tests.factories.briefs import make_brief


@pytest.fixture
def brief(database, cast) -> Brief:
    with database.write() as db:
        return make_brief(db, viewer_of(db, cast.bob), decision_on="2026-12-01")


@pytest.fixture
def hour(database, worker: Worker):
    """One run of the schedule."""

    def run() -> None:
        with database.write() as db:
            enqueue(db, "briefs.expire")
        worker.drain()

    return run


def stored(database, brief) -> Brief:
    with database.read() as db:
        return db.get(Brief, brief.id)


def events(database, brief) -> list[Event]:
    timers = col(Event.kind).in_(("brief.expiring", "brief.expired", "brief.closed"))
    with database.read() as db:
        return list(db.scalars(select(Event).where(col(Event.subject_id) == brief.id, timers).order_by(col(Event.id))))


def test_two_warnings_then_the_end(database, brief, clock, hour, cast, as_):
    clock.forward(days=22, hours=23)
    hour()
    assert events(database, brief) == []
    clock.forward(hours=1)
    hour()
    hour()
    assert [event.data["days_left"] for event in events(database, brief)] == [7]
    assert "Yes, keep it open" in as_("bob").get(f"/briefs/{brief.id}").text
    clock.forward(days=5)
    hour()
    hour()
    assert [event.data["days_left"] for event in events(database, brief)] == [7, 2]
    clock.forward(days=1, hours=23)
    hour()
    assert stored(database, brief).status is BriefStatus.OPEN
    clock.forward(hours=1)
    hour()
    hour()
    assert stored(database, brief).status is BriefStatus.EXPIRED
    last = events(database, brief)[-1]
    assert (last.kind, last.actor_id, last.other_workspace_id) == ("brief.expired", None, cast.bob.workspace_id)
    with database.read() as db:
        assert db.scalars(select(BriefFacet.brief_id)).all() == []


def test_nothing_ends_without_both_warnings(database, brief, clock, hour):
    clock.forward(days=90)
    hour()
    assert (stored(database, brief).status, stored(database, brief).warnings_sent) == (BriefStatus.OPEN, 1)
    hour()
    hour()
    assert [event.kind for event in events(database, brief)] == ["brief.expiring", "brief.expiring", "brief.expired"]


@pytest.mark.parametrize("verb", ["confirmation", "closing"])
def test_an_action_of_the_client_starts_the_days_anew(as_, database, brief, clock, hour, verb):
    clock.forward(days=29)
    hour()
    hour()
    assert as_("bob").post(f"/my/briefs/{brief.id}/{verb}").status_code == 303
    clock.forward(days=22)
    hour()
    assert stored(database, brief).warnings_sent == 0
    clock.forward(days=8)
    hour(), hour(), hour()
    assert stored(database, brief).status is BriefStatus.EXPIRED


def test_dealing_with_offers_counts_as_an_action(database, brief, clock, hour):
    clock.forward(days=29)
    hour()
    with database.write() as db:
        service.note_action(db, brief.id)
    assert (stored(database, brief).warnings_sent, stored(database, brief).last_action_at) == (0, clock())


def test_a_paused_brief_does_not_end(as_, database, brief, clock, hour):
    as_("bob").post(f"/my/briefs/{brief.id}/pause")
    clock.forward(days=100)
    hour(), hour(), hour()
    assert stored(database, brief).status is BriefStatus.PAUSED


def test_it_opens_once_more_when_all_is_confirmed(as_, database, brief, clock, hour):
    clock.forward(days=30)
    hour(), hour(), hour()
    bob = as_("bob")
    path = f"/my/briefs/{brief.id}/reopening"
    assert "once more" in bob.get(path).text
    refused = bob.post(path, {})
    assert refused.status_code == 422
    assert "still hold" in refused.text
    assert set(bob.api("POST", path, {"decision_on": "2026-11-01"}).json()["fields"]) == {"confirmed"}
    assert set(bob.api("POST", path, {"confirmed": True}).json()["fields"]) == {"decision_on"}
    assert bob.post(path, {"decision_on": "2026-12-24", "confirmed": "true"}).status_code == 303
    found = stored(database, brief)
    assert (found.status, found.opened_at, found.reopened_after_expiry) == (BriefStatus.OPEN, clock(), True)
    clock.forward(days=30)
    hour(), hour(), hour()
    again = bob.api("POST", path, {"decision_on": "2027-01-01", "confirmed": True})
    assert again.status_code == 409


def test_a_start_that_went_by_is_chosen_anew(as_, database, brief, clock, hour):
    clock.forward(days=31)
    hour(), hour(), hour()
    bob, path = as_("bob"), f"/my/briefs/{brief.id}/reopening"
    typed = {"decision_on": "2026-12-24", "confirmed": True}
    assert set(bob.api("POST", path, typed).json()["fields"]) == {"starts_on"}
    assert bob.api("POST", path, {**typed, "starts_on": "2027-01-10"}).json()["starts_on"] == "2027-01-10"


def test_offers_close_after_the_decision_day(database, cast, clock, hour):
    with database.write() as db:
        brief = make_brief(db, viewer_of(db, cast.bob), decision_on="2026-06-10")
    clock.forward(days=10, hours=2)
    hour()
    assert stored(database, brief).status is BriefStatus.OPEN  # west of Greenwich the day is not over yet
    clock.forward(hours=2)
    hour()
    assert stored(database, brief).status is BriefStatus.CLOSED_TO_OFFERS
    assert [event.kind for event in events(database, brief)] == ["brief.closed"]


def test_a_full_run_asks_for_another(database, cast, clock, worker, monkeypatch):
    monkeypatch.setattr(jobs, "BATCH", 2)
    with database.write() as db:
        bob = viewer_of(db, cast.bob)
        made = [make_brief(db, bob, decision_on="2026-06-10", title=f"Brief {n}") for n in range(5)]
    clock.forward(days=12)
    with database.write() as db:
        enqueue(db, "briefs.expire")
    worker.drain()
    assert {stored(database, brief).status for brief in made} == {BriefStatus.CLOSED_TO_OFFERS}
