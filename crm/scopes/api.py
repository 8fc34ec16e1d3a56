"""The scope and its use over JSON."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query as QueryParam

from accounts.access import Member
from core.fields import Query
from core.paging import LARGEST_PAGE, PAGE_SIZE
from crm.scopes import queries
from crm.scopes import service as scopes
from crm.scopes.access import SharedContract, SharedEntry, SharedLine
from crm.scopes.periods import month_start
from crm.scopes.schemas import CorrectionInput, EntryPage, EntryRead, LineRead, ScopeRead, UsageInput
from web.deps import DB
from web.routing import api

router = api("crm", "/contracts/{contract_id}")


@router.get("/scope", response_model=ScopeRead)
def show(contract: SharedContract, db: DB, period: Query | None = None) -> Any:
    month = month_start(period, db.now().date())
    lines = queries.metered_lines(db, [contract.id], month).get(contract.id, [])
    return ScopeRead(
        contract_id=contract.id,
        title=contract.title,
        status=contract.status,
        currency=contract.currency,
        month=f"{month:%Y-%m}",
        lines=[_line(item) for item in lines],
    )


@router.get("/lines/{line_id}/usage", response_model=EntryPage)
def entries(
    line: SharedLine,
    db: DB,
    after: str | None = None,
    limit: Annotated[int, QueryParam(ge=1, le=LARGEST_PAGE)] = PAGE_SIZE,
) -> Any:
    return queries.list_entries(db, line, after=after, size=limit)


@router.post("/lines/{line_id}/usage", response_model=EntryRead, status_code=201)
def log(viewer: Member, contract: SharedContract, line: SharedLine, db: DB, data: UsageInput) -> Any:
    return scopes.log(db, contract, line, data, by=viewer)


@router.post("/usage/{entry_id}/correction", response_model=EntryRead, status_code=201)
def correct(viewer: Member, contract: SharedContract, entry: SharedEntry, db: DB, data: CorrectionInput) -> Any:
    return scopes.correct(db, contract, entry, data, by=viewer)


def _line(item: queries.MeteredLine) -> LineRead:
    names = set(LineRead.model_fields) - {"period_key", "carried", "allowance", "used"}
    return LineRead(
        **{name: getattr(item.line, name) for name in names},
        period_key=item.period_key,
        carried=item.meter.carried,
        allowance=item.meter.allowance,
        used=item.meter.used,
    )
