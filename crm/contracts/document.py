"""The document: a canonical snapshot of everything a contract says, frozen and chained by its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.crypto import canonical
from core.db import Session
from core.i18n import current_locale
from crm.contracts import queries
from crm.contracts.models import Contract, ContractDocument
from crm.contracts.plan import last_day
from crm.contracts.wording import write

FORMAT = 1
LINE_FACTS = (
    "responsibility",
    "platform",
    "owner",
    "unit",
    "limit",
    "period",
    "price",
    "overage_price",
    "rollover_cap",
    "sla_minutes",
    "revision_rounds",
    "approver",
    "evidence",
    "exclusions",
    "note",
    "position",
)
PLAN_FACTS = ("kind", "position", "title", "amount", "currency")


def facts_of(contract: Contract, lines: Sequence[Any], plan: Sequence[Any]) -> dict[str, Any]:
    """What is agreed, as plain JSON. Days are ISO dates, money minor units."""
    return {
        "contract": str(contract.id),
        "offer": str(contract.offer_id),
        "title": contract.title,
        "currency": contract.currency,
        "total": contract.total,
        "billing": contract.billing.value,
        "starts_on": contract.starts_on.isoformat(),
        "ends_on": last_day(contract.starts_on, contract.term_months).isoformat(),
        "term_months": contract.term_months,
        "parties": contract.parties,
        "terms": contract.terms,
        "lines": [_line(line) for line in lines],
        "plan": [_item(item) for item in plan],
    }


def _line(line: Any) -> dict[str, Any]:
    facts = {name: getattr(line, name) for name in LINE_FACTS}
    return {**facts, "id": str(line.id), "valid_from": line.valid_from.isoformat()}


def _item(item: Any) -> dict[str, Any]:
    facts = {name: getattr(item, name) for name in PLAN_FACTS}
    days = {name: getattr(item, name) for name in ("due_on", "period_from", "period_to")}
    return {**facts, "id": str(item.id), **{name: day.isoformat() if day else None for name, day in days.items()}}


def snapshot(
    facts: dict[str, Any], *, number: int = 0, previous: str = "", frozen_at: datetime | None = None
) -> dict[str, Any]:
    """The whole document: the facts, the text written from them in the current language, its place in the chain."""
    return {
        "format": FORMAT,
        "language": current_locale(),
        "number": number,
        "previous_sha256": previous,
        "frozen_at": frozen_at.isoformat() if frozen_at else None,
        **facts,
        "text": write(facts),
    }


def sha256_of(body: str) -> str:
    """The hash of a frozen body, hex."""
    return hashlib.sha256(body.encode()).hexdigest()


def freeze(db: Session, contract: Contract, facts: dict[str, Any]) -> ContractDocument:
    """Keep ``facts`` as the contract's next document. Afterwards nobody can change it, the database included."""
    before = queries.current_document(db, contract)
    number = contract.document_number + 1
    previous = before.sha256 if before else ""
    now = db.now()
    body = canonical(snapshot(facts, number=number, previous=previous, frozen_at=now)).decode()
    document = ContractDocument(
        contract_id=contract.id,
        number=number,
        body=body,
        sha256=sha256_of(body),
        previous_sha256=previous,
        frozen_at=now,
    )
    db.add(document)
    db.flush()
    return document


def read(document: ContractDocument | Any) -> dict[str, Any]:
    """The snapshot in a frozen document."""
    found: dict[str, Any] = json.loads(document.body)
    return found


def shown(db: Session, contract: Contract) -> tuple[dict[str, Any], str]:
    """What both sides see now and its hash: the frozen document, or the draft as it stands (hash empty)."""
    document = queries.current_document(db, contract) if contract.is_frozen else None
    if document is not None:
        return read(document), document.sha256
    facts = facts_of(contract, queries.lines_of(db, contract.id), queries.plan_of(db, contract.id))
    return snapshot(facts), ""
