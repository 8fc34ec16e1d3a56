"""Many hands on one deal: one wins, the others are told, nothing is moved twice."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from core.errors import Conflict, NotFound
from core.events import Event
from crm.companies.models import Company
from crm.deals import moves, queries, stages
from crm.deals import service as deals
from crm.deals.models import Deal, StageChange, StageKind
from crm.deals.schemas import NewStageInput
from tests.cast import viewer_of
from tests.factories.briefs import make_brief
from tests.factories.crm import make_deal, move_to
from tests.factories.offers import make_proposal
from tests.factories.profiles import make_profile

HANDS = 20
KINDS = (StageKind.CONTACTED, StageKind.QUALIFIED, StageKind.NEGOTIATION, StageKind.LOST)


def test_twenty_move_one_deal_at_once(database):
    with database.write() as db:
        deal = make_deal(db)

    def grab(number: int) -> str:
        with database.write() as db:
            viewer = viewer_of(db, "alice")
            mine = queries.find_deal(db, viewer, deal.id)
            data = move_to(db, mine, KINDS[number % len(KINDS)], version=1)
            try:
                moves.move(db, mine, data, by=viewer)
            except Conflict:
                db.rollback()
                return "conflict"
            return "moved"

    with ThreadPoolExecutor(HANDS) as pool:
        outcomes = Counter(pool.map(grab, range(HANDS)))
    assert outcomes == {"moved": 1, "conflict": HANDS - 1}
    with database.read() as db:
        assert db.scalar(select(func.count()).select_from(StageChange)) == 2
        assert db.scalar(select(func.count()).where(col(Event.kind) == "deal.moved")) == 1
        assert db.get_one(Deal, deal.id).version == 2
        assert queries.list_broken(db) == []


def test_a_stage_a_deal_is_on_its_way_to_is_not_removed(database):
    with database.write() as db:
        alice = viewer_of(db, "alice")
        first = stages.find_kind(db, alice.workspace_id, StageKind.QUALIFIED)
        stages.add(db, NewStageInput(kind="qualified", name="Second", probability=50), by=alice)
        deal = make_deal(db)

    def remove() -> None:
        with database.write() as db:
            stages.remove(db, first.id, by=viewer_of(db, "alice"))

    with ThreadPoolExecutor(1) as pool:
        with database.write() as db:
            found = stages.find_kind(db, alice.workspace_id, StageKind.QUALIFIED)
            removal = pool.submit(remove)
            wait([removal], timeout=0.5)
            moved = queries.find_deal(db, viewer_of(db, "alice"), deal.id)
            moves.put(db, moved, StageKind.QUALIFIED)
            assert moved.stage_id == found.id == first.id
        with pytest.raises(Conflict):
            removal.result()


def test_a_deal_an_offer_was_just_linked_to_is_not_deleted(database):
    with database.write() as db:
        make_profile(db, "alice")
        brief = make_brief(db, viewer_of(db, "bob"))
        seen = make_deal(db, company="Bob's Café")
    with database.write() as db:
        make_proposal(db, brief, viewer_of(db, "alice"))
    with database.write() as db:
        db.add(seen)  # as it was read before the offer
        assert seen.offer_id is None
        with pytest.raises(Conflict):
            deals.delete(db, seen, by=viewer_of(db, "alice"))
    with database.read() as db:
        assert db.get_one(Deal, seen.id).offer_id is not None


def test_a_deal_that_is_gone_is_not_deleted_again(database):
    with database.write() as db:
        seen = make_deal(db)
    with database.write() as db:
        deals.delete(db, db.get_one(Deal, seen.id), by=viewer_of(db, "alice"))
    with database.write() as db:
        db.add(seen)
        with pytest.raises(NotFound):
            deals.delete(db, seen, by=viewer_of(db, "alice"))


def test_offers_to_one_client_at_once_make_one_company(database):
    with database.write() as db:
        make_profile(db, "alice")
        briefs = [make_brief(db, viewer_of(db, "bob"), title=f"Brief {number}") for number in range(6)]

    def propose(number: int) -> None:
        words = ("bread", "coffee", "garden", "harbour", "violin", "winter")[number]
        with database.write() as db:
            make_proposal(db, briefs[number], viewer_of(db, "alice"), message=f"{words} " * 12)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(propose, range(6)))
    with database.read() as db:
        assert db.scalar(select(func.count()).select_from(Company)) == 1
        assert db.scalar(select(func.count()).select_from(Deal)) == 6
