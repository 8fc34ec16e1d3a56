"""SELECTs about single offers and lists of them, bounded by the viewer's workspace."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from accounts.viewers import Viewer
from accounts.workspaces.models import Workspace
from core.db import Session
from core.errors import NotFound
from core.events import Event
from core.i18n import gettext as _
from core.paging import PAGE_SIZE, Page, cursor_id, decode_cursor, page_of
from marketplace.briefs.models import Brief
from marketplace.offers.models import (
    LIVE,
    TAKEN,
    Offer,
    OfferKind,
    OfferLine,
    OfferMilestone,
    OfferStatus,
    OfferVersion,
)
from marketplace.profiles.models import Profile, ProfileStatus


class OfferTab(StrEnum):
    """The parts of the list of offers.

    ``mine``: undecided and waiting for us; ``theirs``: undecided and waiting for others; ``decided``: accepted or over;
    ``drafts``: our own that were not sent; ``all``: all of these.
    """

    MINE = "mine"
    THEIRS = "theirs"
    DECIDED = "decided"
    DRAFTS = "drafts"
    ALL = "all"


_business = aliased(Workspace)
_specialist = aliased(Workspace)
_is_public = (col(Profile.status) == ProfileStatus.PUBLISHED) & col(_specialist.suspended_at).is_(None)
"""Whether the specialist's profile and its photo can be seen by others."""
_shown_slug = case((_is_public, col(Profile.slug)), else_="")
_listed: Any = (
    select(
        col(Offer.id),
        col(Offer.kind),
        col(Offer.status),
        col(Offer.brief_id),
        col(Offer.title),
        col(Offer.author_id),
        col(Offer.specialist_id),
        col(Offer.business_id),
        col(Offer.turn_id),
        col(Offer.on_board),
        col(Offer.on_standby),
        col(Offer.needs_confirmation),
        col(Offer.number),
        col(Offer.currency),
        col(Offer.total),
        col(Offer.valid_until),
        col(OfferVersion.billing),
        col(OfferVersion.starts_on),
        col(_business.name).label("business_name"),
        func.coalesce(col(_specialist.name), "").label("specialist_name"),
        case((_is_public, col(Profile.photo_id))).label("photo_id"),
    )
    .join(OfferVersion, (col(OfferVersion.offer_id) == Offer.id) & (col(OfferVersion.number) == Offer.number))
    .join(_business, col(_business.id) == Offer.business_id)
    .join(_specialist, col(_specialist.id) == Offer.specialist_id, isouter=True)
    .join(Profile, col(Profile.workspace_id) == Offer.specialist_id, isouter=True)
)


