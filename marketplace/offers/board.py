"""The board of hire offers, and how well a specialist's published profile fits them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from accounts.viewers import Viewer
from accounts.workspaces.models import Workspace
from core.db import Session
from core.paging import PAGE_SIZE, Page, cursor_id, decode_cursor, page_of
from marketplace.briefs.matching import OURS
from marketplace.offers import queries
from marketplace.offers.models import Offer, OfferStatus, OfferVersion
from marketplace.profiles import queries as profiles
from marketplace.profiles.models import Profile, ProfileStatus
from marketplace.taxonomy.words import platform_name, responsibility_name

NEEDED_SHARE = 0.8
"""Of the lines' responsibilities; and at least one of the platforms."""


@dataclass(frozen=True, slots=True)
class Fit:
    """What of an offer a profile covers: ``covered`` of ``asked`` responsibilities; names of hits and gaps."""

    qualified: bool
    covered: int
    asked: int
    matches: tuple[str, ...]
    misses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BoardRow:
    """An offer on the board beside the viewer's fit."""

    id: Any
    title: str
    business_name: str
    business_city: str
    currency: str
    total: int
    billing: Any
    starts_on: Any
    term_months: int
    valid_until: Any
    lines: tuple[Any, ...]
    fit: Fit


def fit_of(profile: Profile | None, lines: Iterable[Any]) -> Fit:
    """Compare the specialist's lines with a published profile; without one nothing fits."""
    work = [line for line in lines if line.owner in OURS]
    asked = list(dict.fromkeys(line.responsibility for line in work))
    places = list(dict.fromkeys(line.platform for line in work if line.platform))
    published = profile is not None and profile.status is ProfileStatus.PUBLISHED
    can = set(profile.responsibilities) if published and profile else set()
    knows = {place["code"] for place in profile.platforms} if published and profile else set()
    covered = [code for code in asked if code in can]
    known = [code for code in places if code in knows]
    enough = published and len(covered) >= NEEDED_SHARE * len(asked) and (bool(known) or not places)
    return Fit(
        qualified=enough,
        covered=len(covered),
        asked=len(asked),
        matches=_names(covered, known),
        misses=_names([code for code in asked if code not in can], [code for code in places if code not in knows]),
    )


def _names(duties: Iterable[str], places: Iterable[str]) -> tuple[str, ...]:
    return (*map(responsibility_name, duties), *map(platform_name, places))


_on_board: Any = (
    select(
        col(Offer.id),
        col(Offer.title),
        col(Offer.currency),
        col(Offer.total),
        col(Offer.valid_until),
        col(OfferVersion.id).label("version_id"),
        col(OfferVersion.billing),
        col(OfferVersion.starts_on),
        col(OfferVersion.term_months),
        col(Workspace.name).label("business_name"),
        col(Workspace.city).label("business_city"),
    )
    .join(OfferVersion, (col(OfferVersion.offer_id) == Offer.id) & (col(OfferVersion.number) == Offer.number))
    .join(Workspace, col(Workspace.id) == Offer.business_id)
    .where(col(Offer.on_board), col(Offer.status) == OfferStatus.SENT, col(Workspace.suspended_at).is_(None))
)


def list_board(db: Session, viewer: Viewer, *, after: str | None = None, size: int = PAGE_SIZE) -> Page[BoardRow]:
    """Hire offers anybody qualified may take up, newest first, each with the viewer's fit."""
    to_come = col(OfferVersion.starts_on) >= viewer.today(db.now())
    statement = _on_board.where(col(Offer.valid_until) >= db.now(), to_come)
    cursor = decode_cursor(after, 1)
    if cursor is not None:
        statement = statement.where(col(Offer.id) < cursor_id(cursor[0]))
    found = page_of(db.rows(statement.order_by(col(Offer.id).desc()).limit(size + 1)), size, lambda row: (str(row.id),))
    lines = queries.lines_of_all(db, [row.version_id for row in found.rows])
    profile = profiles.profile_of(db, viewer.workspace_id)
    rows = [_row(row, lines[row.version_id], profile) for row in found.rows]
    return Page(rows, found.next)


def _row(row: Any, lines: list[Any], profile: Profile | None) -> BoardRow:
    return BoardRow(
        id=row.id,
        title=row.title,
        business_name=row.business_name,
        business_city=row.business_city,
        currency=row.currency,
        total=row.total,
        billing=row.billing,
        starts_on=row.starts_on,
        term_months=row.term_months,
        valid_until=row.valid_until,
        lines=tuple(lines),
        fit=fit_of(profile, lines),
    )
