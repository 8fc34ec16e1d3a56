"""Validity runs out: a warning 48 hours before, then the end; a paused brief stops the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select
from sqlmodel import col

from core.events import Event
from core.jobs import enqueue
from core.templating import show_date
from marketplace.briefs import service as briefs
from marketplace.offers.models import OfferStatus
from tests.people import text_of


def tick(database, worker) -> None:
    with database.write() as db:
        enqueue(db, "offers.watch_validity")
    worker.drain()


def test_both_sides_are_warned_once(stage, database, worker, clock, cast):
    offer_id = stage.proposal("alice")
    clock.forward(days=12, hours=14)
    tick(database, worker)
    assert stage.events(offer_id) == ["offer.sent"]
    clock.forward(hours=1)
    tick(database, worker)
    tick(database, worker)
    assert stage.events(offer_id) == ["offer.sent", "offer.expiring"]
    with database.read() as db:
        event = db.scalars(select(Event).where(col(Event.kind) == "offer.expiring")).one()
    assert event.other_workspace_id == cast.alice.workspace_id
    assert event.data["also"] == str(cast.bob.workspace_id)


def test_then_it_expires(stage, database, worker, clock):
    offer_id = stage.proposal("alice")
    clock.forward(days=14, hours=15)
    tick(database, worker)
    tick(database, worker)
    offer = stage.offer(offer_id)
    assert (offer.status, offer.turn_id) == (OfferStatus.EXPIRED, None)
    assert stage.events(offer_id) == ["offer.sent", "offer.expired"]


def test_an_offer_of_the_board_expires_too(stage, database, worker, clock):
    offer_id = stage.hire()
    clock.forward(days=15)
    tick(database, worker)
    assert stage.offer(offer_id).status is OfferStatus.EXPIRED


def test_a_pause_gives_its_time_back(stage, database, worker, clock):
    offer_id = stage.proposal("alice")
    before = stage.offer(offer_id).valid_until
    clock.forward(days=10)
    with database.write() as db:
        briefs.pause(db, briefs.lock(db, stage.brief_id), by=stage.viewer(db, "bob"))
    clock.forward(days=6)
    tick(database, worker)
    assert stage.offer(offer_id).status is OfferStatus.SENT
    with database.write() as db:
        briefs.resume(db, briefs.lock(db, stage.brief_id), by=stage.viewer(db, "bob"))
    offer = stage.offer(offer_id)
    assert (offer.valid_until - before).days == 6
    tick(database, worker)
    assert stage.offer(offer_id).status is OfferStatus.SENT


def test_the_day_named_after_a_pause_holds_to_its_end(as_, stage, database, clock):
    """Paused for two hours on the first of fourteen days: the fifteenth June becomes the sixteenth, all of it."""
    bob, alice = as_("bob"), as_("alice")
    offer_id = stage.proposal("alice")
    assert bob.post(f"/my/briefs/{stage.brief_id}/pause").status_code == 303
    clock.forward(hours=2)
    assert bob.post(f"/my/briefs/{stage.brief_id}/resumption").status_code == 303
    assert alice.api("GET", f"/offers/{offer_id}").json()["valid_until"] == "2026-06-16"
    assert f"Valid until {show_date(date(2026, 6, 16))}" in text_of(bob.get(f"/offers/{offer_id}"))
    with database.read() as db:
        told = db.scalars(select(Event).where(col(Event.kind) == "offer.brief_resumed")).one()
    assert told.data["valid_until"] == "2026-06-16"
    clock.at = datetime(2026, 6, 16, 23, 59, tzinfo=UTC)
    assert bob.api("POST", f"/offers/{offer_id}/acceptance", {"number": 1}).status_code == 200


def test_an_offer_on_standby_keeps_the_time_it_had_left(as_, stage, database, worker, clock):
    """Twelve of fourteen days are left when a rival is chosen; they are left when that contract falls."""
    from marketplace.offers import service as offers

    bob, path = as_("bob"), f"/briefs/{stage.brief_id}/offers"
    offer_id, chosen_id = stage.proposal("alice"), stage.proposal("dina")
    before = stage.offer(offer_id).valid_until
    clock.forward(days=2)
    stage.do(offers.accept, chosen_id, 1, by="bob")
    clock.forward(days=20)
    tick(database, worker)
    assert stage.events(offer_id) == ["offer.sent", "offer.stood_by"]
    day = show_date(before)
    assert all(day not in text_of(bob.get(page)) for page in (f"/offers/{offer_id}", "/offers?tab=theirs"))
    assert bob.api("GET", path).json()["rows"][-1]["cells"][0]["text"] == ""
    assert "Its time stands still until then." in text_of(as_("alice").get(f"/offers/{offer_id}"))
    with database.write() as db:
        offers.lapse(db, chosen_id, "unsigned")
    offer = stage.offer(offer_id)
    assert (offer.status, offer.valid_until - before) == (OfferStatus.SENT, timedelta(days=20))
    clock.forward(days=7)
    tick(database, worker)
    assert stage.events(offer_id)[-1] == "offer.revived"
    assert bob.api("POST", f"/offers/{offer_id}/acceptance", {"number": 1}).status_code == 200


def test_decided_offers_do_not_expire(stage, database, worker, clock):
    from marketplace.offers import service as offers

    offer_id = stage.proposal("alice")
    stage.do(offers.accept, offer_id, 1, by="bob")
    clock.forward(days=15)
    tick(database, worker)
    assert stage.offer(offer_id).status is OfferStatus.ACCEPTED
