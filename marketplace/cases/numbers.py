"""A case's numbers as a reader may see them: under NDA the change and the shape, never a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.i18n import gettext as _
from marketplace.cases.models import KpiSource
from marketplace.taxonomy.words import kpi_better, kpi_change, kpi_name, kpi_value


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the small chart, in percent of its width from the left."""

    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Number:
    """``was`` and ``became`` are empty under NDA. ``tone`` is "up" for better, "down" for worse."""

    name: str
    measure: str
    platform: str
    source: str
    was: str
    became: str
    change: str
    tone: str
    before: Bar
    after: Bar

    @property
    def finding(self) -> str:
        """What the chart proves, for those who do not see it."""
        if self.became:
            return _("%(name)s: from %(was)s to %(became)s") % {
                "name": self.name,
                "was": self.was,
                "became": self.became,
            }
        return f"{self.name}: {self.change}"


def source_names() -> dict[str, str]:
    """Where a number comes from, in words, as the specialist says it."""
    return {
        KpiSource.MANUAL.value: _("Typed in by the specialist"),
        KpiSource.CSV.value: _("From an export"),
        KpiSource.API.value: _("From the platform"),
        KpiSource.CLIENT_CONFIRMED.value: _("Told by the client"),
    }


def number_of(row: Any, *, nda: bool) -> Number:
    """The number of a ``case_kpi`` row; with ``nda`` nothing of it leads back to the values."""
    change = kpi_change(row.before, row.after)
    if nda and not change:
        change = _("from zero") if row.after != row.before else _("unchanged")
    before, after = _bars(row.before, row.after)
    source = source_names()[row.source]
    return Number(
        name=row.label or kpi_name(row.kpi),
        measure=kpi_name(row.kpi) if row.label else "",
        platform=row.platform,
        source=f"{source}: {row.source_note}" if row.source_note else source,
        was="" if nda else kpi_value(row.before, row.kpi, row.currency),
        became="" if nda else kpi_value(row.after, row.kpi, row.currency),
        change=change,
        tone=_tone(row),
        before=before,
        after=after,
    )


def _tone(row: Any) -> str:
    if row.after == row.before:
        return ""
    return "up" if kpi_better(row.kpi, row.before, row.after) else "down"


def _bars(*values: int) -> tuple[Bar, ...]:
    """Bars on one scale that holds zero; values below zero lie to its left."""
    low, high = min(0, *values), max(0, *values)
    span = (high - low) or 1
    return tuple(Bar((min(0, value) - low) * 100 / span, max(abs(value) * 100 / span, 0.5)) for value in values)
