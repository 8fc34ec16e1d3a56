"""The scope and its use over JSON."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import File, UploadFile

from accounts.access import Member
from core.fields import PageSize, Query
from core.paging import PAGE_SIZE
from crm.scopes import evidence, proof, queries
from crm.scopes import service as scopes
from crm.scopes.access import SharedContract, SharedEntry, SharedLine
from crm.scopes.periods import asked_month, term_of
from crm.scopes.schemas import (
    CorrectionInput,
    EvidenceRead,
    MeteredLineRead,
    ScopeRead,
    UsageEntryRead,
    UsagePage,
    UsageWithFile,
)
from files.access import AppStorage
from files.service import LARGEST
from web.deps import DB
from web.routing import api

router = api("crm", "/contracts/{contract_id}")


@router.get("/scope", response_model=ScopeRead)
def show(viewer: Member, contract: SharedContract, db: DB, period: Query | None = None) -> Any:
    """``period``: the month it begins in, ``2026-11``; without one the current month of the contract."""
    month = asked_month(period, term_of(contract), viewer.today(db.now()))
    lines = queries.metered_lines(db, [contract.id], month.first).get(contract.id, [])
    return ScopeRead(
        contract_id=contract.id,
        title=contract.title,
        status=contract.status,
        currency=contract.currency,
        month=month.key,
        starts_on=month.first,
        ends_on=month.last,
        reply_hours=contract.terms.get("reply_hours"),
        reply_zone=contract.terms.get("reply_zone"),
        platforms=contract.terms.get("platforms", []),
        lines=[_line(item) for item in lines],
    )


@router.get("/lines/{line_id}/usage", response_model=UsagePage)
def entries(
    line: SharedLine,
    db: DB,
    after: str | None = None,
    limit: PageSize = PAGE_SIZE,
) -> Any:
    return queries.list_entries(db, line, after=after, size=limit)


@router.post("/lines/{line_id}/usage", response_model=UsageEntryRead, status_code=201)
def log(viewer: Member, contract: SharedContract, line: SharedLine, db: DB, data: UsageWithFile) -> Any:
    upload = evidence.find(db, contract, data.upload_id, by=viewer) if data.upload_id else None
    made = scopes.log(db, contract, line, data, by=viewer, upload_id=upload.id if upload else None)
    return queries.read_entry(db, made.id)


@router.post("/evidence", response_model=EvidenceRead, status_code=201)
def send_evidence(
    viewer: Member, contract: SharedContract, db: DB, storage: AppStorage, file: Annotated[UploadFile, File()]
) -> Any:
    """Send a file as ``multipart/form-data``, at most 10 MB; then log the usage with its ``upload_id``.

    While work is logged. A file that no usage names after a day is removed.
    """
    content, name = file.file.read(LARGEST + 1), file.filename or ""
    return EvidenceRead(upload_id=evidence.send(db, storage, contract, content=content, name=name, by=viewer).id)


@router.post("/usage/{entry_id}/correction", response_model=UsageEntryRead, status_code=201)
def correct(viewer: Member, contract: SharedContract, entry: SharedEntry, db: DB, data: CorrectionInput) -> Any:
    return queries.read_entry(db, scopes.correct(db, contract, entry, data, by=viewer).id)


@router.post("/usage/{entry_id}/undo", response_model=UsageEntryRead, status_code=201)
def undo(viewer: Member, contract: SharedContract, entry: SharedEntry, db: DB) -> Any:
    """A correction without a reason, within ten minutes."""
    return queries.read_entry(db, scopes.undo(db, contract, entry, by=viewer).id)


def _line(item: queries.MeteredLine) -> MeteredLineRead:
    period = {"period_key", "period_starts_on", "period_ends_on"}
    worked_out = {"evidence", "carried", "allowance", "used", "charged"} | period
    return MeteredLineRead(
        **{name: getattr(item.line, name) for name in set(MeteredLineRead.model_fields) - worked_out},
        evidence=proof.asked(item.line),
        period_key=item.period.key,
        period_starts_on=item.period.first,
        period_ends_on=item.period.last,
        carried=item.meter.carried,
        allowance=item.meter.allowance,
        used=item.meter.used,
        charged=item.charged,
    )
