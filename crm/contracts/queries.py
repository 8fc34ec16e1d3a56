"""Every SELECT about contracts, bounded by the viewer's workspace where a viewer asks."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from accounts.users.models import User
from accounts.viewers import Viewer
from accounts.workspaces.models import Workspace
from core.db import Session
from core.errors import NotFound
from core.events import Event
from core.i18n import gettext as _
from core.paging import PAGE_SIZE, Page, cursor_id, decode_cursor, page_of
from crm.contracts.models import (
    OPEN,
    RUNNING,
    UNSIGNED,
    Contract,
    ContractDocument,
    ContractStatus,
    PlanItem,
    ScopeLine,
    Signature,
)
from marketplace.briefs.models import Brief, BriefLine, LineOwner
from marketplace.offers.models import Offer


class ContractTab(StrEnum):
    """The parts of the list of contracts.

    ``open``: being drafted or signed; ``running``: in force; ``closed``: over, or never in force; ``all``: the three.
    """

    OPEN = "open"
    RUNNING = "running"
    CLOSED = "closed"
    ALL = "all"


_business = aliased(Workspace)
_specialist = aliased(Workspace)
_listed = (
    select(
        col(Contract.id),
        col(Contract.offer_id),
        col(Contract.brief_id),
        col(Contract.status),
        col(Contract.title),
        col(Contract.currency),
        col(Contract.total),
        col(Contract.billing),
        col(Contract.starts_on),
        col(Contract.term_months),
        col(Contract.ends_on),
        col(Contract.sent_by_id),
        col(Contract.expires_at),
        col(Contract.specialist_id),
        col(Contract.business_id),
        col(_business.name).label("business_name"),
        col(_specialist.name).label("specialist_name"),
    )
    .join(_business, col(_business.id) == Contract.business_id)
    .join(_specialist, col(_specialist.id) == Contract.specialist_id)
)


def _party(viewer: Viewer) -> Any:
    return or_(col(Contract.specialist_id) == viewer.workspace_id, col(Contract.business_id) == viewer.workspace_id)


def list_contracts(
    db: Session,
    viewer: Viewer,
    tab: ContractTab = ContractTab.OPEN,
    *,
    status: ContractStatus | None = None,
    after: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[Any]:
    """The workspace's contracts, newest first, with the other side's name and whether this side signed."""
    own, other = (Contract.specialist_id, _business) if viewer.is_specialist else (Contract.business_id, _specialist)
    signed = exists().where(
        col(Signature.contract_id) == Contract.id, col(Signature.workspace_id) == viewer.workspace_id
    )
    statement = _listed.add_columns(col(other.name).label("other_name"), signed.label("signed_here"))
    statement = statement.where(col(own) == viewer.workspace_id)
    match tab:
        case ContractTab.OPEN:
            statement = statement.where(col(Contract.status).in_(OPEN))
        case ContractTab.RUNNING:
            statement = statement.where(col(Contract.status).in_(RUNNING))
        case ContractTab.CLOSED:
            statement = statement.where(col(Contract.status).not_in(OPEN | RUNNING))
        case ContractTab.ALL:
            pass
    if status is not None:
        statement = statement.where(col(Contract.status) == status)
    cursor = decode_cursor(after, 1)
    if cursor is not None:
        statement = statement.where(col(Contract.id) < cursor_id(cursor[0]))
    rows = db.rows(statement.order_by(col(Contract.id).desc()).limit(size + 1))
    return page_of(rows, size, lambda row: (str(row.id),))


def find_contract(db: Session, viewer: Viewer, contract_id: UUID) -> Contract:
    """The contract, if the viewer's workspace is a party. Raises ``NotFound``."""
    found = db.scalar(select(Contract).where(col(Contract.id) == contract_id, _party(viewer)))
    if found is None:
        raise NotFound(_("There is no such contract here."))
    return found


def find_by_offer(db: Session, viewer: Viewer, offer_id: UUID) -> Contract:
    """The contract an offer became, if the viewer's workspace is a party. Raises ``NotFound``."""
    found = db.scalar(select(Contract).where(col(Contract.offer_id) == offer_id, _party(viewer)))
    if found is None:
        raise NotFound(_("There is no such contract here."))
    return found


def contract_of_offer(db: Session, offer_id: UUID) -> Contract | None:
    """The contract an offer became."""
    return db.scalar(select(Contract).where(col(Contract.offer_id) == offer_id))


def unsigned_of_brief(db: Session, brief_id: UUID) -> Sequence[Contract]:
    """Contracts of a brief's offers that not both sides have signed."""
    found = select(Contract).where(col(Contract.brief_id) == brief_id, col(Contract.status).in_(UNSIGNED))
    return db.scalars(found.order_by(col(Contract.id))).all()


def lock(db: Session, contract: Contract, *, with_offer: bool = False) -> None:
    """Hold ``contract`` until the transaction ends and read it anew.

    ``with_offer``: brief and offer first, in the order every feature locks them.
    """
    if with_offer:
        if contract.brief_id is not None:
            db.execute(select(col(Brief.id)).where(col(Brief.id) == contract.brief_id).with_for_update())
        db.execute(select(col(Offer.id)).where(col(Offer.id) == contract.offer_id).with_for_update())
    db.refresh(contract, with_for_update=True)


