"""What may be said about the lines of a draft: who approves, the proof, what they leave out, what carries over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from core.errors import Invalid
from core.i18n import gettext as _
from crm.contracts.models import ScopeLine
from crm.contracts.schemas import LineEdit
from marketplace.briefs.models import LinePeriod


def repeats(line: Any) -> bool:
    """Whether a line has a limit that starts anew: only of such a limit can something carry over."""
    return line.limit is not None and line.period is not LinePeriod.ONCE


def complete(lines: Mapping[UUID, ScopeLine], rows: Sequence[LineEdit]) -> None:
    """Write what ``rows`` say into the lines of a draft. Raises ``Invalid`` naming each row that cannot be, before."""
    faults = {f"lines.{n}.id": _("This line is not part of the contract.") for n, row in _strange(lines, rows)}
    if faults:
        raise Invalid(_("Some lines are not part of the contract."), faults)
    for n, row in enumerate(rows):
        if fault := _carried(lines[row.id], row.rollover_cap):
            faults[f"lines.{n}.rollover_cap"] = fault
    if faults:
        raise Invalid(_("Some lines cannot be like this."), faults)
    for row in rows:
        line = lines[row.id]
        line.approver, line.exclusions, line.rollover_cap = row.approver, row.exclusions, row.rollover_cap
        line.evidence = row.evidence or line.evidence


def _strange(lines: Mapping[UUID, ScopeLine], rows: Sequence[LineEdit]) -> list[tuple[int, LineEdit]]:
    return [(n, row) for n, row in enumerate(rows) if row.id not in lines]


def _carried(line: ScopeLine, most: int) -> str:
    """What is wrong with ``most`` units carrying over; empty if nothing is."""
    if not most:
        return ""
    if not repeats(line):
        return _("Only a limit that starts anew each month or quarter carries over.")
    if line.limit is not None and most > line.limit:
        return _("At most the limit itself carries over: %(limit)s.") % {"limit": line.limit}
    return ""
