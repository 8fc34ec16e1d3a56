"""What time does to contracts, run by the worker's schedule, and the paper its mails carry."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from core.db import Database, Session
from crm.contracts import due
from crm.contracts.endings import REMIND_AFTER, expire, remind
from crm.contracts.leaving import end
from crm.contracts.models import Contract
from crm.contracts.pdf import paper

MOST = 50
"""Contracts a run, so that a transaction stays short; the next run takes the rest."""


def expire_unsigned(db: Session, _payload: dict[str, Any]) -> None:
    """Expire what was not sent or signed in 14 days."""
    for contract_id in due.ids_expired(db, most=MOST):
        expire(db, db.get_one(Contract, contract_id))


def remind_of_signing(db: Session, _payload: dict[str, Any]) -> None:
    """Remind who has not signed, 3, 7 and 12 days after the sending."""
    for contract_id in due.ids_to_remind(db, REMIND_AFTER, most=MOST):
        remind(db, db.get_one(Contract, contract_id))


def end_over(db: Session, _payload: dict[str, Any]) -> None:
    """End what has had its last day."""
    for contract_id in due.ids_over(db, most=MOST):
        end(db, db.get_one(Contract, contract_id))


def read_paper(database: Database, contract_id: UUID) -> tuple[bytes, str]:
    """The PDF that goes with a mail about a contract, and its name; made when the mail is sent."""
    with database.read() as db:
        return paper(db, db.get_one(Contract, contract_id))
