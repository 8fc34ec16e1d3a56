"""The lines of a brief: where they come from, how they are put in order, checked and stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from core.db import Session
from core.i18n import gettext as _
from marketplace.briefs.models import Brief, BriefLine, LinePeriod
from marketplace.briefs.schemas import BriefLineInput, ScopeForm
from marketplace.taxonomy.catalogue import load

_CONTENT = ("limit", "period", "owner", "sla_minutes", "note")


def usual_line(code: str, limit: int | None = None) -> BriefLineInput:
    """A line for a responsibility with the catalogue's usual limit, period and time to reply."""
    duty = load().responsibility(code)
    return BriefLineInput(
        responsibility=code,
        limit=limit or duty.default_limit,
        period=LinePeriod(duty.default_period),
        sla_minutes=duty.sla_default_minutes,
    )


def lines_of_preset(code: str) -> list[BriefLineInput]:
    """The lines of a ready scope."""
    return [usual_line(duty, limit) for duty, limit in load().preset_limits(code).items()]


def rearranged(data: ScopeForm) -> list[BriefLineInput]:
    """The typed lines with those the pressed button adds, without the one it removes."""
    lines = [line for number, line in enumerate(data.lines) if number != data.remove]
    new = lines_of_preset(data.preset) if data.preset else []
    new += [usual_line(code) for code in data.add] if data.then == "add" else []
    known = {(line.responsibility, line.platform) for line in lines}
    return lines + [line for line in new if (line.responsibility, line.platform) not in known]


def in_order(lines: Sequence[BriefLineInput]) -> list[BriefLineInput]:
    """Sorted as the catalogue is, then by platform."""
    duties = list(load().responsibilities)
    return sorted(lines, key=lambda line: (duties.index(line.responsibility), line.platform))


def faults_of(lines: Sequence[BriefLineInput], platforms: Sequence[str]) -> dict[str, str]:
    """A sentence for each line that repeats another or names a platform the brief does not cover."""
    faults: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    for number, line in enumerate(lines):
        key = (line.responsibility, line.platform)
        if key in seen:
            faults[f"lines.{number}.platform"] = _(
                "This responsibility is in the list already. Choose another platform."
            )
        elif line.platform and line.platform not in platforms:
            faults[f"lines.{number}.platform"] = _("Choose this platform for the whole brief first.")
        seen.add(key)
    return faults


def differ(before: Sequence[Any], after: Sequence[BriefLineInput]) -> bool:
    """Whether stored lines and typed ones ask for different work; notes do not count."""

    def asked(line: Any) -> tuple[Any, ...]:
        return (line.responsibility, line.platform, line.limit, line.period, line.owner, line.sla_minutes)

    return sorted(map(repr, map(asked, before))) != sorted(map(repr, map(asked, after)))


def write(db: Session, brief: Brief, lines: Sequence[BriefLineInput]) -> None:
    """Store ``lines`` in their order. A line that stays keeps its id, so that offers still answer it."""
    stored: Mapping[tuple[str, str], BriefLine] = {
        (row.responsibility, row.platform): row
        for row in db.scalars(select(BriefLine).where(col(BriefLine.brief_id) == brief.id))
    }
    kept = set()
    for position, line in enumerate(lines):
        key = (line.responsibility, line.platform)
        kept.add(key)
        row = stored.get(key) or BriefLine(
            brief_id=brief.id, position=0, responsibility=key[0], platform=key[1], unit=""
        )
        row.position = position
        row.unit = load().responsibility(line.responsibility).unit
        for name in _CONTENT:
            setattr(row, name, getattr(line, name))
        db.add(row)
    for key, row in stored.items():
        if key not in kept:
            db.delete(row)
    db.flush()
