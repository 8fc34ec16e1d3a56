"""What is on the table: checking it against what was asked for, keeping it as a version, reading it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col

from accounts.viewers import Viewer
from core.db import Session
from core.errors import Invalid
from core.i18n import gettext as _
from core.money import LARGEST, format_money
from marketplace.briefs.matching import OURS
from marketplace.briefs.models import LineOwner, LinePeriod
from marketplace.offers import queries
from marketplace.offers.models import Billing, Coverage, Offer, OfferLine, OfferMilestone, OfferVersion
from marketplace.offers.schemas import MilestoneInput, OfferLineInput, Terms
from marketplace.taxonomy.catalogue import load

VALID_DAYS = 60
"""Longest validity (§3.2)."""
MONTHS_TO_PAY = 1
"""Calendar months after the term in which its last milestone may still be due."""


class AskedLine(Protocol):
    """A line of a brief, as ``briefs.queries.lines_of`` gives it."""

    id: UUID
    responsibility: str
    platform: str
    unit: str
    period: LinePeriod
    owner: LineOwner


@dataclass(frozen=True, slots=True)
class Resolved:
    """A line with everything the brief's line or the catalogue says about it."""

    responsibility: str
    platform: str
    unit: str
    period: LinePeriod
    owner: LineOwner
    coverage: Coverage


def resolve(terms: Terms, asked: Sequence[AskedLine] | None) -> list[Resolved]:
    """What each line stands for. ``asked``: the brief's lines, or ``None`` for an offer without a brief.

    Raises ``Invalid`` naming lines that answer nothing, twice or leave a line of the brief without an answer, and
    parts that are more together than an offer can be.
    """
    known = {line.id: line for line in asked or ()}
    faults: dict[str, str] = {}
    found: list[Resolved] = []
    for number, line in enumerate(terms.lines):
        origin = known.pop(line.brief_line_id, None) if line.brief_line_id else None
        if line.brief_line_id and origin is None:
            faults[f"lines.{number}.coverage"] = _("The brief has no such line. Open the form again.")
        elif origin is not None:
            coverage = Coverage.EXCLUDED if line.coverage is Coverage.EXCLUDED else Coverage.COVERED
            found.append(
                Resolved(origin.responsibility, origin.platform, origin.unit, origin.period, origin.owner, coverage)
            )
        elif line.responsibility is None:
            faults[f"lines.{number}.responsibility"] = _("Choose a responsibility.")
        else:
            coverage = Coverage.COVERED if asked is None else Coverage.EXTRA
            unit = load().responsibilities[line.responsibility].unit
            found.append(Resolved(line.responsibility, line.platform or "", unit, line.period, line.owner, coverage))
    faults.update(_too_much("lines", "price", [line.price or 0 for line in terms.lines]))
    faults.update(_too_much("milestones", "amount", [milestone.amount for milestone in terms.milestones]))
    if known and not faults:
        faults["lines"] = _("Answer every line of the brief: covered or excluded.")
    if faults:
        raise Invalid(_("Some lines need another look."), faults)
    return found


def _too_much(rows: str, field: str, amounts: Sequence[int]) -> dict[str, str]:
    """The sum of parts can become the total, so it has to be an amount too; the fault stands beside the largest."""
    if sum(amounts) <= LARGEST:
        return {}
    sentence = _("Together this is more than an offer can be. Enter smaller amounts.")
    return {f"{rows}.{amounts.index(max(amounts))}.{field}": sentence}


def total_of(terms: Terms) -> int:
    """The total in minor units: as given, or the sum of priced lines, or of milestones."""
    if terms.total is not None:
        return terms.total
    parts = [line.price for line in terms.lines if line.price is not None]
    return sum(parts) if parts else sum(milestone.amount for milestone in terms.milestones)


def check(terms: Terms, lines: Sequence[Resolved], today: date, *, on_board: bool = False) -> None:
    """The guards of §3.2 on what is sent. Raises ``Invalid`` with a sentence for each field to put right.

    Nobody can ask for a later start of an offer ``on_board``, so that it holds no longer than until its start.
    """
    faults: dict[str, str] = {}
    parts = [line.price for line in terms.lines if line.price is not None]
    total = total_of(terms)
    pairs = list(zip(terms.lines, lines, strict=True))
    some_priced = any(line.price is not None and _is_own_work(resolved) for line, resolved in pairs)
    for number, (line, resolved) in enumerate(pairs):
        if line.price is not None and resolved.coverage is Coverage.EXCLUDED:
            faults[f"lines.{number}.price"] = _("An excluded line has no price. Cover it or clear the price.")
        elif line.price and resolved.owner not in OURS:
            faults[f"lines.{number}.price"] = _("Somebody else does this line, so it has no price.")
        elif some_priced and line.price is None and _is_own_work(resolved):
            faults[f"lines.{number}.price"] = _("Price this line too, 0 if it costs nothing more, or price none.")
        if line.overage_price is not None and resolved.owner not in OURS:
            faults[f"lines.{number}.overage_price"] = _("Somebody else does this line, so it has no price.")
    if parts and sum(parts) != total:
        faults["total"] = _("The lines add up to %(sum)s. Enter that, or clear the line prices.") % {
            "sum": format_money(sum(parts), terms.currency)
        }
    elif total <= 0:
        faults["total"] = _("Price at least one line, or enter a total.")
    if not any(_is_own_work(line) for line in lines):
        faults.setdefault("lines", _("Cover at least one line that the specialist does."))
    faults.update(_milestone_faults(terms, total))
    if terms.starts_on < today:
        faults["starts_on"] = _("Choose a start date that is not past.")
    if not today < terms.valid_until <= today + timedelta(days=VALID_DAYS):
        faults["valid_until"] = _("Choose a day from tomorrow to %(days)s days from now.") % {"days": VALID_DAYS}
    elif on_board and terms.valid_until > terms.starts_on:
        faults["valid_until"] = _("An offer on the board holds until its start at most. Choose an earlier day.")
    if faults:
        raise Invalid(_("Some fields need another look."), faults)


