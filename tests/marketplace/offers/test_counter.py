"""Counter-offers and revisions: new versions, whose turn it is, what changed."""

from __future__ import annotations

import pytest

from marketplace.offers import service as offers
from marketplace.offers.models import OfferStatus
from marketplace.offers.schemas import AnswerInput
from tests.factories.offers import answer_data
from tests.people import fields, text_of


def body(stage, offer_id, **overrides):
    with stage.database.read() as db:
        return answer_data(db, stage.offer(offer_id), **overrides)


def test_a_counter_offer_shows_only_what_changed(as_, stage):
    offer_id = stage.proposal()
    changed = body(stage, offer_id, total=80_000, term_months=3)
    changed["lines"][stage.row("D4")]["limit"] = 2
    changed["lines"].append({"responsibility": "C1", "limit": 1})
    answer = as_("bob").api("POST", f"/offers/{offer_id}/counter", changed)
    assert answer.status_code == 200, answer.text
    offer = stage.offer(offer_id)
    assert (offer.status, offer.number, offer.rounds) == (OfferStatus.COUNTERED, 2, 1)
    assert offer.turn_id == offer.author_id
    assert stage.events(offer_id) == ["offer.sent", "offer.countered"]
    found = as_("alice").api("GET", f"/offers/{offer_id}").json()["versions"][0]["changes"]
    assert [(c["subject"], c["what"], c["before"], c["after"]) for c in found] == [
        ("Video and shorts, Instagram", "Limit", "4 videos a month", "2 of 4 videos a month"),
        ("Content plan", "", "", "1 plan a month"),
        ("Total", "", "€860", "€800"),
        ("Term", "", "6 months", "3 months"),
    ]
    page = as_("alice").get(f"/offers/{offer_id}")
    assert "<del>4 videos a month</del> <ins>2 of 4 videos a month</ins>" in page.text
    assert "Waits for you" in text_of(page)


def test_more_time_to_think_alone_is_no_counter_offer(as_, stage):
    offer_id = stage.proposal()
    bob = as_("bob")
    refused = bob.api("POST", f"/offers/{offer_id}/counter", body(stage, offer_id, valid_until="2026-07-20"))
    assert (refused.status_code, refused.json()["detail"]) == (
        422,
        "Nothing changed. Change a line or the price, or accept the offer.",
    )
    path = f"/offers/{offer_id}/counter"
    as_opened = {name: values for name, values in fields(bob.get(path).text, path).items() if name != "action"}
    answer = bob.post(path, {**as_opened, "action": "send"})
    assert answer.status_code == 422
    assert "Nothing changed" in text_of(answer)
    offer = stage.offer(offer_id)
    assert (offer.status, offer.number, offer.rounds) == (OfferStatus.SENT, 1, 0)


def test_what_has_expired_is_not_answered(as_, stage, clock):
    """Even when the job that ends it is late."""
    offer_id, other = stage.proposal(), stage.proposal("dina")
    assert as_("bob").api("POST", f"/offers/{other}/counter", body(stage, other, total=80_000)).status_code == 200
    days = {"starts_on": "2026-08-15", "valid_until": "2026-07-30"}
    countered, revised = body(stage, offer_id, total=80_000, **days), body(stage, other, total=85_000, **days)
    clock.forward(days=16)
    for who, path, sent in (("bob", f"{offer_id}/counter", countered), ("dina", f"{other}/revision", revised)):
        refused = as_(who).api("POST", f"/offers/{path}", sent)
        assert (refused.status_code, refused.json()["error"]) == (409, "expired")
    assert stage.offer(offer_id).status is OfferStatus.SENT


def test_a_line_taken_out_is_shown_as_deleted(as_, stage):
    with_extra = body_lines = stage.body()["lines"]
    with_extra.append({"responsibility": "G1", "platform": "IG", "limit": 1})
    offer_id = stage.proposal("alice", lines=body_lines)
    changed = body(stage, offer_id)
    changed["lines"].pop()
    assert as_("bob").api("POST", f"/offers/{offer_id}/counter", changed).status_code == 200
    change = as_("bob").api("GET", f"/offers/{offer_id}").json()["versions"][0]["changes"]
    assert [(c["before"], c["after"]) for c in change] == [("1 campaign a month", "")]


def test_milestones_of_one_title_are_told_apart(as_, stage):
    parts = [{"title": "Post", "amount": amount, "due_on": "2026-08-01"} for amount in (40_000, 46_000)]
    offer_id = stage.proposal(billing="milestones", milestones=parts)
    parts[0]["due_on"] = "2026-09-01"
    answer = as_("bob").api("POST", f"/offers/{offer_id}/counter", body(stage, offer_id, milestones=parts))
    assert answer.status_code == 200, answer.text
    found = as_("alice").api("GET", f"/offers/{offer_id}").json()["versions"][0]["changes"]
    before, after = "€400 on 1 August 2026", "€400 on 1 September 2026"
    assert [(c["subject"], c["before"], c["after"]) for c in found] == [("Post", before, after)]


def test_how_often_a_line_without_a_limit_comes_is_a_change(as_, stage):
    line = {"responsibility": "C1", "price": 20_000}
    offer_id = stage.hire(lines=[line], to="alice-social", on_board=False)
    once = body(stage, offer_id, lines=[{**line, "period": "once"}])
    answer = as_("alice").api("POST", f"/offers/{offer_id}/counter", once)
    assert answer.status_code == 200, answer.text
    found = as_("bob").api("GET", f"/offers/{offer_id}").json()["versions"][0]["changes"]
    assert [(c["before"], c["after"]) for c in found] == [("without limit, a month", "without limit, once")]


