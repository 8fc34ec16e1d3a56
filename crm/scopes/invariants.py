"""What must always hold of the ledger; for ``postwright check``."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from core.db import Session
from crm.contracts.models import Contract, ContractStatus
from crm.scopes.models import UsageEntry, UsageTotal

NEVER_RAN = (
    ContractStatus.DRAFT,
    ContractStatus.SENT,
    ContractStatus.PARTIALLY_SIGNED,
    ContractStatus.DECLINED,
    ContractStatus.EXPIRED,
)


NONE = (0, 0)


def totals_equal_the_ledger(db: Session) -> list[str]:
    """Every stored sum is the sum of its entries, and every line with entries has one."""
    ledger = {
        (row[0], row[1]): (int(row[2]), int(row[3]))
        for row in db.execute(
            select(
                col(UsageEntry.line_id),
                col(UsageEntry.period),
                func.sum(UsageEntry.quantity),
                func.sum(UsageEntry.charge),
            ).group_by(col(UsageEntry.line_id), col(UsageEntry.period))
        )
    }
    stored = {
        (row.line_id, row.period): (row.used, row.charged)
        for row in db.execute(
            select(col(UsageTotal.line_id), col(UsageTotal.period), col(UsageTotal.used), col(UsageTotal.charged))
        )
    }
    return [
        f"usage_total {line} {period}: stored {stored.get((line, period), NONE)}, "
        f"ledger {ledger.get((line, period), NONE)} (units, charge)"
        for line, period in sorted(ledger.keys() | stored.keys(), key=str)
        if stored.get((line, period), NONE) != ledger.get((line, period), NONE)
    ]


def corrections_mirror(db: Session) -> list[str]:
    """A counter-entry has the opposite quantity of what it corrects, on the same line and period."""
    original = aliased(UsageEntry)
    rows = db.execute(
        select(col(UsageEntry.id))
        .join(original, col(original.id) == UsageEntry.corrects_id)
        .where(
            (col(UsageEntry.quantity) != -col(original.quantity))
            | (col(UsageEntry.charge) != -col(original.charge))
            | (col(UsageEntry.line_id) != col(original.line_id))
            | (col(UsageEntry.period) != col(original.period))
        )
    )
    return [f"usage_entry {row.id}: does not mirror the entry it corrects" for row in rows]


def only_running_contracts_are_used(db: Session) -> list[str]:
    """No entry hangs on a contract that never ran."""
    rows = db.execute(
        select(col(UsageEntry.id))
        .join(Contract, col(Contract.id) == UsageEntry.contract_id)
        .where(col(Contract.status).in_(NEVER_RAN))
    )
    return [f"usage_entry {row.id}: its contract never ran" for row in rows]