def _is_own_work(line: Resolved) -> bool:
    return line.coverage is not Coverage.EXCLUDED and line.owner in OURS


def _milestone_faults(terms: Terms, total: int) -> dict[str, str]:
    if terms.billing is Billing.RETAINER:
        if terms.milestones:
            return {"billing": _("A monthly retainer has no milestones. Choose milestones, or remove the rows.")}
        return {}
    if not terms.milestones:
        return {"milestones": _("Add at least one milestone.")}
    faults: dict[str, str] = {}
    for number, milestone in enumerate(terms.milestones):
        if milestone.due_on < terms.starts_on:
            faults[f"milestones.{number}.due_on"] = _("A milestone is due on or after the start date.")
        elif _months(terms.starts_on, milestone.due_on) > terms.term_months + MONTHS_TO_PAY:
            text = _("This is long after the term. Choose an earlier day, or a longer term.")
            faults[f"milestones.{number}.due_on"] = text
    amount = sum(milestone.amount for milestone in terms.milestones)
    if amount != total:
        faults["milestones"] = _("The milestones add up to %(sum)s, the offer to %(total)s. Make them equal.") % {
            "sum": format_money(amount, terms.currency),
            "total": format_money(total, terms.currency),
        }
    return faults


def _months(first: date, last: date) -> int:
    """How many calendar months ``last`` lies after ``first``."""
    return (last.year - first.year) * 12 + last.month - first.month


def end_of(day: date) -> datetime:
    """The last second of ``day`` in UTC: until then the offer can be accepted."""
    return datetime.combine(day, time(23, 59, 59), UTC)


def write_version(
    db: Session, offer: Offer, terms: Terms, lines: Sequence[Resolved], *, number: int, by: Viewer, freeze: bool
) -> OfferVersion:
    """Keep ``terms`` as version ``number`` of ``offer``; ``freeze`` if it is on the table from now on."""
    version = OfferVersion(
        offer_id=offer.id,
        number=number,
        by_workspace_id=by.workspace_id,
        by_user_id=by.user_id,
        created_at=db.now(),
        frozen_at=db.now() if freeze else None,
        **_headline(terms),
    )
    db.add(version)
    db.flush()
    _write_rows(db, version, terms, lines)
    return version


def rewrite_version(db: Session, version: OfferVersion, terms: Terms, lines: Sequence[Resolved], *, by: Viewer) -> None:
    """Replace what a draft's version says. A frozen version never changes."""
    assert version.frozen_at is None
    for name, value in _headline(terms).items():
        setattr(version, name, value)
    version.by_user_id = by.user_id
    db.execute(delete(OfferLine).where(col(OfferLine.version_id) == version.id))
    db.execute(delete(OfferMilestone).where(col(OfferMilestone.version_id) == version.id))
    _write_rows(db, version, terms, lines)


def _headline(terms: Terms) -> dict[str, Any]:
    return {
        "message": terms.message,
        "billing": terms.billing,
        "currency": terms.currency,
        "total": total_of(terms),
        "starts_on": terms.starts_on,
        "term_months": terms.term_months,
        "valid_until": end_of(terms.valid_until),
    }


def _write_rows(db: Session, version: OfferVersion, terms: Terms, lines: Sequence[Resolved]) -> None:
    for position, (line, resolved) in enumerate(zip(terms.lines, lines, strict=True)):
        out = resolved.coverage is Coverage.EXCLUDED
        db.add(
            OfferLine(
                version_id=version.id,
                position=position,
                brief_line_id=line.brief_line_id,
                coverage=resolved.coverage,
                responsibility=resolved.responsibility,
                platform=resolved.platform,
                unit=resolved.unit,
                limit=None if out else line.limit,
                period=resolved.period,
                owner=resolved.owner,
                price=None if out else line.price,
                overage_price=None if out else line.overage_price,
                sla_minutes=None if out else line.sla_minutes,
                revision_rounds=line.revision_rounds,
                note=line.note,
            )
        )
    for position, milestone in enumerate(terms.milestones):
        db.add(
            OfferMilestone(
                version_id=version.id,
                position=position,
                title=milestone.title,
                amount=milestone.amount,
                due_on=milestone.due_on,
            )
        )
    db.flush()


def terms_of(db: Session, version: OfferVersion) -> Terms:
    """A stored version as input again, to check it once more or to start a counter-offer from."""
    lines = queries.lines_of(db, version.id)
    milestones = queries.milestones_of(db, version.id)
    return Terms(
        currency=version.currency,
        lines=[_line_of(line) for line in lines],
        total=version.total,
        billing=version.billing,
        milestones=[MilestoneInput(title=row.title, amount=row.amount, due_on=row.due_on) for row in milestones],
        starts_on=version.starts_on,
        term_months=version.term_months,
        valid_until=version.valid_until.date(),
        message=version.message,
    )


_COPIED = ("coverage", "limit", "period", "owner", "price", "overage_price", "sla_minutes", "revision_rounds", "note")


def _line_of(row: Any) -> OfferLineInput:
    return OfferLineInput(
        brief_line_id=row.brief_line_id,
        responsibility=row.responsibility,
        platform=row.platform or None,
        **{name: getattr(row, name) for name in _COPIED},
    )
