"""A specialist answers a brief line by line."""

from __future__ import annotations

import threading
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlmodel import col

from core.db import Session
from core.errors import DomainError
from core.ids import new_id
from marketplace.briefs import service as briefs
from marketplace.briefs.models import OFFER_CAP, BriefStatus
from marketplace.offers.models import Coverage, Offer, OfferStatus, OfferVersion
from marketplace.offers.queries import current_version, lines_of
from tests.factories.briefs import make_brief
from tests.factories.offers import make_proposal
from tests.people import text_of

ALL = {"title": "Everything", "amount": 86_000, "due_on": "2026-08-01"}


def count(database) -> int:
    with database.read() as db:
        return db.scalar(select(func.count()).select_from(Offer)) or 0


def form_of(body: dict) -> dict[str, str]:
    """The JSON of a proposal as the form sends it."""
    fields = {key: str(value) for key, value in body.items() if key not in ("lines", "milestones")}
    fields["total"] = "860.00"
    for name in ("lines", "milestones"):
        for number, row in enumerate(body.get(name, ())):
            for key, value in row.items():
                fields[f"{name}-{number}-{key}"] = "" if value is None else str(value)
    return {**fields, "billing": body.get("billing", "retainer"), "action": "send"}


def test_the_form_asks_every_line_of_the_brief(as_, stage):
    page = as_("alice").get(f"/briefs/{stage.brief_id}/offers/new")
    assert page.status_code == 200
    assert "Asked: 12 posts a month" in text_of(page)
    assert "The client does" in text_of(page)
    assert page.text.count("-brief_line_id") == 5
    for field in ("lines-0-price", "total"):
        assert 'class="optional"' in page.text.partition(f'for="f-{field}">')[2].partition("</label>")[0]
    assert "The client pays" in text_of(page).rpartition("Message")[2]


def test_a_proposal_is_sent_from_the_form(as_, stage, database):
    alice = as_("alice")
    answer = alice.post(f"/briefs/{stage.brief_id}/offers", form_of(stage.body()))
    assert answer.status_code == 303, text_of(answer)
    page = text_of(alice.get(answer.headers["location"]))
    assert "€860" in page
    assert "Waits for Bob" in page
    with database.read() as db:
        offer = db.scalars(select(Offer)).one()
        version = current_version(db, offer)
        lines = lines_of(db, version.id)
    assert (offer.status, offer.total, offer.turn_id) == (OfferStatus.SENT, 86_000, offer.business_id)
    assert offer.sent_at == version.frozen_at is not None
    assert [line.coverage for line in lines] == [Coverage.COVERED] * 5
    assert stage.events(offer.id) == ["offer.sent"]
    assert stage.brief().offer_count == 1
    assert "Café wants regulars back" in text_of(as_("bob").get("/offers"))


def test_the_same_over_json(as_, stage):
    made = as_("alice").api("POST", f"/briefs/{stage.brief_id}/offers", stage.body())
    assert made.status_code == 201, made.text
    assert made.json()["status"] == "sent"
    again = as_("alice").api("POST", f"/briefs/{stage.brief_id}/offers", stage.body())
    assert (again.status_code, again.json()["error"]) == (409, "second_offer")


def test_excluded_lines_extras_and_prices_are_kept(as_, stage, database):
    body = stage.body(total=None)
    for line, price in zip(body["lines"], (50_000, None, 0, 0, 0), strict=True):
        line["price"] = price
    body["lines"][1] |= {"coverage": "excluded", "limit": None}
    body["lines"].append({"responsibility": "G1", "platform": "IG", "limit": 1, "period": "once", "price": 10_000})
    made = as_("alice").api("POST", f"/briefs/{stage.brief_id}/offers", body).json()
    assert made["total"] == 60_000
    shown = as_("bob").api("GET", f"/offers/{made['id']}").json()["versions"][0]["lines"]
    assert [line["coverage"] for line in shown] == ["covered", "excluded", "covered", "covered", "covered", "extra"]
    assert shown[1]["limit"] is None
    assert (shown[5]["unit"], shown[5]["price"]) == ("campaign", 10_000)


