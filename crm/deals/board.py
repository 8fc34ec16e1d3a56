"""The board: columns with exact sums and the newest cards of each, in three queries however many deals there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Uuid, bindparam, func, select, union_all
from sqlmodel import col

from accounts.viewers import Viewer
from core.db import Session
from crm.companies.models import Company, Contact
from crm.deals.models import AGES, MOST_STAGES, OPEN_KINDS, Deal, Stage, StageKind
from crm.deals.queries import is_written_to
from crm.deals.ways import barred, is_gone
from crm.deals.words import stage_name
from marketplace.offers.models import Offer, OfferStatus

MOST_CARDS = 12
"""Cards shown of an open stage; the newest."""
MOST_CLOSED = 5


@dataclass(frozen=True, slots=True)
class Sum:
    """``amount`` in minor units of ``currency``, of ``count`` deals, some perhaps without an amount."""

    currency: str
    monthly: bool
    amount: int
    count: int


@dataclass(frozen=True, slots=True)
class Card:
    """One deal on the board. ``age`` in days; ``aged`` is ``old`` or ``stale`` when it stayed too long.

    ``barred``: the kinds of stages it may not be moved to, as ``ways`` writes them.
    """

    id: str
    version: int
    company: str
    title: str
    contact: str
    amount: int | None
    currency: str
    monthly: bool
    platforms: tuple[str, ...]
    step: str
    due: date | None
    late: bool
    age: int
    aged: str
    barred: str


@dataclass(frozen=True, slots=True)
class Column:
    id: UUID
    kind: StageKind
    name: str
    position: int
    probability: int
    count: int
    sums: list[Sum]
    cards: list[Card]

    @property
    def is_open(self) -> bool:
        return self.kind in OPEN_KINDS


@dataclass(frozen=True, slots=True)
class Summary:
    """All open deals: how many, what they are worth by currency, and that weighted by the stages' probability."""

    count: int
    worth: list[Sum]
    weighted: list[Sum]


_stages = (
    select(col(Stage.id), col(Stage.kind), col(Stage.name), col(Stage.position), col(Stage.probability))
    .where(col(Stage.workspace_id) == bindparam("workspace"))
    .order_by(col(Stage.position))
)
_sums = (
    select(
        col(Deal.stage_id),
        col(Deal.currency),
        col(Deal.monthly),
        func.count().label("count"),
        func.sum(Deal.amount).label("amount"),
    )
    .where(col(Deal.workspace_id) == bindparam("workspace"))
    .group_by(col(Deal.stage_id), col(Deal.currency), col(Deal.monthly))
    .order_by(col(Deal.currency), col(Deal.monthly).desc())
)


def _newest(number: int) -> Any:
    """The newest cards of the stage bound to ``stage_<number>``: one index range, no window function."""
    inner = (
        select(
            col(Deal.id),
            col(Deal.version),
            col(Deal.stage_id),
            col(Deal.stage_kind),
            col(Deal.rank),
            col(Deal.offer_id),
            col(Deal.company_id),
            col(Deal.contact_id),
            col(Deal.title),
            col(Deal.amount),
            col(Deal.currency),
            col(Deal.monthly),
            col(Deal.platforms),
            col(Deal.next_step),
            col(Deal.next_step_on),
            col(Deal.resume_on),
            col(Deal.entered_at),
            col(Deal.closed_at),
        )
        .where(
            col(Deal.workspace_id) == bindparam("workspace"),
            col(Deal.stage_id) == bindparam(f"stage_{number}", type_=Uuid()),
        )
        .order_by(col(Deal.rank), col(Deal.id))
        .limit(bindparam(f"most_{number}"))
        .subquery()
    )
    return select(inner)


@lru_cache(maxsize=MOST_STAGES)
def _cards(stages: int) -> Select[Any]:
    """The newest cards of so many stages."""
    picked = union_all(*(_newest(number) for number in range(stages))).subquery()
    return (
        select(
            *(part for part in picked.c if part.name not in ("company_id", "contact_id", "offer_id", "rank")),
            col(Company.name).label("company"),
            col(Contact.name).label("contact"),
            col(Offer.status).label("offer"),
            is_written_to(bindparam("workspace")).label("drafted"),
        )
        .join(Company, col(Company.id) == picked.c.company_id)
        .join(Contact, col(Contact.id) == picked.c.contact_id, isouter=True)
        .join(Offer, col(Offer.id) == picked.c.offer_id, isouter=True)
        .order_by(picked.c.rank, picked.c.id)
    )


