"""Loading a contract's scope and authorising in one step: its two parties see it, their members log in it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from accounts.access import Member
from crm.contracts import queries as contracts
from crm.contracts.models import Contract, ScopeLine
from crm.scopes import queries
from crm.scopes.models import UsageEntry
from web.deps import DB


def shared_contract(contract_id: UUID, viewer: Member, db: DB) -> Contract:
    return contracts.find_contract(db, viewer, contract_id)


SharedContract = Annotated[Contract, Depends(shared_contract)]


def shared_line(line_id: UUID, contract: SharedContract, db: DB) -> ScopeLine:
    return queries.find_line(db, contract, line_id)


def shared_entry(entry_id: UUID, contract: SharedContract, db: DB) -> UsageEntry:
    return queries.find_entry(db, contract, entry_id)


SharedLine = Annotated[ScopeLine, Depends(shared_line)]
SharedEntry = Annotated[UsageEntry, Depends(shared_entry)]
