"""Offers side by side: the brief's responsibilities as rows, offers as columns, the best of each row marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from operator import attrgetter
from typing import Any
from uuid import UUID

from babel.dates import format_timedelta

from core.db import Session
from core.i18n import babel_locale, current_locale, ngettext
from core.i18n import gettext as _
from core.money import format_money
from core.templating import show_date
from marketplace.briefs import queries as brief_queries
from marketplace.briefs.models import Brief
from marketplace.offers import coverage, queries
from marketplace.offers.coverage import Reach, Scope
from marketplace.offers.models import Billing, Coverage, OfferStatus
from marketplace.offers.words import billing_name, conditions, limit_text, line_name
from marketplace.taxonomy.words import minutes_text, responsibility_name


@dataclass(frozen=True, slots=True)
class Cell:
    """One offer's answer in words; ``score`` orders a row, the largest is best, ``None`` never is.

    ``covered`` is true of what is covered in part too.
    """

    text: str
    note: str = ""
    covered: bool = True
    partial: bool = False
    best: bool = False
    score: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class CompareRow:
    """``kind``: ``price``, ``scope`` (the meter), ``line`` or ``term``.

    Of a ``line`` the parts of its label too: ``name`` of the responsibility, ``platform`` code, what was ``asked``.
    """

    kind: str
    label: str
    cells: Sequence[Cell]
    name: str = ""
    platform: str = ""
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """An offer at the head of its column; of ``asked`` lines ``covered`` are whole and ``partial`` more in part."""

    offer_id: UUID
    number: int
    specialist: str
    slug: str
    photo_id: UUID | None
    status: OfferStatus
    on_standby: bool
    turn_id: UUID | None
    needs_confirmation: bool
    covered: int
    partial: int
    asked: int


@dataclass(frozen=True, slots=True)
class Comparison:
    columns: Sequence[Column]
    rows: Sequence[CompareRow]


def compare_offers(db: Session, brief: Brief) -> Comparison:
    """All offers to ``brief`` that can be chosen or were, in three queries; rows are what specialists should do."""
    asked = coverage.for_specialists(brief_queries.lines_of(db, brief.id))
    offers = queries.to_compare(db, brief.id)
    lines = queries.lines_of_all(db, [offer.version_id for offer in offers])
    answers = [coverage.answers_to(asked, lines[offer.version_id]) for offer in offers]
    scopes = [coverage.scope_of(asked, lines[offer.version_id]) for offer in offers]
    columns = [
        Column(
            offer_id=offer.id,
            number=offer.number,
            specialist=offer.specialist_name,
            slug=offer.slug,
            photo_id=offer.photo_id,
            status=offer.status,
            on_standby=offer.on_standby,
            turn_id=offer.turn_id,
            needs_confirmation=offer.needs_confirmation,
            covered=scope.covered,
            partial=scope.partial,
            asked=scope.asked,
        )
        for offer, scope in zip(offers, scopes, strict=True)
    ]
    rows = [
        _row("price", _("Price"), [_price(offer, offers) for offer in offers]),
        _row("scope", _("Covers the scope"), [_scope(scope) for scope in scopes]),
        *(_line_row(line, _line_cells(line, offers, answers)) for line in asked),
        _row("term", _("Extras"), [_extras(lines[offer.version_id], offer.currency) for offer in offers]),
        _row("term", _("Starts"), [Cell(show_date(o.starts_on), score=(-o.starts_on.toordinal(),)) for o in offers]),
        _row("term", _("Term"), [Cell(_months(offer.term_months)) for offer in offers]),
        _row("term", _("Paid"), [Cell(_paid(offer.billing)) for offer in offers]),
        _row("term", _("Answered in"), [_answered(offer, brief) for offer in offers]),
        _row("term", _("Valid until"), [Cell("" if o.on_standby else show_date(o.valid_until)) for o in offers]),
    ]
    return Comparison(columns, [row for row in rows if any(cell.text for cell in row.cells)])


_seen = attrgetter("text", "note")


def _row(kind: str, label: str, cells: Sequence[Cell]) -> CompareRow:
    """Mark the best cells of a row, unless all are alike or there is nothing to compare.

    What reads alike is alike: of two that answered in “3 days” neither is the quicker.
    """
    scores = [cell.score for cell in cells if cell.score is not None]
    best = {_seen(cell) for cell in cells if scores and cell.score == max(scores)}
    if len(cells) < 2 or best.issuperset(map(_seen, cells)):
        return CompareRow(kind, label, cells)
    return CompareRow(kind, label, [replace(cell, best=_seen(cell) in best) for cell in cells])


def _price(offer: Any, offers: Sequence[Any]) -> Cell:
    """Prices are compared only while all are billed the same way."""
    same = len({other.billing for other in offers}) == 1
    note = _("a month") if offer.billing is Billing.RETAINER else _("for all milestones")
    return Cell(format_money(offer.total, offer.currency), note, score=(-offer.total,) if same else None)


def _scope(scope: Scope) -> Cell:
    whole = scope.covered == scope.asked
    return Cell(scope.text, covered=whole, partial=scope.partial > 0, score=(scope.covered, scope.partial))


def _line_row(line: Any, cells: Sequence[Cell]) -> CompareRow:
    asked = _asked(line)
    row = _row("line", f"{line_name(line)}: {asked}" if asked else line_name(line), cells)
    return replace(row, name=responsibility_name(line.responsibility), platform=line.platform, asked=asked)


def _asked(line: Any) -> str:
    """The limit that was asked for, else the time to reply; often neither."""
    if line.limit is not None:
        return limit_text(line)
    return minutes_text(line.sla_minutes) if line.sla_minutes is not None else ""


def _line_cells(asked: Any, offers: Sequence[Any], answers: Sequence[dict[UUID, Any]]) -> list[Cell]:
    return [_line(asked, answer.get(asked.id), offer.currency) for offer, answer in zip(offers, answers, strict=True)]


def _line(asked: Any, line: Any, currency: str) -> Cell:
    """Whole beats in part; then the faster reply where one was asked for; then the higher limit.

    A limit that counts something else than was asked for is not compared.
    """
    reached = coverage.reach(asked, line)
    if reached is Reach.NONE:
        return Cell(_("excluded") if line else _("no answer"), line.note if line else "", covered=False)
    partial = reached is Reach.PART
    parts = [_("covered in part")] if partial else []
    parts += [format_money(line.price, currency)] if line.price is not None else []
    parts += [_("reply in %(time)s") % {"time": minutes_text(line.sla_minutes)}] if line.sla_minutes else []
    parts += conditions(line, currency)
    parts += [line.note] if line.note else []
    speed = 0.0 if asked.sla_minutes is None else -float(line.sla_minutes or "inf")
    limit = float("inf") if line.limit is None else float(line.limit)
    score = (reached, speed, limit) if line.limit is None or coverage.alike(asked, line) else None
    return Cell(coverage.answered_limit(asked, line), ", ".join(parts), partial=partial, score=score)


def _extras(lines: Sequence[Any], currency: str) -> Cell:
    extras = [line for line in lines if line.coverage is Coverage.EXTRA]
    told = [f"{line_name(line)}: {', '.join([limit_text(line), *conditions(line, currency)])}" for line in extras]
    return Cell("; ".join(told))


def _paid(billing: Billing) -> str:
    return _("every month") if billing is Billing.RETAINER else billing_name(billing)


def _months(number: int) -> str:
    return ngettext("%(n)s month", "%(n)s months", number) % {"n": number}


def _answered(offer: Any, brief: Brief) -> Cell:
    """Time from the brief's opening to the offer, in whole minutes."""
    if offer.sent_at is None or brief.opened_at is None:
        return Cell("")
    minutes = max(1, int((offer.sent_at - brief.opened_at).total_seconds() // 60))
    waited = timedelta(minutes=minutes)
    text: Callable[..., str] = format_timedelta
    return Cell(text(waited, locale=babel_locale(current_locale())), score=(-minutes,))
