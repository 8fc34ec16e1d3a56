"""What bidders hear and keep when the client does something with the brief."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from crm.contracts.models import Contract, ContractStatus
from crm.contracts.queries import contract_of_offer
from crm.deals.models import Deal, LostReason
from marketplace.briefs.jobs import expire
from marketplace.briefs.models import OFFER_CAP, Brief, BriefStatus
from marketplace.offers import service as offers
from marketplace.offers.models import OfferStatus
from notifications.inbox.models import Notice
from tests.factories.offers import answer_data
from tests.people import text_of


def at(stage, verb: str) -> str:
    return f"/my/briefs/{stage.brief_id}/{verb}"


def notices(database, part) -> list[str]:
    with database.read() as db:
        found = select(Notice.kind).where(col(Notice.user_id) == part.user_id).order_by(col(Notice.id))
        return list(db.scalars(found))


def test_bidders_hear_of_a_pause_and_what_follows(as_, stage, database, cast):
    offer_id = stage.proposal("alice")
    bob = as_("bob")
    for verb in ("pause", "resumption", "closing", "reopening"):
        assert bob.post(at(stage, verb)).status_code == 303
    told = ["offer.brief_paused", "offer.brief_resumed", "offer.brief_reopened"]
    assert stage.events(offer_id) == ["offer.sent", *told]
    assert notices(database, cast.alice)[-3:] == told
    assert "the clock stands still" in text_of(as_("alice").get(f"/offers/{offer_id}"))
    assert "your offer waits" in text_of(as_("alice").get("/inbox"))
    assert not set(told) & set(notices(database, cast.bob))


def test_a_full_table_stays_closed_until_there_is_room(as_, stage):
    first = stage.proposal("alice")
    stage.crowd(first, OFFER_CAP - 1)
    bob = as_("bob")
    assert bob.post(at(stage, "closing")).status_code == 303
    refused = bob.post(at(stage, "reopening"))
    assert refused.status_code == 409
    assert "Twenty offers are undecided" in text_of(refused)
    assert stage.brief().status is BriefStatus.CLOSED_TO_OFFERS
    assert bob.post(f"/offers/{first}/decline", {"reason": "price"}).status_code == 303
    assert bob.post(at(stage, "reopening")).status_code == 303


@pytest.mark.parametrize("change", [{"visibility": "invited"}, {"visibility": "link", "budget_max": 95_000}])
def test_bidders_still_see_a_brief_that_left_the_board(as_, stage, change):
    stage.proposal("alice")
    draft = stage.proposal("mallory", send=False)
    assert as_("bob").api("PATCH", f"/my/briefs/{stage.brief_id}", change).status_code == 200
    assert as_("alice").get(f"/briefs/{stage.brief_id}").status_code == 200
    assert as_("dina").get(f"/briefs/{stage.brief_id}").status_code == 404
    assert as_("mallory").api("POST", f"/offers/{draft}/sending").status_code == 404
    assert stage.offer(draft).status is OfferStatus.DRAFT


def test_a_cancelled_brief_takes_its_unsigned_contract_along(as_, stage, database, cast):
    offer_id = stage.proposal("alice")
    stage.do(offers.accept, offer_id, 1, by="bob")
    body = {"reason": "plans_changed"}
    assert as_("boris").api("POST", at(stage, "cancellation"), body).status_code == 403
    assert "is called off" in text_of(as_("bob").get(at(stage, "cancellation")))
    assert as_("bella").post(at(stage, "cancellation"), body).status_code == 303
    assert stage.brief().status is BriefStatus.CANCELLED
    assert stage.offer(offer_id).status is OfferStatus.LAPSED
    with database.read() as db:
        contract = contract_of_offer(db, offer_id)
        assert contract is not None
        assert (contract.status, contract.reason) == (ContractStatus.VOID, "The brief was cancelled.")
    assert "contract.voided" in notices(database, cast.alice)


def test_a_contract_in_force_outlives_its_brief(stage, database):
    offer_id = stage.proposal("alice")
    stage.do(offers.accept, offer_id, 1, by="bob")
    with database.write() as db:
        db.execute(update(Contract).where(col(Contract.offer_id) == offer_id).values(status=ContractStatus.SIGNED))
    with database.write() as db:
        from marketplace.briefs import service as briefs
        from marketplace.briefs.schemas import CancellationInput

        bob = stage.viewer(db, "bob")
        briefs.cancel(db, briefs.lock(db, stage.brief_id), CancellationInput(reason="budget"), by=bob)
    assert stage.offer(offer_id).status is OfferStatus.ACCEPTED


@pytest.mark.parametrize(("end", "reason"), [("cancelled", LostReason.TIMING), ("expired", LostReason.NO_ANSWER)])
def test_the_deal_says_why_the_offer_was_void(stage, database, end, reason):
    offer_id = stage.proposal("alice")
    with database.write() as db:
        from marketplace.briefs.service import tell

        tell(db, f"brief.{end}", db.get_one(Brief, stage.brief_id), by=None)
    with database.read() as db:
        deal = db.scalars(select(Deal).where(col(Deal.offer_id) == offer_id)).one()
    assert deal.lost_reason is reason


@pytest.mark.parametrize("days", [3, 14])
def test_a_short_pause_moves_it_too(as_, stage, clock, days):
    before, bob = stage.brief().decision_on, as_("bob")
    bob.post(at(stage, "pause"))
    clock.forward(days=days)
    bob.post(at(stage, "resumption"))
    assert (stage.brief().decision_on - before).days == days


def test_an_offer_countered_in_a_pause_gets_back_what_it_stood_still(as_, stage, clock):
    """Paused for twenty days, countered halfway: sixty days of validity end seventy days after the pause began."""
    bob = as_("bob")
    offer_id = stage.proposal()
    bob.post(at(stage, "pause"))
    clock.forward(days=10)
    last_day = clock().date() + timedelta(days=60)
    with stage.database.read() as db:
        sent = answer_data(db, stage.offer(offer_id), total=80_000, valid_until=str(last_day))
    assert bob.api("POST", f"/offers/{offer_id}/counter", sent).status_code == 200
    clock.forward(days=10)
    bob.post(at(stage, "resumption"))
    assert stage.offer(offer_id).valid_until.date() == last_day + timedelta(days=10)


@pytest.mark.parametrize(("edited", "day"), [({}, "2026-07-05"), ({"decision_on": "2026-07-20"}, "2026-07-20")])
def test_a_decision_day_does_not_go_by_in_a_pause(as_, stage, clock, edited, day):
    bob = as_("bob")
    bob.post(at(stage, "pause"))
    clock.forward(days=20)
    assert bob.api("PATCH", f"/my/briefs/{stage.brief_id}", {"title": "Regulars", **edited}).status_code == 200
    assert bob.post(at(stage, "resumption")).status_code == 303
    assert str(stage.brief().decision_on) == day
    with stage.database.write() as db:
        expire(db, {})
    assert stage.brief().status is BriefStatus.OPEN
