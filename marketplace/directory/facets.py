"""The filters as the page shows them: lists with counts, active ones as tags, addresses to share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import jinja2
from markupsafe import Markup

from core.i18n import current_locale, ngettext
from core.i18n import gettext as _
from core.money import amount_text, format_money
from marketplace.directory.budgets import steps
from marketplace.directory.filters import KINDS
from marketplace.directory.queries import BUDGET, Survey
from marketplace.directory.schemas import DirectoryInput, Sort
from marketplace.directory.statements import MOST
from marketplace.profiles.index import FREE_STEPS
from marketplace.taxonomy.catalogue import load
from marketplace.taxonomy.words import language_name, niche_name, platform_name, responsibility_name

PATH = "/specialists"


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a filter; ``count`` is ``0`` when nobody matches, empty when too many do to know of these."""

    value: str
    label: str
    count: str
    on: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """One list of choices, drawn. ``id`` names it on the page; ``on`` is how many are chosen."""

    id: str
    name: str
    title: str
    on: int
    long: bool
    open: bool
    html: Markup


@dataclass(frozen=True, slots=True)
class Facets:
    """All lists, and how they stand on the page ``above`` and ``below`` the budget."""

    lists: tuple[Facet, ...]
    above: Markup
    below: Markup


def free_label(hours: str) -> str:
    """``10`` → ``10 hours a week or more``."""
    number = int(hours)
    return ngettext("%(n)s hour a week or more", "%(n)s hours a week or more", number) % {"n": number}


LABELS: dict[str, Callable[[str], str]] = {
    "platform": platform_name,
    "responsibility": responsibility_name,
    "niche": niche_name,
    "language": language_name,
    "free": free_label,
}


def facets_of(templates: jinja2.Environment, asked: dict[str, set[str]], survey: Survey, *, keep: bool) -> Facets:
    """Every list of the page. With ``keep``, if ``asked`` is what the survey answers, the drawing stays with it."""
    found: Facets | None = survey.drawn.get(current_locale()) if keep else None
    if found is None:
        found = _facets(templates, asked, survey)
        if keep:
            survey.drawn[current_locale()] = found
    return found


def _facets(templates: jinja2.Environment, asked: dict[str, set[str]], survey: Survey) -> Facets:
    """Responsibilities come by their group; what nobody offers is left out of long lists."""
    draw = Drawer(templates, asked, survey)
    lists = (
        draw.platforms(),
        *draw.responsibilities(),
        draw.facet("language", _("Works in"), load().languages, all_of=False, open=True),
        draw.facet("niche", _("Field"), load().niches, all_of=False),
        draw.facet("free", _("Free hours"), [str(hours) for hours in FREE_STEPS], all_of=True),
    )
    return Facets(lists, draw.folds(lists[:-2]), draw.folds(lists[-2:]))


@dataclass(frozen=True, slots=True)
class Drawer:
    """Draws lists of choices with the counts of ``survey``; ``asked`` are the chosen values by kind."""

    templates: jinja2.Environment
    asked: Mapping[str, set[str]]
    survey: Survey
    labels: Mapping[str, Callable[[str], str]] = field(default_factory=lambda: LABELS)

    def facet(
        self, kind: str, title: str, codes: Iterable[str], *, all_of: bool, open: bool = False, id: str = ""
    ) -> Facet:
        """One list; without ``all_of`` only what somebody matches or what is chosen."""
        counts, on = self.survey.counts.get(kind, {}), self.asked.get(kind, set())
        choices = tuple(
            Choice(code, self.labels[kind](code), _number(self.survey, kind, code) if code else "", code in on)
            for code in codes
            if all_of or code in counts or code in on
        )
        name = f"facet-{id or kind}"
        template = self.templates.get_template("marketplace/directory/_choices.html")
        html = Markup(template.render(id=name, name=kind, choices=choices))  # noqa: S704 - our own template
        return Facet(name, kind, title, sum(choice.on for choice in choices), len(choices) > 16, open, html)

    def platforms(self) -> Facet:
        """Legacy ones only where somebody has them."""
        known = self.survey.counts.get("platform", {})
        codes = [code for code, platform in load().platforms.items() if not platform.legacy or code in known]
        return self.facet("platform", _("Platforms"), codes, all_of=True, open=True)

    def responsibilities(self) -> list[Facet]:
        """A list for each group."""
        return [
            self.facet(
                "responsibility",
                _(group.name),
                [duty.code for duty in load().responsibilities_of(code)],
                all_of=True,
                id=f"responsibility-{code}",
            )
            for code, group in load().groups.items()
        ]

    def folds(self, lists: Iterable[Facet]) -> Markup:
        """The lists as they fold on the page."""
        template = self.templates.get_template("marketplace/directory/_folds.html")
        return Markup(template.render(facets=tuple(lists)))  # noqa: S704 - our own template