def list_offers(
    db: Session,
    viewer: Viewer,
    tab: OfferTab = OfferTab.MINE,
    *,
    status: OfferStatus | None = None,
    after: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[Any]:
    """The workspace's offers, newest first. What was never sent is its author's alone."""
    statement = _of_tab(_own(_listed, viewer), viewer, tab)
    if status is not None:
        statement = statement.where(col(Offer.status) == status)
    mine = case((col(Offer.business_id) == viewer.workspace_id, _specialist.name), else_=_business.name)
    statement = statement.add_columns(func.coalesce(mine, "").label("other_name"))
    cursor = decode_cursor(after, 1)
    if cursor is not None:
        statement = statement.where(col(Offer.id) < cursor_id(cursor[0]))
    rows = db.rows(statement.order_by(col(Offer.id).desc()).limit(size + 1))
    return page_of(rows, size, lambda row: (str(row.id),))


def _own(statement: Any, viewer: Viewer) -> Any:
    side = col(Offer.business_id) if viewer.is_business else col(Offer.specialist_id)
    return statement.where(side == viewer.workspace_id)


def _of_tab(statement: Any, viewer: Viewer, tab: OfferTab) -> Any:
    shown = or_(col(Offer.sent_at).is_not(None), col(Offer.author_id) == viewer.workspace_id)
    match tab:
        case OfferTab.DRAFTS:
            return statement.where(col(Offer.status) == OfferStatus.DRAFT, col(Offer.author_id) == viewer.workspace_id)
        case OfferTab.MINE:
            return statement.where(col(Offer.status).in_(LIVE), _waits_for(viewer))
        case OfferTab.THEIRS:
            return statement.where(col(Offer.status).in_(LIVE), ~_waits_for(viewer))
        case OfferTab.DECIDED:
            return statement.where(col(Offer.status).not_in([OfferStatus.DRAFT, *LIVE]), shown)
        case OfferTab.ALL:
            return statement.where(shown)


def _waits_for(viewer: Viewer) -> ColumnElement[bool]:
    """Of live offers, those the viewer's workspace can bring on: to confirm its own, or to answer one that holds."""
    mine = col(Offer.turn_id).is_not_distinct_from(viewer.workspace_id)
    to_confirm = col(Offer.needs_confirmation)
    return or_(
        and_(mine, ~to_confirm, ~col(Offer.on_standby)), and_(col(Offer.author_id) == viewer.workspace_id, to_confirm)
    )


def list_live(db: Session, workspace_id: UUID) -> Sequence[UUID]:
    """Ids of the undecided offers a workspace is a side of, the oldest first."""
    sides = or_(col(Offer.business_id) == workspace_id, col(Offer.specialist_id) == workspace_id)
    return db.scalars(select(col(Offer.id)).where(sides, col(Offer.status).in_(LIVE)).order_by(col(Offer.id))).all()


def find_visible(db: Session, viewer: Viewer, offer_id: UUID) -> Offer:
    """The offer, if the viewer's workspace is one of its sides, or it is on the board and the viewer a specialist.

    What was never sent is seen by its author alone. Raises ``NotFound``.
    """
    mine = viewer.workspace_id
    sides = or_(col(Offer.business_id) == mine, col(Offer.specialist_id) == mine)
    on_board = (
        col(Offer.on_board)
        & (col(Offer.status) == OfferStatus.SENT)
        & col(Offer.specialist_id).is_(None)
        & col(Workspace.suspended_at).is_(None)
    )
    seen = or_(sides, on_board) if viewer.is_specialist else sides
    found = db.scalar(
        select(Offer)
        .join(Workspace, col(Workspace.id) == Offer.business_id)
        .where(col(Offer.id) == offer_id, seen)
        .where(or_(col(Offer.sent_at).is_not(None), col(Offer.author_id) == mine))
    )
    if found is None:
        raise NotFound(_("There is no such offer here."))
    return found


_sides: Any = (
    select(
        col(_business.name).label("business_name"),
        col(_business.legal_name),
        col(_business.city).label("business_city"),
        func.coalesce(col(_specialist.name), "").label("specialist_name"),
        _shown_slug.label("specialist_slug"),
        col(Brief.title).label("brief_title"),
        col(Brief.status).label("brief_status"),
        col(Brief.platforms).label("brief_platforms"),
    )
    .select_from(Offer)
    .join(_business, col(_business.id) == Offer.business_id)
    .join(_specialist, col(_specialist.id) == Offer.specialist_id, isouter=True)
    .join(Profile, col(Profile.workspace_id) == Offer.specialist_id, isouter=True)
    .join(Brief, col(Brief.id) == Offer.brief_id, isouter=True)
)


def sides_of(db: Session, offer: Offer) -> Any:
    """Names of both sides and title, status and platforms of the brief, if there is one."""
    return db.execute(_sides.where(col(Offer.id) == offer.id)).one()


def current_version(db: Session, offer: Offer) -> OfferVersion:
    """The version on the table; of a draft the one being written."""
    return db.scalars(
        select(OfferVersion).where(col(OfferVersion.offer_id) == offer.id, col(OfferVersion.number) == offer.number)
    ).one()


def versions_of(db: Session, offer: Offer) -> Sequence[OfferVersion]:
    """All versions, newest first (at most 11: the first, five counter-offers, five revisions)."""
    return db.scalars(
        select(OfferVersion).where(col(OfferVersion.offer_id) == offer.id).order_by(col(OfferVersion.number).desc())
    ).all()


_line = select(
    col(OfferLine.id),
    col(OfferLine.version_id),
    col(OfferLine.position),
    col(OfferLine.brief_line_id),
    col(OfferLine.coverage),
    col(OfferLine.responsibility),
    col(OfferLine.platform),
    col(OfferLine.unit),
    col(OfferLine.limit),
    col(OfferLine.period),
    col(OfferLine.owner),
    col(OfferLine.price),
    col(OfferLine.overage_price),
    col(OfferLine.sla_minutes),
    col(OfferLine.revision_rounds),
    col(OfferLine.note),
).order_by(col(OfferLine.version_id), col(OfferLine.position))
_milestone = select(
    col(OfferMilestone.version_id),
    col(OfferMilestone.position),
    col(OfferMilestone.title),
    col(OfferMilestone.amount),
    col(OfferMilestone.due_on),
).order_by(col(OfferMilestone.version_id), col(OfferMilestone.position))


def lines_of(db: Session, version_id: UUID) -> list[Any]:
    """Lines of a version in order."""
    return db.rows(_line.where(col(OfferLine.version_id) == version_id))


def milestones_of(db: Session, version_id: UUID) -> list[Any]:
    """Milestones of a version in order; none for a retainer."""
    return db.rows(_milestone.where(col(OfferMilestone.version_id) == version_id))


def lines_of_all(db: Session, version_ids: Sequence[UUID]) -> dict[UUID, list[Any]]:
    """Lines of several versions by version."""
    return _grouped(db.rows(_line.where(col(OfferLine.version_id).in_(version_ids))), version_ids)


def milestones_of_all(db: Session, version_ids: Sequence[UUID]) -> dict[UUID, list[Any]]:
    """Milestones of several versions by version."""
    return _grouped(db.rows(_milestone.where(col(OfferMilestone.version_id).in_(version_ids))), version_ids)


def _grouped(rows: list[Any], version_ids: Sequence[UUID]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {version_id: [] for version_id in version_ids}
    for row in rows:
        found[row.version_id].append(row)
    return found


def history_of(db: Session, offer: Offer) -> list[Any]:
    """What happened to an offer last, up to 100 events, oldest first."""
    latest: list[Any] = db.rows(
        select(
            col(Event.kind), col(Event.at), col(Event.workspace_id), col(Event.data), col(Workspace.name).label("side")
        )
        .join(Workspace, col(Workspace.id) == Event.workspace_id, isouter=True)
        .where(col(Event.subject_id) == offer.id)
        .order_by(col(Event.id).desc())
        .limit(100)
    )
    return latest[::-1]


def own_proposal(db: Session, viewer: Viewer, brief_id: UUID) -> Any:
    """The viewer's draft or undecided proposal to a brief (``id``, ``status``), or ``None``."""
    return db.execute(
        select(col(Offer.id), col(Offer.status)).where(
            col(Offer.brief_id) == brief_id,
            col(Offer.author_id) == viewer.workspace_id,
            col(Offer.kind) == OfferKind.PROPOSAL,
            col(Offer.status).in_([OfferStatus.DRAFT, OfferStatus.ACCEPTED, *LIVE]),
        )
    ).first()


def to_compare(db: Session, brief_id: UUID) -> list[Any]:
    """Offers to a brief that can still be chosen or were, with their current version, first sent first."""
    return db.rows(
        _listed.add_columns(
            col(OfferVersion.id).label("version_id"),
            col(OfferVersion.term_months),
            col(Offer.sent_at),
            _shown_slug.label("slug"),
        )
        .where(col(Offer.brief_id) == brief_id, col(Offer.kind) == OfferKind.PROPOSAL)
        .where(col(Offer.status).in_([*LIVE, *TAKEN]))
        .order_by(col(Offer.sent_at), col(Offer.id))
        .limit(50)
    )
