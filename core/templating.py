"""Jinja without a request: pages, mails and documents are rendered by one environment."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import jinja2
from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.numbers import format_decimal, format_percent
from markupsafe import Markup

from core.i18n import LOCALES, babel_locale, current_locale, gettext, isolated, ngettext
from core.money import amount_text, currency_symbol, format_money, format_money_range

ROOT = Path(__file__).parent.parent
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static"


@lru_cache(maxsize=512)
def static(path: str) -> str:
    """The address of a static file with a mark of its content, so that it can be cached for a year."""
    file = STATIC / path
    mark = hashlib.sha256(file.read_bytes()).hexdigest()[:10] if file.is_file() else "missing"
    return f"/static/{path}?v={mark}"


def zone(name: str | None) -> tzinfo:
    """The time zone of that name; UTC if there is none."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def show_date(value: date | datetime, zone_name: str | None = None) -> str:
    """``14 June 2026`` in the current locale."""
    day = value.astimezone(zone(zone_name)).date() if isinstance(value, datetime) else value
    locale = current_locale()
    return _day_text(day, "d MMMM y" if locale == "en" else "long", locale)


def show_short_date(value: date) -> str:
    """``14 Jun 2026`` in the current locale: for a figure that stays on one line."""
    return _day_text(value, "d MMM y", current_locale())


def show_weekday(value: date) -> str:
    """``Sunday, 14 June`` in the current locale."""
    locale = current_locale()
    return _day_text(value, "EEEE, d MMMM" if locale == "en" else "full", locale)


def show_month(value: date) -> str:
    """``June 2026`` in the current locale."""
    return _day_text(value, "LLLL y", current_locale())


@lru_cache(maxsize=5_000)
def _day_text(day: date, pattern: str, locale: str) -> str:
    return format_date(day, pattern, locale=babel_locale(locale))


def show_datetime(value: datetime, zone_name: str | None = None) -> str:
    """``14 Jun 2026, 09:12`` in the given zone, which is the reader's own: what others read too is ``show_moment``."""
    local = value.astimezone(zone(zone_name))
    return format_datetime(local, "d MMM y, HH:mm", locale=babel_locale(current_locale()))


def show_moment(value: datetime, zone_name: str | None = None) -> str:
    """``14 Jun 2026, 09:12 UTC+4``: with the zone, for what is signed, sent or printed."""
    local = value.astimezone(zone(zone_name))
    return f"{show_datetime(value, zone_name)} {show_offset(local.utcoffset())}"


def show_offset(distance: timedelta | None) -> str:
    """A zone's distance from UTC: ``UTC+5:30``, ``UTC−3``; ``UTC`` if there is none."""
    minutes = int(distance.total_seconds() // 60) if distance else 0
    if minutes == 0:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '−'}{hours}" + (f":{rest:02}" if rest else "")


def show_time(value: datetime, zone_name: str | None = None) -> str:
    """``09:12`` in the given zone."""
    return format_time(value.astimezone(zone(zone_name)), "HH:mm", locale=babel_locale(current_locale()))


def show_relative(value: datetime, now: datetime) -> str:
    """``3 hours ago``; ``in 2 days``."""
    distance: timedelta = value - now
    return format_timedelta(distance, add_direction=True, locale=babel_locale(current_locale()))


def show_number(value: int | float) -> str:
    """``12,500`` in the current locale."""
    return _number_text(value, current_locale())


@lru_cache(maxsize=5_000, typed=True)
def _number_text(value: int | float, locale: str) -> str:
    return format_decimal(value, locale=babel_locale(locale))


def show_percent(share: float) -> str:
    """``0.42`` → ``42%``."""
    return _percent_text(share, current_locale())


@lru_cache(maxsize=1_000)
def _percent_text(share: float, locale: str) -> str:
    return format_percent(share, locale=babel_locale(locale))


def show_initials(name: str) -> str:
    """``Салон «Шёлк»`` → ``СШ``: the first letter or digit of the first and last word; ``?`` if there is none."""
    firsts = [first for word in name.split() if (first := next(filter(str.isalnum, word), ""))]
    return "".join([*firsts[:1], *firsts[1:][-1:]]).upper() or "?"


def show_measure(thousandths: int) -> str:
    """A number kept in thousandths: ``4200`` → ``4.2``."""
    return format_decimal(thousandths / 1000, format="#,##0.###", locale=babel_locale(current_locale()))


def translated(message: str, **values: Any) -> str:
    """``_()`` of the templates: translate, then fill ``%(name)s`` from escaped ``values``."""
    text = gettext(message)
    return Markup(text) % isolated(values) if values else text  # noqa: S704 - our own catalogue; values are escaped by %


def translated_plural(one: str, other: str, number: int, **values: Any) -> str:
    """``ngettext()`` of the templates; ``%(n)s`` is the number in the locale's writing."""
    text = ngettext(one, other, number)
    return Markup(text) % {"n": show_number(number), **isolated(values)}  # noqa: S704 - as above


KEPT = 4_000
"""Drawings of parts that are kept, the latest used."""
LONGEST_KEPT = 2_000
"""Signs in a value: what is longer is drawn and forgotten, or a stranger's typing would fill the memory."""


def _keeper(templates: jinja2.Environment) -> Callable[..., Markup]:
    """``kept("crm/deals/_card.html", card=card)`` of the templates: a part, drawn once for the same values.

    The values are all the part shows, so what is kept is never stale, and who gets it brought what it is made of.
    They must be hashable.
    """

    def draw(part: str, values: dict[str, Hashable]) -> Markup:
        return Markup(templates.get_template(part).render(values))  # noqa: S704 - our own template

    @lru_cache(maxsize=KEPT)
    def drawn(part: str, _locale: str, *values: tuple[str, Hashable]) -> Markup:
        return draw(part, dict(values))

    def kept(part: str, **values: Hashable) -> Markup:
        if any(isinstance(value, str) and len(value) > LONGEST_KEPT for value in values.values()):
            return draw(part, values)
        return drawn(part, current_locale(), *values.items())

    return kept


class Template(jinja2.Template):
    """Templates here have no globals but the environment's, so what one imports is made once and asked no more."""

    def _get_default_module(self, ctx: Any = None) -> Any:
        return super()._get_default_module(None)


class Environment(jinja2.Environment):
    template_class = Template


def environment(extra: dict[str, Callable[..., Any]] | None = None) -> jinja2.Environment:
    """The environment; ``extra`` adds filters that need words of the trade."""
    made = Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=1000,
        extensions=["jinja2.ext.do"],
    )
    made.globals.update(
        _=translated,
        ngettext=translated_plural,
        kept=_keeper(made),
        static=static,
        currency_symbol=currency_symbol,
        amount_text=amount_text,
        offered_languages=list(LOCALES.items()),
    )
    made.filters.update(
        money=format_money,
        money_range=format_money_range,
        date=show_date,
        short_date=show_short_date,
        weekday=show_weekday,
        month_name=show_month,
        datetime=show_datetime,
        moment=show_moment,
        time=show_time,
        relative=show_relative,
        number=show_number,
        percent=show_percent,
        measure=show_measure,
        initials=show_initials,
        **(extra or {}),
    )
    return made