def test_lines_are_priced_all_or_none(as_, stage):
    """Two prices and a forgotten total would sell the other lines for nothing."""
    alice, path = as_("alice"), f"/briefs/{stage.brief_id}/offers"
    body = stage.body(total=None)
    body["lines"][0]["price"] = 50_000
    body["lines"][1]["price"] = 0
    refused = alice.api("POST", path, body)
    unpriced = {"lines.2.price", "lines.3.price", "lines.4.price"}
    assert (refused.status_code, set(refused.json()["fields"])) == (422, unpriced)
    for line in body["lines"][2:]:
        line["price"] = 0
    made = alice.api("POST", path, body)
    assert (made.status_code, made.json()["total"]) == (201, 50_000)


WRONG_TERMS: list[tuple[dict, str]] = [
    ({"total": 0}, "total"),
    ({"total": None}, "total"),
    ({"total": -1}, "total"),
    ({"total": 10**13}, "total"),
    ({"currency": "USD"}, "currency"),
    ({"starts_on": "2026-05-31"}, "starts_on"),
    ({"valid_until": "2026-06-01"}, "valid_until"),
    ({"valid_until": "2026-08-01"}, "valid_until"),
    ({"term_months": 0}, "term_months"),
    ({"billing": "milestones"}, "milestones"),
    ({"billing": "milestones", "milestones": [ALL | {"amount": 1}]}, "milestones"),
    ({"billing": "milestones", "milestones": [ALL | {"due_on": "2026-06-02"}]}, "milestones.0.due_on"),
    ({"billing": "milestones", "milestones": [ALL | {"title": ""}]}, "milestones.0.title"),
    ({"milestones": [ALL]}, "billing"),
    ({"lines": []}, "lines"),
    ({"message": "a\x00b"}, "message"),
    ({"message": "x" * 2001}, "message"),
    ({"surprise": 1}, "surprise"),
]


def test_wrong_terms_are_a_422_and_store_nothing(as_, stage, database):
    alice = as_("alice")
    for change, field in WRONG_TERMS:
        answer = alice.api("POST", f"/briefs/{stage.brief_id}/offers", stage.body(**change))
        assert answer.status_code == 422, change
        assert field in answer.json()["fields"], change
    assert count(database) == 0


WRONG_LINES: list[tuple[str, dict, str]] = [
    ("C3", {"price": 10}, "total"),
    ("D4", {"coverage": "excluded", "price": 86_000}, "price"),
    ("D3", {"price": 86_000}, "price"),
    ("D3", {"overage_price": 777}, "overage_price"),
    ("C3", {"brief_line_id": "0190aaaa-0000-7000-8000-000000000000"}, "coverage"),
    ("C3", {"brief_line_id": None}, "responsibility"),
    ("C3", {"limit": 0}, "limit"),
    ("C3", {"limit": "NaN"}, "limit"),
    ("C3", {"note": "a\u202eb"}, "note"),
]


def test_wrong_lines_are_named(as_, stage, database):
    alice = as_("alice")
    for duty, change, field in WRONG_LINES:
        body, row = stage.body(), stage.row(duty)
        body["lines"][row] |= change
        answer = alice.api("POST", f"/briefs/{stage.brief_id}/offers", body)
        assert answer.status_code == 422, change
        assert (field if field == "total" else f"lines.{row}.{field}") in answer.json()["fields"], change
    assert count(database) == 0


def test_a_line_left_out_or_answered_twice_is_refused(as_, stage):
    alice, body = as_("alice"), stage.body()
    short = {**body, "lines": body["lines"][:-1]}
    assert "lines" in alice.api("POST", f"/briefs/{stage.brief_id}/offers", short).json()["fields"]
    twice = {**body, "lines": [*body["lines"], body["lines"][0]]}
    assert "lines.5.coverage" in alice.api("POST", f"/briefs/{stage.brief_id}/offers", twice).json()["fields"]


