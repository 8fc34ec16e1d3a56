"""A deal with an offer made elsewhere is moved to Proposal by its owner; one whose draft here is unsent is not."""

from __future__ import annotations

import pytest

from crm.deals import queries, ways
from crm.deals.models import Deal, StageKind
from marketplace.offers import service as offers
from marketplace.offers.models import Offer, OfferStatus
from tests.cast import viewer_of
from tests.factories.briefs import make_brief
from tests.factories.crm import make_deal, stage_of
from tests.factories.offers import make_hire, make_proposal
from tests.factories.profiles import make_profile
from tests.people import text_of

K, S = StageKind, OfferStatus
DRAFT = "Your offer to them is a draft. Send it: the deal then moves to Proposal by itself."


@pytest.fixture
def brief(database, cast):
    with database.write() as db:
        make_profile(db, "alice")
        return make_brief(db, viewer_of(db, "bob"))


@pytest.fixture
def move(as_, database):
    """Alice moves a deal, over JSON."""

    def post(deal, kind, **fields):
        with database.read() as db:
            now = db.get_one(Deal, deal.id)
            data = {"stage_id": stage_of(db, now, kind), "version": now.version, **fields}
        return as_("alice").api("POST", f"/deals/{deal.id}/stage", data)

    return post


def deal_of(database, **options) -> Deal:
    with database.write() as db:
        return make_deal(db, **options)


def test_an_offer_made_elsewhere_is_a_proposal_and_won_with_its_contract(database, as_, move):
    deal = deal_of(database, source="referral", next_step="", next_step_on=None, amount=None)
    assert "next_step_on" in move(deal, K.PROPOSAL).json()["fields"]
    moved = move(deal, K.PROPOSAL, next_step="Ask whether they read it", next_step_on="2026-06-10").json()
    assert (moved["stage_kind"], moved["offer_id"]) == (K.PROPOSAL, None)
    names = ("title", "currency", "monthly", "platforms", "source", "next_step", "next_step_on", "version")
    facts = {name: moved[name] for name in names}
    edited = as_("alice").api("PUT", f"/deals/{deal.id}", {**facts, "amount": 45_000})
    assert (edited.status_code, edited.json()["amount"]) == (200, 45_000)
    assert move(deal, K.NEGOTIATION).status_code == 200
    assert move(deal, K.PROPOSAL).status_code == 200
    assert move(deal, K.WON, note="Kwork order 4411").json()["stage_kind"] == K.WON


def test_the_form_offers_it_and_says_how(database, as_):
    alice, deal = as_("alice"), deal_of(database)
    page = alice.get(f"/deals/{deal.id}/move")
    assert ">Proposal</option>" in page.text
    assert "Made one elsewhere? Move the deal there yourself" in text_of(page)
    with database.read() as db:
        proposal = stage_of(db, deal, K.PROPOSAL)
    assert alice.post(f"/deals/{deal.id}/stage", {"stage_id": proposal, "version": 1}).status_code == 303
    assert "Made one elsewhere" not in text_of(alice.get(f"/deals/{deal.id}/move"))


@pytest.mark.parametrize("named", ["linked", "alike"])
def test_a_draft_is_sent_first(database, as_, move, brief, named):
    """To the deal's client, or to a business of its name: the deal the offer will move once it is sent."""
    with database.write() as db:
        if named == "linked":
            earlier = make_proposal(db, brief, viewer_of(db, "alice"))
            offers.withdraw(db, earlier, by=viewer_of(db, "alice"))
        deal = make_deal(db, company="Bob's Café")
        draft = make_proposal(db, brief, viewer_of(db, "alice"), send=False)
        other = make_deal(db, company="Halden Coffee")
    refused = move(deal, K.PROPOSAL)
    assert (refused.status_code, refused.json()["detail"]) == (409, DRAFT)
    page = as_("alice").get(f"/deals/{deal.id}/move")
    assert ">Proposal</option>" not in page.text
    assert DRAFT in text_of(page)
    assert move(deal, K.NEGOTIATION).status_code == 200
    assert move(other, K.PROPOSAL).status_code == 200
    with database.write() as db:
        offers.send(db, db.get_one(Offer, draft.id), by=viewer_of(db, "alice"))
    with database.read() as db:
        sent = db.get_one(Deal, deal.id)
        assert queries.offer_status(db, db.get_one(Deal, other.id)) is None
    if named == "alike":
        assert (sent.offer_id, sent.stage_kind) == (draft.id, K.PROPOSAL)
    thrown_away = as_("alice").post(f"/offers/{draft.id}/withdrawal")
    assert thrown_away.status_code == 303
    if named == "linked":
        assert move(deal, K.PROPOSAL).status_code == 200


def test_drafts_of_the_other_side_are_not_known(database, move, brief):
    with database.write() as db:
        make_hire(db, viewer_of(db, "bob"), to="alice-social", on_board=False, send=False)
        deal = make_deal(db, company="Bob's Café")
    assert move(deal, K.PROPOSAL).status_code == 200


@pytest.mark.parametrize(
    ("now", "offer", "kept_out"),
    [
        (K.LEAD, None, "won_pending:open"),
        (K.LEAD, S.DRAFT, "proposal:draft won_pending:open"),
        (K.QUALIFIED, S.WITHDRAWN, "won_pending:open"),
        (K.ON_HOLD, S.SENT, "won_pending:open"),
        (
            K.WON_PENDING,
            S.ACCEPTED,
            "lead:signing contacted:signing qualified:signing proposal:signing negotiation:signing won:waits",
        ),
        (K.LOST, S.ACCEPTED, " ".join(f"{kind}:lost" for kind in K if kind is not K.QUALIFIED)),
        (K.WON, S.CONVERTED, " ".join(f"{kind}:won" for kind in K)),
    ],
)
def test_one_rule_says_what_keeps_a_deal_where_it_is(now, offer, kept_out):
    assert ways.barred(now, offer) == kept_out
    assert all(ways.sentence(ways.Bar(part.split(":")[1])) for part in kept_out.split())
