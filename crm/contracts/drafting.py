"""Drafts: made from an accepted offer, completed by either side, checked before they are sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from accounts.viewers import Viewer
from accounts.workspaces import service as workspaces
from accounts.workspaces.models import Workspace
from core.db import Session
from core.errors import Conflict
from core.events import Actor
from core.i18n import gettext as _
from core.states import amend
from crm.contracts import plan, queries
from crm.contracts.events import tell
from crm.contracts.lines import complete
from crm.contracts.models import Contract, ContractStatus, EvidenceType, ReplyHours, ScopeLine, Side
from crm.contracts.schemas import DraftInput
from crm.deals import service as deals
from marketplace.briefs.models import Brief, LineOwner
from marketplace.offers import queries as offers
from marketplace.offers.coverage import answers_to
from marketplace.offers.models import Billing, Coverage, Offer, OfferVersion
from marketplace.taxonomy.catalogue import load

SIGN_WITHIN = timedelta(days=14)
"""From the acceptance to the sending, and from the sending to both signatures (§3.4)."""
APPROVAL_HOURS = 48
NOTICE_DAYS = 14
PAYMENT_DAYS = 7
_OFFERED = (LineOwner.SPECIALIST, LineOwner.SHARED)
"""Whose lines an offer can leave out."""


def draft(db: Session, offer: Offer, *, by: Actor | None) -> Contract:
    """The contract of an accepted offer with parties, terms, scope lines and billing plan, linked to its deal.

    The scope is what the accepted version covers, and what the brief leaves to the client or a third party.
    """
    version = offers.current_version(db, offer)
    brief = db.get(Brief, offer.brief_id) if offer.brief_id else None
    assert offer.specialist_id is not None
    offered = offers.lines_of(db, version.id)
    excluded = [
        [line.responsibility, line.platform]
        for line in offered
        if line.coverage is Coverage.EXCLUDED and line.owner in _OFFERED
    ]
    contract = Contract(
        offer_id=offer.id,
        brief_id=offer.brief_id,
        specialist_id=offer.specialist_id,
        business_id=offer.business_id,
        title=offer.title,
        currency=version.currency,
        total=version.total,
        billing=version.billing,
        starts_on=version.starts_on,
        term_months=version.term_months,
        parties={
            Side.SPECIALIST.value: _party(db, offer.specialist_id),
            Side.CLIENT.value: _party(db, offer.business_id),
        },
        terms={
            "approval_hours": (brief.approval_hours if brief else None) or APPROVAL_HOURS,
            "notice_days": NOTICE_DAYS,
            "payment_days": PAYMENT_DAYS,
            "governing_law": "",
            "notes": "",
            "reply_hours": ReplyHours.ALWAYS.value,
            "reply_zone": queries.zone_of(db, offer.specialist_id),
            "excluded": excluded,
            "platforms": list(brief.platforms) if brief else [],
        },
        expires_at=db.now() + SIGN_WITHIN,
        created_at=db.now(),
        updated_at=db.now(),
    )
    db.add(contract)
    db.flush()
    taken = [line for line in offered if line.coverage is not Coverage.EXCLUDED]
    db.add_all(_scope(db, contract, taken, brief))
    db.add_all(_plan(db, contract, version))
    db.flush()
    deals.link_contract(db, offer.id, contract.id)
    tell(db, "contract.drafted", contract, by=by)
    return contract


def _party(db: Session, workspace_id: UUID) -> dict[str, str]:
    """The allow-listed details of a workspace."""
    row = db.execute(
        select(
            col(Workspace.name), col(Workspace.legal_name), col(Workspace.legal_address), col(Workspace.country)
        ).where(col(Workspace.id) == workspace_id)
    ).one()
    return {"name": row.name, "legal_name": row.legal_name, "address": row.legal_address, "country": row.country}


def _scope(db: Session, contract: Contract, taken: Sequence[Any], brief: Brief | None) -> list[ScopeLine]:
    others = queries.others_lines_of(db, brief.id) if brief else []
    answered = answers_to(others, [line for line in taken if not _is_more_work(line)])
    lines = [
        _line(
            contract,
            line,
            price=line.price,
            overage_price=line.overage_price,
            revision_rounds=line.revision_rounds,
            approver=brief.approver_name if brief and line.owner in _OFFERED else "",
        )
        for line in taken
    ]
    lines += [_line(contract, line) for line in others if line.id not in answered]
    for position, line in enumerate(lines, 1):
        line.position = position
    return lines


def _is_more_work(line: Any) -> bool:
    """Whether the specialist does this beside what the brief asks for, and so beside what others do."""
    return line.coverage is Coverage.EXTRA and line.owner in _OFFERED


def _line(contract: Contract, line: Any, **more: Any) -> ScopeLine:
    known = load().responsibilities.get(line.responsibility)
    return ScopeLine(
        contract_id=contract.id,
        position=0,
        responsibility=line.responsibility,
        platform=line.platform,
        owner=line.owner,
        unit=line.unit,
        limit=line.limit,
        period=line.period,
        sla_minutes=line.sla_minutes,
        evidence=EvidenceType(known.evidence_type) if known else EvidenceType.MANUAL,
        note=line.note,
        valid_from=contract.starts_on,
        **more,
    )


def _plan(db: Session, contract: Contract, version: OfferVersion) -> list[Any]:
    if version.billing is Billing.MILESTONES:
        return plan.milestones(contract.id, offers.milestones_of(db, version.id), contract.currency)
    return plan.retainer(contract.id, contract.starts_on, contract.term_months, contract.total, contract.currency)


def require_version(contract: Contract, version: int) -> None:
    """Raise ``Conflict`` unless ``contract`` is a draft and ``version`` is the one that was read."""
    if contract.status is not ContractStatus.DRAFT:
        raise Conflict(_("This contract is no draft any more. Reload the page."))
    if contract.version != version:
        raise Conflict(
            _("Someone else changed this draft a moment ago. Compare in another tab; saving again replaces it.")
        )


def edit(db: Session, contract: Contract, data: DraftInput, *, by: Viewer) -> None:
    """Complete a draft: legal details, terms, and by line the approver, proof, what it leaves out and carries over.

    Managers of both sides may; what both will sign is the document frozen afterwards. Price, limits and days
    come from the accepted offer and stay. What the workspace of ``by`` lacks of its own side's details is kept there
    for its next contracts. Raises ``Conflict`` if it was sent or changed since it was read, ``Invalid`` for a line
    that is not part of it or carries over what it cannot.
    """
    queries.lock(db, contract)
    require_version(contract, data.version)
    lines = {line.id: line for line in db.scalars(select(ScopeLine).where(col(ScopeLine.contract_id) == contract.id))}
    complete(lines, data.lines)
    parties = {
        side.value: {
            **contract.parties[side],
            "legal_name": getattr(data, f"{side}_legal_name"),
            "address": getattr(data, f"{side}_address"),
            "country": getattr(data, f"{side}_country"),
        }
        for side in Side
    }
    changed = data.model_dump(include={"approval_hours", "notice_days", "payment_days", "governing_law", "notes"})
    hours = data.reply_hours or ReplyHours(contract.terms.get("reply_hours", ReplyHours.ALWAYS))
    changed["reply_hours"] = hours.value
    changed["reply_zone"] = queries.zone_of(db, contract.specialist_id)
    amend(db, contract, parties=parties, terms={**contract.terms, **changed}, updated_at=db.now())
    tell(db, "contract.edited", contract, by=by)
    ours = parties[contract.side_of(by.workspace_id).value]
    kept = {"legal_name": ours["legal_name"], "legal_address": ours["address"], "country": ours["country"]}
    workspaces.complete(db, by.workspace_id, by=by, **kept)


def missing(contract: Contract, lines: Sequence[Any], items: Sequence[Any]) -> dict[str, str]:
    """What keeps a draft from being sent: a sentence for each field to complete."""
    found: dict[str, str] = {}
    for side, party in contract.parties.items():
        if not party["legal_name"]:
            found[f"{side}_legal_name"] = _("%(name)s: add the legal name.") % {"name": party["name"]}
        if not party["address"]:
            found[f"{side}_address"] = _("%(name)s: add the legal address.") % {"name": party["name"]}
    if not lines:
        found["lines"] = _("The scope is empty: there is nothing to agree on.")
    if any(line.responsibility not in load().responsibilities for line in lines):
        found["lines"] = _("A line names a responsibility that is not in the catalogue.")
    if sum(item.amount for item in items) != plan.expected(contract.billing, contract.total, contract.term_months):
        found["plan"] = _("The billing plan does not add up to the agreed price.")
    return found