def test_covering_nothing_of_the_own_work_is_refused(as_, stage):
    body = stage.body()
    for number, line in enumerate(body["lines"]):
        if number != stage.row("D3"):
            line |= {"coverage": "excluded", "limit": None}
    answer = as_("alice").api("POST", f"/briefs/{stage.brief_id}/offers", body)
    assert "lines" in answer.json()["fields"]


def test_the_form_shows_what_was_typed_beside_the_fault(as_, stage, database):
    fields = form_of(stage.body()) | {"total": "abc", "lines-0-note": "Carousels"}
    answer = as_("alice").post(f"/briefs/{stage.brief_id}/offers", fields)
    assert answer.status_code == 422
    assert 'value="abc"' in answer.text
    assert 'value="Carousels"' in answer.text
    assert "Enter an amount" in answer.text
    assert count(database) == 0


def test_one_more_row_without_scripts(as_, stage, database):
    fields = form_of(stage.body()) | {"action": "add_line"}
    answer = as_("alice").post(f"/briefs/{stage.brief_id}/offers", fields)
    assert answer.status_code == 200
    assert 'name="lines-5-responsibility"' in answer.text
    blank = fields | {"lines-5-coverage": "extra", "lines-5-responsibility": "", "lines-5-limit": "", "action": "send"}
    assert as_("alice").post(f"/briefs/{stage.brief_id}/offers", blank).status_code == 303
    assert count(database) == 1


def test_a_fault_stands_beside_its_row_although_another_was_taken_out(as_, stage):
    fields = form_of(stage.body())
    fields |= {"lines-5-coverage": "extra", "lines-5-responsibility": "G1", "lines-5-limit": "1"}
    fields |= {"lines-8-coverage": "extra", "lines-8-responsibility": "G2", "lines-8-limit": "zero"}
    answer = as_("alice").post(f"/briefs/{stage.brief_id}/offers", fields)
    assert answer.status_code == 422
    assert 'name="lines-6-limit" inputmode="numeric" value="zero" aria-invalid="true"' in answer.text


def test_milestones_add_up_to_the_total(as_, stage, database):
    milestones = [
        {"title": "Plan", "amount": 26_000, "due_on": "2026-07-15"},
        {"title": "First month", "amount": 60_000, "due_on": "2026-08-15"},
    ]
    body = stage.body(total=None, billing="milestones", milestones=milestones)
    made = as_("alice").api("POST", f"/briefs/{stage.brief_id}/offers", body)
    assert made.status_code == 201
    assert made.json()["total"] == 86_000
    page = text_of(as_("bob").get(f"/offers/{made.json()['id']}"))
    assert "First month" in page
    assert "by milestones" in page


def test_a_sum_beyond_all_bounds_is_said_on_the_form(as_, stage, database):
    typed = form_of(stage.body()) | {"lines-0-price": "9999999999", "lines-1-price": "9999999999", "total": ""}
    refused = as_("alice").post(f"/briefs/{stage.brief_id}/offers", {**typed, "action": "draft"})
    assert (refused.status_code, "Enter smaller amounts" in text_of(refused)) == (422, True)
    assert count(database) == 0


def test_who_may_not_propose(as_, stage, database):
    path = f"/briefs/{stage.brief_id}/offers"
    assert as_("agnes").api("POST", path, stage.body()).status_code == 403
    assert as_("trent").api("POST", path, stage.body()).status_code == 404
    assert as_("").api("POST", path, stage.body()).status_code == 401
    assert count(database) == 0


