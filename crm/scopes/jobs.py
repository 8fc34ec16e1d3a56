"""What time does to files sent as evidence, run by the worker's schedule."""

from __future__ import annotations

from typing import Any

from core.db import Session
from crm.scopes import queries
from crm.scopes.evidence import UNLOGGED
from files.service import remove

MOST = 100
"""Files a run, so that a transaction stays short; the next run takes the rest."""


def forget_unlogged_files(db: Session, _payload: dict[str, Any]) -> None:
    """Let go of files that no work has named a day after they were sent."""
    for upload in queries.list_unlogged_files(db, db.now() - UNLOGGED, most=MOST):
        remove(db, upload)
