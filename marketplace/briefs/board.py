"""The board: open public briefs, the newest first, found through the facet index so that its size does not matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, literal, literal_column, select, tuple_, union
from sqlalchemy.orm import aliased
from sqlmodel import col

from accounts.workspaces.models import Workspace
from core import search
from core.db import Session
from core.paging import Page, cursor_id, cursor_number, decode_cursor, page_of
from marketplace.briefs.index import ALL
from marketplace.briefs.models import Brief, BriefFacet, BriefLine
from marketplace.briefs.schemas import BoardFilters

COUNTED = 1000
"""Facet rows are counted up to here to find the rarest filter."""

_cards = (
    select(
        col(Brief.id),
        col(Brief.title),
        col(Brief.summary),
        col(Brief.niche),
        col(Brief.platforms),
        col(Brief.languages),
        col(Brief.currency),
        col(Brief.budget_min),
        col(Brief.budget_max),
        col(Brief.term_months),
        col(Brief.starts_on),
        col(Brief.decision_on),
        col(Brief.offer_count),
        col(Brief.scope_minutes),
        col(Brief.opened_at),
        col(Workspace.name).label("client"),
        col(Workspace.city),
    )
    .join(Workspace, col(Workspace.id) == Brief.workspace_id)
    .where(col(Workspace.suspended_at).is_(None))
)
_lines = select(
    col(BriefLine.id),
    col(BriefLine.brief_id),
    col(BriefLine.responsibility),
    col(BriefLine.platform),
    col(BriefLine.unit),
    col(BriefLine.limit),
    col(BriefLine.period),
    col(BriefLine.owner),
    col(BriefLine.sla_minutes),
    col(BriefLine.note),
).order_by(col(BriefLine.position), col(BriefLine.id))


@dataclass(frozen=True, slots=True)
class BoardCard:
    """A brief on the board; budget in minor units of ``currency``, ``scope_minutes`` a month by the norm hours."""

    id: UUID
    title: str
    summary: str
    niche: str | None
    platforms: tuple[str, ...]
    languages: tuple[str, ...]
    currency: str
    budget_min: int | None
    budget_max: int | None
    term_months: int | None
    starts_on: date | None
    decision_on: date | None
    offer_count: int
    scope_minutes: int
    opened_at: datetime
    client: str
    city: str | None
    lines: tuple[Any, ...]


def find(db: Session, filters: BoardFilters, sizes: Mapping[str, int] | None = None) -> Page[BoardCard]:
    """A page of cards: three or four statements however large the board is. ``sizes``, if they are known already."""
    keys = db.rows(find_keys(db, filters, sizes))
    page = page_of(keys, filters.limit, lambda key: (key.rank, str(key.brief_id)))
    ids = [key.brief_id for key in page.rows]
    cards = {card.id: card for card in db.rows(_cards.where(col(Brief.id).in_(ids)))} if ids else {}
    lines: dict[UUID, list[Any]] = {brief_id: [] for brief_id in ids}
    for line in db.rows(_lines.where(col(BriefLine.brief_id).in_(ids))) if ids else []:
        lines[line.brief_id].append(line)
    return Page([_card(cards[brief_id], lines[brief_id]) for brief_id in ids if brief_id in cards], page.next)


def _card(row: Any, lines: list[Any]) -> BoardCard:
    facts = {**row._mapping, "platforms": tuple(row.platforms), "languages": tuple(row.languages)}
    return BoardCard(**facts, lines=tuple(lines))


def find_keys(db: Session, filters: BoardFilters, sizes: Mapping[str, int] | None = None) -> Select[Any]:
    """The select of ``(rank, brief_id)`` of one page and one row more."""
    chosen = filters.chosen()
    conditions: list[ColumnElement[bool]] = []
    cursor = decode_cursor(filters.after, 2)
    if cursor is not None:
        last = tuple_(literal(cursor_number(cursor[0])), literal(cursor_id(cursor[1])))
        conditions.append(tuple_(col(BriefFacet.rank), col(BriefFacet.brief_id)) < last)
    return matching(
        db, filters.q, chosen, sizes_of(db, chosen) if sizes is None else sizes, conditions, filters.limit + 1
    )


def matching(
    db: Session,
    q: str,
    chosen: Mapping[str, list[str]],
    sizes: Mapping[str, int],
    conditions: Sequence[ColumnElement[bool]],
    most: int,
) -> Select[Any]:
    """The select of ``(rank, brief_id)`` of the newest ``most`` that have the words and something of each kind.

    It walks the index of the rarest chosen filter from the newest on and looks the others up row by row.
    """
    kind = min(chosen, key=lambda kind: sizes.get(kind, 0), default=ALL[0])
    wanted = [*conditions, *(_has(other, values) for other, values in chosen.items() if other != kind)]
    found = search.candidates(db, "brief", q)
    if found is not None:
        wanted.append(col(BriefFacet.brief_id).in_(found))
    return _newest(kind, chosen.get(kind, [ALL[1]]), wanted, most)


def _newest(kind: str, values: Sequence[str], conditions: Sequence[ColumnElement[bool]], most: int) -> Select[Any]:
    """The newest rows under any of ``values``: each value's own newest, then the newest of those."""
    parts: list[Any] = [
        select(col(BriefFacet.rank), col(BriefFacet.brief_id))
        .where(col(BriefFacet.kind) == kind, col(BriefFacet.value) == value, *conditions)
        .order_by(col(BriefFacet.rank).desc(), col(BriefFacet.brief_id).desc())
        .limit(most)
        for value in values
    ]
    if len(parts) == 1:
        return parts[0]  # type: ignore[no-any-return]
    halves: list[Any] = [part.subquery() for part in parts]
    together = union(*(select(half.c.rank, half.c.brief_id) for half in halves)).subquery()
    newest = select(together.c.rank, together.c.brief_id)
    return newest.order_by(together.c.rank.desc(), together.c.brief_id.desc()).limit(most)


def _has(kind: str, values: Sequence[str]) -> ColumnElement[bool]:
    """Whether the brief has one of the values. Not EXISTS: PostgreSQL would join it and sort the whole match."""
    other = aliased(BriefFacet)
    row: Select[Any] = select(literal_column("1")).where(
        col(other.brief_id) == BriefFacet.brief_id, col(other.kind) == kind, col(other.value).in_(values)
    )
    return row.limit(literal_column("1")).scalar_subquery().is_not(None)


def sizes_of(db: Session, chosen: Mapping[str, list[str]]) -> dict[str, int]:
    """How many briefs each chosen kind has, up to a thousand; one statement, none where there is nothing to choose."""
    if len(chosen) < 2:
        return dict.fromkeys(chosen, 0)
    counts = []
    for kind, values in chosen.items():
        under = and_(col(BriefFacet.kind) == kind, col(BriefFacet.value).in_(values))
        some = select(col(BriefFacet.brief_id)).where(under).limit(COUNTED).subquery()
        counts.append(select(func.count()).select_from(some).scalar_subquery().label(kind))
    row = db.execute(select(*counts)).one()
    return {kind: int(row._mapping[kind]) for kind in chosen}
