"""A complete draft goes to the board; an incomplete one says what is missing; staff look at some first."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlmodel import col

from core.events import Event
from marketplace.briefs import service
from marketplace.briefs.models import Brief, BriefStatus
from marketplace.briefs.schemas import ReturnInput
from tests.cast import viewer_of
from tests.factories.briefs import make_draft
from tests.people import text_of

MISSING = {
    "title": {"title": ""},
    "platforms": {"platforms": [], "lines": [{"responsibility": "C3"}]},
    "lines": {"lines": []},
    "goal": {"goal": ""},
    "budget_min": {"budget_min": None},
    "budget_max": {"budget_max": None},
    "decision_on": {"decision_on": None},
}


def draft_of(database, part, **overrides) -> Brief:
    with database.write() as db:
        return make_draft(db, viewer_of(db, part), **overrides)


def stored(database, brief_id) -> Brief:
    with database.read() as db:
        return db.get(Brief, brief_id)


def kinds(database, brief_id) -> list[str]:
    with database.read() as db:
        return list(db.scalars(select(Event.kind).where(col(Event.subject_id) == brief_id).order_by(col(Event.id))))


def test_a_clean_account_opens_at_once(as_, database, cast, clock):
    brief = draft_of(database, cast.bob)
    answer = as_("bob").post(f"/my/briefs/{brief.id}/submission")
    assert answer.headers["location"] == f"/briefs/{brief.id}"
    found = stored(database, brief.id)
    assert (found.status, found.opened_at) == (BriefStatus.OPEN, clock())
    assert kinds(database, brief.id) == ["brief.drafted", "brief.submitted", "brief.opened"]
    assert "Café wants regulars back" in text_of(as_("").get("/briefs"))


def test_the_same_over_json(as_, database, cast):
    brief = draft_of(database, cast.bob)
    assert as_("boris").api("POST", f"/my/briefs/{brief.id}/submission").json()["status"] == "open"
    again = as_("bob").api("POST", f"/my/briefs/{brief.id}/submission")
    assert again.status_code == 409
    assert kinds(database, brief.id).count("brief.submitted") == 1


@pytest.mark.parametrize("field", sorted(MISSING))
def test_each_thing_that_is_missing_is_named(as_, database, cast, field):
    brief = draft_of(database, cast.bob, **MISSING[field])
    bob = as_("bob")
    answer = bob.api("POST", f"/my/briefs/{brief.id}/submission")
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == {field}
    page = bob.post(f"/my/briefs/{brief.id}/submission")
    assert page.status_code == 422
    assert "One thing is missing" in text_of(page)
    assert stored(database, brief.id).status is BriefStatus.DRAFT


def test_the_decision_day_must_be_to_come(as_, database, cast, clock):
    brief = draft_of(database, cast.bob, decision_on=str(clock().date()))
    answer = as_("bob").api("POST", f"/my/briefs/{brief.id}/submission")
    assert answer.json()["fields"] == {"decision_on": "Choose a decision day after today."}


@pytest.mark.parametrize("field", ["starts_on", "kpi_by"])
def test_other_days_are_not_past_either(as_, database, cast, field):
    brief = draft_of(database, cast.bob, **{field: "2026-05-31"})
    answer = as_("bob").api("POST", f"/my/briefs/{brief.id}/submission")
    assert (answer.status_code, set(answer.json()["fields"])) == (422, {field})


def test_an_unconfirmed_author_cannot_send_it_out(as_, database, cast):
    brief = draft_of(database, cast.ursula)
    ursula = as_("ursula")
    answer = ursula.api("POST", f"/my/briefs/{brief.id}/submission")
    assert (answer.status_code, answer.json()["error"]) == (403, "unverified")
    assert ursula.post(f"/my/briefs/{brief.id}/submission").status_code == 403
    assert "Confirm your e-mail address" in text_of(ursula.get(f"/my/briefs/{brief.id}/review"))
    assert stored(database, brief.id).status is BriefStatus.DRAFT


def test_a_read_only_token_and_a_reader_change_nothing(as_, database, cast):
    brief = draft_of(database, cast.bob)
    bob = as_("bob")
    bob.token = cast.bob.read_only_token
    assert bob.api("GET", f"/my/briefs/{brief.id}").status_code == 200
    assert bob.api("POST", f"/my/briefs/{brief.id}/submission").status_code == 403
    assert as_("carol").post(f"/my/briefs/{brief.id}/submission").status_code == 403
    assert stored(database, brief.id).status is BriefStatus.DRAFT


@pytest.fixture
def returned(database, cast) -> Brief:
    """A brief staff gave back before, handed in again."""
    brief = draft_of(database, cast.bob)
    with database.write() as db:
        row = service.lock(db, brief.id)
        row.status = BriefStatus.IN_REVIEW
        db.flush()
        service.give_back(db, row, ReturnInput(reason="unclear", note="Say what posts"), by=viewer_of(db, cast.sofia))
    with database.write() as db:
        service.submit(db, service.lock(db, brief.id), by=viewer_of(db, cast.bob))
    return stored(database, brief.id)


def test_who_was_given_one_back_waits_for_staff(as_, database, returned):
    assert returned.status is BriefStatus.IN_REVIEW
    assert kinds(database, returned.id) == ["brief.drafted", "brief.returned", "brief.submitted"]
    assert as_("").get(f"/briefs/{returned.id}").status_code == 404
    assert "Being checked" in text_of(as_("bob").get(f"/briefs/{returned.id}"))
    assert as_("bob").get(f"/my/briefs/{returned.id}/steps/scope").status_code == 409


def test_staff_open_it(as_, database, returned, cast):
    sofia = as_("sofia")
    assert returned.title in text_of(sofia.get("/staff/briefs"))
    assert "Publish the brief" in text_of(sofia.get(f"/staff/briefs/{returned.id}"))
    assert sofia.post(f"/staff/briefs/{returned.id}/opening").status_code == 303
    assert stored(database, returned.id).status is BriefStatus.OPEN
    assert sofia.post(f"/staff/briefs/{returned.id}/opening").status_code == 409
    assert returned.title not in text_of(sofia.get("/staff/briefs"))
    with database.read() as db:
        opened = db.scalar(select(Event).where(col(Event.kind) == "brief.opened"))
    assert (opened.workspace_id, opened.other_workspace_id) == (cast.sofia.workspace_id, cast.bob.workspace_id)


def test_staff_do_not_open_it_once_its_days_are_past(as_, database, returned, clock):
    clock.forward(days=400)
    refused = as_("sofia").post(f"/staff/briefs/{returned.id}/opening")
    assert refused.status_code == 409
    assert "Its dates went by while it waited" in text_of(refused)


def test_staff_give_it_back_with_a_reason(as_, database, returned):
    sofia = as_("sofia")
    path = f"/staff/briefs/{returned.id}/return"
    for wrong in ({}, {"reason": "ugly"}, {"reason": "unclear", "note": "x" * 2001}):
        assert sofia.post(path, wrong).status_code == 422
    assert stored(database, returned.id).status is BriefStatus.IN_REVIEW
    assert sofia.post(path, {"reason": "unpaid_work", "note": "No free test posts"}).status_code == 303
    found = stored(database, returned.id)
    assert (found.status, found.reason) == (BriefStatus.DRAFT, "unpaid_work")
    assert "No free test posts" in text_of(as_("bob").get(f"/my/briefs/{returned.id}/review"))
    assert sofia.post(path, {"reason": "unclear"}).status_code == 409


def test_staff_call_one_off(as_, database, returned):
    assert as_("sofia").post(f"/staff/briefs/{returned.id}/cancellation", {"reason": "rules"}).status_code == 303
    assert stored(database, returned.id).status is BriefStatus.CANCELLED


@pytest.mark.parametrize("name", ["bob", "trent", "alice"])
def test_nobody_else_decides(as_, database, returned, name):
    person = as_(name)
    assert person.get("/staff/briefs").status_code == 404
    assert person.get(f"/staff/briefs/{returned.id}").status_code == 404
    for verb in ("opening", "return", "cancellation"):
        assert person.post(f"/staff/briefs/{returned.id}/{verb}", {"reason": "unclear"}).status_code == 404
    assert stored(database, returned.id).status is BriefStatus.IN_REVIEW
