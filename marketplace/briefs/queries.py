"""Every SELECT about single briefs; the board has its own. What a viewer may not see is not there."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from decimal import Decimal
from statistics import median
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from accounts.viewers import Viewer
from accounts.workspaces.models import Membership, Workspace
from core.crypto import token_hash
from core.db import Session
from core.errors import NotFound
from core.events import Event
from core.i18n import gettext as _
from core.paging import PAGE_SIZE, Page, cursor_id, decode_cursor, page_of
from marketplace.briefs.models import Brief, BriefInvitation, BriefLine, BriefStatus, CancelReason, Visibility
from marketplace.briefs.scope import RATES_NEEDED
from marketplace.profiles.models import Profile, ProfileFacet, ProfileStatus
from marketplace.taxonomy.rates import euro_cents

RATES_READ = 1000
"""As many profiles, best ranked first, tell the reference rate: the answer stays quick in a large market."""
MATCHES_READ = 100
"""As many likely profiles are compared with a new brief in detail."""
UNSEEN = frozenset({BriefStatus.DRAFT, BriefStatus.IN_REVIEW})
"""Nobody but the owner and staff sees these."""

_lines = select(
    col(BriefLine.id),
    col(BriefLine.brief_id),
    col(BriefLine.position),
    col(BriefLine.responsibility),
    col(BriefLine.platform),
    col(BriefLine.unit),
    col(BriefLine.limit),
    col(BriefLine.period),
    col(BriefLine.owner),
    col(BriefLine.sla_minutes),
    col(BriefLine.note),
).order_by(col(BriefLine.position), col(BriefLine.id))

_listed = select(
    col(Brief.id),
    col(Brief.title),
    col(Brief.status),
    col(Brief.visibility),
    col(Brief.platforms),
    col(Brief.currency),
    col(Brief.budget_min),
    col(Brief.budget_max),
    col(Brief.decision_on),
    col(Brief.offer_count),
    col(Brief.reason),
    col(Brief.opened_at),
    col(Brief.updated_at),
)


def not_here() -> NotFound:
    return NotFound(_("There is no such brief here."))


def lines_of(db: Session, brief_id: UUID) -> list[Any]:
    """The lines of a brief in their order, as named tuples."""
    return db.rows(_lines.where(col(BriefLine.brief_id) == brief_id))


def find_own(db: Session, viewer: Viewer, brief_id: UUID, *, lock: bool = False) -> Brief:
    """The brief, if it is the viewer's workspace's; with ``lock`` nobody else changes it meanwhile."""
    statement = select(Brief).where(col(Brief.id) == brief_id, col(Brief.workspace_id) == viewer.workspace_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = db.scalar(statement)
    if found is None:
        raise not_here()
    return found


def find_visible(db: Session, viewer: Viewer | None, brief_id: UUID, key: str = "") -> Brief:
    """The brief, if the viewer may see it; ``key`` is the secret part of a private link. Raises ``NotFound``.

    Owner and staff always; anybody an open public one; people with a workspace a public one that was ever open;
    invited specialists, and those who came in by its link, any that was ever open; holders of the link an open one.
    """
    here = viewer.place.id if viewer and viewer.place else None
    invited = exists().where(col(BriefInvitation.brief_id) == Brief.id, col(BriefInvitation.workspace_id) == here)
    row = db.execute(
        select(Brief, invited.label("invited"), col(Workspace.suspended_at))
        .join(Workspace, col(Workspace.id) == Brief.workspace_id)
        .where(col(Brief.id) == brief_id)
    ).one_or_none()
    if row is None:
        raise not_here()
    brief: Brief = row[0]
    if here == brief.workspace_id or (viewer is not None and viewer.is_staff and viewer.scopes is None):
        return brief
    if row.suspended_at is not None or brief.opened_at is None or brief.status in UNSEEN:
        raise not_here()
    is_open = brief.status is BriefStatus.OPEN
    public = brief.visibility is Visibility.PUBLIC and (is_open or here is not None)
    if public or row.invited or (is_open and opens(brief, key)):
        return brief
    raise not_here()


def opens(brief: Brief, key: str) -> bool:
    """Whether ``key`` is the secret part of the brief's private link."""
    if brief.visibility is not Visibility.LINK or not brief.link_hash or not key:
        return False
    return hmac.compare_digest(token_hash(key), brief.link_hash)


def list_own(
    db: Session, viewer: Viewer, *, after: str | None = None, size: int = PAGE_SIZE, only: BriefStatus | None = None
) -> Page[Any]:
    """The workspace's briefs, the newest first; ``only`` those in one status."""
    statement = _listed.where(col(Brief.workspace_id) == viewer.workspace_id)
    if only is not None:
        statement = statement.where(col(Brief.status) == only)
    cursor = decode_cursor(after, 1)
    if cursor is not None:
        statement = statement.where(col(Brief.id) < cursor_id(cursor[0]))
    rows = db.rows(statement.order_by(col(Brief.id).desc()).limit(size + 1))
    return page_of(rows, size, lambda row: (str(row.id),))


def list_out(db: Session, workspace_id: UUID) -> Sequence[UUID]:
    """Ids of a workspace's briefs that are handed in and not over, the oldest first."""
    over = (BriefStatus.DRAFT, BriefStatus.FILLED, BriefStatus.CANCELLED, BriefStatus.EXPIRED)
    mine = select(col(Brief.id)).where(col(Brief.workspace_id) == workspace_id, col(Brief.status).not_in(over))
    return db.scalars(mine.order_by(col(Brief.id))).all()


