"""Every SELECT of the directory, the public profile page and the front page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import accumulate
from typing import Any
from uuid import UUID

from sqlalchemy import String, bindparam, case, func, literal, literal_column, select, type_coerce, union_all
from sqlmodel import col

from accounts.viewers import Viewer
from accounts.workspaces.models import Workspace
from core.db import Session
from core.errors import Invalid, NotFound
from core.i18n import gettext as _
from core.paging import PAGE_SIZE, Page, decode_cursor, page_of
from core.search import candidates
from marketplace.cases.models import Case, CaseStatus
from marketplace.directory import statements
from marketplace.directory.budgets import steps
from marketplace.directory.filters import Filters, Sort
from marketplace.directory.memory import Memory
from marketplace.directory.statements import MOST, NARROW, RARE, F
from marketplace.profiles.models import Profile, ProfileAddress, ProfileStatus
from marketplace.taxonomy.rates import euro_cents

BUDGET = "budget"
"""Beside the kinds of ``profile_facet``: how many ask for no more than each round budget, in minor units."""
_KEYS = {Sort.BEST: "rank", Sort.PRICE: "rate_eur", Sort.FREE: "free_hours"}


@dataclass(frozen=True, slots=True)
class Survey:
    """How many match, by facet too; ``capped`` when only the first 500 were counted.

    ``sizes``: how many rows each thing asked for has on its own, to choose where to start.
    """

    total: int
    capped: bool
    counts: Mapping[str, Mapping[str, int]]
    sizes: Mapping[str, int]
    drawn: dict[Any, Any] = field(default_factory=dict, compare=False)
    """What pages drew of these counts, so that it is forgotten with them."""


_surveys: Memory[Survey] = Memory(500, lasts=timedelta(seconds=60))


def list_specialists(
    db: Session, filters: Filters, sort: Sort = Sort.BEST, *, after: str | None = None, size: int = PAGE_SIZE
) -> Page[Any]:
    """Keys of published specialists, ``size`` a page; ``cards_of`` has the rest.

    The page after a row stays the same whoever joins before it.
    """
    lead = _lead(filters, survey(db, filters).sizes, sort)
    values = statements.values_of(filters) | {"size": size + 1}
    cursor = decode_cursor(after, 3)
    if cursor is not None:
        values |= _place(cursor, sort)
    shape = statements.shape_of(filters, lead, sort, paged=cursor is not None, steered=db.on_sqlite)
    rows = db.rows(statements.listing(shape, _found(db, filters)), values)
    return page_of(rows, size, lambda row: (sort.value, getattr(row, _KEYS[sort]), str(row.id)))


def survey(db: Session, filters: Filters) -> Survey:
    """Counts for the filters' page, of at most 500 matches.

    Within a kind, a count tells what choosing that value alone would give. The answer is public, derived data and
    each process remembers it for 60 seconds by the set of filters; the list itself is never remembered.
    """
    known = _surveys.get(db, filters)
    return known or _surveys.put(db, filters, _survey(db, filters))


def is_quick(db: Session, filters: Filters) -> bool:
    """Whether a first page is found in a millisecond or two, without waiting for anyone: its counts are remembered,
    and the walk to a full page is short, because hundreds match or what is walked is small."""
    known = _surveys.get(db, filters) if db.on_sqlite and not filters.q else None
    return known is not None and known.total > 0 and (known.capped or min(known.sizes.values(), default=0) <= RARE)


def _survey(db: Session, filters: Filters) -> Survey:
    sizes = _sizes(db, filters)
    lead = _lead(filters, sizes)
    everyone = _ids(db, filters, lead, "everyone")
    total = select(literal("").label("kind"), literal("").label("value"), func.count().label("n"))
    parts = [total.select_from(everyone)]
    chosen = [kind for kind, _values in filters.chosen]
    parts.append(_count(everyone).where(F.c.kind.not_in(chosen)) if chosen else _count(everyone))
    for kind in chosen:
        rest = filters.without(kind)
        # on SQLite written so that it starts from the matches, not from every row of the kind
        of_kind = type_coerce(F.c.kind, String).concat("") if db.on_sqlite else F.c.kind
        parts.append(_count(_ids(db, rest, _lead(rest, sizes), f"any_{kind}")).where(of_kind == kind))
    rest = filters.without("price")
    parts.append(
        _count_budgets(_ids(db, rest, _lead(rest, sizes), "any_price") if filters.priced else everyone, filters)
    )
    counts: dict[str, dict[str, int]] = {}
    for row in db.rows(union_all(*parts), statements.values_of(filters)):
        counts.setdefault(row.kind, {})[row.value] = row.n
    number = counts.pop("").get("", 0)
    if BUDGET in counts:
        counts[BUDGET] = _summed(counts[BUDGET], filters.currency)
    return Survey(min(number, MOST), number > MOST, counts, sizes)


def ways_out(db: Session, filters: Filters) -> dict[str, int]:
    """Where nobody matches: for each part of the question, how many would without it (at most 501); zeros left out.

    One statement, with words two, and none if there is but one part: without it everyone matches.
    """
    if len(filters.parts) < 2:
        return {}
    sizes = _sizes(db, filters.without("q")) if filters.q else survey(db, filters).sizes
    counted = []
    for part in filters.parts:
        rest = filters.without(part)
        ids = _ids(db, rest, _lead(rest, sizes), f"without_{part}")
        counted.append(select(literal(part).label("part"), func.count().label("n")).select_from(ids))
    rows = db.rows(union_all(*counted), statements.values_of(filters))
    return {row.part: row.n for row in rows if row.n}


def _count(ids: Any) -> Any:
    return (
        select(F.c.kind, F.c.value, func.count().label("n"))
        .where(F.c.profile_id.in_(select(ids.c.id)))
        .group_by(F.c.kind, F.c.value)
    )


def _count_budgets(ids: Any, filters: Filters) -> Any:
    """How many rates lie up to each round budget and above the one before, in the currency asked for."""
    rate = statements.P.c.rate_eur
    ends = [(rate <= euro_cents(step, filters.currency), str(step)) for step in steps(filters.currency)]
    return (
        select(literal(BUDGET).label("kind"), case(*ends).label("value"), func.count().label("n"))
        .where(statements.P.c.id.in_(select(ids.c.id)), ends[-1][0])
        .group_by(literal_column("value"))
    )


def _summed(counts: Mapping[str, int], currency: str) -> dict[str, int]:
    """The same up to each round budget, from the first that brings somebody on."""
    values = [str(step) for step in steps(currency)]
    sums = zip(values, accumulate(counts.get(value, 0) for value in values), strict=True)
    return {value: number for value, number in sums if number}


def _ids(db: Session, filters: Filters, lead: str, name: str) -> Any:
    """The ids of the matches, worked out once however often they are used."""
    matching = statements.matching(statements.shape_of(filters, lead, steered=db.on_sqlite), _found(db, filters))
    return matching.cte(name).prefix_with("MATERIALIZED")


def _found(db: Session, filters: Filters) -> Any:
    """A select of at most 1,000 ids that have the words; ``None`` if no words are asked for."""
    return candidates(db, "profile", filters.q) if filters.q else None


def _sizes(db: Session, filters: Filters) -> dict[str, int]:
    """How narrow each thing asked for is; one statement, none if nothing is asked for."""
    asked = [kind for kind, _values in filters.chosen] + (["price"] if filters.priced else [])
    if not asked or filters.q:
        return {}
    values = statements.values_of(filters)
    values["low"] = filters.low if filters.low is not None else 0
    values["high"] = filters.high if filters.high is not None else 2**62
    row = db.execute(select(*(statements.size_of(kind).label(kind) for kind in asked)), values).one()
    return dict(zip(asked, row, strict=True))


def _lead(filters: Filters, sizes: Mapping[str, int], sort: Sort = Sort.BEST) -> str:
    """Where a statement starts: the text, the narrowest of what is asked for, or the order itself."""
    if filters.q:
        return "search"
    asked = {kind for kind, _values in filters.chosen} | ({"price"} if filters.priced else set())
    narrow = min((kind for kind in sizes if kind in asked), key=lambda kind: sizes[kind], default="")
    single = sort is Sort.BEST and any(kind == narrow and len(values) == 1 for kind, values in filters.chosen)
    most = NARROW if len(asked) > 1 else RARE
    return narrow if narrow and (single or sizes[narrow] <= most) else ""


def _place(cursor: tuple[Any, ...], sort: Sort) -> dict[str, Any]:
    try:
        if cursor[0] != sort.value or not isinstance(cursor[1], int):
            raise ValueError
        return {"after_key": cursor[1], "after_id": UUID(str(cursor[2]))}
    except ValueError:
        sentence = _("This page address is broken. Start again from the first page.")
        raise Invalid(sentence, {"after": sentence}) from None


def find_visible(db: Session, viewer: Viewer | None, slug: str) -> Profile:
    """A published profile, or the viewer's own draft, by its address or one it left. Raises ``NotFound``."""
    row = db.execute(_by_slug, {"slug": slug}).first() or db.execute(_by_former_slug, {"slug": slug}).first()
    if row is not None:
        profile: Profile = row[0]
        own = viewer is not None and viewer.place is not None and viewer.place.id == profile.workspace_id
        if own or (profile.status is ProfileStatus.PUBLISHED and row.suspended_at is None):
            return profile
    raise NotFound(_("There is no such specialist here."))