_line = select(
    col(ScopeLine.id),
    col(ScopeLine.contract_id),
    col(ScopeLine.position),
    col(ScopeLine.responsibility),
    col(ScopeLine.platform),
    col(ScopeLine.owner),
    col(ScopeLine.unit),
    col(ScopeLine.limit),
    col(ScopeLine.period),
    col(ScopeLine.price),
    col(ScopeLine.overage_price),
    col(ScopeLine.rollover_cap),
    col(ScopeLine.sla_minutes),
    col(ScopeLine.revision_rounds),
    col(ScopeLine.approver),
    col(ScopeLine.evidence),
    col(ScopeLine.exclusions),
    col(ScopeLine.note),
    col(ScopeLine.valid_from),
    col(ScopeLine.valid_to),
).order_by(col(ScopeLine.contract_id), col(ScopeLine.position))
_item = select(
    col(PlanItem.id),
    col(PlanItem.contract_id),
    col(PlanItem.kind),
    col(PlanItem.position),
    col(PlanItem.title),
    col(PlanItem.amount),
    col(PlanItem.currency),
    col(PlanItem.due_on),
    col(PlanItem.period_from),
    col(PlanItem.period_to),
).order_by(col(PlanItem.contract_id), col(PlanItem.position))


def lines_of(db: Session, *contract_ids: UUID) -> list[Any]:
    """Scope lines in order."""
    return db.rows(_line.where(col(ScopeLine.contract_id).in_(contract_ids)))


def plan_of(db: Session, *contract_ids: UUID) -> list[Any]:
    """Plan items in order."""
    return db.rows(_item.where(col(PlanItem.contract_id).in_(contract_ids)))


def zone_of(db: Session, workspace_id: UUID) -> str:
    """The time zone of a workspace."""
    zone: str = db.execute(select(col(Workspace.time_zone)).where(col(Workspace.id) == workspace_id)).scalar_one()
    return zone


def current_document(db: Session, contract: Contract) -> ContractDocument | None:
    """The frozen document on the table, or the last one there was; ``None`` before the first sending."""
    return db.scalar(
        select(ContractDocument).where(
            col(ContractDocument.contract_id) == contract.id,
            col(ContractDocument.number) == contract.document_number,
        )
    )


def documents_of(db: Session, *contract_ids: UUID) -> list[Any]:
    """Every frozen document, oldest first."""
    return db.rows(
        select(
            col(ContractDocument.id),
            col(ContractDocument.contract_id),
            col(ContractDocument.number),
            col(ContractDocument.body),
            col(ContractDocument.sha256),
            col(ContractDocument.previous_sha256),
            col(ContractDocument.frozen_at),
        )
        .where(col(ContractDocument.contract_id).in_(contract_ids))
        .order_by(col(ContractDocument.contract_id), col(ContractDocument.number))
    )


def signatures_of(db: Session, *contract_ids: UUID) -> list[Any]:
    """Signatures in the order they were given, which their chain tells and clocks may not."""
    first = col(Signature.previous_sha256) == ""
    return db.rows(
        select(
            col(Signature.id),
            col(Signature.contract_id),
            col(Signature.document_id),
            col(Signature.side),
            col(Signature.workspace_id),
            col(Signature.user_id),
            col(Signature.typed_name),
            col(Signature.intent),
            col(Signature.document_sha256),
            col(Signature.address),
            col(Signature.agent),
            col(Signature.signed_at),
            col(Signature.previous_sha256),
            col(Signature.sha256),
        )
        .where(col(Signature.contract_id).in_(contract_ids))
        .order_by(col(Signature.contract_id), first.desc(), col(Signature.signed_at), col(Signature.id))
    )


def history_of(db: Session, contract: Contract) -> list[Any]:
    """What happened to a contract last, up to 100 events, oldest first, with who did it; usage has its own ledger."""
    latest: list[Any] = db.rows(
        select(col(Event.kind), col(Event.at), col(Event.data), col(User.name).label("person"), col(Event.workspace_id))
        .join(User, col(User.id) == Event.actor_id, isouter=True)
        .where(col(Event.subject_id) == contract.id, col(Event.kind).startswith("contract."))
        .order_by(col(Event.id).desc())
        .limit(100)
    )
    return latest[::-1]


def others_lines_of(db: Session, brief_id: UUID) -> list[Any]:
    """The lines of a brief the client or a third party does: nobody offers them, yet they belong to the scope."""
    return db.rows(
        select(
            col(BriefLine.id),
            col(BriefLine.responsibility),
            col(BriefLine.platform),
            col(BriefLine.unit),
            col(BriefLine.limit),
            col(BriefLine.period),
            col(BriefLine.owner),
            col(BriefLine.sla_minutes),
            col(BriefLine.note),
        )
        .where(col(BriefLine.brief_id) == brief_id)
        .where(col(BriefLine.owner).in_([LineOwner.CLIENT, LineOwner.THIRD_PARTY]))
        .order_by(col(BriefLine.position))
    )


def find_under_way(db: Session, workspaces: Sequence[UUID]) -> str | None:
    """The title of a contract these workspaces are a party of that is being signed or in force."""
    party = or_(col(Contract.specialist_id).in_(workspaces), col(Contract.business_id).in_(workspaces))
    statement = select(col(Contract.title)).where(party, col(Contract.status).in_(OPEN | RUNNING))
    return db.scalar(statement.order_by(col(Contract.id)).limit(1))
