"""Contracts: completed, sent, signed by both, or not."""

from __future__ import annotations

from accounts.viewers import Viewer
from app.demo import usage
from app.demo.stage import Facts, Stage, Step, read
from core.db import Session
from crm.contracts import drafting, endings, leaving, queries, signing
from crm.contracts.models import Contract, ContractStatus
from crm.contracts.schemas import DraftInput, LineEdit, NoticeInput, ReasonInput, SendInput, SignInput
from marketplace.offers.models import Offer

ADDRESS = "203.0.113.24"
"""An address of the range that documentation uses."""
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def do(db: Session, stage: Stage, offer: Offer, name: str, step: Step, facts: Facts) -> None:
    """A step of the contract that came from ``offer``: ``send``, ``sign client``, ``notice specialist``, an ending."""
    contract = queries.contract_of_offer(db, offer.id)
    assert contract is not None
    client = stage.of_workspace(contract.business_id)
    ours = stage.viewers[facts["member"]] if "member" in facts else stage.of_workspace(contract.specialist_id)
    side = client if step.rest == ("client",) else ours
    match step.verb:
        case "send":
            _complete(db, contract, read("scopes").get(name, {}), by=ours)
            signing.send(db, contract, SendInput(version=contract.version), by=ours)
        case "sign":
            _sign(db, stage, contract, name, by=side)
        case "refuse":
            endings.decline(db, contract, ReasonInput(reason=step.note), by=client)
        case "void":
            endings.void(db, contract, ReasonInput(reason=step.note), by=ours)
        case "notice":
            last_day = leaving.earliest(contract, side.today(db.now()))
            assert last_day is not None
            leaving.give_notice(db, contract, NoticeInput(last_day=last_day, message=step.note), by=side)
        case "terminate":
            leaving.terminate(db, contract, ReasonInput(reason=step.note), by=side)
        case other:
            raise ValueError(f"{name}: {other}")


def _complete(db: Session, contract: Contract, facts: Facts, *, by: Viewer) -> None:
    """The terms nobody has to think about, in the law of the specialist's country, and what carries over."""
    specialist, client = contract.parties["specialist"], contract.parties["client"]
    data = DraftInput(
        version=contract.version,
        specialist_legal_name=specialist["legal_name"],
        specialist_address=specialist["address"],
        specialist_country=specialist["country"],
        client_legal_name=client["legal_name"],
        client_address=client["address"],
        client_country=client["country"],
        approval_hours=contract.terms["approval_hours"],
        notice_days=contract.terms["notice_days"],
        payment_days=contract.terms["payment_days"],
        governing_law=specialist["country"],
        reply_hours=facts.get("hours"),
        lines=[
            LineEdit(
                id=line.id,
                approver=line.approver,
                evidence=line.evidence,
                exclusions=line.exclusions,
                rollover_cap=facts["carry"][line.responsibility],
            )
            for line in queries.lines_of(db, contract.id)
            if line.responsibility in facts.get("carry", {})
        ],
    )
    drafting.edit(db, contract, data, by=by)


def _sign(db: Session, stage: Stage, contract: Contract, name: str, *, by: Viewer) -> None:
    document = queries.current_document(db, contract)
    assert document is not None
    data = SignInput(typed_name=by.name, agree=True, document_sha256=document.sha256)
    signing.sign(db, contract, data, by=by, address=ADDRESS, agent=AGENT)
    if contract.status is ContractStatus.ACTIVE:
        usage.plan(db, stage, contract, name)
