"""Accepting the current version: the brief is awarded, rivals stand by, everyone else is refused."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlmodel import col

from core.events import Event
from marketplace.briefs import service as briefs
from marketplace.briefs.models import Brief, BriefStatus
from marketplace.offers.models import OfferStatus
from tests.people import text_of


def test_a_manager_accepts_on_the_page(as_, stage):
    offer_id, rival_id = stage.proposal("alice"), stage.proposal("dina")
    answer = as_("bella").post(f"/offers/{offer_id}/acceptance", {"number": "1"})
    assert answer.status_code == 303
    offer, rival = stage.offer(offer_id), stage.offer(rival_id)
    assert (offer.status, offer.turn_id) == (OfferStatus.ACCEPTED, None)
    assert offer.accepted_at is not None
    assert (rival.status, rival.on_standby) == (OfferStatus.SENT, True)
    assert stage.events(offer_id) == ["offer.sent", "offer.accepted"]
    assert stage.events(rival_id) == ["offer.sent", "offer.stood_by"]
    assert stage.brief().status is BriefStatus.AWARDED
    assert "On standby" in text_of(as_("dina").get(f"/offers/{rival_id}"))


def test_the_same_over_json(as_, stage):
    offer_id = stage.proposal("alice")
    answer = as_("bob").api("POST", f"/offers/{offer_id}/acceptance", {"number": 1})
    assert (answer.status_code, answer.json()["status"]) == (200, "accepted")
    again = as_("bob").api("POST", f"/offers/{offer_id}/acceptance", {"number": 1})
    assert again.status_code == 409


def test_the_log_says_from_where_to_where(stage, as_, database):
    offer_id = stage.proposal("alice")
    as_("bob").api("POST", f"/offers/{offer_id}/viewing")
    as_("bob").api("POST", f"/offers/{offer_id}/acceptance", {"number": 1})
    with database.read() as db:
        events = db.scalars(select(Event).where(col(Event.subject_id) == offer_id).order_by(col(Event.id)))
        moves = [(event.kind, event.data["from"], event.data["to"]) for event in events]
        of_brief = db.scalars(select(Event).where(col(Event.kind) == "brief.awarded")).one().data
    assert moves == [
        ("offer.sent", "draft", "sent"),
        ("offer.viewed", "sent", "viewed"),
        ("offer.accepted", "viewed", "accepted"),
    ]
    assert (of_brief["from"], of_brief["to"], of_brief["version"]) == ("open", "awarded", stage.brief().version)


def test_a_repeated_request_gets_the_first_answer(as_, stage):
    """Its route names two policies: the key is taken once."""
    offer_id, key = stage.proposal("alice"), {"Idempotency-Key": "accept-1"}
    first = as_("bob").api("POST", f"/offers/{offer_id}/acceptance", {"number": 1}, headers=key)
    again = as_("bob").api("POST", f"/offers/{offer_id}/acceptance", {"number": 1}, headers=key)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()
    assert stage.events(offer_id) == ["offer.sent", "offer.accepted"]


@pytest.mark.parametrize(
    ("name", "status"), [("boris", 403), ("carol", 403), ("alice", 409), ("dina", 404), ("trent", 404)]
)
def test_who_may_not_accept(as_, stage, name, status):
    offer_id = stage.proposal("alice")
    answer = as_(name).api("POST", f"/offers/{offer_id}/acceptance", {"number": 1})
    assert answer.status_code == status
    assert stage.offer(offer_id).status is OfferStatus.SENT


@pytest.mark.parametrize(("number", "status"), [(2, 409), (0, 422), ("x", 422), (None, 422)])
def test_only_the_version_that_was_read(as_, stage, number, status):
    offer_id = stage.proposal("alice")
    assert as_("bob").api("POST", f"/offers/{offer_id}/acceptance", {"number": number}).status_code == status
    assert as_("bob").post(f"/offers/{offer_id}/acceptance", {"number": ""}).status_code == 422
    assert stage.offer(offer_id).status is OfferStatus.SENT


def test_not_after_its_validity(as_, stage, clock):
    offer_id = stage.proposal("alice")
    clock.forward(days=14, hours=14, minutes=59)
    clock.forward(minutes=2)
    answer = as_("bob").api("POST", f"/offers/{offer_id}/acceptance", {"number": 1})
    assert (answer.status_code, answer.json()["error"]) == (409, "expired")


def test_until_the_last_minute_of_its_validity(as_, stage, clock):
    offer_id = stage.proposal("alice")
    clock.forward(days=14, hours=14, minutes=59)
    assert as_("bob").api("POST", f"/offers/{offer_id}/acceptance", {"number": 1}).status_code == 200


@pytest.mark.parametrize(("days", "status"), [(2, 303), (3, 422)])
def test_not_once_its_start_is_past(as_, stage, clock, days, status):
    offer_id, bob = stage.proposal("alice", starts_on="2026-06-03"), as_("bob")
    clock.forward(days=days)
    page = text_of(bob.get(f"/offers/{offer_id}"))
    assert ("Its start is past" in page) is (status == 422)
    assert ("Accept version 1" in page) is (status == 303)
    answer = bob.api("POST", f"/offers/{offer_id}/acceptance", {"number": 1})
    assert answer.status_code == (200 if status == 303 else 409)
    assert status == 303 or answer.json()["error"] == "start_passed"


def test_nor_is_it_taken_up_then(as_, stage, clock):
    """Of the board, by who is a day ahead of the clock its validity is kept in: neither shown nor advised."""
    offer_id, alice = stage.hire(starts_on="2026-06-03", valid_until="2026-06-03"), as_("alice")
    settings = {"name": "Alice", "locale": "en", "time_zone": "Pacific/Kiritimati"}
    assert alice.post("/settings", settings).status_code == 303
    clock.forward(days=2, hours=6)
    assert len(as_("dina").api("GET", "/offers/board").json()["rows"]) == 1
    assert alice.api("GET", "/offers/board").json()["rows"] == []
    assert "Take it up" not in text_of(alice.get(f"/offers/{offer_id}"))
    answer = alice.api("POST", f"/offers/{offer_id}/take-up", {"number": 1})
    assert (answer.status_code, answer.json()["error"]) == (409, "start_passed")
    assert answer.json()["detail"] == "Its start is past, so it cannot be taken up any more."


def test_not_while_on_standby(as_, stage):
    offer_id, rival_id = stage.proposal("alice"), stage.proposal("dina")
    as_("bob").api("POST", f"/offers/{offer_id}/acceptance", {"number": 1})
    answer = as_("bob").api("POST", f"/offers/{rival_id}/acceptance", {"number": 1})
    assert (answer.status_code, answer.json()["error"]) == (409, "standby")


def test_not_while_the_brief_is_paused(as_, stage, database):
    offer_id = stage.proposal("alice")
    with database.write() as db:
        briefs.pause(db, briefs.lock(db, stage.brief_id), by=stage.viewer(db, "bob"))
    answer = as_("bob").api("POST", f"/offers/{offer_id}/acceptance", {"number": 1})
    assert (answer.status_code, answer.json()["error"]) == (409, "brief_closed")


def test_not_by_somebody_of_both_sides(as_, stage, database, cast):
    from accounts.workspaces.models import Membership, Role

    offer_id = stage.proposal("alice")
    with database.write() as db:
        member = Membership(
            workspace_id=cast.alice.workspace_id, user_id=cast.bella.user_id, role=Role.VIEWER, created_at=db.now()
        )
        db.add(member)
    answer = as_("bella").api("POST", f"/offers/{offer_id}/acceptance", {"number": 1})
    assert (answer.status_code, answer.json()["error"]) == (403, "self_dealing")
    assert as_("bob").api("POST", f"/offers/{offer_id}/acceptance", {"number": 1}).status_code == 200


def test_two_seats_take_two_offers(as_, stage, database):
    with database.write() as db:
        db.get_one(Brief, stage.brief_id).seats = 2
    ids = [stage.proposal(name) for name in ("alice", "dina", "mallory")]
    as_("bob").api("POST", f"/offers/{ids[0]}/acceptance", {"number": 1})
    assert stage.brief().status is BriefStatus.OPEN
    assert not stage.offer(ids[1]).on_standby
    assert as_("bob").api("POST", f"/offers/{ids[1]}/acceptance", {"number": 1}).status_code == 200
    assert stage.brief().status is BriefStatus.AWARDED
    assert stage.offer(ids[2]).on_standby


def test_a_specialist_accepts_a_hire_offer(as_, stage):
    offer_id = stage.hire(to="alice-social", on_board=False)
    assert as_("amir").post(f"/offers/{offer_id}/acceptance", {"number": "1"}).status_code == 403
    assert as_("bob").post(f"/offers/{offer_id}/acceptance", {"number": "1"}).status_code == 409
    assert as_("anton").post(f"/offers/{offer_id}/acceptance", {"number": "1"}).status_code == 303
    assert stage.offer(offer_id).status is OfferStatus.ACCEPTED
