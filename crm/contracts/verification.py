"""Recomputing the proof: do the hashes still hold, and do the rows still say what was signed?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from core.crypto import canonical, digest
from core.db import Session
from crm.contracts import queries
from crm.contracts.document import facts_of, sha256_of
from crm.contracts.models import BOUND, ON_TABLE, Contract, ContractStatus, Side


def signature_facts(signature: Any) -> dict[str, Any]:
    """Everything a signature's hash covers."""
    return {
        "id": str(signature.id),
        "contract": str(signature.contract_id),
        "document": str(signature.document_id),
        "document_sha256": signature.document_sha256,
        "side": str(signature.side),
        "workspace": str(signature.workspace_id),
        "user": str(signature.user_id),
        "typed_name": signature.typed_name,
        "intent": signature.intent,
        "address": signature.address,
        "agent": signature.agent,
        "signed_at": signature.signed_at.isoformat(),
        "previous_sha256": signature.previous_sha256,
    }


def signature_hash(signature: Any) -> str:
    """The hash of a signature, hex; it covers the hash of the one before."""
    return digest(signature_facts(signature))


def verify(db: Session, contract: Contract) -> list[str]:
    """What does not hold of a contract's proof, as sentences for its readers; empty if all does."""
    return list(
        faults(
            contract,
            queries.documents_of(db, contract.id),
            queries.signatures_of(db, contract.id),
            queries.lines_of(db, contract.id),
            queries.plan_of(db, contract.id),
        )
    )


def faults(
    contract: Contract, documents: Sequence[Any], signatures: Sequence[Any], lines: Sequence[Any], plan: Sequence[Any]
) -> Iterator[str]:
    """The same from rows already read. Not translated: the console shows it too."""
    yield from _document_faults(contract, documents)
    yield from _signature_faults(contract, documents, signatures)
    yield from _status_faults(contract)
    if contract.is_frozen and documents:
        yield from _differences(contract, documents[-1], lines, plan)


def _document_faults(contract: Contract, documents: Sequence[Any]) -> Iterator[str]:
    previous = ""
    for number, document in enumerate(documents, 1):
        name = f"document {document.number}"
        if document.number != number:
            yield f"{name}: number {number} is missing"
        if sha256_of(document.body) != document.sha256:
            yield f"{name}: the text does not match its hash"
        if document.previous_sha256 != previous:
            yield f"{name}: the chain is broken before it"
        body = _parsed(document.body)
        if body is None or canonical(body).decode() != document.body:
            yield f"{name}: the text is not in canonical form"
        elif (body.get("number"), body.get("previous_sha256"), body.get("frozen_at"), body.get("contract")) != (
            document.number,
            document.previous_sha256,
            document.frozen_at.isoformat(),
            str(document.contract_id),
        ):
            yield f"{name}: number, time or place in the chain differ from the text"
        previous = document.sha256
    if len(documents) != contract.document_number:
        yield f"documents: {len(documents)} found, {contract.document_number} expected"


def _parsed(body: str) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _signature_faults(contract: Contract, documents: Sequence[Any], signatures: Sequence[Any]) -> Iterator[str]:
    hashes: dict[UUID, str] = {document.id: document.sha256 for document in documents}
    previous = ""
    for signature in signatures:
        name = f"signature of the {signature.side}"
        if signature_hash(signature) != signature.sha256:
            yield f"{name}: it does not match its hash"
        if signature.previous_sha256 != previous:
            yield f"{name}: the chain is broken before it"
        if hashes.get(signature.document_id) != signature.document_sha256:
            yield f"{name}: it was given for another text"
        if contract.side_of(signature.workspace_id) is not signature.side:
            yield f"{name}: it was given by another workspace"
        previous = signature.sha256
    needed = {ContractStatus.SENT: 0, ContractStatus.PARTIALLY_SIGNED: 1}.get(contract.status, len(Side))
    if contract.status in ON_TABLE | BOUND and len(signatures) != needed:
        yield f"signatures: {len(signatures)} found, {needed} expected"


def _status_faults(contract: Contract) -> Iterator[str]:
    """Only what both signed is in force, and what both signed is never open again."""
    if contract.status in BOUND and contract.signed_at is None:
        yield f"status: {contract.status}, though not signed by both"
    if contract.signed_at is not None and contract.status not in BOUND | {ContractStatus.VOID}:
        yield f"status: {contract.status}, though signed by both"


def _differences(contract: Contract, document: Any, lines: Sequence[Any], plan: Sequence[Any]) -> Iterator[str]:
    """Whether the rows the scope and the billing work with still say what the document says."""
    body = _parsed(document.body) or {}
    stored = json.loads(canonical(facts_of(contract, lines, plan)))
    for name, value in stored.items():
        if body.get(name) != value:
            yield f"{name}: the stored rows differ from document {document.number}"
