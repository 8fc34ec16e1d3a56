"""What the outbox holds: the mails a test's verbs asked for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlmodel import col

from core.db import Database
from core.jobs import Job


def mails(database: Database, to: str = "") -> list[dict[str, Any]]:
    """Payloads of ``emails.send``, oldest first; only those to ``to`` if given."""
    with database.read() as db:
        jobs = db.scalars(select(Job).where(col(Job.kind) == "emails.send").order_by(col(Job.id)))
        return [job.payload for job in jobs if not to or job.payload["to"] == to]


def newest_path(database: Database, template: str, to: str = "") -> str:
    """The path in the newest mail of ``template``."""
    return str([mail for mail in mails(database, to) if mail["template"] == template][-1]["params"]["path"])


def templates_to(database: Database, to: str) -> list[str]:
    """Which mails an address was sent, oldest first."""
    return [mail["template"] for mail in mails(database, to)]
