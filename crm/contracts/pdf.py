"""The contract as a PDF, set from the frozen text. The same contract in the same state gives the same bytes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.db import Session
from core.i18n import gettext as _
from core.i18n import speaking
from core.templating import show_date
from crm.contracts import queries, words
from crm.contracts.document import shown
from crm.contracts.models import OPEN, Contract, ContractStatus, Side

TEMPLATE = Path(__file__).parent / "contract.typ"
FONTS = Path(__file__).parent / "fonts"


def render(contract: Contract, body: dict[str, Any], sha256: str, signatures: Sequence[Any]) -> bytes:
    """The PDF of ``body`` with its signatures and their proof, in the document's language.

    What people typed goes in as JSON and is set as plain text; nothing of it is evaluated.
    """
    import typst

    with speaking(body["language"]):
        data = _content(contract, body, sha256, signatures)
    moments = [signature.signed_at for signature in signatures]
    frozen_at = datetime.fromisoformat(body["frozen_at"]) if body["frozen_at"] else contract.updated_at
    made: bytes = typst.compile(
        TEMPLATE,
        root=TEMPLATE.parent,
        font_paths=[FONTS],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        timestamp=int(max([frozen_at, *moments]).timestamp()),
    )
    return made


def paper(db: Session, contract: Contract) -> tuple[bytes, str]:
    """The PDF of a contract as it stands, and the name to save it under."""
    body, sha256 = shown(db, contract)
    content = render(contract, body, sha256, queries.signatures_of(db, contract.id))
    return content, f"contract-{contract.id}-{body['number'] or 'draft'}.pdf"


def reference(contract: Contract, body: dict[str, Any]) -> str:
    """``Contract PW-8A1F09C2, version 2 of 9 June 2026``: the random end of the id, short enough to read out."""
    values = {"id": f"PW-{contract.id.hex[-8:].upper()}", "number": body["number"]}
    if not body["frozen_at"]:
        return _("Contract %(id)s, draft") % values
    day = show_date(datetime.fromisoformat(body["frozen_at"]))
    return _("Contract %(id)s, version %(number)s of %(day)s") % {**values, "day": day}


def _content(contract: Contract, body: dict[str, Any], sha256: str, signatures: Sequence[Any]) -> dict[str, Any]:
    stamp = "" if contract.status in OPEN and contract.is_frozen else _stamp(contract.status)
    proof = [{"label": _("Text, SHA-256"), "value": sha256}] if sha256 else []
    if body["previous_sha256"]:
        proof.append({"label": _("Text before, SHA-256"), "value": body["previous_sha256"]})
    proof += [
        {
            "label": _("Signature of the %(side)s, SHA-256") % {"side": words.side_name(signature.side).lower()},
            "value": signature.sha256,
        }
        for signature in signatures
    ]
    return {
        "language": body["language"],
        "reference": reference(contract, body),
        "title": body["title"],
        "stamp": stamp,
        **body["text"],
        "signatures": [_signature(side, signatures) for side in (Side.CLIENT, Side.SPECIALIST)],
        "proof": proof,
        "labels": {"signatures": _("Signatures"), "proof": _("Proof")},
    }


def _stamp(status: ContractStatus) -> str:
    """What is printed across the pages of a paper that binds nobody."""
    marked = (ContractStatus.DRAFT, ContractStatus.DECLINED, ContractStatus.EXPIRED, ContractStatus.VOID)
    return words.status_name(status) if status in marked else ""


def _signature(side: Side, signatures: Sequence[Any]) -> dict[str, Any]:
    role = words.side_name(side)
    found = next((signature for signature in signatures if signature.side is side), None)
    if found is None:
        return {"name": "", "role": role, "lines": [_("Not signed")]}
    signed_at = found.signed_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return {
        "name": found.typed_name,
        "role": role,
        "lines": [found.intent, _("Signed %(time)s from %(address)s") % {"time": signed_at, "address": found.address}],
    }
