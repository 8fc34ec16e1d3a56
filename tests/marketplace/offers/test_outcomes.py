"""What follows: signed contracts convert, unsigned ones lapse, a brief that ends voids its offers."""

from __future__ import annotations

import pytest

from core.errors import Conflict
from marketplace.briefs import service as briefs
from marketplace.briefs.models import Brief, BriefStatus
from marketplace.briefs.schemas import CancellationInput
from marketplace.offers import service as offers
from marketplace.offers.checks import broken_offers
from marketplace.offers.models import OfferStatus
from tests.factories.contracts import make_active
from tests.people import text_of


def accepted(stage, by="alice"):
    offer_id = stage.proposal(by)
    stage.do(offers.accept, offer_id, 1, by="bob")
    return offer_id


def call(stage, work, *args):
    with stage.database.write() as db:
        work(db, *args)


def test_a_signed_contract_fills_the_brief_and_voids_rivals(stage):
    rival_id = stage.proposal("dina")
    offer_id = accepted(stage)
    call(stage, offers.convert, offer_id)
    assert stage.offer(offer_id).status is OfferStatus.CONVERTED
    assert stage.brief().status is BriefStatus.FILLED
    rival = stage.offer(rival_id)
    assert (rival.status, rival.on_standby, rival.turn_id) == (OfferStatus.VOIDED, False, None)
    assert stage.events(rival_id) == ["offer.sent", "offer.stood_by", "offer.voided"]
    with pytest.raises(Conflict):
        call(stage, offers.convert, offer_id)


def test_a_lapsed_contract_reopens_the_brief_and_revives_rivals(as_, stage):
    rival_id = stage.proposal("dina")
    offer_id = accepted(stage)
    call(stage, offers.lapse, offer_id, "unsigned")
    assert stage.offer(offer_id).status is OfferStatus.LAPSED
    assert stage.brief().status is BriefStatus.OPEN
    assert not stage.offer(rival_id).on_standby
    assert stage.events(rival_id) == ["offer.sent", "offer.stood_by", "offer.revived"]
    assert as_("bob").api("POST", f"/offers/{rival_id}/acceptance", {"number": 1}).status_code == 200
    with pytest.raises(Conflict):
        call(stage, offers.lapse, offer_id, "unsigned")


def test_with_two_seats_the_brief_is_filled_by_the_second(stage, database):
    with database.write() as db:
        db.get_one(Brief, stage.brief_id).seats = 2
    first, second = accepted(stage, "alice"), accepted(stage, "dina")
    call(stage, offers.convert, first)
    assert stage.brief().status is BriefStatus.AWARDED
    call(stage, offers.convert, second)
    assert stage.brief().status is BriefStatus.FILLED


def test_a_hire_offer_needs_no_brief(stage):
    offer_id = stage.hire(to="alice-social", on_board=False)
    stage.do(offers.accept, offer_id, 1, by="alice")
    call(stage, offers.convert, offer_id)
    assert stage.offer(offer_id).status is OfferStatus.CONVERTED


def test_a_cancelled_brief_voids_live_offers_and_drafts(stage, database):
    live, draft = stage.proposal("alice"), stage.proposal("dina", send=False)
    with database.write() as db:
        bob = stage.viewer(db, "bob")
        briefs.cancel(db, briefs.lock(db, stage.brief_id), CancellationInput(reason="budget"), by=bob)
    assert [stage.offer(i).status for i in (live, draft)] == [OfferStatus.VOIDED, OfferStatus.VOIDED]
    assert stage.events(live)[-1] == "offer.voided"


def test_the_checks_pass_over_every_outcome(stage, database):
    stage.proposal("dina")
    accepted(stage)
    stage.hire()
    with database.read() as db:
        assert broken_offers(db) == []


def test_the_checks_name_what_is_broken(stage, database):
    offer_id = stage.proposal("alice")
    with database.write() as db:
        from sqlalchemy import update
        from sqlmodel import col

        from marketplace.offers.models import Offer

        db.execute(update(Offer).where(col(Offer.id) == offer_id).values(total=1, turn_id=None))
    with database.read() as db:
        found = broken_offers(db)
    assert len(found) == 2
    assert all(str(offer_id) in sentence for sentence in found)


def test_a_signed_offer_leads_to_the_running_contract(as_, database):
    with database.write() as db:
        offer_id = make_active(db).offer_id
    bob = as_("bob")
    page = bob.get(f"/offers/{offer_id}")
    assert "signed on these terms" in text_of(page)
    assert "contract draft" not in text_of(page)
    assert f'href="/contracts/of-offer/{offer_id}"' in page.text
    assert "Café wants regulars back" in text_of(bob.get("/contracts?show=running"))
