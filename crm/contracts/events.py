"""Telling: every verb writes one event that names the contract and where to read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from core.db import Session
from core.events import Actor, record
from crm.contracts.models import Contract


def tell(
    db: Session, kind: str, contract: Contract, *, by: Actor | None, to: Sequence[UUID] | None = None, **data: Any
) -> None:
    """Record ``kind`` for the side across the table; without ``by`` (a timer's verb) ``to`` or else both hear."""
    hearers = list(to or (contract.specialist_id, contract.business_id))
    if by is not None and by.workspace_id is not None:
        hearers = [contract.other_of(by.workspace_id)]
    if len(hearers) == 2:
        data["also"] = str(hearers[1])
    record(db, kind, contract, by=by, other=hearers[0], title=contract.title, url=f"/contracts/{contract.id}", **data)
