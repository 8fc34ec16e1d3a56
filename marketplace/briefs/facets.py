"""The filters of the board as its page shows them: lists with counts, active ones as tags, addresses to share."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import jinja2
from markupsafe import Markup

from core.i18n import current_locale
from core.i18n import gettext as _
from core.money import format_money
from marketplace.briefs.index import BUDGET_STEPS
from marketplace.briefs.schemas import BoardFilters
from marketplace.directory.facets import LABELS, Drawer, Facet
from marketplace.directory.queries import Survey
from marketplace.taxonomy.catalogue import load

PATH = "/briefs"


def _budget_label(step: str) -> str:
    """``500`` → ``€500 or more``; nothing → ``Any``."""
    return _("%(amount)s or more") % {"amount": format_money(int(step) * 100, "EUR")} if step else _("Any")


BOARD_LABELS: dict[str, Callable[[str], str]] = {**LABELS, "budget": _budget_label}


def lists_of(templates: jinja2.Environment, filters: BoardFilters, survey: Survey) -> tuple[tuple[Facet, ...], Markup]:
    """Every list of the page, and how they stand on it; the drawing stays with the counts it shows."""
    found: tuple[tuple[Facet, ...], Markup] | None = survey.drawn.get(current_locale())
    if found is None:
        found = survey.drawn[current_locale()] = _lists_of(templates, filters, survey)
    return found


def _lists_of(templates: jinja2.Environment, filters: BoardFilters, survey: Survey) -> tuple[tuple[Facet, ...], Markup]:
    """What no brief asks for is left out of long lists."""
    asked = {kind: set(values) for kind, values in filters.chosen().items()}
    draw = Drawer(templates, {"budget": {""}, **asked}, survey, BOARD_LABELS)
    lists = (
        draw.platforms(),
        *draw.responsibilities(),
        draw.facet("budget", _("Budget a month"), ["", *map(str, BUDGET_STEPS)], all_of=True),
        draw.facet("language", _("Posts in"), load().languages, all_of=False),
        draw.facet("niche", _("Field"), load().niches, all_of=False),
    )
    return lists, draw.folds(lists)


def address(filters: BoardFilters, *, after: str = "", without: tuple[str, str] | None = None) -> str:
    """The shareable address of a page; ``without`` leaves out one value of one filter."""
    pairs = [pair for pair in filters.pairs() if pair != without] + ([("after", after)] if after else [])
    return f"{PATH}?{urlencode(pairs)}" if pairs else PATH


def tags_of(filters: BoardFilters) -> tuple[tuple[str, str], ...]:
    """Each active filter in words, with the address of the page without it."""
    return tuple(
        (f"“{value}”" if kind == "q" else BOARD_LABELS[kind](value), address(filters, without=(kind, value)))
        for kind, value in filters.pairs()
    )