def list_in_review(db: Session, *, after: str | None = None, size: int = PAGE_SIZE) -> Page[Any]:
    """Briefs waiting for staff, the longest waiting first."""
    statement = (
        _listed.add_columns(col(Workspace.name).label("client"), col(Workspace.city))
        .join(Workspace, col(Workspace.id) == Brief.workspace_id)
        .where(col(Brief.status) == BriefStatus.IN_REVIEW)
    )
    cursor = decode_cursor(after, 1)
    if cursor is not None:
        statement = statement.where(col(Brief.id) > cursor_id(cursor[0]))
    rows = db.rows(statement.order_by(col(Brief.id)).limit(size + 1))
    return page_of(rows, size, lambda row: (str(row.id),))


def count_in_review(db: Session) -> int:
    """How many briefs wait for staff."""
    return db.scalar(select(func.count()).where(col(Brief.status) == BriefStatus.IN_REVIEW)) or 0


def client_card(db: Session, workspace_id: UUID) -> Any:
    """What is shown of the client beside a brief: name, place, since when here, briefs posted and filled."""
    counts = (
        select(
            func.count(col(Brief.opened_at)).label("posted"),
            func.count().filter(col(Brief.status) == BriefStatus.FILLED).label("filled"),
        )
        .where(col(Brief.workspace_id) == workspace_id)
        .subquery()
    )
    return db.execute(
        select(
            col(Workspace.name),
            col(Workspace.city),
            col(Workspace.country),
            col(Workspace.created_at),
            counts.c.posted,
            counts.c.filled,
        )
        .select_from(Workspace)
        .join(counts, col(Workspace.id).is_not(None))
        .where(col(Workspace.id) == workspace_id)
    ).one()


def invited_to(db: Session, brief_id: UUID) -> list[Any]:
    """Specialists invited to a brief (``name``, ``slug``, ``status`` of the profile), by name."""
    return db.rows(
        select(col(Profile.name), col(Profile.slug), col(Profile.status), col(BriefInvitation.created_at))
        .join(Profile, col(Profile.workspace_id) == BriefInvitation.workspace_id)
        .where(col(BriefInvitation.brief_id) == brief_id)
        .order_by(col(Profile.name), col(Profile.id))
        .limit(100)
    )


def last_pause(db: Session, brief_id: UUID) -> Event | None:
    """What happened when the brief was paused last; ``data["decision_on"]`` is the decision day it had then."""
    return _last(db, brief_id, "brief.paused")


def last_award(db: Session, brief_id: UUID) -> Event | None:
    """What happened when the seats of the brief were taken last."""
    return _last(db, brief_id, "brief.awarded")


def _last(db: Session, brief_id: UUID, kind: str) -> Event | None:
    found = select(Event).where(col(Event.subject_id) == brief_id, col(Event.kind) == kind)
    return db.scalars(found.order_by(col(Event.id).desc()).limit(1)).first()


def was_returned(db: Session, workspace_id: UUID) -> bool:
    """Whether staff ever gave a brief of this workspace back or called one off for the rules."""
    broke_rules = (col(Brief.status) == BriefStatus.CANCELLED) & (col(Brief.reason) == CancelReason.RULES.value)
    faulty = select(col(Brief.id)).where(
        col(Brief.workspace_id) == workspace_id, col(Brief.returned_at).is_not(None) | broke_rules
    )
    return db.scalar(faulty.limit(1)) is not None


def likely_matches(db: Session, brief: Brief, duties: Sequence[str], least: int) -> Sequence[Profile]:
    """Published profiles that offer at least ``least`` of ``duties``, those with the most first, at most a hundred.

    Without suspended workspaces, and without people of the client's own.
    """
    offered = func.count().label("offered")
    some = (
        select(col(ProfileFacet.profile_id), offered)
        .where(col(ProfileFacet.kind) == "responsibility", col(ProfileFacet.value).in_(duties))
        .group_by(col(ProfileFacet.profile_id))
        .having(offered >= least)
        .order_by(offered.desc(), func.max(ProfileFacet.rank).desc(), col(ProfileFacet.profile_id))
        .limit(MATCHES_READ)
        .subquery()
    )
    own = aliased(Membership)
    related = exists().where(
        col(Membership.workspace_id) == Profile.workspace_id,
        col(own.user_id) == Membership.user_id,
        col(own.workspace_id) == brief.workspace_id,
    )
    return db.scalars(
        select(Profile)
        .join(some, some.c.profile_id == Profile.id)
        .join(Workspace, col(Workspace.id) == Profile.workspace_id)
        .where(col(Profile.status) == ProfileStatus.PUBLISHED, col(Workspace.suspended_at).is_(None), ~related)
        .order_by(some.c.offered.desc(), col(Profile.rank).desc(), col(Profile.id))
    ).all()


def reference_rate(db: Session) -> tuple[Decimal | None, int]:
    """The median hourly floor of published profiles in euro cents, and of how many; ``None`` below five."""
    rows: Sequence[Any] = db.rows(
        select(col(Profile.hourly_floor), col(Profile.currency))
        .where(col(Profile.status) == ProfileStatus.PUBLISHED)
        .order_by(col(Profile.rank).desc(), col(Profile.id).desc())
        .limit(RATES_READ)
    )
    floors = [euro_cents(row.hourly_floor, row.currency) for row in rows if row.hourly_floor]
    return (Decimal(median(floors)) if len(floors) >= RATES_NEEDED else None), len(floors)
