"""The directory's statements, built once for each shape of question and kept.

A statement starts from the narrowest thing asked for (``lead``), so its cost follows the smallest set, not the
table: a text search, the rows of one facet, or a price range. If nothing asked for is narrow, it walks the index
of the wanted order and stops after a page.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    String,
    Table,
    Uuid,
    bindparam,
    func,
    literal_column,
    select,
    true,
    tuple_,
    type_coerce,
)

from marketplace.directory.filters import Filters
from marketplace.directory.schemas import Sort
from marketplace.profiles.models import Profile, ProfileFacet

P: Table = Profile.__table__  # type: ignore[attr-defined]
F: Table = ProfileFacet.__table__  # type: ignore[attr-defined]

MOST = 500
"""Matches that are counted."""
NARROW = 10_000
"""Up to so many rows the narrowest of several things asked for is where a statement starts."""
RARE = 1_000
"""The same for a single thing: more common ones turn up soon on a walk in the wanted order."""

_ORDER = {
    Sort.BEST: (P.c.rank, True),
    Sort.PRICE: (P.c.rate_eur, False),
    Sort.FREE: (P.c.free_hours, True),
}
_SIZE: Any = bindparam("size", type_=Integer, literal_execute=True)
"""Written out: PostgreSQL keeps a plan for all values only where it knows how many rows are wanted."""
KEY = tuple(P.c[name] for name in ("id", "version", "rank", "rate_eur", "free_hours"))
"""What a list is made of; the rest of a card is asked for only where its drawing is not kept."""
CARD = tuple(
    P.c[name]
    for name in (
        *("id", "version", "slug", "name", "headline", "city", "region", "time_zone", "photo_id", "platforms"),
        *("responsibilities", "languages", "currency", "rate_min", "rate_max", "free_hours", "available_from"),
        "case_count",
    )
)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a statement looks like, apart from the values. ``lead``: "", "search", "price" or a kind."""

    sort: Sort = Sort.BEST
    kinds: tuple[str, ...] = ()
    low: bool = False
    high: bool = False
    lead: str = ""
    single: bool = False
    """The lead is one value, whose rows lie in rank order."""
    paged: bool = False
    steered: bool = False
    """For SQLite, which keeps no statistics: conditions that must not choose an index are written so."""


def shape_of(
    filters: Filters, lead: str, sort: Sort = Sort.BEST, *, paged: bool = False, steered: bool = False
) -> Shape:
    """The shape of a question that starts from ``lead``."""
    sizes = {kind: len(values) for kind, values in filters.chosen}
    return Shape(
        sort=sort,
        kinds=tuple(sizes),
        low=filters.low is not None,
        high=filters.high is not None,
        lead=lead,
        single=sizes.get(lead) == 1,
        paged=paged,
        steered=steered,
    )


def values_of(filters: Filters) -> dict[str, Any]:
    """The parameters of any statement about ``filters``."""
    values: dict[str, Any] = {kind: list(chosen) for kind, chosen in filters.chosen}
    values |= {f"{kind}_first": chosen[0] for kind, chosen in filters.chosen}
    return values | {"low": filters.low, "high": filters.high}


def listing(shape: Shape, found: Select[Any] | None = None) -> Select[Any]:
    """Keys of a page: at most ``size`` rows, after ``after_key`` and ``after_id`` if paged; ``found`` by text."""
    return _listing_of(shape) if found is None else _listing(shape, found)


def matching(shape: Shape, found: Select[Any] | None = None) -> Select[Any]:
    """Ids of at most ``MOST`` + 1 matches."""
    if _streams(shape):
        lead = F.alias("lead")
        statement = select(lead.c.profile_id.label("id")).where(*_of_lead(lead, shape))
        if shape.low or shape.high:
            statement = statement.join(P, P.c.id == lead.c.profile_id)
        return (
            statement.where(*_tests(shape, lead.c.profile_id))
            .order_by(lead.c.rank.desc(), lead.c.profile_id.desc())
            .limit(MOST + 1)
        )
    statement = select(P.c.id).where(*_start(shape, found), *_tests(shape, P.c.id))
    return (statement if shape.lead else statement.order_by(P.c.rank.desc(), P.c.id.desc())).limit(MOST + 1)


@lru_cache(maxsize=512)
def _listing_of(shape: Shape) -> Select[Any]:
    return _listing(shape, None)


