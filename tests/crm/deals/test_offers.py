"""Offers move the specialist's deals; the business never sees them."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from core.events import Event, record
from crm.companies.models import Company, Contact
from crm.contracts import endings
from crm.contracts.models import Contract
from crm.contracts.schemas import ReasonInput
from crm.deals import moves, queries
from crm.deals import service as deals
from crm.deals.models import Deal, LostReason, StageKind
from crm.deals.schemas import NextStepInput
from marketplace.offers import service as offers
from marketplace.offers.models import Offer
from marketplace.offers.schemas import AnswerInput, DeclineInput
from tests.cast import viewer_of
from tests.factories.briefs import make_brief
from tests.factories.contracts import make_contract, make_sent, put_signature
from tests.factories.crm import make_deal, move_to, stage_of
from tests.factories.offers import answer_data, make_counter, make_hire, make_proposal
from tests.factories.profiles import make_profile
from tests.people import text_of

K = StageKind


@pytest.fixture
def sides(db):
    """Alice with a profile, bob with an open brief."""
    make_profile(db, "alice")
    alice, bob = viewer_of(db, "alice"), viewer_of(db, "bob")
    return alice, bob, make_brief(db, bob)


def only_deal(db):
    db.flush()
    db.expire_all()
    return db.scalars(select(Deal)).one()


def test_a_proposal_brings_company_and_deal(db, sides, cast):
    alice, _bob, brief = sides
    offer = make_proposal(db, brief, alice)
    deal = only_deal(db)
    company = db.scalars(select(Company)).one()
    assert (deal.workspace_id, deal.offer_id, deal.brief_id) == (cast.alice.workspace_id, offer.id, brief.id)
    assert (deal.stage_kind, deal.amount, deal.currency, deal.monthly) == (K.PROPOSAL, 86_000, "EUR", True)
    assert (company.name, company.client_id, company.workspace_id) == (
        "Bob's Café",
        cast.bob.workspace_id,
        cast.alice.workspace_id,
    )
    assert (deal.next_step, deal.source, deal.platforms) == ("Follow up on the offer", "postwright_brief", ["IG"])
    assert db.scalar(select(func.count()).select_from(Contact)) == 0


def test_a_draft_brings_nothing(db, sides):
    alice, _bob, brief = sides
    make_proposal(db, brief, alice, send=False)
    assert db.scalar(select(func.count()).select_from(Deal)) == 0


def test_an_open_deal_with_the_company_is_taken_on(db, sides):
    alice, _bob, brief = sides
    known = make_deal(db, company="Bob's Café", stage=K.QUALIFIED, source="referral")
    make_proposal(db, brief, alice)
    deal = only_deal(db)
    assert (deal.id, deal.stage_kind, deal.source) == (known.id, K.PROPOSAL, "referral")
    assert db.scalar(select(func.count()).select_from(Company)) == 1


def test_reading_names_the_reader_and_nothing_else(db, sides):
    alice, bob, brief = sides
    offer = make_proposal(db, brief, alice)
    offers.view(db, offer, by=bob)
    deal, contact = only_deal(db), db.scalars(select(Contact)).one()
    assert (deal.stage_kind, deal.contact_id) == (K.PROPOSAL, contact.id)
    assert (contact.name, contact.email, contact.phone) == ("Bob Brunner", "", "")


def test_counter_and_revision_change_stage_and_amount(db, sides):
    alice, bob, brief = sides
    offer = make_proposal(db, brief, alice)
    make_counter(db, offer, bob)
    deal = only_deal(db)
    assert (deal.stage_kind, deal.amount, deal.next_step) == (K.NEGOTIATION, 85_000, "Answer their counter-offer")
    offers.revise(db, offer, AnswerInput.model_validate(answer_data(db, offer, total=85_500)), by=alice)
    deal = only_deal(db)
    assert (deal.stage_kind, deal.amount, deal.next_step) == (K.NEGOTIATION, 85_500, "Follow up on the offer")


def test_from_acceptance_to_the_last_signature(db):
    contract = make_sent(db)
    deal = only_deal(db)
    assert (deal.stage_kind, deal.next_step, deal.contract_id) == (
        K.WON_PENDING,
        "Get the contract signed",
        contract.id,
    )
    put_signature(db, contract, "alice")
    put_signature(db, contract, "bob")
    won = only_deal(db)
    assert (won.stage_kind, won.next_step_on) == (K.WON, None)
    assert won.closed_at is not None
    assert queries.list_broken(db) == []


def test_an_unsigned_contract_brings_it_back(db):
    contract = make_sent(db)
    offers.lapse(db, contract.offer_id, "unsigned")
    deal = only_deal(db)
    assert (deal.stage_kind, deal.next_step) == (K.NEGOTIATION, "Contract was not signed: talk to them")


def test_declined_is_lost_with_their_reason(db, sides):
    alice, bob, brief = sides
    offer = make_proposal(db, brief, alice)
    offers.decline(db, offer, DeclineInput(reason="price", note="Twice our budget"), by=bob)
    deal = only_deal(db)
    assert (deal.stage_kind, deal.lost_reason, deal.lost_note) == (K.LOST, LostReason.PRICE, "Twice our budget")
    again = make_proposal(db, brief, alice, message="Half of it then, with fewer videos and the same bread.")
    deal = only_deal(db)
    assert (deal.stage_kind, deal.offer_id, deal.lost_reason) == (K.PROPOSAL, again.id, None)


def test_a_changed_brief_asks_to_confirm(db, sides):
    alice, bob, brief = sides
    offer = make_proposal(db, brief, alice)
    record(db, "brief.terms_changed", brief, by=bob)
    assert only_deal(db).next_step == "The brief changed: confirm or withdraw your offer"
    offers.confirm(db, db.get_one(Offer, offer.id), by=alice)
    assert only_deal(db).next_step == "Follow up on the offer"


def test_withdrawn_stays_with_a_step_for_today(db, sides):
    alice, _bob, brief = sides
    offers.withdraw(db, make_proposal(db, brief, alice), by=alice)
    deal = only_deal(db)
    assert (deal.stage_kind, deal.next_step_on) == (K.PROPOSAL, db.now().date())


def close_by_hand(db, offer, by, kind):
    """The owner closes the offer's deal without waiting for the client; what it says from then on."""
    deal = db.scalars(select(Deal).where(col(Deal.offer_id) == offer.id)).one()
    moves.move(db, deal, move_to(db, deal, kind), by=by)
    return said_by(db, offer)


