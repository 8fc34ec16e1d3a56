"""A workspace closes with its last person: nothing of it stays on the table, and the other side hears of it."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select, update
from sqlmodel import col

from accounts.users.jobs import carry_out_deletions
from accounts.users.models import User
from accounts.workspaces.models import Membership
from app.checks import broken
from core.db import Session
from core.errors import Conflict
from core.events import Event
from marketplace.briefs.models import BriefFacet, BriefStatus
from marketplace.offers.models import OfferStatus
from notifications.inbox.models import Notice
from tests.people import text_of


@pytest.fixture
def leave(database, clock):
    """``leave(cast.bob)``: his account, alone in its workspace, is deleted now."""

    def gone(part) -> None:
        with database.write() as db:
            here, others = col(Membership.workspace_id) == part.workspace_id, col(Membership.user_id) != part.user_id
            db.execute(delete(Membership).where(here, others))
            leaving = update(User).where(col(User.id) == part.user_id)
            db.execute(leaving.values(deletion_requested_at=db.now()))
        clock.forward(days=30)
        with database.write() as db:
            carry_out_deletions(db, {})

    return gone


def told(database, part) -> list[str]:
    with database.read() as db:
        found = select(Notice.kind).where(col(Notice.user_id) == part.user_id).order_by(col(Notice.id))
        return list(db.scalars(found))


def test_with_a_client_its_briefs_and_offers_end(as_, stage, database, cast, leave):
    proposed, draft = stage.proposal("alice"), stage.proposal("dina", send=False)
    offered, on_board = stage.hire(to="dina-digital", on_board=False), stage.hire()
    leave(cast.bob)
    assert stage.brief().status is BriefStatus.CANCELLED
    assert {stage.offer(i).status for i in (proposed, draft, offered, on_board)} == {OfferStatus.VOIDED}
    assert told(database, cast.alice)[-1] == told(database, cast.dina)[-1] == "offer.voided"
    assert "Nothing waits for you" in text_of(as_("dina").get("/home"))
    assert "one side is suspended or gone" in text_of(as_("dina").get(f"/offers/{offered}"))
    assert "the brief was cancelled" in text_of(as_("alice").get(f"/offers/{proposed}"))
    with database.read() as db:
        assert db.scalars(select(BriefFacet.brief_id)).all() == []
    assert broken(database) == []


def test_with_a_specialist_only_its_offers_end(as_, stage, database, cast, leave):
    hers, draft, other = stage.proposal("dina"), stage.hire(send=False), stage.proposal("alice")
    to_her = stage.hire(to="dina-digital", on_board=False)
    leave(cast.dina)
    ended = [stage.offer(offer_id).status for offer_id in (hers, to_her)]
    assert ended == [OfferStatus.VOIDED, OfferStatus.VOIDED]
    assert [stage.offer(offer_id).status for offer_id in (draft, other)] == [OfferStatus.DRAFT, OfferStatus.SENT]
    assert stage.brief().status is BriefStatus.OPEN
    assert told(database, cast.bob)[-2:] == ["offer.voided", "offer.voided"]
    assert "offer.voided" not in told(database, cast.alice)
    assert "Choose Dina Digital" not in text_of(as_("bob").get(f"/briefs/{stage.brief_id}/offers"))


def test_whoever_cannot_leave_after_all_told_nobody(stage, database, cast, leave):
    """Others may have changed by then what is about to close: all is taken back, and tried again later."""
    proposed = stage.proposal("alice")
    before = told(database, cast.alice)

    def overtaken(_db: Session, _event: Event) -> None:
        raise Conflict("overtaken")

    database.reactions = {**database.reactions, "member.removed": [overtaken]}
    leave(cast.bob)
    assert (stage.offer(proposed).status, told(database, cast.alice)) == (OfferStatus.SENT, before)
    assert broken(database) == []


def test_a_draft_to_a_closed_workspace_tells_nobody(stage, database, cast, leave):
    draft = stage.hire(to="dina-digital", on_board=False, send=False)
    leave(cast.bob)
    assert stage.events(draft) == ["offer.drafted"]
    assert "offer.voided" not in told(database, cast.dina)