def _listing(shape: Shape, found: Select[Any] | None) -> Select[Any]:
    if _streams(shape):
        lead = F.alias("lead")
        statement = select(lead.c.profile_id.label("id"), lead.c.rank)
        if shape.low or shape.high:
            statement = statement.join(P, P.c.id == lead.c.profile_id)
        statement = statement.where(*_of_lead(lead, shape), *_tests(shape, lead.c.profile_id))
        page = _page(statement, shape, lead.c.rank, lead.c.profile_id).subquery("page")
        keys = select(*(column if column.name != "rank" else page.c.rank for column in KEY))
        return keys.join(page, P.c.id == page.c.id).order_by(*_order(shape, page.c.rank, page.c.id))
    tests = (*_start(shape, found), *_tests(shape, P.c.id))
    if not shape.lead:
        return _page(select(*KEY).where(*tests), shape, _ORDER[shape.sort][0], P.c.id)
    first = _page(select(P.c.id).where(*tests), shape, _ORDER[shape.sort][0], P.c.id)
    whole = P.alias("whole")  # only the page's own rows are looked at further
    keys = select(*(whole.c[part.name] for part in KEY)).where(whole.c.id.in_(first))
    return keys.order_by(*_order(shape, whole.c[_ORDER[shape.sort][0].name], whole.c.id))


def _page(statement: Select[Any], shape: Shape, column: Any, id_column: Any) -> Select[Any]:
    """One page in the wanted order."""
    falling = _ORDER[shape.sort][1]
    if shape.paged:
        key = tuple_(bindparam("after_key", type_=BigInteger), bindparam("after_id", type_=Uuid))
        place = tuple_(column, id_column)
        statement = statement.where(place < key if falling else place > key)
    return statement.order_by(*_order(shape, column, id_column)).limit(_SIZE)


def _order(shape: Shape, column: Any, id_column: Any) -> tuple[Any, Any]:
    return (column.desc(), id_column.desc()) if _ORDER[shape.sort][1] else (column, id_column)


def size_of(kind: str) -> ColumnElement[int]:
    """How many rows something asked for has, counted up to ``NARROW`` + 1."""
    rows = _price_rows(True, True) if kind == "price" else _facet_rows(kind)
    inner = rows.limit(NARROW + 1).subquery()
    return select(func.count()).select_from(inner).scalar_subquery()


def _streams(shape: Shape) -> bool:
    """Whether rows come straight from one facet value in rank order."""
    return shape.single and shape.sort is Sort.BEST


def _of_lead(lead: Any, shape: Shape) -> tuple[ColumnElement[bool], ...]:
    return lead.c.kind == literal_column(f"'{shape.lead}'"), lead.c.value == bindparam(f"{shape.lead}_first")


def _start(shape: Shape, found: Select[Any] | None) -> list[ColumnElement[bool]]:
    """Where the statement starts, unless it streams."""
    if not shape.lead:
        return [P.c.status == "published"]
    published = type_coerce(P.c.status, String).concat("") if shape.steered else P.c.status
    if shape.lead == "price":
        return [published == "published", P.c.id.in_(_price_rows(shape.low, shape.high))]
    if shape.lead == "search":
        return [published == "published", _among(found, shape) if found is not None else true()]
    return [published == "published", P.c.id.in_(_facet_rows(shape.lead))]


def _among(found: Select[Any], shape: Shape) -> ColumnElement[bool]:
    """Whether the words found the profile. PostgreSQL, asked with IN, would rather read all profiles than look up."""
    return P.c.id.in_(found) if shape.steered else P.c.id == func.any(func.array(found.scalar_subquery()))


def _tests(shape: Shape, id_column: Any) -> list[ColumnElement[bool]]:
    """What else a match must be."""
    tests = [_carries(kind, id_column) for kind in shape.kinds if kind != shape.lead]
    walked = shape.sort is Sort.PRICE and not shape.lead
    price = P.c.rate_eur + literal_column("0") if shape.steered and not walked else P.c.rate_eur
    if shape.low:
        tests.append(price >= bindparam("low"))
    if shape.high:
        tests.append(price <= bindparam("high"))
    return tests


def _carries(kind: str, id_column: Any) -> ColumnElement[bool]:
    """Whether the profile has one of the values. Not EXISTS: a database would join it and sort the whole match."""
    facet = F.alias(f"has_{kind}")
    row: Select[Any] = select(literal_column("1")).where(
        facet.c.profile_id == id_column,
        facet.c.kind == literal_column(f"'{kind}'"),
        facet.c.value.in_(bindparam(kind, expanding=True)),
    )
    return row.limit(literal_column("1")).scalar_subquery().is_not(None)


def _facet_rows(kind: str) -> Select[Any]:
    facet = F.alias(f"all_{kind}")
    return select(facet.c.profile_id).where(
        facet.c.kind == literal_column(f"'{kind}'"), facet.c.value.in_(bindparam(kind, expanding=True))
    )


def _price_rows(low: bool, high: bool) -> Select[Any]:
    priced = P.alias("priced")
    statement = select(priced.c.id).where(priced.c.status == "published")
    if low:
        statement = statement.where(priced.c.rate_eur >= bindparam("low"))
    if high:
        statement = statement.where(priced.c.rate_eur <= bindparam("high"))
    return statement