def mark_of(db: Session, slug: str) -> tuple[Any, ...] | None:
    """What changes whenever a published profile's page does; ``None`` if there is no such page."""
    row = db.execute(_mark, {"slug": slug}).first()
    return tuple(row) if row is not None else None


def cards_of(db: Session, ids: Sequence[UUID]) -> list[Any]:
    """What cards show of these profiles, in this order; those that went away meanwhile are left out."""
    found = {row.id: row for row in db.rows(_cards, {"ids": list(ids)})} if ids else {}
    return [found[profile_id] for profile_id in ids if profile_id in found]


def newest(db: Session, number: int) -> list[Any]:
    """Keys of the specialists who published first most lately."""
    return db.rows(_newest, {"size": number})


_with_place = select(Profile, col(Workspace.suspended_at)).join(Workspace, col(Workspace.id) == Profile.workspace_id)
_by_slug = _with_place.where(col(Profile.slug) == bindparam("slug"))
_by_former_slug = _with_place.join(ProfileAddress, col(ProfileAddress.profile_id) == Profile.id).where(
    col(ProfileAddress.slug) == bindparam("slug")
)


def _of_cases(value: Any) -> Any:
    """A value over the profile's published cases."""
    published = (col(Case.workspace_id) == Profile.workspace_id, col(Case.status) == CaseStatus.PUBLISHED)
    return select(value).where(*published).correlate(Profile).scalar_subquery()


_mark = (
    select(
        col(Profile.id),
        col(Profile.version),
        _of_cases(func.count(col(Case.id))).label("cases"),
        _of_cases(func.max(col(Case.updated_at))).label("cases_at"),
    )
    .join(Workspace, col(Workspace.id) == Profile.workspace_id)
    .where(
        col(Profile.slug) == bindparam("slug"),
        col(Profile.status) == ProfileStatus.PUBLISHED,
        col(Workspace.suspended_at).is_(None),
    )
)

_cards = select(*statements.CARD).where(statements.P.c.id.in_(bindparam("ids", expanding=True)))
_newest = (
    select(*statements.KEY)
    .where(statements.P.c.status == "published")
    .order_by(statements.P.c.published_at.desc(), statements.P.c.id.desc())
    .limit(bindparam("size"))
)
