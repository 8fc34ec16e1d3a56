"""What a client does with a brief that is out, and what is refused in each state."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from core.events import Event
from marketplace.briefs.models import Brief, BriefStatus
from tests.cast import viewer_of
from tests.factories.briefs import make_brief
from tests.people import text_of

VERBS = ("submission", "pause", "resumption", "closing", "reopening", "confirmation", "cancellation")
ALLOWED = {
    "draft": {"submission", "cancellation"},
    "in_review": {"cancellation"},
    "open": {"pause", "closing", "confirmation", "cancellation"},
    "paused": {"resumption", "cancellation"},
    "closed_to_offers": {"reopening", "confirmation", "cancellation"},
    "awarded": {"cancellation"},
    "filled": set(),
    "cancelled": set(),
    "expired": {"reopening"},
}
BODIES = {
    "cancellation": {"reason": "budget"},
    "reopening": {"decision_on": "2026-07-01", "confirmed": True},
}
EVENTS = {
    "pause": "brief.paused",
    "resumption": "brief.resumed",
    "closing": "brief.closed",
    "reopening": "brief.reopened",
    "confirmation": "brief.confirmed",
    "cancellation": "brief.cancelled",
}


@pytest.fixture
def brief(database, cast) -> Brief:
    with database.write() as db:
        return make_brief(db, viewer_of(db, cast.bob))


def put(database, brief, status: str) -> None:
    with database.write() as db:
        values = {"status": status, "closed_at": db.now()}
        db.execute(update(Brief).where(col(Brief.id) == brief.id).values(**values))


def stored(database, brief) -> Brief:
    with database.read() as db:
        return db.get(Brief, brief.id)


def last_event(database, brief) -> str:
    with database.read() as db:
        return db.scalar(
            select(Event.kind).where(col(Event.subject_id) == brief.id).order_by(col(Event.id).desc()).limit(1)
        )


@pytest.mark.parametrize(("status", "verb"), [(status, verb) for status in ALLOWED for verb in sorted(ALLOWED[status])])
def test_what_a_state_allows_happens(as_, database, brief, status, verb):
    put(database, brief, status)
    answer = as_("bob").api("POST", f"/my/briefs/{brief.id}/{verb}", BODIES.get(verb))
    assert answer.status_code == 200
    assert last_event(database, brief) == EVENTS.get(verb, "brief.opened")


@pytest.mark.parametrize("status", sorted(ALLOWED))
def test_everything_else_is_refused(as_, database, brief, status):
    put(database, brief, status)
    before = last_event(database, brief)
    refused = [verb for verb in VERBS if verb not in ALLOWED[status]]
    bob = as_("bob")
    answers = [bob.api("POST", f"/my/briefs/{brief.id}/{verb}", BODIES.get(verb)) for verb in refused]
    assert {answer.status_code for answer in answers} == {409}
    assert not any(f"“{status}”" in answer.json()["detail"] for answer in answers), "a code is no word"
    assert (stored(database, brief).status, last_event(database, brief)) == (status, before)


def test_a_refusal_names_the_status_in_words(as_, database, brief):
    put(database, brief, "closed_to_offers")
    refused = as_("bob").post(f"/my/briefs/{brief.id}/resumption")
    assert (refused.status_code, "the status is now “Closed to offers”" in text_of(refused)) == (409, True)


def test_a_brief_that_is_out_is_not_thrown_away(as_, database, brief):
    refused = as_("bob").api("DELETE", f"/my/briefs/{brief.id}")
    assert (refused.status_code, "with a reason" in refused.json()["detail"]) == (409, True)
    assert stored(database, brief).status is BriefStatus.OPEN


@pytest.mark.parametrize("name", ["trent", "alice", "carol"])
def test_nobody_else_does_it(as_, database, brief, name):
    person = as_(name)
    for verb in VERBS:
        status = 403 if name == "carol" else 404
        assert person.api("POST", f"/my/briefs/{brief.id}/{verb}", BODIES.get(verb)).status_code == status
        assert person.post(f"/my/briefs/{brief.id}/{verb}", BODIES.get(verb)).status_code == status
    assert stored(database, brief).status is BriefStatus.OPEN


def test_the_pages_do_the_same(as_, database, brief):
    bob = as_("bob")
    at = f"/my/briefs/{brief.id}"
    states = []
    for verb, body in (
        ("pause", {}),
        ("resumption", {}),
        ("confirmation", {}),
        ("closing", {}),
        ("reopening", {}),
        ("cancellation", {"reason": "no_fit", "note": "Too far away"}),
    ):
        assert bob.post(f"{at}/{verb}", body).status_code == 303
        states.append(stored(database, brief).status)
        assert bob.get(f"/briefs/{brief.id}").status_code == 200
    assert states == ["paused", "open", "open", "closed_to_offers", "open", "cancelled"]
    assert (stored(database, brief).reason, stored(database, brief).reason_note) == ("no_fit", "Too far away")


def test_cancelling_wants_a_reason(as_, database, brief):
    bob = as_("bob")
    for wrong in ({}, {"reason": "because"}, {"reason": "budget", "note": "a\x00"}):
        assert bob.post(f"/my/briefs/{brief.id}/cancellation", wrong).status_code == 422
        assert bob.api("POST", f"/my/briefs/{brief.id}/cancellation", wrong).status_code == 422
    assert stored(database, brief).status is BriefStatus.OPEN


def test_a_closed_brief_opens_again_for_fourteen_days(as_, database, brief, clock):
    bob = as_("bob")
    bob.post(f"/my/briefs/{brief.id}/closing")
    clock.forward(days=14)
    body = {"decision_on": "2026-07-01"}
    assert bob.api("POST", f"/my/briefs/{brief.id}/reopening", body).json()["decision_on"] == "2026-07-01"
    bob.post(f"/my/briefs/{brief.id}/closing")
    clock.forward(days=14, seconds=1)
    assert bob.api("POST", f"/my/briefs/{brief.id}/reopening", {"decision_on": "2026-09-01"}).status_code == 409


def test_opening_again_wants_a_day_to_come(as_, database, brief, clock):
    bob = as_("bob")
    bob.post(f"/my/briefs/{brief.id}/closing")
    clock.at = clock.at + timedelta(days=14)
    late = bob.api("POST", f"/my/briefs/{brief.id}/reopening", {})
    assert late.status_code == 422
    assert set(late.json()["fields"]) == {"decision_on"}
    page = bob.post(f"/my/briefs/{brief.id}/reopening", {"decision_on": "2026-06-02"})
    assert page.status_code == 422
    assert "Choose a day after today." in page.text
    assert stored(database, brief).status is BriefStatus.CLOSED_TO_OFFERS


def test_of_two_at_once_one_wins(as_, database, brief):
    first = as_("bob").post(f"/my/briefs/{brief.id}/closing")
    second = as_("bella").post(f"/my/briefs/{brief.id}/closing")
    assert (first.status_code, second.status_code) == (303, 409)
