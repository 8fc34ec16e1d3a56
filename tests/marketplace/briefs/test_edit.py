"""A brief that is out can be changed; those who priced it are told when scope or budget change."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from core.errors import Conflict
from core.events import Event
from marketplace.briefs import queries, service
from marketplace.briefs.models import OFFER_CAP, Brief, BriefFacet, BriefStatus
from tests.cast import viewer_of
from tests.factories.briefs import make_brief
from tests.people import text_of


@pytest.fixture
def brief(database, cast) -> Brief:
    with database.write() as db:
        return make_brief(db, viewer_of(db, cast.bob))


def offered(database, brief, on_table: int = 1) -> None:
    with database.write() as db:
        service.note_offer(db, service.lock(db, brief.id), on_table=on_table, bidders=on_table)


def stored(database, brief) -> Brief:
    with database.read() as db:
        return db.get(Brief, brief.id)


def kinds(database, brief) -> list[str]:
    with database.read() as db:
        found = select(Event.kind).where(col(Event.subject_id) == brief.id).order_by(col(Event.id))
        return list(db.scalars(found))[3:]


def test_without_offers_it_just_changes(as_, database, brief):
    answer = as_("bob").api("PATCH", f"/my/briefs/{brief.id}", {"budget_max": 95000, "platforms": ["IG", "VK"]})
    assert (answer.json()["budget_max"], answer.json()["terms_version"]) == (95000, 1)
    assert kinds(database, brief) == ["brief.edited"]
    with database.read() as db:
        on_board = set(db.scalars(select(BriefFacet.value).where(col(BriefFacet.kind) == "platform")))
    assert on_board == {"IG", "VK"}


@pytest.mark.parametrize(
    "change",
    [
        {"budget_max": 95000},
        {"budget_min": 60000},
        {"platforms": ["IG", "FB", "VK"]},
        {"lines": [{"responsibility": "C3", "limit": 12}]},
    ],
)
def test_with_offers_new_terms_get_a_new_version(as_, database, brief, change):
    offered(database, brief)
    assert as_("bob").api("PATCH", f"/my/briefs/{brief.id}", change).json()["terms_version"] == 2
    assert kinds(database, brief) == ["brief.terms_changed"]


@pytest.mark.parametrize("change", [{"title": "Better title"}, {"summary": "New"}, {"languages": ["ru"]}])
def test_words_are_not_terms(as_, database, brief, change):
    offered(database, brief)
    assert as_("bob").api("PATCH", f"/my/briefs/{brief.id}", change).json()["terms_version"] == 1
    assert kinds(database, brief) == ["brief.edited"]


def test_the_currency_of_offers_stays(as_, database, brief):
    bob = as_("bob")
    assert bob.api("PATCH", f"/my/briefs/{brief.id}", {"currency": "USD"}).json()["currency"] == "USD"
    offered(database, brief)
    refused = bob.api("PATCH", f"/my/briefs/{brief.id}", {"currency": "EUR"})
    assert (refused.status_code, set(refused.json()["fields"])) == (422, {"currency"})
    assert stored(database, brief).currency == "USD"


def test_days_that_went_by_do_not_lock_the_rest(as_, database, brief, clock):
    bob = as_("bob")
    bob.post(f"/my/briefs/{brief.id}/closing")
    clock.forward(days=31)
    assert bob.api("PATCH", f"/my/briefs/{brief.id}", {"title": "Another title"}).status_code == 200
    for wrong in ({"decision_on": "2026-06-05"}, {"starts_on": "2026-06-05"}, {"kpi_by": "2026-06-05"}):
        refused = bob.api("PATCH", f"/my/briefs/{brief.id}", wrong)
        assert (refused.status_code, set(refused.json()["fields"])) == (422, set(wrong))


def test_lines_that_stay_keep_their_ids(as_, database, brief):
    with database.read() as db:
        before = {line.responsibility: line.id for line in queries.lines_of(db, brief.id)}
    lines = [{"responsibility": "K3", "limit": 2}, {"responsibility": "C3", "limit": 20}, {"responsibility": "A1"}]
    answer = as_("bob").api("PATCH", f"/my/briefs/{brief.id}", {"lines": lines}).json()
    after = {line["responsibility"]: line["id"] for line in answer["lines"]}
    assert list(after) == ["A1", "C3", "K3"]
    assert (after["C3"], after["K3"]) == (str(before["C3"]), str(before["K3"]))


@pytest.mark.parametrize("change", [{"goal": ""}, {"lines": []}, {"platforms": [], "lines": []}, {"budget_max": None}])
def test_it_cannot_lose_what_it_needs(as_, database, brief, change):
    answer = as_("bob").api("PATCH", f"/my/briefs/{brief.id}", change)
    assert answer.status_code == 422
    assert set(change) & set(answer.json()["fields"])
    assert kinds(database, brief) == []


@pytest.mark.parametrize("status", ["in_review", "awarded", "filled", "cancelled", "expired"])
def test_some_states_do_not_change_any_more(as_, database, brief, status):
    with database.write() as db:
        db.execute(update(Brief).where(col(Brief.id) == brief.id).values(status=status))
    bob = as_("bob")
    assert bob.api("PATCH", f"/my/briefs/{brief.id}", {"title": "x"}).status_code == 409
    assert bob.get(f"/my/briefs/{brief.id}/steps/scope").status_code == 409
    assert bob.post(f"/my/briefs/{brief.id}/steps/business", {"title": "x"}).status_code == 409


def test_the_form_of_a_brief_that_is_out(as_, database, brief):
    bob = as_("bob")
    path = f"/my/briefs/{brief.id}/steps/scope"
    assert "This brief is out" in text_of(bob.get(path))
    assert bob.post(f"{path}/draft", {"platforms": ["VK"]}).status_code == 409
    kept = {"platforms": ["IG"], "lines-0-responsibility": "C3", "lines-0-limit": "9"}
    longer = bob.post(path, {**kept, "then": "add", "add": ["K3"]})
    assert longer.status_code == 200
    assert 'name="lines-1-limit"' in longer.text
    assert kinds(database, brief) == []
    saved = bob.post(path, {**kept, "then": "next"})
    assert saved.headers["location"] == f"/briefs/{brief.id}"
    assert kinds(database, brief) == ["brief.edited"]
    refused = bob.post(f"/my/briefs/{brief.id}/steps/business", {"title": ""})
    assert refused.status_code == 422
    assert "Give the brief a title." in refused.text


def test_the_twentieth_offer_closes_it(database, brief, cast):
    for number in range(OFFER_CAP):
        offered(database, brief, number + 1)
    found = stored(database, brief)
    assert (found.offer_count, found.status) == (OFFER_CAP, BriefStatus.CLOSED_TO_OFFERS)
    with database.read() as db:
        closed = db.scalar(select(Event).where(col(Event.kind) == "brief.closed"))
    assert (closed.actor_id, closed.other_workspace_id) == (None, cast.bob.workspace_id)
    with pytest.raises(Conflict):
        offered(database, brief)


def test_from_award_to_filled_and_back(database, brief):
    def do(verb) -> BriefStatus:
        with database.write() as db:
            verb(db, service.lock(db, brief.id))
        return stored(database, brief).status

    assert do(service.award) is BriefStatus.AWARDED
    assert do(service.reopen_after_lapse) is BriefStatus.OPEN
    assert do(service.award) is BriefStatus.AWARDED
    assert do(service.fill) is BriefStatus.FILLED
    assert kinds(database, brief) == ["brief.awarded", "brief.reopened", "brief.awarded", "brief.filled"]
    with database.read() as db:
        assert db.scalars(select(BriefFacet.brief_id)).all() == []


@pytest.mark.parametrize("verb", [service.reopen_after_lapse, service.fill])
def test_offers_cannot_skip_the_award(database, brief, verb):
    with pytest.raises(Conflict), database.write() as db:
        verb(db, service.lock(db, brief.id))
    assert stored(database, brief).status is BriefStatus.OPEN
