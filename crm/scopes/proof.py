"""The proof of a piece of work: the contract names its kind, and no work is logged without it."""

from __future__ import annotations

from typing import Any

from core.errors import Invalid
from core.i18n import gettext as _
from crm.contracts.models import EvidenceType
from crm.scopes.schemas import UsageInput
from marketplace.briefs.matching import OURS

FILE = "file"
SUFFICES: dict[EvidenceType, tuple[str, ...]] = {
    EvidenceType.POST_URL: ("evidence_url",),
    EvidenceType.REPORT: ("evidence_url", FILE),
    EvidenceType.FILE: (FILE, "evidence_url"),
    EvidenceType.REPLY_LOG: ("note", "evidence_url", FILE),
    EvidenceType.MANUAL: (),
}
"""By kind of proof the fields of which one is filled in, the usual one first; nothing more is asked of ``MANUAL``."""


def asked(line: Any) -> EvidenceType:
    """The proof a contract asks for work on a line; what the client or a third party does needs none."""
    return EvidenceType(line.evidence) if line.owner in OURS else EvidenceType.MANUAL


def sentence(proof: EvidenceType) -> str:
    """What the contract asks for, and how to give it."""
    return {
        EvidenceType.POST_URL: _("The contract asks for a link to the post."),
        EvidenceType.REPORT: _("The contract asks for the report: give its link or attach it."),
        EvidenceType.FILE: _("The contract asks for the file: attach it, or give the link to where it lies."),
        EvidenceType.REPLY_LOG: _(
            "The contract asks for a log of replies: write it in the note, link to it or attach it."
        ),
        EvidenceType.MANUAL: _("The contract asks for no proof beyond this entry."),
    }[proof]


def require(line: Any, data: UsageInput, *, has_file: bool, file_field: str) -> None:
    """Raise ``Invalid`` unless the work comes with its proof; a file is named ``file_field`` where it was sent."""
    proof = asked(line)
    given = {"evidence_url": bool(data.evidence_url), FILE: has_file, "note": bool(data.note)}
    fields = SUFFICES[proof]
    if fields and not any(given[name] for name in fields):
        text = sentence(proof)
        raise Invalid(text, {file_field if fields[0] == FILE else fields[0]: text})
