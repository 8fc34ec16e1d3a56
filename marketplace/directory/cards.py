"""Cards of specialists: values worked out beforehand, drawn flat, and the drawing kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import jinja2
from babel.dates import format_date
from markupsafe import Markup

from core.db import Session
from core.i18n import babel_locale, current_locale, ngettext
from core.i18n import gettext as _
from core.money import format_money
from core.templating import show_offset, static, zone
from marketplace.directory import queries
from marketplace.directory.memory import Memory
from marketplace.taxonomy.words import language_name, platform_abbr, platform_name, responsibility_name

DUTIES = 5
"""Responsibilities a card names."""
_drawn: Memory[Markup] = Memory(4_000)


def draw(db: Session, templates: jinja2.Environment, keys: Iterable[Any], now: datetime) -> Markup:
    """A card for each of the ``keys`` (id and version), one after another, the same for every reader.

    A drawing is kept under the profile's id and version, the language and the day, so it is never stale. Only what
    is not kept is read, in one statement.
    """
    wanted = list(keys)
    place = (current_locale(), now.date())
    drawn = _drawn.recall(db, [(key.id, key.version, *place) for key in wanted])
    lacking = [key.id for key, card in zip(wanted, drawn, strict=True) if card is None]
    made = {
        row.id: _drawn.put(db, (row.id, row.version, *place), drawing(templates, row, now))
        for row in queries.cards_of(db, lacking)
    }
    cards = (made.get(key.id, "") if card is None else card for key, card in zip(wanted, drawn, strict=True))
    return Markup("\n".join(cards))  # noqa: S704 - our own template


def drawing(templates: jinja2.Environment, row: Any, now: datetime) -> Markup:
    """The card of a row of ``queries.cards_of``."""
    return Markup(templates.get_template("marketplace/directory/_card.html").render(card_of(row, now)))  # noqa: S704


def card_of(row: Any, now: datetime) -> dict[str, Any]:
    """What the card shows of a row."""
    free, tone = availability(row.free_hours, row.available_from, now.date())
    return {
        "url": f"/specialists/{row.slug}",
        "name": row.name,
        "headline": row.headline,
        "photo": f"/files/{row.photo_id}" if row.photo_id else "",
        "letters": letters(row.name),
        "tone": _tone(row.name),
        "platforms": [(platform_abbr(skill["code"]), platform_name(skill["code"])) for skill in row.platforms],
        "languages": ", ".join(language_name(skill["code"]) for skill in row.languages),
        "place": place(row.city or row.region, row.time_zone, now),
        "duties": [responsibility_name(code) for code in row.responsibilities[:DUTIES]],
        "more": _more(len(row.responsibilities) - DUTIES),
        "check": static("img/icons.svg") + "#check",
        "price": format_money(row.rate_min, row.currency) if row.rate_min is not None else "",
        "free": free,
        "free_tone": tone,
        "hours": _hours(row.free_hours),
        "cases": _cases(row.case_count),
    }


_TONES = ("", "sand", "sky", "leaf", "rose", "plum")
_LETTERS = "abcdefghijklmnopqrstuvwxyzабвгдежзийклмнопрстуфхцчшщъыьэюя"


def _tone(name: str) -> str:
    """The tone the avatar of this name has everywhere."""
    return _TONES[(len(name) + _LETTERS.find(name.split()[0][0].lower()) + 1) % len(_TONES)]


def letters(name: str) -> str:
    """The first letters of the first and the last word."""
    found = name.split()
    return (found[0][0] + (found[-1][0] if len(found) > 1 else "")).upper()


def place(where: str, time_zone: str, now: datetime) -> str:
    """``Riga, UTC+3``."""
    return ", ".join(part for part in (where, offset(time_zone, now)) if part)


def offset(time_zone: str, now: datetime) -> str:
    """The zone's distance from UTC today: ``UTC+5:30``."""
    return show_offset(zone(time_zone).utcoffset(now.replace(tzinfo=None)))


def availability(free_hours: int, available_from: date | None, today: date) -> tuple[str, str]:
    """When new work can start, in words, and the tone of the badge."""
    if free_hours == 0:
        return _("No free hours now"), ""
    if available_from is None or available_from <= today:
        return _("Free now"), "good"
    pattern = "d MMMM" if available_from.year == today.year else "d MMMM y"
    day = format_date(available_from, pattern, locale=babel_locale(current_locale()))
    tone = "good" if (available_from - today).days <= 31 else "warn"
    return _("Free from %(day)s") % {"day": day}, tone


def _more(number: int) -> str:
    return ngettext("and %(n)s more", "and %(n)s more", number) % {"n": number} if number > 0 else ""


def _hours(number: int) -> str:
    return ngettext("%(n)s hour a week", "%(n)s hours a week", number) % {"n": number} if number else ""


def _cases(number: int) -> str:
    return ngettext("%(n)s case", "%(n)s cases", number) % {"n": number} if number else ""
