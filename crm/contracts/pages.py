"""Pages of contracts, the same for both sides."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response

from accounts.access import Manager
from accounts.viewers import Viewer
from core.db import Session
from core.errors import Conflict
from core.i18n import gettext as _
from crm.contracts import drafting as drafts
from crm.contracts import endings, leaving, pdf, queries, signing, views, words
from crm.contracts.access import PartyContract
from crm.contracts.models import Contract, ContractStatus
from crm.contracts.schemas import DraftInput, NoticeInput, ReasonInput, SendInput, SignInput
from web.deps import DB
from web.forms import Submitted, form_of
from web.limits import client_address
from web.responses import page, redirect
from web.routing import pages

router = pages("/contracts")

DraftForm = Annotated[Submitted[DraftInput], Depends(form_of(DraftInput))]
SendForm = Annotated[Submitted[SendInput], Depends(form_of(SendInput))]
SignForm = Annotated[Submitted[SignInput], Depends(form_of(SignInput))]
NoticeForm = Annotated[Submitted[NoticeInput], Depends(form_of(NoticeInput))]
ReasonForm = Annotated[Submitted[ReasonInput], Depends(form_of(ReasonInput))]


@router.get("")
def index(
    request: Request,
    viewer: Manager,
    db: DB,
    show: queries.ContractTab = queries.ContractTab.OPEN,
    after: str | None = None,
) -> Response:
    found = queries.list_contracts(db, viewer, show, after=after)
    return page(request, "crm/contracts/index.html", found=found, tab=show, words=words)


@router.get("/of-offer/{offer_id}")
def show_by_offer(request: Request, viewer: Manager, offer_id: UUID, db: DB) -> Response:
    """Offers know nothing of contracts: this is their way to the one they became."""
    return redirect(request, f"/contracts/{queries.find_by_offer(db, viewer, offer_id).id}")


@router.get("/{contract_id}")
def show(request: Request, viewer: Manager, contract: PartyContract, db: DB) -> Response:
    return page(request, "crm/contracts/show.html", **views.contract_page(db, contract, viewer))


@router.get("/{contract_id}/edit")
def edit_form(request: Request, contract: PartyContract, db: DB) -> Response:
    drafts.require_version(contract, contract.version)
    return page(request, "crm/contracts/edit.html", **views.draft_page(db, contract))


@router.post("/{contract_id}")
def edit(request: Request, viewer: Manager, contract: PartyContract, db: DB, form: DraftForm) -> Response:
    if not form.succeeds(db, lambda data: drafts.edit(db, contract, data, by=viewer), keep=(Conflict,)):
        if contract.status is ContractStatus.DRAFT:
            form.values["version"] = contract.version  # told that somebody was faster; sent again, it is meant
        return page(request, "crm/contracts/edit.html", status=form.status, **views.draft_page(db, contract, form))
    return redirect(request, f"/contracts/{contract.id}", flash=_("Saved"))


@router.post("/{contract_id}/send")
def send(request: Request, viewer: Manager, contract: PartyContract, db: DB, form: SendForm) -> Response:
    form.attempt(db, lambda data: signing.send(db, contract, data, by=viewer))
    if form.errors:
        return _refused(request, viewer, contract, db, form)
    return redirect(request, f"/contracts/{contract.id}", flash=_("Sent. Both sides can sign now."))


@router.post("/{contract_id}/recall")
def recall(request: Request, viewer: Manager, contract: PartyContract, db: DB) -> Response:
    signing.recall(db, contract, by=viewer)
    return redirect(request, f"/contracts/{contract.id}", flash=_("Taken back. It is a draft again."))


@router.post("/{contract_id}/sign")
def sign(request: Request, viewer: Manager, contract: PartyContract, db: DB, form: SignForm) -> Response:
    address, agent = client_address(request), request.headers.get("user-agent", "")
    form.attempt(db, lambda data: signing.sign(db, contract, data, by=viewer, address=address, agent=agent))
    if form.errors:
        return _refused(request, viewer, contract, db, form)
    flash = _("Signed by both. The contract is in force.") if contract.active_at else _("Signed")
    return redirect(request, f"/contracts/{contract.id}", flash=flash)


@router.post("/{contract_id}/decline")
def decline(request: Request, viewer: Manager, contract: PartyContract, db: DB, form: ReasonForm) -> Response:
    form.attempt(db, lambda data: endings.decline(db, contract, data, by=viewer))
    if form.errors:
        return _refused(request, viewer, contract, db, form)
    return redirect(request, f"/contracts/{contract.id}", flash=_("Declined. The other side sees why."))


@router.post("/{contract_id}/void")
def void(request: Request, viewer: Manager, contract: PartyContract, db: DB, form: ReasonForm) -> Response:
    form.attempt(db, lambda data: endings.void(db, contract, data, by=viewer))
    if form.errors:
        return _refused(request, viewer, contract, db, form)
    return redirect(request, f"/contracts/{contract.id}", flash=_("Called off. The other side sees why."))


@router.post("/{contract_id}/notice")
def give_notice(request: Request, viewer: Manager, contract: PartyContract, db: DB, form: NoticeForm) -> Response:
    form.attempt(db, lambda data: leaving.give_notice(db, contract, data, by=viewer))
    if form.errors:
        return _refused(request, viewer, contract, db, form)
    return redirect(request, f"/contracts/{contract.id}", flash=_("Notice given. The work goes on until the last day."))


@router.post("/{contract_id}/keep")
def keep(request: Request, viewer: Manager, contract: PartyContract, db: DB) -> Response:
    leaving.keep(db, contract, by=viewer)
    asked = contract.keep_asked_by is not None
    flash = _("Asked. The other side has to agree.") if asked else _("Agreed. The contract goes on.")
    return redirect(request, f"/contracts/{contract.id}", flash=flash)


@router.post("/{contract_id}/terminate")
def terminate(request: Request, viewer: Manager, contract: PartyContract, db: DB, form: ReasonForm) -> Response:
    form.attempt(db, lambda data: leaving.terminate(db, contract, data, by=viewer))
    if form.errors:
        return _refused(request, viewer, contract, db, form)
    return redirect(request, f"/contracts/{contract.id}", flash=_("Ended. The other side sees why."))


@router.get("/{contract_id}/document.pdf")
def document(contract: PartyContract, db: DB) -> Response:
    content, name = pdf.paper(db, contract)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="application/pdf", headers=headers)


@router.get("/{contract_id}/verification")
def verification(request: Request, contract: PartyContract, db: DB) -> Response:
    return page(request, "crm/contracts/verification.html", **views.proof_page(db, contract))


def _refused(request: Request, viewer: Viewer, contract: Contract, db: Session, form: Submitted[Any]) -> Response:
    """The contract's page again, with what was typed and what is wrong with it."""
    return page(request, "crm/contracts/show.html", status=422, **views.contract_page(db, contract, viewer, form))
