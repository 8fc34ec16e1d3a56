"""What the pages of a contract show, gathered in a fixed number of queries."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from accounts.viewers import Viewer
from core.db import Session
from crm.contracts import queries, words
from crm.contracts.document import facts_of, shown, snapshot
from crm.contracts.drafting import missing
from crm.contracts.leaving import earliest, last_by_term
from crm.contracts.lines import repeats
from crm.contracts.models import ON_TABLE, UNSIGNED, Contract, ContractStatus, EvidenceType, ReplyHours, Side
from crm.contracts.pdf import reference
from crm.contracts.signing import intent, time_to_sign
from crm.contracts.verification import faults
from marketplace.briefs.matching import OURS
from marketplace.offers.models import Billing
from web.forms import Submitted, blank, filled


def allowed(contract: Contract, signatures: list[Any], viewer: Viewer, now: datetime) -> set[str]:
    """The verbs ``viewer`` may use now; the services decide again."""
    if not viewer.can_manage or (contract.status in UNSIGNED and contract.expires_at <= now):
        return set()
    if contract.status is ContractStatus.DRAFT:
        return {"edit", "send", "void"}
    if contract.status is ContractStatus.SIGNED:
        return {"void"}
    if contract.status is ContractStatus.ACTIVE:
        return {"terminate"} | ({"notice"} if earliest(contract, viewer.today(now)) else set())
    if contract.status is ContractStatus.ENDING and contract.keep_asked_by is not contract.side_of(viewer.workspace_id):
        return {"keep"}
    if contract.status not in ON_TABLE:
        return set()
    sent_here = contract.sent_by_id == viewer.workspace_id
    found = {"void"} if sent_here else {"decline"}
    if sent_here and not signatures:
        found.add("recall")
    if all(signature.workspace_id != viewer.workspace_id for signature in signatures):
        found.add("sign")
    return found


def contract_page(
    db: Session, contract: Contract, viewer: Viewer, form: Submitted[Any] | None = None
) -> dict[str, Any]:
    """Values of the contract's page. ``form``: one that came back with errors."""
    signatures = queries.signatures_of(db, contract.id)
    gaps: dict[str, str] = {}
    if contract.status is ContractStatus.DRAFT:
        lines, plan = queries.lines_of(db, contract.id), queries.plan_of(db, contract.id)
        gaps = missing(contract, lines, plan)
        body, sha256 = snapshot(facts_of(contract, lines, plan)), ""
    else:
        body, sha256 = shown(db, contract)
    refused = form is not None and not gaps.keys().isdisjoint(form.errors)
    first = earliest(contract, viewer.today(db.now()))
    return {
        "contract": contract,
        "body": body,
        "sha256": sha256,
        "reference": reference(contract, body),
        "signatures": {signature.side: signature for signature in signatures},
        "sides": list(Side),
        "here": contract.side_of(viewer.workspace_id),
        "history": queries.history_of(db, contract),
        "gaps": gaps,
        "refused": refused,
        "can": allowed(contract, signatures, viewer, db.now()),
        "intent": intent(body["number"]),
        "form": blank(last_day=first) if form is None or refused else form,
        "notice_from": first,
        "notice_until": last_by_term(contract),
        "not_due": not_due(contract, body),
        "sign_until": time_to_sign(contract, db.now()),
        "words": words,
    }


def not_due(contract: Contract, body: dict[str, Any]) -> int:
    """How many planned months never begin because the contract ends before its term does."""
    if contract.ends_on is None or contract.billing is not Billing.RETAINER:
        return 0
    return sum(date.fromisoformat(item["due_on"]) > contract.ends_on for item in body["plan"])


def draft_page(db: Session, contract: Contract, form: Submitted[Any] | None = None) -> dict[str, Any]:
    """Values of the page that edits a draft."""
    lines = queries.lines_of(db, contract.id)
    return {
        "contract": contract,
        "lines": lines,
        "repeats": repeats,
        "proven": OURS,
        "hours": [(choice.value, words.reply_choice(choice)) for choice in ReplyHours],
        "zone": queries.zone_of(db, contract.specialist_id),
        "form": form or filled(_stored(contract, lines)),
        "evidences": [(evidence.value, words.evidence_name(evidence)) for evidence in EvidenceType],
        "sides": list(Side),
        "words": words,
    }


def proof_page(db: Session, contract: Contract) -> dict[str, Any]:
    """Values of the page that recomputes the proof."""
    documents, signatures = queries.documents_of(db, contract.id), queries.signatures_of(db, contract.id)
    lines, plan = queries.lines_of(db, contract.id), queries.plan_of(db, contract.id)
    return {
        "contract": contract,
        "documents": documents,
        "signatures": signatures,
        "faults": list(faults(contract, documents, signatures, lines, plan)),
        "words": words,
    }


def _stored(contract: Contract, lines: list[Any]) -> dict[str, Any]:
    parties = {
        f"{side}_{name}": contract.parties[side][name] for side in Side for name in ("legal_name", "address", "country")
    }
    fixed = ("excluded", "platforms", "reply_zone")
    terms = {name: value for name, value in contract.terms.items() if name not in fixed}
    said = ("id", "approver", "evidence", "exclusions", "rollover_cap")
    rows = [{name: getattr(line, name) for name in said} for line in lines]
    return {"version": contract.version, "reply_hours": ReplyHours.ALWAYS, **parties, **terms, "lines": rows}
