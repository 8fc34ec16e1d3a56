"""Every SELECT about scopes and usage. Pages read the stored sums, never the ledger's rows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from accounts.users.models import User
from accounts.viewers import Viewer
from accounts.workspaces.models import Workspace
from core.db import Session
from core.errors import NotFound
from core.i18n import gettext as _
from core.paging import PAGE_SIZE, Page, cursor_id, decode_cursor, page_of
from crm.contracts.models import Contract, ScopeLine
from crm.contracts.queries import ContractTab, list_contracts
from crm.scopes.meter import Meter, meter_of
from crm.scopes.models import UsageEntry, UsageTotal
from crm.scopes.periods import Period, period_before, period_of, term_of
from files.models import Upload, UploadKind

_lines = (
    select(
        col(ScopeLine.id),
        col(ScopeLine.contract_id),
        col(ScopeLine.position),
        col(ScopeLine.responsibility),
        col(ScopeLine.platform),
        col(ScopeLine.owner),
        col(ScopeLine.unit),
        col(ScopeLine.limit),
        col(ScopeLine.period),
        col(ScopeLine.price),
        col(ScopeLine.overage_price),
        col(ScopeLine.rollover_cap),
        col(ScopeLine.sla_minutes),
        col(ScopeLine.revision_rounds),
        col(ScopeLine.evidence),
        col(ScopeLine.note),
        col(ScopeLine.exclusions),
        col(ScopeLine.valid_from),
        col(ScopeLine.valid_to),
        col(Contract.starts_on),
        col(Contract.term_months),
        col(Contract.ends_on),
    )
    .join(Contract, col(Contract.id) == ScopeLine.contract_id)
    .where(col(ScopeLine.contract_id).in_(bindparam("contracts", expanding=True)))
    .order_by(col(ScopeLine.contract_id), col(ScopeLine.position))
)
_totals = (
    select(col(UsageTotal.line_id), col(UsageTotal.period), col(UsageTotal.used), col(UsageTotal.charged))
    .join(ScopeLine, col(ScopeLine.id) == UsageTotal.line_id)
    .where(
        col(ScopeLine.contract_id).in_(bindparam("contracts", expanding=True)),
        col(UsageTotal.period).in_(bindparam("periods", expanding=True)),
    )
)


@dataclass(frozen=True, slots=True)
class MeteredLine:
    """A scope line with its meter in the period that holds the asked-for day.

    ``charged``: extras of that period, in minor units of the contract's currency.
    """

    line: Any
    period: Period
    meter: Meter
    charged: int


def metered_lines(db: Session, contract_ids: list[UUID], day: date) -> dict[UUID, list[MeteredLine]]:
    """Lines of the contracts with their meters: two queries, however many lines and entries there are.

    Of a contract that does not run on ``day`` the period next to it.
    """
    now: list[tuple[Any, Period, Period | None]] = []
    for line in db.rows(_lines, {"contracts": contract_ids}):
        term = term_of(line)
        period = period_of(line.period, term, term.nearest(day))
        before = period_before(line.period, term, period)
        ran = before is not None and line.valid_from <= before.last
        now.append((line, period, before if ran else None))
    keys = {period.key for _line, *both in now for period in both if period is not None}
    totals = {
        (row.line_id, row.period): (row.used, row.charged)
        for row in db.rows(_totals, {"contracts": contract_ids, "periods": sorted(keys)})
    }
    found: dict[UUID, list[MeteredLine]] = defaultdict(list)
    for line, period, before in now:
        used_before = totals.get((line.id, before.key), (0, 0))[0] if before else None
        used, charged = totals.get((line.id, period.key), (0, 0))
        meter = meter_of(line.limit, line.rollover_cap, used, used_before)
        found[line.contract_id].append(MeteredLine(line, period, meter, charged))
    return found


def find_line(db: Session, contract: Contract, line_id: UUID) -> ScopeLine:
    """A line of the contract. Raises ``NotFound``."""
    found = db.scalar(select(ScopeLine).where(col(ScopeLine.id) == line_id, col(ScopeLine.contract_id) == contract.id))
    if found is None:
        raise NotFound(_("There is no such line in this scope."))
    return found


def find_entry(db: Session, contract: Contract, entry_id: UUID) -> UsageEntry:
    """A row of the contract's ledger. Raises ``NotFound``."""
    found = db.scalar(
        select(UsageEntry).where(col(UsageEntry.id) == entry_id, col(UsageEntry.contract_id) == contract.id)
    )
    if found is None:
        raise NotFound(_("There is no such entry in this scope."))
    return found