def said_by(db, offer):
    db.flush()
    db.expire_all()
    deal = db.scalars(select(Deal).where(col(Deal.offer_id) == offer.id)).one()
    told = ("stage_kind", "lost_reason", "lost_note", "external_note", "closed_at", "next_step", "next_step_on")
    return {name: getattr(deal, name) for name in told}


def decline(db, offer, by):
    offers.decline(db, offer, DeclineInput(reason="timing", note="Perhaps in spring"), by=by)


def accept_and_call_off(db, offer, by):
    offers.accept(db, offer, offer.number, by=by)
    contract = db.scalars(select(Contract).where(col(Contract.offer_id) == offer.id)).one()
    endings.void(db, contract, ReasonInput(reason="Signed elsewhere"), by=by)


def look(db, offer, by):
    offers.view(db, offer, by=by)


@pytest.mark.parametrize("answer", [decline, accept_and_call_off, look])
def test_what_was_won_by_hand_stays_as_its_owner_left_it(db, sides, clock, answer):
    alice, bob, brief = sides
    offer = make_proposal(db, brief, alice)
    before = close_by_hand(db, offer, alice, K.WON)
    clock.forward(days=1)
    answer(db, offer, bob)
    assert said_by(db, offer) == before
    assert queries.list_broken(db) == []


@pytest.mark.parametrize("answer", [decline, look])
def test_what_was_given_up_by_hand_stays_as_its_owner_left_it(db, sides, clock, answer):
    alice, bob, brief = sides
    offer = make_proposal(db, brief, alice)
    before = close_by_hand(db, offer, alice, K.LOST)
    assert (before["lost_reason"], before["next_step"]) == (LostReason.PRICE, "Ask again")
    clock.forward(days=1)
    answer(db, offer, bob)
    assert said_by(db, offer) == before


def test_a_deal_given_up_while_the_contract_waits_is_not_taken_up_again_by_its_end(db):
    contract = make_sent(db)
    offer, alice = db.get_one(Offer, contract.offer_id), viewer_of(db, "alice")
    before = close_by_hand(db, offer, alice, K.LOST)
    endings.void(db, contract, ReasonInput(reason="No"), by=alice)
    assert said_by(db, offer) == before


def test_a_step_somebody_wrote_is_never_replaced(db, sides):
    alice, bob, brief = sides
    offer = make_proposal(db, brief, alice)
    own = NextStepInput(next_step="Send Bob the price of video", next_step_on=db.now().date())
    deals.set_next_step(db, only_deal(db), own, by=alice)
    offers.view(db, offer, by=bob)
    make_counter(db, offer, bob)
    deal = only_deal(db)
    assert (deal.stage_kind, deal.next_step, deal.next_step_on) == (K.NEGOTIATION, own.next_step, own.next_step_on)


def test_a_won_deal_that_goes_on_shows_in_the_check(db):
    deal = make_deal(db, stage=K.WON)
    assert queries.list_broken(db) == []
    deal.next_step = "Ask again"
    db.flush()
    assert len(queries.list_broken(db)) == 1


