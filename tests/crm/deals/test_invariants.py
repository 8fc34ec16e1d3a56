"""The checks over deals and their offers name what is broken and nothing else."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from crm.deals.invariants import INVARIANTS, deals_stand_where_their_offer_does, offers_stand_in_a_pipeline
from crm.deals.models import Deal, StageKind
from marketplace.offers.models import Offer
from tests.backdrop import CAST_ALONE
from tests.factories.contracts import make_active, make_contract, propose
from tests.factories.crm import make_deal

MAKES = {
    "converted": make_active,
    "accepted": make_contract,
    "sent": lambda db: propose(db, "alice", "bob", {}),
}
"""How an offer comes into a state."""


def put_deals(db):
    """A deal for an offer in each state; and one without any, won by hand."""
    for make in MAKES.values():
        make(db)
    make_deal(db, stage=StageKind.WON)
    db.flush()
    assert [fault for invariant in INVARIANTS for fault in invariant(db)] == []


@pytest.fixture(scope="module")
def backdrop():
    return CAST_ALONE.then(put_deals)


@pytest.fixture
def deals(db):
    """By the state of its offer, a deal."""
    found = db.execute(select(Offer.status, col(Deal.id)).join(Deal, col(Deal.offer_id) == Offer.id))
    return {status.value: deal_id for status, deal_id in found}


def found_in(db, invariant, sql):
    assert db.connection().execute(text(sql)).rowcount >= 1
    return [fault.split(":")[0] for fault in invariant(db)]


MISPLACED = {
    "UPDATE deal SET stage_kind = 'lead' WHERE stage_kind = 'won'": {"converted"},
    "UPDATE deal SET stage_kind = 'lost' WHERE stage_kind = 'won'": {"converted"},
    "UPDATE deal SET stage_kind = 'negotiation' WHERE stage_kind = 'won_pending'": {"accepted"},
    "UPDATE deal SET stage_kind = 'won_pending' WHERE stage_kind = 'proposal'": {"sent"},
    "UPDATE offer SET status = 'lapsed' WHERE status = 'accepted'": {"accepted"},
    "UPDATE offer SET status = 'converted' WHERE status = 'sent'": {"sent"},
    "UPDATE offer SET sent_at = NULL WHERE status = 'sent'": {"sent"},
    "UPDATE deal SET brief_id = NULL WHERE stage_kind = 'proposal'": {"sent"},
    "UPDATE offer SET specialist_id = business_id WHERE status = 'accepted'": {"accepted"},
}


@pytest.mark.parametrize("sql", MISPLACED)
def test_a_deal_is_where_its_offer_is(db, deals, sql):
    expected = [f"deal {deals[status]}" for status in MISPLACED[sql]]
    assert found_in(db, deals_stand_where_their_offer_does, sql) == expected


def test_what_the_owner_decides_breaks_nothing(db, deals):
    for kind, status in (("lost", "accepted"), ("on_hold", "accepted"), ("won", "sent"), ("lost", "sent")):
        sql = f"UPDATE deal SET stage_kind = '{kind}' WHERE offer_id = (SELECT id FROM offer WHERE status = '{status}')"
        assert found_in(db, deals_stand_where_their_offer_does, sql) == []


@pytest.mark.parametrize("status", MAKES)
def test_an_offer_without_a_deal_is_named(db, deals, status):
    offer_id = db.get_one(Deal, deals[status]).offer_id
    sql = f"UPDATE deal SET offer_id = NULL WHERE offer_id = (SELECT id FROM offer WHERE status = '{status}')"
    assert found_in(db, offers_stand_in_a_pipeline, sql) == [f"offer {offer_id}"]


def test_a_closed_workspace_takes_its_pipeline_along(db, deals):
    db.connection().execute(text("UPDATE workspace SET suspended_at = '2026-06-01 09:00:00'"))
    assert found_in(db, offers_stand_in_a_pipeline, "UPDATE deal SET offer_id = NULL") == []
