"""Offers on the board: seen by specialists, taken up by the first qualified one."""

from __future__ import annotations

import pytest

from marketplace.offers.models import OfferStatus
from tests.factories.profiles import make_profile
from tests.people import text_of


def test_the_board_shows_what_fits(as_, stage, database):
    stage.hire()
    with database.write() as db:
        make_profile(
            db, "mallory", publish=False, responsibilities=["C1"], platforms=[{"code": "VK", "level": "expert"}]
        )
    page = text_of(as_("alice").get("/offers/board"))
    assert "Three months of warm bread" in page
    assert "You cover 2 of 2" in page
    assert "You qualify" in page
    page = text_of(as_("mallory").get("/offers/board"))
    assert "You cover 1 of 2" in page
    assert "Not enough yet" in page
    row = as_("mallory").api("GET", "/offers/board").json()["rows"][0]
    assert row["fit"] == {
        "qualified": False,
        "covered": 1,
        "asked": 2,
        "matches": ["Content plan"],
        "misses": ["Copywriting", "Instagram"],
    }


def test_businesses_have_no_board(as_, stage):
    offer_id = stage.hire()
    assert as_("bob").get("/offers/board").status_code == 404
    assert as_("trent").get(f"/offers/{offer_id}").status_code == 404
    assert as_("bob").get(f"/offers/{offer_id}").status_code == 200


def test_a_qualified_specialist_takes_it_up(as_, stage, cast):
    offer_id = stage.hire()
    assert "Take it up" in text_of(as_("alice").get(f"/offers/{offer_id}"))
    answer = as_("alice").post(f"/offers/{offer_id}/take-up", {"number": "1"})
    assert answer.status_code == 303
    offer = stage.offer(offer_id)
    assert (offer.status, offer.specialist_id) == (OfferStatus.ACCEPTED, cast.alice.workspace_id)
    assert stage.events(offer_id) == ["offer.sent", "offer.accepted"]
    late = as_("dina").api("POST", f"/offers/{offer_id}/take-up", {"number": 1})
    assert late.status_code == 404
    assert as_("dina").get("/offers/board").text.count("warm bread") == 0


def test_who_may_not_take_it_up(as_, stage, database):
    offer_id = stage.hire(lines=[{"responsibility": "G1", "platform": "VK", "price": 100}])
    answer = as_("alice").api("POST", f"/offers/{offer_id}/take-up", {"number": 1})
    assert (answer.status_code, answer.json()["error"]) == (409, "unqualified")
    assert as_("amir").api("POST", f"/offers/{offer_id}/take-up", {"number": 1}).status_code == 403
    assert as_("trent").api("POST", f"/offers/{offer_id}/take-up", {"number": 1}).status_code == 404
    assert as_("alice").api("POST", f"/offers/{offer_id}/take-up", {"number": 2}).status_code == 409
    assert stage.offer(offer_id).status is OfferStatus.SENT


def test_nobody_counters_or_declines_an_offer_of_the_board(as_, stage, database):
    offer_id = stage.hire()
    assert as_("alice").api("POST", f"/offers/{offer_id}/decline", {"reason": "price"}).status_code == 409
    assert as_("alice").api("POST", f"/offers/{offer_id}/viewing").json()["status"] == "sent"


def test_a_withdrawn_or_expired_offer_leaves_the_board(as_, stage, clock):
    first, _second = stage.hire(title="First"), stage.hire(title="Second")
    assert as_("bob").api("POST", f"/offers/{first}/withdrawal").status_code == 200
    rows = as_("alice").api("GET", "/offers/board").json()["rows"]
    assert [row["title"] for row in rows] == ["Second"]
    clock.forward(days=15)
    assert as_("alice").api("GET", "/offers/board").json()["rows"] == []


@pytest.mark.parametrize("size", [1, 2])
def test_the_board_is_paged(as_, stage, size):
    for number in range(3):
        stage.hire(title=f"Offer {number}")
    seen, after = [], ""
    while after is not None:
        found = as_("alice").api("GET", f"/offers/board?limit={size}" + (f"&after={after}" if after else "")).json()
        seen += [row["title"] for row in found["rows"]]
        after = found["next"]
    assert seen == ["Offer 2", "Offer 1", "Offer 0"]