def used_in(db: Session, line_id: UUID, period: str) -> int:
    """The stored sum of a line in a period."""
    statement = select(col(UsageTotal.used)).where(col(UsageTotal.line_id) == line_id, col(UsageTotal.period) == period)
    return db.scalar(statement) or 0


def units_over(db: Session, line_id: UUID, period: str, *, charged: bool = False) -> int:
    """Units of a line that were given beyond its limit in a period and not taken back; only those ``charged`` for."""
    statement = select(func.sum(UsageEntry.over)).where(
        col(UsageEntry.line_id) == line_id, col(UsageEntry.period) == period
    )
    if charged:
        statement = statement.where(col(UsageEntry.charge) != 0)
    return db.scalar(statement) or 0


def lock_line(db: Session, line_id: UUID) -> None:
    """Hold a line until the transaction ends. Others still write rows that name it."""
    db.execute(select(col(ScopeLine.id)).where(col(ScopeLine.id) == line_id).with_for_update(key_share=True))


_counter = aliased(UsageEntry)
_history = (
    select(
        col(UsageEntry.id),
        col(UsageEntry.line_id),
        col(UsageEntry.period),
        col(UsageEntry.quantity),
        col(UsageEntry.done_on),
        col(UsageEntry.note),
        col(UsageEntry.evidence_url),
        col(UsageEntry.upload_id),
        col(UsageEntry.corrects_id),
        col(UsageEntry.reason),
        col(UsageEntry.over),
        col(UsageEntry.charge),
        col(UsageEntry.goodwill),
        col(UsageEntry.at),
        col(User.name).label("by_name"),
        _counter.id.label("corrected_by_id"),  # type: ignore[attr-defined]
    )
    .join(User, col(User.id) == UsageEntry.by_user_id, isouter=True)
    .join(_counter, col(_counter.corrects_id) == UsageEntry.id, isouter=True)
)


def list_entries(db: Session, line: ScopeLine, *, after: str | None = None, size: int = PAGE_SIZE) -> Page[Any]:
    """The ledger of a line, newest first."""
    statement = _history.where(col(UsageEntry.line_id) == line.id)
    cursor = decode_cursor(after, 1)
    if cursor is not None:
        statement = statement.where(col(UsageEntry.id) < cursor_id(cursor[0]))
    rows = db.rows(statement.order_by(col(UsageEntry.id).desc()).limit(size + 1))
    return page_of(rows, size, lambda row: (str(row.id),))


def read_entry(db: Session, entry_id: UUID) -> Any:
    """A row of the ledger as ``list_entries`` shows it."""
    return db.execute(_history.where(col(UsageEntry.id) == entry_id)).one()


def list_unlogged_files(db: Session, before: datetime, *, most: int) -> list[Upload]:
    """Evidence of anybody's, sent before then, that no entry names; locked, without what is being named now."""
    return list(
        db.scalars(
            select(Upload)
            .join(UsageEntry, col(UsageEntry.upload_id) == Upload.id, isouter=True)
            .where(col(Upload.kind) == UploadKind.FILE, col(Upload.created_at) < before, col(UsageEntry.id).is_(None))
            .order_by(col(Upload.created_at))
            .limit(most)
            .with_for_update(of=Upload, skip_locked=True)
        )
    )


def party_names(db: Session, contract: Contract) -> dict[UUID, str]:
    """Names of the two workspaces."""
    rows = db.rows(
        select(col(Workspace.id), col(Workspace.name)).where(
            col(Workspace.id).in_([contract.specialist_id, contract.business_id])
        )
    )
    return {row.id: row.name for row in rows}


def list_running(db: Session, viewer: Viewer, *, after: str | None = None) -> Page[Any]:
    """Running contracts of the viewer's workspace, with the other side's name."""
    return list_contracts(db, viewer, ContractTab.RUNNING, after=after)