def test_without_a_published_profile_nothing_is_sent(as_, stage, database):
    with database.write() as db:
        from marketplace.profiles import service as profiles
        from marketplace.profiles.queries import profile_of

        alice = stage.viewer(db, "alice")
        profile = profile_of(db, alice.workspace_id)
        assert profile is not None
        profiles.unpublish(db, profile, by=alice)
    answer = as_("alice").api("POST", f"/briefs/{stage.brief_id}/offers", stage.body())
    assert (answer.status_code, answer.json()["error"]) == (409, "profile")
    assert count(database) == 0


def test_what_was_typed_stays_when_it_cannot_be_sent(as_, stage, database):
    with database.write() as db:
        from marketplace.profiles import service as profiles
        from marketplace.profiles.queries import profile_of

        alice = stage.viewer(db, "alice")
        profiles.unpublish(db, profile_of(db, alice.workspace_id), by=alice)
    person, path = as_("alice"), f"/briefs/{stage.brief_id}/offers"
    assert "Your profile is not public yet" in text_of(person.get(f"{path}/new"))
    typed = form_of(stage.body(message="First the oven at five."))
    refused = person.post(path, typed)
    assert refused.status_code == 409
    assert "Publish your profile first" in text_of(refused)
    assert "First the oven at five." in refused.text
    assert person.post(path, {**typed, "action": "draft"}).status_code == 303
    as_("bob").post(f"/my/briefs/{stage.brief_id}/pause")
    closed = as_("dina").post(path, form_of(stage.body(message="Дина, ngày mai")))
    assert (closed.status_code, "Дина, ngày mai" in closed.text) == (409, True)


def test_nobody_deals_with_a_business_of_their_own(as_, stage, database, cast):
    from accounts.workspaces.models import Membership, Role

    with database.write() as db:
        db.add(
            Membership(
                workspace_id=cast.bob.workspace_id, user_id=cast.amir.user_id, role=Role.VIEWER, created_at=db.now()
            )
        )
    answer = as_("amir").api("POST", f"/briefs/{stage.brief_id}/offers", stage.body())
    assert (answer.status_code, answer.json()["error"]) == (403, "self_dealing")
    assert as_("anton").api("POST", f"/briefs/{stage.brief_id}/offers", stage.body()).status_code == 201


def test_two_sides_of_one_owner_make_no_deal(as_, stage, database, cast):
    from accounts.workspaces.models import Membership, Role

    path = f"/briefs/{stage.brief_id}/offers"
    with database.write() as db:
        both = {"user_id": cast.amir.user_id, "role": Role.OWNER, "created_at": db.now()}
        db.add(Membership(workspace_id=cast.bob.workspace_id, **both))
    assert as_("anton").api("POST", path, stage.body(send=False)).status_code == 201
    with database.write() as db:
        mine = col(Membership.workspace_id) == cast.alice.workspace_id, col(Membership.user_id) == cast.amir.user_id
        db.execute(update(Membership).where(*mine).values(role=Role.OWNER))
    answer = as_("anton").api("POST", f"/offers/{stage.only()}/sending")
    assert (answer.status_code, answer.json()["error"]) == (403, "self_dealing")


def test_lines_of_others_are_neither_asked_nor_priced(as_, stage):
    lines = [{"responsibility": "C3", "limit": 12}, {"responsibility": "D4", "limit": 2, "owner": "third_party"}]
    as_("bob").api("PATCH", f"/my/briefs/{stage.brief_id}", {"lines": lines})
    alice, path = as_("alice"), f"/briefs/{stage.brief_id}/offers"
    form = alice.get(f"{path}/new")
    assert "Others do" in text_of(form)
    assert [f'id="f-lines-{row}-coverage"' in form.text for row in (0, 1)] == [True, False]
    rows = stage.body()["lines"]
    priced = stage.body(lines=[rows[0], {**rows[1], "price": 1_000}], total=None)
    refused = alice.api("POST", path, priced)
    assert (refused.status_code, set(refused.json()["fields"])) == (422, {"lines.1.price"})
    assert alice.api("POST", path, stage.body()).status_code == 201
    shown = as_("bob").api("GET", path).json()
    assert [(column["covered"], column["asked"]) for column in shown["columns"]] == [(1, 1)]
    assert "Video" not in str([row["label"] for row in shown["rows"]])