def _number(survey: Survey, kind: str, value: str) -> str:
    """How many match, as it is shown: of the first 500 only, those unknown may have matches further on."""
    number = survey.counts.get(kind, {}).get(value)
    if number is None:
        return "" if survey.capped else "0"
    return f"{number}+" if survey.capped else str(number)


def address(data: DirectoryInput, *, after: str | None = None, without: tuple[str, str] | None = None) -> str:
    """The shareable address of a page; ``without`` leaves out one value of one filter."""
    budget = [
        (name, _amount(getattr(data, name), data.currency))
        for name in ("budget_from", "budget_to")
        if getattr(data, name) is not None and without != (name, "")
    ]
    parts = _asked(data, without) + budget + _ending(data, priced=bool(budget), after=after)
    return f"{PATH}?{urlencode(parts)}" if parts else PATH


def _asked(data: DirectoryInput, without: tuple[str, str] | None = None) -> list[tuple[str, str]]:
    """What an address says before the budget."""
    parts: list[tuple[str, str]] = [("q", data.q)] if data.q and without != ("q", data.q) else []
    for kind in KINDS:
        given = getattr(data, kind)
        values = given if isinstance(given, list) else [given] if given else []
        parts += [(kind, value) for value in values if (kind, value) != without]
    return parts


def _ending(data: DirectoryInput, *, priced: bool, after: str | None = None) -> list[tuple[str, str]]:
    """What an address says after the budget."""
    parts = [("currency", data.currency)] if priced and data.currency != "EUR" else []
    if data.sort is not Sort.BEST:
        parts.append(("sort", data.sort.value))
    if after:
        parts.append(("after", after))
    return parts


def _amount(value: int, currency: str) -> str:
    return amount_text(value, currency).removesuffix(".00")


def budgets_of(data: DirectoryInput, survey: Survey) -> tuple[tuple[str, str, str, bool], ...]:
    """Round budgets in words: the address that asks for no more, how many would match (``0``: nobody), and whether
    it is chosen."""
    before, behind = urlencode(_asked(data)), urlencode(_ending(data, priced=True))
    found = []
    for step, text, query in _round_budgets(data.currency, current_locale()):
        chosen = (data.budget_from, data.budget_to) == (None, step)
        found.append(
            (
                text,
                f"{PATH}?{'&'.join(filter(None, (before, query, behind)))}",
                _number(survey, BUDGET, str(step)),
                chosen,
            )
        )
    return tuple(found)


@lru_cache
def _round_budgets(currency: str, _locale: str) -> tuple[tuple[int, str, str], ...]:
    """The steps of a currency, each in words and as an address says it."""
    return tuple(
        (
            step,
            _("Up to %(price)s") % {"price": format_money(step, currency)},
            urlencode({"budget_to": _amount(step, currency)}),
        )
        for step in steps(currency)
    )


def tags_of(data: DirectoryInput) -> tuple[tuple[str, str], ...]:
    """Each active filter in words, with the address of the page without it."""
    tags: list[tuple[str, str]] = []
    if data.q:
        tags.append((f"“{data.q}”", address(data, without=("q", data.q))))
    for kind in KINDS:
        given: Any = getattr(data, kind)
        for value in given if isinstance(given, list) else [given] if given else []:
            tags.append((LABELS[kind](value), address(data, without=(kind, value))))
    if data.budget_from is not None:
        text = _("From %(price)s") % {"price": format_money(data.budget_from, data.currency)}
        tags.append((text, address(data, without=("budget_from", ""))))
    if data.budget_to is not None:
        text = _("Up to %(price)s") % {"price": format_money(data.budget_to, data.currency)}
        tags.append((text, address(data, without=("budget_to", ""))))
    return tuple(tags)


def ways_out(data: DirectoryInput, counts: dict[str, int]) -> list[tuple[str, str, str]]:
    """Where nobody matches: what to leave out in words, the address without it, and how many it would bring."""
    found = []
    for part, number in counts.items():
        names = {"q": ["q"], "price": ["budget_from", "budget_to"]}.get(part, [part])
        rest = data.model_copy(update={name: DirectoryInput.model_fields[name].get_default() for name in names})
        given = getattr(data, names[0])
        if part == "q":
            what = f"“{given}”"
        elif part == "price":
            what = _("the budget")
        else:
            what = ", ".join(LABELS[part](value) for value in (given if isinstance(given, list) else [given]))
        more = f"{MOST}+" if number > MOST else str(number)
        who = ngettext("%(n)s specialist", "%(n)s specialists", number) % {"n": more}
        found.append((_("Without %(what)s") % {"what": what}, address(rest), who))
    return found


def grouped(codes: list[str]) -> list[tuple[str, list[str]]]:
    """Responsibilities in words under the names of their groups, in the catalogue's order."""
    catalogue = load()
    chosen = set(codes)
    groups = (
        (_(group.name), [_(duty.name) for duty in catalogue.responsibilities_of(code) if duty.code in chosen])
        for code, group in catalogue.groups.items()
    )
    return [(name, duties) for name, duties in groups if duties]
