"""Saying no with a reason, taking back, confirming after the brief changed."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.checks import broken
from core.events import Event, record
from marketplace.briefs.models import Brief
from marketplace.offers.models import DeclineReason, OfferStatus
from tests.people import text_of


def change_terms(stage) -> None:
    """What the brief records when scope or budget change while offers exist."""
    with stage.database.write() as db:
        record(db, "brief.terms_changed", db.get_one(Brief, stage.brief_id), by=stage.viewer(db, "bob"))


def test_the_recipient_declines_with_a_reason(as_, stage, database):
    offer_id = stage.proposal("alice")
    answer = as_("boris").post(f"/offers/{offer_id}/decline", {"reason": "price", "note": "Above our budget"})
    assert answer.status_code == 303
    offer = stage.offer(offer_id)
    assert (offer.status, offer.decline_reason) == (OfferStatus.DECLINED, DeclineReason.PRICE)
    page = text_of(as_("alice").get(f"/offers/{offer_id}"))
    assert "Reason: Price" in page
    assert "Above our budget" in page
    with database.read() as db:
        event = db.scalars(select(Event).where(col(Event.kind) == "offer.declined")).one()
    assert (event.other_workspace_id, event.data["reason"]) == (offer.author_id, "price")


@pytest.mark.parametrize("data", [{}, {"reason": "mood"}, {"reason": "price", "note": "x" * 2001}])
def test_without_a_good_reason_nothing_happens(as_, stage, data):
    offer_id = stage.proposal("alice")
    assert as_("bob").post(f"/offers/{offer_id}/decline", data).status_code == 422
    assert as_("bob").api("POST", f"/offers/{offer_id}/decline", data).status_code == 422
    assert stage.offer(offer_id).status is OfferStatus.SENT


def test_a_missing_reason_stands_open_beside_its_field(as_, stage):
    offer_id, bob = stage.proposal("alice"), as_("bob")
    dialog = '<dialog class="dialog" id="decline"'
    assert dialog in bob.get(f"/offers/{offer_id}").text
    refused = bob.post(f"/offers/{offer_id}/decline", {"note": "Не сейчас"})
    assert "Не сейчас" in refused.text
    assert "Choose a reason." in text_of(refused)
    assert dialog not in refused.text
    assert 'commandfor="decline"' not in refused.text


def test_a_brief_counts_each_bidder_once_and_none_who_took_the_offer_back(as_, stage, database):
    """What rivals read on the board; a declined offer was one, a draft thrown away never was."""
    bob, dina = as_("bob"), as_("dina")

    def counted() -> int:
        board = dina.api("GET", "/briefs").json()["rows"]
        home = text_of(bob.get("/home"))
        (number,) = {row["offer_count"] for row in board}
        assert (f"{number} offer sent" in home) or (f"{number} offers sent" in home)
        assert broken(database) == []
        return number

    assert as_("alice").api("POST", f"/offers/{stage.proposal('alice')}/withdrawal").status_code == 200
    assert counted() == 0
    assert "no offers yet" in text_of(dina.get("/briefs"))
    stage.proposal("mallory")
    assert as_("alice").api("POST", f"/offers/{stage.proposal('alice', send=False)}/withdrawal").status_code == 200
    assert bob.api("POST", f"/offers/{stage.proposal('alice')}/decline", {"reason": "price"}).status_code == 200
    assert counted() == 2
    assert as_("alice").post(f"/offers/{stage.proposal('alice')}/withdrawal").status_code == 303
    assert counted() == 2


def test_only_the_recipient_declines_and_only_once(as_, stage):
    offer_id = stage.proposal("alice")
    assert as_("alice").api("POST", f"/offers/{offer_id}/decline", {"reason": "price"}).status_code == 409
    assert as_("dina").api("POST", f"/offers/{offer_id}/decline", {"reason": "price"}).status_code == 404
    assert as_("bob").api("POST", f"/offers/{offer_id}/decline", {"reason": "timing"}).status_code == 200
    assert as_("bob").api("POST", f"/offers/{offer_id}/decline", {"reason": "timing"}).status_code == 409


def test_a_decided_offer_is_told_before_a_missing_reason(as_, stage):
    offer_id, bob = stage.proposal("alice"), as_("bob")
    assert bob.api("POST", f"/offers/{offer_id}/acceptance", {"number": 1}).status_code == 200
    refused = bob.post(f"/offers/{offer_id}/decline", {})
    assert refused.status_code == 409
    assert "This offer was decided already." in text_of(refused)


def test_the_author_withdraws(as_, stage):
    offer_id = stage.proposal("alice")
    assert as_("bob").api("POST", f"/offers/{offer_id}/withdrawal").status_code == 409
    assert as_("dina").api("POST", f"/offers/{offer_id}/withdrawal").status_code == 404
    assert as_("amir").post(f"/offers/{offer_id}/withdrawal").status_code == 303
    assert stage.offer(offer_id).status is OfferStatus.WITHDRAWN
    assert stage.events(offer_id) == ["offer.sent", "offer.withdrawn"]
    assert as_("bob").api("POST", f"/offers/{offer_id}/acceptance", {"number": 1}).status_code == 409
    assert as_("alice").api("POST", f"/briefs/{stage.brief_id}/offers", stage.body()).status_code == 201


def test_a_changed_brief_asks_for_confirmation(as_, stage):
    offer_id = stage.proposal("alice")
    change_terms(stage)
    assert stage.offer(offer_id).needs_confirmation
    refused = as_("bob").api("POST", f"/offers/{offer_id}/acceptance", {"number": 1})
    assert (refused.status_code, refused.json()["error"]) == (409, "unconfirmed")
    assert as_("bob").api("POST", f"/offers/{offer_id}/confirmation").status_code == 409
    assert "It stands" in text_of(as_("alice").get(f"/offers/{offer_id}"))
    assert as_("alice").post(f"/offers/{offer_id}/confirmation").status_code == 303
    assert as_("alice").api("POST", f"/offers/{offer_id}/confirmation").status_code == 409
    assert as_("bob").api("POST", f"/offers/{offer_id}/acceptance", {"number": 1}).status_code == 200
    assert stage.events(offer_id) == ["offer.sent", "offer.confirmation_asked", "offer.confirmed", "offer.accepted"]
