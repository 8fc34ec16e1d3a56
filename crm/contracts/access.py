"""Loading a contract and authorising in one step: only its two parties see it, only their managers change it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from accounts.access import Manager
from crm.contracts import queries
from crm.contracts.models import Contract
from web.deps import DB


def party_contract(contract_id: UUID, viewer: Manager, db: DB) -> Contract:
    return queries.find_contract(db, viewer, contract_id)


PartyContract = Annotated[Contract, Depends(party_contract)]
