"""Pages of the scope: the matrix both sides see, logging, the ledger of a line."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response

from accounts.access import Member
from accounts.viewers import Viewer
from core.db import Session
from core.fields import Query
from core.i18n import gettext as _
from crm.contracts.models import Contract, ScopeLine
from crm.contracts.words import platforms, platforms_rule, reply_hours
from crm.scopes import proof, queries
from crm.scopes import service as scopes
from crm.scopes.access import SharedContract, SharedEntry, SharedLine
from crm.scopes.csv_file import scope_csv
from crm.scopes.models import UsageEntry
from crm.scopes.periods import asked_month, months_beside, months_of, term_of
from crm.scopes.schemas import CorrectionInput, UsageInput
from crm.scopes.view import overview, rows_by_group
from crm.scopes.words import period_name, reason_text
from files.access import AppStorage
from files.service import save_file
from marketplace.briefs.models import LineOwner
from marketplace.taxonomy.words import responsibility_name, units
from web.cells import PostedFile
from web.deps import DB
from web.forms import Submitted, blank, form_of
from web.responses import page, redirect
from web.routing import pages

router = pages()


class UsageFormInput(UsageInput):
    """The form may carry a file as evidence."""

    evidence_file: PostedFile | None = None


UsageForm = Annotated[Submitted[UsageFormInput], Depends(form_of(UsageFormInput))]
CorrectionForm = Annotated[Submitted[CorrectionInput], Depends(form_of(CorrectionInput))]


@router.get("/scopes")
def index(request: Request, viewer: Member, db: DB, after: str | None = None) -> Response:
    found = queries.list_running(db, viewer, after=after)
    today = viewer.today(db.now())
    lines = queries.metered_lines(db, [row.id for row in found.rows], today) if found.rows else {}
    summaries = {row.id: overview(lines.get(row.id, [])) for row in found.rows}
    return page(request, "crm/scopes/index.html", found=found, summaries=summaries)


@router.get("/contracts/{contract_id}/scope")
def show(request: Request, viewer: Member, contract: SharedContract, db: DB, period: Query | None = None) -> Response:
    return _scope_page(request, viewer, contract, db, period)


@router.get("/contracts/{contract_id}/scope.csv")
def download(viewer: Member, contract: SharedContract, db: DB, period: Query | None = None) -> Response:
    month = asked_month(period, term_of(contract), viewer.today(db.now()))
    lines = queries.metered_lines(db, [contract.id], month.first).get(contract.id, [])
    text = scope_csv(lines, contract.currency, platforms(contract.terms))
    headers = {"content-disposition": f'attachment; filename="scope-{month.key}.csv"'}
    return Response("\ufeff" + text, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/contracts/{contract_id}/lines/{line_id}")
def line(
    request: Request, viewer: Member, contract: SharedContract, line: SharedLine, db: DB, after: str | None = None
) -> Response:
    return _line_page(request, viewer, contract, line, db, _one_today(viewer, db), after=after)


@router.post("/contracts/{contract_id}/lines/{line_id}/usage")
def log(
    request: Request,
    viewer: Member,
    contract: SharedContract,
    line: SharedLine,
    db: DB,
    storage: AppStorage,
    form: UsageForm,
) -> Response:
    def write(data: UsageFormInput) -> UsageEntry:
        file, upload = data.evidence_file, None
        if file is not None and file.content:
            other = contract.other_of(viewer.workspace_id)
            upload = save_file(
                db, storage, content=file.content, name=file.name, by=viewer, other=other, field="evidence_file"
            )
        upload_id = upload.id if upload else None
        return scopes.log(db, contract, line, data, by=viewer, upload_id=upload_id, file_field="evidence_file")

    entry = form.attempt(db, write)
    if entry is None:
        return _line_page(request, viewer, contract, line, db, form, status=422)
    here = f"/contracts/{contract.id}"
    return redirect(request, f"{here}/scope", flash=_logged(line, entry), undo=f"{here}/usage/{entry.id}/undo")


@router.post("/contracts/{contract_id}/usage/{entry_id}/correction")
def correct(
    request: Request, viewer: Member, contract: SharedContract, entry: SharedEntry, db: DB, form: CorrectionForm
) -> Response:
    if form.errors:
        line, empty = db.get_one(ScopeLine, entry.line_id), _one_today(viewer, db)
        return _line_page(request, viewer, contract, line, db, empty, corrected=(entry.id, form), status=422)
    scopes.correct(db, contract, entry, form.data, by=viewer)
    here = f"/contracts/{contract.id}/lines/{entry.line_id}"
    return redirect(request, here, flash=_("Corrected by a counter-entry"))


@router.post("/contracts/{contract_id}/usage/{entry_id}/undo")
def undo(viewer: Member, request: Request, contract: SharedContract, entry: SharedEntry, db: DB) -> Response:
    scopes.undo(db, contract, entry, by=viewer)
    return redirect(request, f"/contracts/{contract.id}/lines/{entry.line_id}", flash=_("Undone by a counter-entry"))


def _logged(line: ScopeLine, entry: UsageEntry) -> str:
    """``Logged: 3 posts, Scheduling and publishing``."""
    values = {"amount": units(entry.quantity, line.unit), "name": responsibility_name(line.responsibility)}
    return _("Logged: %(amount)s, %(name)s") % values


def _one_today(viewer: Viewer, db: Session) -> Submitted[Any]:
    """The form to log work as it opens."""
    return blank(quantity=1, done_on=viewer.today(db.now()))


def _scope_page(request: Request, viewer: Viewer, contract: Contract, db: Session, period: str | None) -> Response:
    today, term = viewer.today(db.now()), term_of(contract)
    month = asked_month(period, term, today)
    lines = queries.metered_lines(db, [contract.id], month.first).get(contract.id, [])
    names = queries.party_names(db, contract)
    return page(
        request,
        "crm/scopes/show.html",
        contract=contract,
        groups=rows_by_group(contract, lines, viewer),
        summary=overview(lines),
        priced=any(item.line.price is not None for item in lines),
        month=month,
        month_name=period_name(month),
        months=[(choice.key, period_name(choice)) for choice in months_of(term, today)],
        beside=[(near.key, period_name(near)) if near else None for near in months_beside(month, term, today)],
        outside=any(item.line.owner == LineOwner.THIRD_PARTY for item in lines),
        term=term,
        today=today,
        specialist_name=names[contract.specialist_id],
        business_name=names[contract.business_id],
        loggable=scopes.is_loggable(contract, db.now()),
        log_until=scopes.log_until(contract),
        reply_hours=reply_hours(contract.terms),
        platforms_rule=platforms_rule(contract.terms, [item.line.platform for item in lines]),
    )


def _line_page(
    request: Request,
    viewer: Viewer,
    contract: Contract,
    line: ScopeLine,
    db: Session,
    form: Submitted[Any],
    *,
    after: str | None = None,
    corrected: tuple[UUID, Submitted[Any]] | None = None,
    status: int = 200,
) -> Response:
    """``corrected``: the entry whose correction was refused, and what was typed."""
    today = viewer.today(db.now())
    metered = queries.metered_lines(db, [contract.id], today).get(contract.id, [])
    item = next(item for item in metered if item.line.id == line.id)
    return page(
        request,
        "crm/scopes/line.html",
        status=status,
        contract=contract,
        item=item,
        today=today,
        period_name=period_name(item.period),
        reply_hours=reply_hours(contract.terms),
        platforms="" if line.platform else platforms(contract.terms),
        proof=proof.sentence(proof.asked(line)),
        suffices=proof.SUFFICES[proof.asked(line)],
        found=queries.list_entries(db, line, after=after),
        form=form,
        reason_text=reason_text,
        corrected=corrected,
        may_log=viewer.can_edit and scopes.is_loggable(contract, db.now()) and scopes.may_log(contract, line, viewer),
        first_day=max(term_of(contract).first, line.valid_from),
    )