def test_the_author_revises_or_accepts(as_, stage):
    offer_id = stage.proposal()
    as_("bob").api("POST", f"/offers/{offer_id}/counter", body(stage, offer_id, total=80_000))
    revised = as_("alice").api("POST", f"/offers/{offer_id}/revision", body(stage, offer_id, total=83_000))
    assert revised.status_code == 200
    offer = stage.offer(offer_id)
    assert (offer.status, offer.number, offer.total) == (OfferStatus.SENT, 3, 83_000)
    assert offer.turn_id == offer.business_id
    assert offer.viewed_at is None
    as_("bob").api("POST", f"/offers/{offer_id}/counter", body(stage, offer_id, total=82_000))
    accepted = as_("alice").api("POST", f"/offers/{offer_id}/acceptance", {"number": 4})
    assert accepted.json()["status"] == "accepted"
    assert stage.events(offer_id) == [
        "offer.sent",
        "offer.countered",
        "offer.revised",
        "offer.countered",
        "offer.accepted",
    ]


def test_five_rounds_at_most(as_, stage):
    offer_id = stage.proposal()
    for number in range(5):
        stage.do(offers.counter, offer_id, AnswerInput(**body(stage, offer_id, total=70_000 + number)), by="bob")
        stage.do(offers.revise, offer_id, AnswerInput(**body(stage, offer_id, total=80_000 + number)), by="alice")
    sixth = as_("bob").api("POST", f"/offers/{offer_id}/counter", body(stage, offer_id, total=60_000))
    assert (sixth.status_code, sixth.json()["error"]) == (409, "rounds")
    assert "Make a counter-offer" not in text_of(as_("bob").get(f"/offers/{offer_id}"))


def test_turns_and_old_versions(as_, stage):
    offer_id = stage.proposal()
    first = body(stage, offer_id, total=80_000)
    assert as_("alice").api("POST", f"/offers/{offer_id}/counter", first).status_code == 409
    assert as_("alice").api("POST", f"/offers/{offer_id}/revision", first).status_code == 409
    assert as_("bob").api("POST", f"/offers/{offer_id}/revision", first).status_code == 409
    assert as_("bob").api("POST", f"/offers/{offer_id}/counter", first).status_code == 200
    assert as_("bob").api("POST", f"/offers/{offer_id}/counter", first).status_code == 409
    assert as_("alice").api("POST", f"/offers/{offer_id}/counter", body(stage, offer_id, total=1)).status_code == 409
    assert as_("alice").api("POST", f"/offers/{offer_id}/revision", {**first, "total": 5}).status_code == 409
    assert as_("dina").api("POST", f"/offers/{offer_id}/counter", first).status_code == 404
    assert stage.offer(offer_id).number == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [({}, None), ({"total": 0}, "total"), ({"currency": "USD"}, "currency"), ({"number": 0}, "number")],
)
def test_wrong_input_changes_nothing(as_, stage, change, field):
    offer_id = stage.proposal()
    answer = as_("bob").api("POST", f"/offers/{offer_id}/counter", body(stage, offer_id, **change))
    assert answer.status_code == 422
    assert field is None or field in answer.json()["fields"]
    assert stage.offer(offer_id).number == 1
    assert len(as_("bob").api("GET", f"/offers/{offer_id}").json()["versions"]) == 1


def test_the_form_starts_with_what_is_on_the_table(as_, stage):
    offer_id = stage.proposal()
    bob = as_("bob")
    page = bob.get(f"/offers/{offer_id}/counter")
    assert 'value="860.00"' in page.text
    assert "Round 1 of 5" in text_of(page)
    fields = {
        "number": "1",
        "currency": "EUR",
        "billing": "retainer",
        "total": "800",
        "starts_on": "2026-07-01",
        "term_months": "6",
        "valid_until": "2026-06-20",
        "action": "send",
    }
    for number, line in enumerate(stage.body()["lines"]):
        fields |= {f"lines-{number}-{key}": str(value or "") for key, value in line.items()}
    assert bob.post(f"/offers/{offer_id}/counter", fields | {"total": "-"}).status_code == 422
    assert bob.post(f"/offers/{offer_id}/counter", fields).status_code == 303
    assert stage.offer(offer_id).total == 80_000


def test_a_new_version_restarts_the_clock(as_, stage, clock):
    offer_id = stage.proposal()
    clock.forward(days=10)
    later = body(stage, offer_id, total=80_000, valid_until="2026-07-20")
    assert as_("bob").api("POST", f"/offers/{offer_id}/counter", later).status_code == 200
    assert stage.offer(offer_id).valid_until.date().isoformat() == "2026-07-20"


def test_the_forms_open_only_for_whose_turn_it_is(as_, stage):
    offer_id, rival_id = stage.proposal("alice"), stage.proposal("dina")
    counter, revision = f"/offers/{offer_id}/counter", f"/offers/{offer_id}/revision"
    answers = {name: [as_(name).get(path).status_code for path in (counter, revision)] for name in ("alice", "bob")}
    assert answers == {"alice": [409, 409], "bob": [200, 409]}
    stage.do(offers.counter, offer_id, AnswerInput(**body(stage, offer_id, total=80_000)), by="bob")
    answers = {name: [as_(name).get(path).status_code for path in (counter, revision)] for name in ("alice", "bob")}
    assert answers == {"alice": [409, 200], "bob": [409, 409]}
    stage.do(offers.accept, rival_id, 1, by="bob")
    on_standby = as_("alice").get(revision)
    assert (on_standby.status_code, "on standby" in text_of(on_standby)) == (409, True)
