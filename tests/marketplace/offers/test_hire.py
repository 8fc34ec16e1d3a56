"""A business offers fixed terms to one specialist."""

from __future__ import annotations

from sqlalchemy import func, select

from marketplace.offers.models import Offer, OfferStatus
from tests.factories.offers import hire_data
from tests.people import text_of


def count(database) -> int:
    with database.read() as db:
        return db.scalar(select(func.count()).select_from(Offer)) or 0


def body(database, **overrides):
    with database.read() as db:
        return hire_data(db, **{"to": "alice-social", "on_board": False, **overrides})


def test_the_form_knows_whom_it_is_for(as_, stage):
    page = text_of(as_("bob").get("/offers/new?to=alice-social"))
    assert "Cafés that want regulars" in page
    assert "Make a hire offer" in page


def test_a_hire_offer_reaches_the_specialist(as_, stage, database):
    made = as_("bob").api("POST", "/offers", body(database))
    assert made.status_code == 201, made.text
    offer = stage.offer(made.json()["id"])
    assert (offer.status, offer.total, offer.turn_id) == (OfferStatus.SENT, 60_000, offer.specialist_id)
    assert stage.events(offer.id) == ["offer.sent"]
    page = text_of(as_("alice").get(f"/offers/{offer.id}"))
    assert "Waits for you" in page
    assert "the client does it" in page
    assert "Three months of warm bread" in text_of(as_("alice").get("/offers"))
    assert as_("dina").get(f"/offers/{offer.id}").status_code == 404


def test_the_same_from_the_form(as_, stage, database):
    fields = {
        "to": "alice-social",
        "title": "Bread",
        "currency": "EUR",
        "total": "",
        "billing": "retainer",
        "starts_on": "2026-07-01",
        "term_months": "3",
        "valid_until": "2026-06-20",
        "lines-0-coverage": "covered",
        "lines-0-responsibility": "D1",
        "lines-0-limit": "12",
        "lines-0-period": "month",
        "lines-0-owner": "specialist",
        "lines-0-price": "1 200,50",
        "action": "send",
    }
    row = {"responsibility": "D3", "owner": "client", "period": "month", "overage_price": "7,77"}
    refused = as_("bob").post("/offers", {**fields, **{f"lines-1-{name}": value for name, value in row.items()}})
    beside = refused.text.partition('id="f-lines-1-overage_price-error"')[2].partition("</p>")[0]
    assert (refused.status_code, "Somebody else does this line" in beside) == (422, True)
    answer = as_("bob").post("/offers", fields)
    assert answer.status_code == 303, text_of(answer)
    with database.read() as db:
        assert db.scalars(select(Offer.total)).one() == 120_050


OURS = {"responsibility": "C1", "limit": 1, "price": 20_000, "overage_price": 5_000}
THEIRS = {"responsibility": "D3", "limit": 10, "owner": "client", "overage_price": 777}
WRONG: list[tuple[dict, str]] = [
    ({"to": "nobody-here"}, "to"),
    ({"to": None}, "to"),
    ({"on_board": True}, "to"),
    ({"title": ""}, "title"),
    ({"lines": [{"responsibility": "Z9", "limit": 1}]}, "lines.0.responsibility"),
    ({"lines": [{"responsibility": "C1", "platform": "??"}]}, "lines.0.platform"),
    ({"lines": [{"responsibility": "C1", "owner": "client"}], "total": 100}, "lines"),
    ({"lines": [{"responsibility": "C1"}]}, "total"),
    ({"starts_on": None}, "starts_on"),
    ({"lines": [OURS, THEIRS]}, "lines.1.overage_price"),
    ({"lines": [OURS, {**THEIRS, "owner": "third_party", "overage_price": 0}]}, "lines.1.overage_price"),
]


def test_wrong_input_is_named_and_nothing_stored(as_, stage, database):
    bob = as_("bob")
    for change, field in WRONG:
        answer = bob.api("POST", "/offers", body(database, **change))
        assert answer.status_code == 422, change
        assert field in answer.json()["fields"], change
    assert count(database) == 0


def test_an_offer_on_the_board_holds_until_its_start_at_most(as_, stage, database):
    bob = as_("bob")
    on_board = {"to": None, "on_board": True, "starts_on": "2026-06-10"}
    late = body(database, **on_board, valid_until="2026-06-11")
    refused = bob.api("POST", "/offers", late)
    assert (refused.status_code, set(refused.json()["fields"])) == (422, {"valid_until"})
    draft = bob.api("POST", "/offers", {**late, "send": False}).json()
    assert bob.api("POST", f"/offers/{draft['id']}/sending").status_code == 422
    page = bob.post(f"/offers/{draft['id']}/sending")
    assert (page.status_code, "holds until its start at most" in text_of(page)) == (422, True)
    to_one = {**late, "to": "alice-social", "on_board": False}
    assert bob.api("PUT", f"/offers/{draft['id']}/hire", to_one).json()["status"] == "sent"
    assert bob.api("POST", "/offers", {**late, "valid_until": "2026-06-10"}).status_code == 201


def test_an_unconfirmed_client_sends_nothing(as_, stage, database):
    answer = as_("ursula").api("POST", "/offers", body(database))
    assert (answer.status_code, answer.json()["error"]) == (403, "unverified")
    assert as_("ursula").api("POST", "/offers", body(database, send=False)).status_code == 201


def test_a_reader_is_not_offered_what_is_refused(as_, stage):
    carol = as_("carol")
    assert carol.get("/offers/new").status_code == 403
    assert "Send a hire offer" not in carol.get("/specialists/alice-social").text
    assert "Send a hire offer" in as_("boris").get("/specialists/alice-social").text


def test_specialists_make_no_hire_offers(as_, stage, database):
    assert as_("alice").api("POST", "/offers", body(database)).status_code == 404
    assert as_("carol").api("POST", "/offers", body(database)).status_code == 403
    assert count(database) == 0


def test_a_draft_is_not_sent_to_a_profile_taken_off_meanwhile(as_, stage, database):
    bob = as_("bob")
    draft = bob.api("POST", "/offers", body(database, send=False)).json()
    assert as_("alice").api("DELETE", "/profile/publication").status_code == 200
    refused = bob.api("POST", f"/offers/{draft['id']}/sending")
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["to"])
    assert "not public any more" in text_of(bob.post(f"/offers/{draft['id']}/sending"))
    assert stage.offer(draft["id"]).status is OfferStatus.DRAFT


def test_a_draft_may_change_its_addressee(as_, stage, database):
    bob = as_("bob")
    draft = bob.api("POST", "/offers", body(database, send=False)).json()
    assert "Alice" in text_of(bob.get(f"/offers/{draft['id']}/edit"))
    sent = bob.api("PUT", f"/offers/{draft['id']}/hire", body(database, to="dina-digital"))
    assert sent.json()["status"] == "sent"
    assert as_("dina").get(f"/offers/{draft['id']}").status_code == 200
    assert as_("alice").get(f"/offers/{draft['id']}").status_code == 404
