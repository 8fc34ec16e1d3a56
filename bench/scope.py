"""One running contract of 50 lines with a long ledger.

The contract itself is made through the services, half a year ago: its documents and signatures are chained by
hashes, and only the services write proofs that hold. Its ledger is written in bulk.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, select

from accounts.viewers import Viewer, find_by_session
from bench.bulk import Kind, id_of, put
from bench.people import SESSIONS
from bench.specialists import address_of
from core.clock import ManualClock
from core.db import Database, Session
from crm.contracts import queries, signing
from crm.contracts.models import Contract, ScopeLine
from crm.contracts.schemas import SendInput, SignInput
from crm.scopes.models import UsageEntry, UsageTotal
from crm.scopes.periods import Term, period_of, term_of
from marketplace.briefs.models import LinePeriod
from marketplace.offers import service as offers
from marketplace.offers.schemas import HireInput
from marketplace.taxonomy.catalogue import load

LINES = 50
AGE = timedelta(days=180)
MONTHS = 6


def make_contract(database: Database, now: datetime) -> UUID:
    """A hire offer, accepted and signed by both half a year before ``now``; the contract's id."""
    past = Database(database.url, clock=ManualClock(now - AGE), reactions=database.reactions, synchronous="OFF")
    try:
        with past.write() as db:
            return _sign(db, _viewer(db, "business"), _viewer(db, "specialist"))
    finally:
        past.dispose()


def _viewer(db: Session, who: str) -> Viewer:
    found = find_by_session(db, SESSIONS[who])
    assert found is not None
    return found


def _sign(db: Session, client: Viewer, specialist: Viewer) -> UUID:
    today = db.now().date()
    codes = list(load().responsibilities)[:LINES]
    data = HireInput.model_validate(
        {
            "title": "Everything for a year",
            "to": address_of(0),
            "currency": "EUR",
            "lines": [{"responsibility": code, "platform": "IG", "limit": 30, "price": 2_000} for code in codes],
            "starts_on": today,
            "term_months": 12,
            "valid_until": today + timedelta(days=10),
        }
    )
    offer = offers.hire(db, data, by=client)
    offers.accept(db, offer, offer.number, by=specialist)
    contract = queries.contract_of_offer(db, offer.id)
    assert contract is not None
    document = signing.send(db, contract, SendInput(version=contract.version), by=specialist)
    sign = partial(signing.sign, db, contract, address="203.0.113.7", agent="Bench")
    for viewer in (specialist, client):
        typed = SignInput(typed_name=viewer.name, agree=True, document_sha256=document.sha256)
        sign(typed, by=viewer)
    return contract.id


def seed_usage(connection: Connection, contract_id: UUID, entries: int, now: datetime) -> None:
    """About ``entries`` rows of usage over the last months, and their sums."""
    table: Table = ScopeLine.__table__  # type: ignore[attr-defined]
    statement = select(table.c.id).where(table.c.contract_id == contract_id).order_by(table.c.position)
    lines = list(connection.scalars(statement))
    deal: Table = Contract.__table__  # type: ignore[attr-defined]
    days_of = select(deal.c.starts_on, deal.c.term_months, deal.c.ends_on)
    row = connection.execute(days_of.where(deal.c.id == contract_id)).one()
    days = [now.date() - timedelta(days=30 * month) for month in range(MONTHS)]
    used: dict[tuple[UUID, str], int] = {}
    put(
        connection,
        UsageEntry,
        _entries(contract_id, lines, days, max(1, entries // len(lines)), now, used, term_of(row)),
    )
    sums = ({"line_id": line, "period": period, "used": number} for (line, period), number in used.items())
    put(connection, UsageTotal, sums)


def _entries(
    contract_id: UUID,
    lines: list[UUID],
    days: list[date],
    each: int,
    now: datetime,
    used: dict[tuple[UUID, str], int],
    term: Term,
) -> Iterator[dict[str, Any]]:
    for place, line in enumerate(lines):
        for number in range(each):
            day = days[number % len(days)]
            key = line, period_of(LinePeriod.MONTH, term, day).key
            used[key] = used.get(key, 0) + 1
            yield {
                "id": id_of(Kind.USAGE, place * each + number),
                "contract_id": contract_id,
                "line_id": line,
                "period": key[1],
                "quantity": 1,
                "done_on": day,
                "note": "",
                "at": now,
            }
