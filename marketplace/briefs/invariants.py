"""What must always hold of briefs, for ``postwright check``."""

from __future__ import annotations

from sqlalchemy import and_, exists, select
from sqlmodel import col

from accounts.workspaces.models import Workspace
from core.db import Session
from marketplace.briefs.index import ALL
from marketplace.briefs.models import Brief, BriefFacet, BriefLine, BriefStatus, Visibility
from marketplace.briefs.queries import UNSEEN

_on_board = exists().where(
    col(BriefFacet.brief_id) == Brief.id, col(BriefFacet.kind) == ALL[0], col(BriefFacet.value) == ALL[1]
)
_running = exists().where(col(Workspace.id) == Brief.workspace_id, col(Workspace.suspended_at).is_(None))
_belongs = and_(col(Brief.status) == BriefStatus.OPEN, col(Brief.visibility) == Visibility.PUBLIC, _running)


def board_shows_what_is_open(db: Session) -> list[str]:
    """The board's index holds the open public briefs of clients who go on, all of them and no others."""
    wrong = db.scalars(select(col(Brief.id)).where((_on_board & ~_belongs) | (~_on_board & _belongs)))
    return [f"brief {brief_id}: the board and its status differ" for brief_id in wrong]


def open_briefs_are_complete(db: Session) -> list[str]:
    """An open brief has a goal, a budget range, a decision day and at least one line."""
    lines = exists().where(col(BriefLine.brief_id) == Brief.id)
    gaps = (
        (col(Brief.goal) == "")
        | col(Brief.budget_min).is_(None)
        | col(Brief.budget_max).is_(None)
        | (col(Brief.budget_min) > col(Brief.budget_max))
        | col(Brief.decision_on).is_(None)
        | ~lines
    )
    wrong = db.scalars(select(col(Brief.id)).where(col(Brief.status) == BriefStatus.OPEN, gaps))
    return [f"brief {brief_id}: open although something is missing" for brief_id in wrong]


def opened_briefs_say_when(db: Session) -> list[str]:
    """Whatever was ever open knows since when."""
    never = (*UNSEEN, BriefStatus.CANCELLED)
    wrong = db.scalars(select(col(Brief.id)).where(col(Brief.status).not_in(never), col(Brief.opened_at).is_(None)))
    return [f"brief {brief_id}: out without a moment of opening" for brief_id in wrong]


INVARIANTS = (board_shows_what_is_open, open_briefs_are_complete, opened_briefs_say_when)
