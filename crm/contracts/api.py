"""Contracts over JSON."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from accounts.access import Manager
from accounts.viewers import Viewer
from core.db import Session
from core.fields import PageSize
from core.paging import PAGE_SIZE
from crm.contracts import drafting as drafts
from crm.contracts import endings, leaving, pdf, queries, signing
from crm.contracts.access import PartyContract
from crm.contracts.models import Contract, ContractStatus
from crm.contracts.queries import ContractTab
from crm.contracts.schemas import (
    ContractPage,
    ContractRead,
    ContractWhole,
    DraftInput,
    NoticeInput,
    ReasonInput,
    SendInput,
    SignatureRead,
    SignInput,
    VerificationRead,
)
from crm.contracts.verification import verify
from web.deps import DB
from web.limits import client_address
from web.routing import api

router = api("crm", "/contracts")


@router.get("", response_model=ContractPage)
def index(
    viewer: Manager,
    db: DB,
    show: ContractTab | None = None,
    status: ContractStatus | None = None,
    after: str | None = None,
    limit: PageSize = PAGE_SIZE,
) -> Any:
    """Own contracts, the newest first. Without ``show``: all with the ``status`` asked for, else those of ``open``."""
    show = show or (ContractTab.ALL if status else ContractTab.OPEN)
    return queries.list_contracts(db, viewer, show, status=status, after=after, size=limit)


@router.get("/of-offer/{offer_id}", response_model=ContractWhole)
def show_by_offer(viewer: Manager, offer_id: UUID, db: DB) -> Any:
    """The contract an accepted offer became."""
    return _whole(db, queries.find_by_offer(db, viewer, offer_id), viewer)


@router.get("/{contract_id}", response_model=ContractWhole)
def show(viewer: Manager, contract: PartyContract, db: DB) -> Any:
    return _whole(db, contract, viewer)


@router.put("/{contract_id}", response_model=ContractWhole)
def edit(viewer: Manager, contract: PartyContract, db: DB, data: DraftInput) -> Any:
    drafts.edit(db, contract, data, by=viewer)
    return _whole(db, contract, viewer)


@router.post("/{contract_id}/send", response_model=ContractWhole)
def send(viewer: Manager, contract: PartyContract, db: DB, data: SendInput) -> Any:
    signing.send(db, contract, data, by=viewer)
    return _whole(db, contract, viewer)


@router.post("/{contract_id}/recall", response_model=ContractRead)
def recall(viewer: Manager, contract: PartyContract, db: DB) -> Any:
    signing.recall(db, contract, by=viewer)
    return contract


@router.post("/{contract_id}/sign", response_model=SignatureRead, status_code=201)
def sign(request: Request, viewer: Manager, contract: PartyContract, db: DB, data: SignInput) -> Any:
    address, agent = client_address(request), request.headers.get("user-agent", "")
    return signing.sign(db, contract, data, by=viewer, address=address, agent=agent)


@router.post("/{contract_id}/decline", response_model=ContractRead)
def decline(viewer: Manager, contract: PartyContract, db: DB, data: ReasonInput) -> Any:
    endings.decline(db, contract, data, by=viewer)
    return contract


@router.post("/{contract_id}/void", response_model=ContractRead)
def void(viewer: Manager, contract: PartyContract, db: DB, data: ReasonInput) -> Any:
    endings.void(db, contract, data, by=viewer)
    return contract


@router.post("/{contract_id}/notice", response_model=ContractRead)
def give_notice(viewer: Manager, contract: PartyContract, db: DB, data: NoticeInput) -> Any:
    leaving.give_notice(db, contract, data, by=viewer)
    return contract


@router.post("/{contract_id}/keep", response_model=ContractRead)
def keep(viewer: Manager, contract: PartyContract, db: DB) -> Any:
    leaving.keep(db, contract, by=viewer)
    return contract


@router.post("/{contract_id}/terminate", response_model=ContractRead)
def terminate(viewer: Manager, contract: PartyContract, db: DB, data: ReasonInput) -> Any:
    leaving.terminate(db, contract, data, by=viewer)
    return contract


PAPER: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/{contract_id}/document.pdf", response_class=Response, responses=PAPER)
def document(contract: PartyContract, db: DB) -> Response:
    content, name = pdf.paper(db, contract)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="application/pdf", headers=headers)


@router.get("/{contract_id}/verification", response_model=VerificationRead)
def verification(contract: PartyContract, db: DB) -> Any:
    faults = verify(db, contract)
    return {"holds": not faults, "faults": faults}


def _whole(db: Session, contract: Contract, viewer: Viewer) -> ContractWhole:
    db.flush()
    lines, plan = queries.lines_of(db, contract.id), queries.plan_of(db, contract.id)
    draft, in_force = contract.status is ContractStatus.DRAFT, contract.status in leaving.IN_FORCE
    rows = {
        "lines": lines,
        "plan": plan,
        "documents": queries.documents_of(db, contract.id),
        "signatures": queries.signatures_of(db, contract.id),
        "missing": list(drafts.missing(contract, lines, plan)) if draft else [],
        "notice_from": leaving.earliest(contract, viewer.today(db.now())) if in_force else None,
    }
    return ContractWhole.model_validate({**contract.model_dump(), **rows}, from_attributes=True)
