"""Moving by hand: what each stage asks for, and what stays as it was when it is missing."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select
from sqlmodel import col

from core.events import Event
from crm.deals.models import Deal, LostReason, StageChange, StageKind
from tests.factories.crm import make_deal, stage_of
from tests.people import text_of

K = StageKind


@pytest.fixture
def move(as_, database):
    """``move(deal, kind, ...)`` as alice over JSON; the answer."""

    def post(deal, kind, by="alice", **fields):
        with database.read() as db:
            now = db.get_one(Deal, deal.id)
            data = {"stage_id": stage_of(db, now, kind), "version": now.version, **fields}
        return as_(by).api("POST", f"/deals/{deal.id}/stage", data)

    return post


@pytest.fixture
def make(database):
    def made(**options):
        with database.write() as db:
            return make_deal(db, **options)

    return made


def stored(database, deal):
    with database.read() as db:
        return db.get_one(Deal, deal.id)


def test_forward_and_back(make, move, database, cast):
    deal = make()
    for kind in (K.CONTACTED, K.QUALIFIED, K.NEGOTIATION, K.LEAD):
        answer = move(deal, kind)
        assert answer.status_code == 200
        assert answer.json()["stage_kind"] == kind
    with database.read() as db:
        changes = db.scalars(select(StageChange).order_by(col(StageChange.id))).all()
        events = db.scalars(select(Event).where(col(Event.kind) == "deal.moved").order_by(col(Event.id))).all()
    assert [change.to_kind for change in changes] == [K.LEAD, K.CONTACTED, K.QUALIFIED, K.NEGOTIATION, K.LEAD]
    assert changes[1].by_user_id == cast.alice.user_id
    assert (events[0].data["from"], events[0].data["to"]) == ("lead", "contacted")
    assert {event.other_workspace_id for event in events} == {None}
    assert stored(database, deal).version == 5


def test_without_a_next_step_it_stays(make, move, database):
    deal = make(next_step="", next_step_on=None)
    refused = move(deal, K.CONTACTED)
    assert refused.status_code == 422
    assert refused.json()["fields"] == {"next_step_on": "Set the next step and its date first."}
    assert stored(database, deal).stage_kind is K.LEAD
    assert move(deal, K.CONTACTED, next_step_on="2026-06-20").json()["fields"] == {
        "next_step": "Say what the next step is."
    }
    moved = move(deal, K.CONTACTED, next_step="Write", next_step_on="2026-06-20")
    assert (moved.json()["next_step"], moved.json()["next_step_on"]) == ("Write", "2026-06-20")


def test_half_a_next_step_is_completed_by_what_is_stored(make, move):
    deal = make(next_step="Call", next_step_on=date(2026, 6, 10))
    moved = move(deal, K.CONTACTED, next_step="Write").json()
    assert (moved["next_step"], moved["next_step_on"]) == ("Write", "2026-06-10")
    moved = move(deal, K.QUALIFIED, next_step_on="2026-06-20").json()
    assert (moved["next_step"], moved["next_step_on"]) == ("Write", "2026-06-20")
    moved = move(deal, K.ON_HOLD, resume_on="2026-07-01", next_step="Ask Jonas").json()
    assert (moved["next_step"], moved["next_step_on"]) == ("Ask Jonas", "2026-07-01")


@pytest.mark.parametrize(
    ("kind", "fields", "unused"),
    [
        (K.CONTACTED, {"note": "Nice people", "resume_on": "2026-07-01", "reason": "price"}, "note reason resume_on"),
        (K.LOST, {"reason": "price", "next_step": "Call", "next_step_on": "2027-06-01"}, "next_step next_step_on"),
        (K.ON_HOLD, {"resume_on": "2026-07-01", "note": "On leave"}, "note"),
        (K.WON, {"note": "On paper", "next_step": "Call"}, "next_step"),
    ],
)
def test_what_a_stage_does_not_take_is_refused_over_json(make, move, database, kind, fields, unused):
    deal = make(stage=K.QUALIFIED)
    refused = move(deal, kind, **fields)
    assert refused.status_code == 422
    assert sorted(refused.json()["fields"]) == unused.split()
    assert stored(database, deal).stage_kind is K.QUALIFIED
    blank = dict.fromkeys(unused.split(), "")
    assert move(deal, kind, **{**fields, **blank}).status_code == 200


def test_the_form_sends_all_its_fields_and_loses_the_deal(make, as_, database):
    deal = make(stage=K.QUALIFIED, next_step="Call", next_step_on=date(2026, 6, 10))
    with database.read() as db:
        stage = stage_of(db, deal, K.LOST)
    fields = {"stage_id": stage, "version": deal.version, "next_step": "Call", "next_step_on": "2026-06-10"}
    fields |= {"reason": "price", "resume_on": "", "note": ""}
    assert as_("alice").post(f"/deals/{deal.id}/stage?back=deal", fields).status_code == 303
    lost = stored(database, deal)
    assert (lost.stage_kind, lost.next_step, lost.next_step_on) == (K.LOST, "Ask again", date(2026, 8, 30))


def test_waiting_for_signatures_is_not_reached_by_hand(make, move, database):
    deal = make()
    assert move(deal, K.WON_PENDING).json()["detail"] == "An accepted offer brings a deal here by itself."
    assert stored(database, deal).stage_kind is K.LEAD


def test_lost_wants_a_reason_and_asks_again_in_90_days(make, move, database):
    deal = make(stage=K.QUALIFIED)
    assert list(move(deal, K.LOST).json()["fields"]) == ["reason"]
    assert move(deal, K.LOST, reason="no_such").status_code == 422
    assert move(deal, K.LOST, reason="chose_other", note="A cousin").status_code == 200
    lost = stored(database, deal)
    assert (lost.lost_reason, lost.lost_note) == (LostReason.CHOSE_OTHER, "A cousin")
    assert (lost.next_step, lost.next_step_on) == ("Ask again", date(2026, 8, 30))
    assert lost.closed_at is not None


def test_lost_comes_back_to_qualified_within_180_days(make, move, as_, database, clock):
    deal = make(stage=K.QUALIFIED)
    assert move(deal, K.LOST, reason="price", note="Two other offers were half of it").status_code == 200
    assert move(deal, K.CONTACTED).status_code == 409
    clock.forward(days=180)
    assert move(deal, K.QUALIFIED).status_code == 200
    back = stored(database, deal)
    assert (back.lost_reason, back.closed_at, back.stage_kind) == (None, None, K.QUALIFIED)
    with database.read() as db:
        (lost,) = db.scalars(select(StageChange).where(col(StageChange.to_kind) == K.LOST))
    assert (lost.reason, lost.note) == ("price", "Two other offers were half of it")
    assert "Two other offers were half of it" in text_of(as_("alice").get(f"/deals/{deal.id}"))


def test_a_deal_lost_longer_ago_is_led_nowhere(make, move, as_, database, clock):
    deal = make(stage=K.QUALIFIED)
    assert move(deal, K.LOST, reason="price").status_code == 200
    clock.forward(days=180)
    alice = as_("alice")
    assert alice.get(f"/deals/{deal.id}/move").text.count(" data-asks=") == 1
    clock.forward(seconds=1)
    page = alice.get(f"/deals/{deal.id}/move")
    assert " data-asks=" not in page.text
    assert "lost more than 180 days ago. Add a new one." in text_of(page)
    assert 'data-barred="lead:gone contacted:gone qualified:gone' in alice.get("/deals").text
    assert move(deal, K.QUALIFIED).status_code == 409


def test_the_form_has_the_head_of_the_deal_and_the_stage_it_is_in(make, as_):
    deal = make(title="Ads for spring", stage=K.CONTACTED)
    alice = as_("alice")
    shown, moving = (alice.get(path).text for path in (f"/deals/{deal.id}", f"/deals/{deal.id}/move"))
    heading = "<h1><bdi>Halden Coffee</bdi></h1>"
    for page in (shown, moving):
        head = page[page.index(heading) : page.index("</header>", page.index(heading))]
        assert "Ads for spring" in head
        assert "Contacted" in head


def test_a_lost_deal_is_offered_its_one_way_back(make, as_):
    deal = make(stage=K.LOST)
    page = as_("alice").get(f"/deals/{deal.id}/move").text
    assert page.count("data-asks=") == 1
    assert ">Qualified</option>" in page


def test_lost_longer_ago_stays_lost(make, move, database, clock):
    deal = make(stage=K.LOST)
    clock.forward(days=181)
    assert move(deal, K.QUALIFIED).status_code == 409
    assert stored(database, deal).stage_kind is K.LOST


@pytest.mark.parametrize("day", [None, "2026-06-01", "2026-05-01", "soon"])
def test_on_hold_wants_a_day_to_come(make, move, database, day):
    deal = make()
    refused = move(deal, K.ON_HOLD, **({"resume_on": day} if day else {}))
    assert refused.status_code == 422
    assert "resume_on" in refused.json()["fields"]
    assert stored(database, deal).stage_kind is K.LEAD


def test_on_hold_does_not_age_and_is_resumed(make, move, as_, clock):
    deal = make(stage=K.NEGOTIATION)
    assert move(deal, K.ON_HOLD, resume_on="2026-07-01").json()["resume_on"] == "2026-07-01"
    clock.forward(days=25)
    assert "stale" not in text_of(as_("alice").get("/deals"))
    assert move(deal, K.NEGOTIATION).json()["resume_on"] is None


def test_won_by_hand_wants_the_contract_made_elsewhere(make, move, database):
    deal = make(stage=K.NEGOTIATION)
    assert list(move(deal, K.WON).json()["fields"]) == ["note"]
    assert move(deal, K.WON, note="On paper, in the blue folder").status_code == 200
    won = stored(database, deal)
    assert (won.external_note, won.next_step_on) == ("On paper, in the blue folder", None)
    for kind in (K.LEAD, K.LOST):
        assert move(deal, kind, reason="price").status_code == 409


def test_the_form_keeps_what_was_typed_when_the_stage_is_refused(make, as_, database):
    deal, alice = make(), as_("alice")
    page = alice.get(f"/deals/{deal.id}/move").text
    assert ">Negotiation</option>" in page
    assert ">Won – waiting for signatures</option>" not in page
    with database.read() as db:
        pending = stage_of(db, deal, K.WON_PENDING)
    sent = {"stage_id": pending, "version": 1, "next_step": "Send it by post", "next_step_on": "2026-06-20"}
    refused = alice.post(f"/deals/{deal.id}/stage?back=deal", sent)
    assert refused.status_code == 409
    assert "An accepted offer brings a deal here by itself" in text_of(refused)
    assert 'value="Send it by post"' in refused.text


def test_the_same_stage_is_no_move(make, move):
    assert move(make(), K.LEAD).status_code == 409


def test_two_tabs(make, as_, database):
    deal = make()
    with database.read() as db:
        first, second = (stage_of(db, deal, kind) for kind in (K.CONTACTED, K.QUALIFIED))
    alice = as_("alice")
    assert alice.post(f"/deals/{deal.id}/stage", {"stage_id": first, "version": 1}).status_code == 303
    answer = alice.post(f"/deals/{deal.id}/stage", {"stage_id": second, "version": 1}, htmx=True)
    assert answer.status_code == 409
    assert "changed in the meantime" in text_of(answer)
    assert stored(database, deal).stage_kind is K.CONTACTED


def test_a_drag_is_answered_with_the_board_and_its_sums(make, as_, database):
    deal = make()
    with database.read() as db:
        stage = stage_of(db, deal, K.CONTACTED)
    answer = as_("alice").post(f"/deals/{deal.id}/stage", {"stage_id": stage, "version": 1}, htmx=True)
    assert answer.status_code == 200
    assert 'id="board"' in answer.text
    assert 'id="board-summary"' in answer.text
    assert f'data-deal-id="{deal.id}" data-version="2"' in answer.text


def test_a_refused_drag_says_why_and_how_to_go_on(make, as_, database):
    deal = make(next_step="", next_step_on=None)
    with database.read() as db:
        stage = stage_of(db, deal, K.CONTACTED)
    answer = as_("alice").post(f"/deals/{deal.id}/stage", {"stage_id": stage, "version": 1}, htmx=True)
    assert answer.status_code == 422
    assert "Set the next step and its date first." in answer.text
    assert f'href="/deals/{deal.id}/move?back=board&stage_id={stage}"' in answer.text


def test_without_javascript(make, as_, database):
    deal = make(next_step="", next_step_on=None)
    with database.read() as db:
        stage = stage_of(db, deal, K.CONTACTED)
    alice = as_("alice")
    assert f'href="/deals/{deal.id}/move?back=board"' in alice.get("/deals").text
    assert f'value="{stage}"' in alice.get(f"/deals/{deal.id}/move").text
    refused = alice.post(f"/deals/{deal.id}/stage?back=deal", {"stage_id": stage, "version": 1, "next_step": "Write"})
    assert refused.status_code == 422
    assert 'value="Write"' in refused.text
    assert 'href="#f-next_step_on"' in refused.text
    fields = {"stage_id": stage, "version": 1, "next_step": "Write", "next_step_on": "2026-06-20"}
    moved = alice.post(f"/deals/{deal.id}/stage?back=deal", fields)
    assert (moved.status_code, moved.headers["location"]) == (303, f"/deals/{deal.id}")
    assert stored(database, deal).stage_kind is K.CONTACTED


@pytest.mark.parametrize(("name", "status"), [("agnes", 403), ("mallory", 404), ("bob", 404)])
def test_others_do_not_move_it(make, move, as_, database, name, status):
    deal = make()
    assert move(deal, K.CONTACTED, by=name).status_code == status
    with database.read() as db:
        stage = stage_of(db, deal, K.CONTACTED)
    assert as_(name).post(f"/deals/{deal.id}/stage", {"stage_id": stage, "version": 1}).status_code == status
    assert stored(database, deal).stage_kind is K.LEAD


def test_a_stage_of_somebody_else_is_none(make, as_, database):
    deal = make()
    with database.write() as db:
        foreign = stage_of(db, make_deal(db, by="mallory"), K.CONTACTED)
    answer = as_("alice").api("POST", f"/deals/{deal.id}/stage", {"stage_id": foreign, "version": 1})
    assert answer.status_code == 422
    assert "stage_id" in answer.json()["fields"]
    assert stored(database, deal).stage_kind is K.LEAD


@pytest.mark.parametrize(
    "change", [{"version": 0}, {"version": None}, {"version": "x"}, {"version": 2**40}, {"stage_id": "x"}, {"rank": 1}]
)
def test_wrong_input(make, move, database, change):
    deal = make()
    assert move(deal, K.CONTACTED, **change).status_code == 422
    assert stored(database, deal).version == 1
