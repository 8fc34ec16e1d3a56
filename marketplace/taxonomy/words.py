"""The catalogue's words for templates: codes to translated names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from babel.numbers import format_percent

from core.i18n import babel_locale, current_locale, ngettext
from core.i18n import gettext as _
from core.money import exponent, format_money
from core.templating import show_measure
from marketplace.taxonomy.catalogue import load

REPLY_TIMES = frozenset({15, 30, 60, 120, 240, 480, 720, 1440, 2880})
"""Minutes within which somebody usually promises to reply."""


def responsibility_name(code: str) -> str:
    """``C1`` → ``Content plan``; an unknown code stays as it is."""
    found = load().responsibilities.get(code)
    return _(found.name) if found else code


def platform_name(code: str) -> str:
    """``IG`` → ``Instagram``."""
    found = load().platforms.get(code)
    return _(found.name) if found else code


def platform_abbr(code: str) -> str:
    """The two letters a platform is shown by; codes are those letters."""
    return code


def niche_name(code: str) -> str:
    found = load().niches.get(code)
    return _(found.name) if found else code


def language_name(code: str) -> str:
    found = load().languages.get(code)
    return _(found.name) if found else code


def kpi_name(code: str) -> str:
    found = load().kpis.get(code)
    return _(found.name) if found else code


def kpi_with_unit(code: str) -> str:
    """``Response time, minutes``: as one is asked for it."""
    kpi = load().kpis[code]
    unit = {"percent": "%", "money": _("money"), "minutes": _("minutes"), "score": _("points")}.get(kpi.unit)
    return f"{_(kpi.name)}, {unit}" if unit else _(kpi.name)


def skill_name(code: str) -> str:
    found = load().skills.get(code)
    return _(found.name) if found else code


def source_name(code: str) -> str:
    """Where a deal came from."""
    found = load().deal_sources.get(code)
    return _(found.name) if found else code


def kpi_value(thousandths: int, code: str, currency: str = "") -> str:
    """A number kept in thousandths with its KPI's unit: ``4200`` of an engagement rate → ``4.2%``."""
    found = load().kpis.get(code)
    return measured(thousandths, found.unit if found else "count", currency)


def measured(thousandths: int, unit: str, currency: str = "") -> str:
    """A number kept in thousandths with its unit: ``40000`` percent → ``40%``; without one, the number alone."""
    text = show_measure(thousandths)
    match unit:
        case "percent":
            return f"{text}%"
        case "minutes" if abs(thousandths) >= 60_000:
            return _long_time(round(thousandths / 1000))
        case "minutes":
            return _("%(n)s min") % {"n": text}
        case "money" if currency:
            return format_money(round(thousandths * 10 ** exponent(currency) / 1000), currency)
        case _:
            return text


def _long_time(minutes: int) -> str:
    """``110`` → ``1 h 50 min``."""
    hours, rest = divmod(abs(minutes), 60)
    words = _("%(n)s h") % {"n": hours} + (f" {_('%(n)s min') % {'n': rest}}" if rest else "")
    return f"−{words}" if minutes < 0 else words


def kpi_change(before: int, after: int) -> str:
    """The change in percent with its sign; empty when there was nothing before."""
    if before == 0:
        return ""
    return format_percent((after - before) / abs(before), "+#,##0%;−#,##0%", locale=babel_locale(current_locale()))


def kpi_better(code: str, before: int, after: int) -> bool:
    """Whether the change went the way this KPI should go."""
    found = load().kpis.get(code)
    if found is not None and found.target is not None:
        return abs(after - found.target * 1000) < abs(before - found.target * 1000)
    return after < before if found is not None and found.direction == "down" else after > before


def minutes_text(minutes: int) -> str:
    """``240`` → ``4 hours``; ``90`` → ``90 min``."""
    if minutes >= 60 and minutes % 60 == 0:
        hours = minutes // 60
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    return _("%(n)s min") % {"n": minutes}


def reply_times(given: object) -> list[tuple[str, str]]:
    """Times to reply to choose from, in minutes and in words; what was ``given`` stays among them."""
    typed = str(given)
    minutes = {*REPLY_TIMES, int(typed)} if typed.isdecimal() else REPLY_TIMES
    found = [(str(number), minutes_text(number)) for number in sorted(minutes)]
    return found if typed.isdecimal() or not typed else [*found, (typed, typed)]


def units(number: int, code: str) -> str:
    """``12, "post"`` → ``12 posts``."""
    found = load().units.get(code)
    if found is None:
        return f"{number} {code}"
    return f"{number} {ngettext(found.one, found.other, number)}"


FILTERS: dict[str, Callable[..., Any]] = {
    "responsibility_name": responsibility_name,
    "platform_name": platform_name,
    "platform_abbr": platform_abbr,
    "niche_name": niche_name,
    "language_name": language_name,
    "kpi_name": kpi_name,
    "skill_name": skill_name,
    "source_name": source_name,
    "units": units,
    "minutes_text": minutes_text,
    "reply_times": reply_times,
    "kpi_value": kpi_value,
}