def read(db: Session, viewer: Viewer) -> list[Column]:
    """The viewer's board from left to right, newest cards first."""
    stages = list_stages(db, viewer.workspace_id)
    bound: dict[str, Any] = {"workspace": viewer.workspace_id}
    for number, stage in enumerate(stages):
        bound[f"stage_{number}"] = stage.id
        bound[f"most_{number}"] = MOST_CARDS if stage.kind in OPEN_KINDS else MOST_CLOSED
    day, now = viewer.today(db.now()), db.now()
    cards: dict[UUID, list[Card]] = {}
    for row in db.rows(_cards(len(stages)), bound):
        cards.setdefault(row.stage_id, []).append(_card(row, day, now))
    sums = _read_sums(db, viewer.workspace_id)
    return [_column(stage, sums.get(stage.id, []), cards.get(stage.id, [])) for stage in stages]


def read_stages(db: Session, viewer: Viewer) -> list[Column]:
    """The columns without their cards."""
    sums = _read_sums(db, viewer.workspace_id)
    return [_column(stage, sums.get(stage.id, []), []) for stage in list_stages(db, viewer.workspace_id)]


def list_stages(db: Session, workspace_id: UUID) -> list[Any]:
    """The stages as rows, from left to right."""
    return db.rows(_stages, {"workspace": workspace_id})


def summary(columns: Iterable[Column]) -> Summary:
    """What is in the open columns, from the sums already read."""
    opened = [column for column in columns if column.is_open]
    worth: dict[tuple[str, bool], list[int]] = {}
    for column in opened:
        for part in column.sums:
            total = worth.setdefault((part.currency, part.monthly), [0, 0, 0])
            total[0] += part.amount
            total[1] += part.amount * column.probability
            total[2] += part.count
    shown = [(key, total) for key, total in sorted(worth.items(), key=lambda item: (not item[0][1], item[0][0]))]
    return Summary(
        count=sum(column.count for column in opened),
        worth=[Sum(*key, amount=total[0], count=total[2]) for key, total in shown if total[0]],
        weighted=[Sum(*key, amount=total[1] // 100, count=total[2]) for key, total in shown if total[0]],
    )


def aged(kind: StageKind, entered_at: datetime, now: datetime) -> tuple[int, str]:
    """Days in the stage, and ``old`` or ``stale`` when they are too many; on hold and closed stages do not age."""
    days = (now - entered_at).days
    limit = AGES.get(kind)
    if limit is None or days < limit:
        return days, ""
    return days, "stale" if days * 2 >= limit * 3 else "old"


def due(kind: StageKind, next_step_on: date | None, resume_on: date | None) -> date | None:
    """The day a deal asks for its owner: the next step's, or on hold the day to resume."""
    return resume_on if kind is StageKind.ON_HOLD else next_step_on


def _read_sums(db: Session, workspace_id: UUID) -> dict[UUID, list[Sum]]:
    found: dict[UUID, list[Sum]] = {}
    for stage_id, currency, monthly, count, amount in db.rows(_sums, {"workspace": workspace_id}):
        found.setdefault(stage_id, []).append(Sum(currency, monthly, int(amount or 0), count))
    return found


def _column(stage: Any, sums: list[Sum], cards: list[Card]) -> Column:
    return Column(
        id=stage.id,
        kind=stage.kind,
        name=stage_name(stage.kind, stage.name),
        position=stage.position,
        probability=stage.probability,
        count=sum(part.count for part in sums),
        sums=sums,
        cards=cards,
    )


def _card(row: Any, day: date, now: datetime) -> Card:
    age, how = aged(row.stage_kind, row.entered_at, now)
    ask = due(row.stage_kind, row.next_step_on, row.resume_on)
    return Card(
        id=str(row.id),
        version=row.version,
        company=row.company,
        title=row.title,
        contact=row.contact or "",
        amount=row.amount,
        currency=row.currency,
        monthly=row.monthly,
        platforms=tuple(row.platforms),
        step=row.next_step,
        due=ask,
        late=ask is not None and ask < day and row.stage_kind is not StageKind.WON,
        age=age,
        aged=how,
        barred=barred(
            row.stage_kind,
            row.offer or (OfferStatus.DRAFT if row.drafted else None),
            gone=is_gone(row.stage_kind, row.closed_at, now),
        ),
    )
