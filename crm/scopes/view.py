"""The matrix prepared for the page: grouped rows with everything a cell shows, so that the template only prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.viewers import Viewer
from core.i18n import gettext as _
from crm.contracts.models import Contract
from crm.scopes.queries import MeteredLine
from crm.scopes.service import may_log
from marketplace.briefs.models import LineOwner
from marketplace.taxonomy.catalogue import load


@dataclass(frozen=True, slots=True)
class Overview:
    """How a scope stands: lines with a limit, how many are near or over it, and the share used on average."""

    lines: int
    near: int
    over: int
    share: int
    """Percent, 0 to 100."""


@dataclass(frozen=True, slots=True)
class MatrixRow:
    item: MeteredLine
    owners: tuple[bool, bool, bool]
    """Whether specialist, client, third party do it; shared lines are done by the first two."""
    may_log: bool


def rows_by_group(contract: Contract, lines: list[MeteredLine], viewer: Viewer) -> list[tuple[str, list[MatrixRow]]]:
    """Rows under the names of the catalogue's groups, in the catalogue's order."""
    catalogue = load()
    found: dict[str, list[MatrixRow]] = {}
    for item in sorted(lines, key=lambda item: (item.line.responsibility[:1], item.line.position)):
        row = MatrixRow(item, _owners(item.line.owner), viewer.can_edit and may_log(contract, item.line, viewer))
        found.setdefault(item.line.responsibility[:1], []).append(row)
    return [
        (_(catalogue.groups[code].name) if code in catalogue.groups else code, rows) for code, rows in found.items()
    ]


def _owners(owner: Any) -> tuple[bool, bool, bool]:
    shared = owner == LineOwner.SHARED
    return (
        shared or owner == LineOwner.SPECIALIST,
        shared or owner == LineOwner.CLIENT,
        owner == LineOwner.THIRD_PARTY,
    )


def overview(lines: list[MeteredLine]) -> Overview:
    """The summary of a scope in a period."""
    limited = [item.meter for item in lines if item.meter.allowance]
    shares = [min(1.0, meter.used / meter.allowance) for meter in limited if meter.allowance]
    return Overview(
        lines=len(lines),
        near=sum(meter.state == "near" for meter in limited),
        over=sum(meter.state == "over" for meter in limited),
        share=round(100 * sum(shares) / len(shares)) if shares else 0,
    )