def test_a_hire_offer_shows_in_the_pipeline_of_whom_it_is_for(db, sides, cast):
    profile = make_profile(db, "dina")
    _alice, bob, _brief = sides
    make_hire(db, bob)
    assert db.scalar(select(func.count()).select_from(Deal)) == 0
    make_hire(db, bob, on_board=False, to=profile.slug)
    deal = only_deal(db)
    assert (deal.workspace_id, deal.stage_kind, deal.next_step) == (
        cast.dina.workspace_id,
        K.PROPOSAL,
        "Answer their offer",
    )


def test_a_board_offer_taken_up_names_who_wrote_it(db, sides, cast):
    alice, bob, _brief = sides
    offer = make_hire(db, bob)
    offers.take_up(db, offer, offer.number, by=alice)
    deal, contact = only_deal(db), db.scalars(select(Contact)).one()
    assert (deal.stage_kind, deal.contact_id, contact.name) == (K.WON_PENDING, contact.id, "Bob Brunner")


def test_the_business_neither_sees_nor_hears_of_it(db, sides, as_, cast):
    alice, bob, brief = sides
    offer = make_proposal(db, brief, alice)
    offers.view(db, offer, by=bob)
    deal = only_deal(db)
    events = db.scalars(select(Event).where(col(Event.subject_type) == "deal")).all()
    assert {event.kind for event in events} == {"deal.created", "deal.moved"}
    assert not {cast.bob.workspace_id} & {event.workspace_id for event in events}
    assert not {cast.bob.workspace_id} & {event.other_workspace_id for event in events}
    db.commit()
    stranger = as_("bob")
    assert stranger.get(f"/deals/{deal.id}").status_code == 404
    assert stranger.api("GET", f"/deals/{deal.id}/timeline").status_code == 404
    assert "deal" not in stranger.get(f"/offers/{offer.id}").text.lower().replace("ideal", "")


def test_the_timeline_tells_of_deal_and_offer(db, sides, as_):
    alice, bob, brief = sides
    offer = make_proposal(db, brief, alice)
    offers.view(db, offer, by=bob)
    deal = only_deal(db)
    db.commit()
    member = as_("amir")
    member.api("POST", f"/deals/{deal.id}/notes", {"text": "They opened it within the hour"})
    told = [(entry["text"], entry["by"]) for entry in member.api("GET", f"/deals/{deal.id}/timeline").json()["rows"]]
    assert ("Offer sent", "Alice Аркадьева") in told
    assert ("Offer opened", "Bob Brunner") in told
    assert ("Moved from Lead to Proposal", "") in told
    assert ("Note", "Amir Member") in told
    page = text_of(member.get(f"/deals/{deal.id}"))
    for words in ("Offer opened", "They opened it within the hour", "Moved from Lead to Proposal"):
        assert words in page
    assert f'href="/offers/{offer.id}"' in member.get(f"/deals/{deal.id}").text
    changes = member.api("GET", f"/deals/{deal.id}/changes").json()["rows"]
    assert [row["to_kind"] for row in changes] == ["proposal", "lead"]


def test_a_deal_of_an_offer_is_not_deleted_and_not_pulled_out_of_signing(db, as_):
    make_sent(db)
    deal = only_deal(db)
    db.commit()
    alice = as_("alice")
    assert alice.api("DELETE", f"/deals/{deal.id}").status_code == 409
    stages = {stage["kind"]: stage["id"] for stage in alice.api("GET", "/stages").json()}

    def move(kind, **fields):
        version = alice.api("GET", f"/deals/{deal.id}").json()["version"]
        body = {"stage_id": stages[kind], "version": version, **fields}
        return alice.api("POST", f"/deals/{deal.id}/stage", body).status_code

    assert move("lead") == 409
    assert move("on_hold", resume_on="2026-08-01") == 200
    assert move("won", note="In the blue folder") == 409
    assert [move(kind) for kind in ("lead", "negotiation")] == [409, 409]
    assert move("won_pending") == 200
    assert move("lost", reason="price") == 200
    assert move("qualified") == 200
    assert move("won", note="In the blue folder") == 409
    assert move("lead") == 409


def test_a_contract_that_waits_for_signatures_is_not_won_by_hand(as_, database):
    with database.write() as db:
        contract = make_contract(db)
        deal = db.scalars(select(Deal).where(col(Deal.contract_id) == contract.id)).one()
        stage = stage_of(db, deal, StageKind.WON)
    alice = as_("alice")
    move = {"stage_id": stage, "version": deal.version, "note": "In the blue folder"}
    answer = alice.api("POST", f"/deals/{deal.id}/stage", move)
    assert answer.status_code == 409
    assert "waits for signatures" in answer.json()["detail"]