def test_a_paused_brief_takes_no_offers(as_, stage, database):
    with database.write() as db:
        briefs.pause(db, briefs.lock(db, stage.brief_id), by=stage.viewer(db, "bob"))
    answer = as_("alice").api("POST", f"/briefs/{stage.brief_id}/offers", stage.body())
    assert (answer.status_code, answer.json()["error"]) == (409, "brief_closed")


def test_the_twentieth_offer_closes_the_brief(as_, stage):
    stage.crowd(stage.proposal("alice"), OFFER_CAP - 2)
    assert stage.brief().status is BriefStatus.OPEN
    stage.proposal("dina")
    assert stage.brief().status is BriefStatus.CLOSED_TO_OFFERS
    assert as_("mallory").api("POST", f"/briefs/{stage.brief_id}/offers", stage.body()).status_code == 409


def many_briefs(db: Session, stage, number: int) -> list:
    return [make_brief(db, stage.viewer(db, "trent"), title=f"Brief {n}") for n in range(number)]


def test_one_message_goes_to_three_briefs_a_week(as_, stage, database, clock):
    message = "I have run social media for cafés for six years and know what brings people back to the counter."
    with database.write() as db:
        alice = stage.viewer(db, "alice")
        for brief in many_briefs(db, stage, 3):
            make_proposal(db, brief, alice, message=message)
    alike = message.replace("six", "6").upper() + "!"
    answer = as_("alice").api("POST", f"/briefs/{stage.brief_id}/offers", stage.body(message=alike))
    assert answer.status_code == 422
    assert "this brief" in answer.json()["fields"]["message"]
    assert as_("dina").api("POST", f"/briefs/{stage.brief_id}/offers", stage.body(message=message)).status_code == 201
    clock.forward(days=8)
    assert as_("alice").api("POST", f"/briefs/{stage.brief_id}/offers", stage.body(message=message)).status_code == 201


def test_own_words_for_each_brief_pass(as_, stage, database):
    with database.write() as db:
        alice = stage.viewer(db, "alice")
        for number, brief in enumerate(many_briefs(db, stage, 4)):
            make_proposal(db, brief, alice, message=f"Idea {'abcd'[number]}: " + "word " * number)
    assert as_("alice").api("POST", f"/briefs/{stage.brief_id}/offers", stage.body()).status_code == 201


def test_twenty_sendings_at_once_make_one_offer(stage, database):
    body = stage.body()
    done: list[str] = []

    def run() -> None:
        try:
            stage.proposal("alice", **{key: body[key] for key in ("total", "message")})
            done.append("sent")
        except DomainError as error:
            done.append(type(error).__name__)

    threads = [threading.Thread(target=run) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == ["Conflict"] * 19 + ["sent"]
    assert count(database) == 1
    assert stage.brief().offer_count == 1


def test_a_sent_version_is_frozen_for_sixty_days_at_most(as_, stage, database):
    with database.read() as db:
        last = db.now().date() + timedelta(days=60)
    stage.proposal("alice", valid_until=str(last))
    with database.read() as db:
        assert db.scalars(select(OfferVersion)).one().valid_until.date() == last


def test_the_address_of_a_refused_proposal_opens_its_form(as_, stage):
    path, dina = f"/briefs/{stage.brief_id}/offers", as_("dina")
    refused = dina.post(path, {"action": "send"})
    assert refused.status_code == 422
    again = dina.get(path)
    assert (again.status_code, again.headers["location"]) == (303, f"{path}/new")
    assert dina.get(f"{path}/new").status_code == 200
    assert as_("bob").get(path).status_code == 200, "the client compares there"
    assert as_("trent").get(path).status_code == 404
    assert dina.get(f"/briefs/{new_id()}/offers").status_code == 404
