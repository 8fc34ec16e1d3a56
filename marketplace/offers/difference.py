"""What changed between two versions, in words: the whole proposal is never read twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.db import Session
from core.i18n import gettext as _
from core.i18n import ngettext
from core.money import format_money
from core.templating import show_date
from marketplace.offers import queries
from marketplace.offers.coverage import answered_limit, asked_by
from marketplace.offers.models import Coverage, OfferVersion
from marketplace.offers.words import billing_name, coverage_name, limit_text, line_name, period_name
from marketplace.taxonomy.words import minutes_text


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs: ``subject`` (a line or a term), ``what`` of it, and both values in words.

    ``before`` is empty for what was added, ``after`` for what was taken out.
    """

    subject: str
    what: str
    before: str
    after: str


def differences(db: Session, old: OfferVersion, new: OfferVersion) -> list[Change]:
    """Everything a reader would see changed from ``old`` to ``new``, lines first."""
    ids = [old.id, new.id]
    lines, milestones = queries.lines_of_all(db, ids), queries.milestones_of_all(db, ids)
    return compare(old, new, lines[old.id], lines[new.id], milestones[old.id], milestones[new.id])


def is_an_answer(db: Session, old: OfferVersion, new: OfferVersion) -> bool:
    """Whether ``new`` changes what would be agreed; a longer time to think it over alone does not."""
    return any(change.subject != _("Valid until") for change in differences(db, old, new))


def compare(
    old: OfferVersion,
    new: OfferVersion,
    old_lines: Sequence[Any],
    new_lines: Sequence[Any],
    old_milestones: Sequence[Any],
    new_milestones: Sequence[Any],
    asked: Sequence[Any] = (),
) -> list[Change]:
    """``differences`` on rows already read; with the lines the brief ``asked`` for a limit says what it is part of."""
    origins = {**asked_by(asked, old_lines), **asked_by(asked, new_lines)}
    return [
        *_line_changes(old_lines, new_lines, new.currency, origins),
        *_term_changes(old, new),
        *_milestone_changes(old_milestones, new_milestones, new.currency),
    ]


def _line_changes(
    old: Sequence[Any], new: Sequence[Any], currency: str, origins: Mapping[UUID, Any]
) -> Iterator[Change]:
    before, after = _keyed(old, _line_key), _keyed(new, _line_key)
    for key, line in after.items():
        if key not in before:
            yield Change(line_name(line), "", "", _summary(line, currency, origins))
            continue
        was, now = _facts(before[key], currency, origins), _facts(line, currency, origins)
        for what in now:
            if was[what] != now[what]:
                yield Change(line_name(line), what, was[what], now[what])
    for key, line in before.items():
        if key not in after:
            yield Change(line_name(line), "", _summary(line, currency, origins), "")


def _keyed(rows: Sequence[Any], kind: Callable[[Any], tuple[Any, ...]]) -> dict[tuple[Any, ...], Any]:
    """Rows by what they stand for; a second row of the same ``kind`` is told apart by its turn."""
    found: dict[tuple[Any, ...], Any] = {}
    for row in rows:
        key = kind(row)
        found[(*key, sum(1 for other in found if other[:-1] == key))] = row
    return found


def _line_key(line: Any) -> tuple[Any, ...]:
    return (line.brief_line_id, line.responsibility, line.platform, line.owner)


def _facts(line: Any, currency: str, origins: Mapping[UUID, Any]) -> dict[str, str]:
    """What is compared of a line, in words."""
    if line.coverage is Coverage.EXCLUDED:
        return {_("Coverage"): coverage_name(line.coverage), **dict.fromkeys(_fact_names(), ""), _("Note"): line.note}
    return {
        _("Coverage"): coverage_name(line.coverage),
        _("Limit"): _limit(line, origins),
        _("Price"): _amount(line.price, currency, _("in the total")),
        _("Beyond the limit"): _amount(line.overage_price, currency, _("not agreed")),
        _("Reply time"): minutes_text(line.sla_minutes) if line.sla_minutes else _("not agreed"),
        _("Revisions"): str(line.revision_rounds),
        _("Note"): line.note,
    }


def _fact_names() -> Iterable[str]:
    return (_("Limit"), _("Price"), _("Beyond the limit"), _("Reply time"), _("Revisions"))


def _limit(line: Any, origins: Mapping[UUID, Any]) -> str:
    """As everywhere, and without a limit how often the line comes round, which a version may change too."""
    if line.limit is None:
        return f"{limit_text(line)}, {period_name(line.period)}"
    return answered_limit(origins.get(line.id), line)


def _amount(amount: int | None, currency: str, otherwise: str) -> str:
    return otherwise if amount is None else format_money(amount, currency)


def _summary(line: Any, currency: str, origins: Mapping[UUID, Any]) -> str:
    if line.coverage is Coverage.EXCLUDED:
        return coverage_name(line.coverage)
    price = f", {format_money(line.price, currency)}" if line.price is not None else ""
    return answered_limit(origins.get(line.id), line) + price


def _term_changes(old: OfferVersion, new: OfferVersion) -> Iterator[Change]:
    was, now = _terms(old), _terms(new)
    for subject in now:
        if was[subject] != now[subject]:
            yield Change(subject, "", was[subject], now[subject])


def _terms(version: OfferVersion) -> dict[str, str]:
    months = ngettext("%(n)s month", "%(n)s months", version.term_months) % {"n": version.term_months}
    return {
        _("Total"): format_money(version.total, version.currency),
        _("Billing"): billing_name(version.billing),
        _("Start"): show_date(version.starts_on),
        _("Term"): months,
        _("Valid until"): show_date(version.valid_until),
    }


def _milestone_changes(old: Sequence[Any], new: Sequence[Any], currency: str) -> Iterator[Change]:
    before, after = _keyed(old, _milestone_key), _keyed(new, _milestone_key)
    for key in dict.fromkeys([*after, *before]):
        was, now = (_milestone(rows[key], currency) if key in rows else "" for rows in (before, after))
        if was != now:
            yield Change(key[0], _("Milestone"), was, now)


def _milestone_key(milestone: Any) -> tuple[Any, ...]:
    return (milestone.title,)


def _milestone(row: Any, currency: str) -> str:
    return _("%(amount)s on %(date)s") % {
        "amount": format_money(row.amount, currency),
        "date": show_date(row.due_on),
    }
