"""Forms of terms: what they start with, and one more row for people without scripts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from core.db import Session
from core.i18n import gettext as _
from core.money import CURRENCIES
from marketplace.briefs import queries as briefs
from marketplace.briefs.models import Brief, LineOwner, LinePeriod
from marketplace.offers import queries
from marketplace.offers.models import Billing, Coverage, Offer
from marketplace.offers.schemas import OfferLineInput, Terms
from marketplace.offers.terms import terms_of
from marketplace.offers.words import owner_name, period_name
from marketplace.taxonomy.catalogue import load
from web.forms import Submitted, blank, filled

USUAL_VALIDITY = timedelta(days=14)
USUAL_START = timedelta(days=14)
MORE = {"add_line": "lines", "add_milestone": "milestones"}
"""Buttons that ask for one more row."""


def new_proposal(db: Session, brief: Brief, today: date) -> Submitted[Any]:
    """A form with a row for every line of the brief, covered as asked."""
    start = brief.starts_on if brief.starts_on and brief.starts_on >= today else today + USUAL_START
    return _filled(
        currency=brief.currency,
        lines=_starting_lines(briefs.lines_of(db, brief.id)),
        starts_on=start,
        term_months=brief.term_months or 3,
        valid_until=today + USUAL_VALIDITY,
        billing=Billing.RETAINER,
    )


def new_hire(currency: str, to: str, today: date) -> Submitted[Any]:
    """A form with one blank row; ``to`` is a profile's address, or empty for the board."""
    return _filled(
        currency=currency,
        lines=[OfferLineInput().model_dump()],
        starts_on=today + USUAL_START,
        term_months=3,
        valid_until=today + USUAL_VALIDITY,
        billing=Billing.RETAINER,
        to=to,
        on_board=not to,
    )


def of_offer(db: Session, offer: Offer, today: date, **more: Any) -> Submitted[Any]:
    """A form with what lies on the table, to change it, and that in ``data``. A short validity starts anew."""
    terms = terms_of(db, queries.current_version(db, offer))
    asked = briefs.lines_of(db, offer.brief_id) if offer.brief_id else []
    values = terms.model_dump()
    values["lines"] = _starting_lines(asked, terms.lines)
    values["valid_until"] = max(terms.valid_until, today + USUAL_VALIDITY)
    if terms.milestones or any(line.price is not None for line in terms.lines):
        values["total"] = None  # the sum, which changes with the rows
    form = _filled(**{**values, **more})
    form.checked = terms
    return form


def _filled(**values: Any) -> Submitted[Any]:
    values["lines"] = [{key: _code(cell) for key, cell in row.items()} for row in values["lines"]]
    return filled({key: _code(value) for key, value in values.items()}, Terms)


def _code(value: Any) -> Any:
    """Members of an enumeration as their code; dates and ids become text by themselves."""
    return value.value if isinstance(value, Coverage | LinePeriod | LineOwner | Billing) else value


def wants_row(form: Submitted[Any]) -> bool:
    """Whether the button pressed was one that adds a row; then the row is there and nothing is checked yet."""
    name = MORE.get(str(form.value("action")))
    if name is None:
        return False
    number = max([*form.rows(name), -1]) + 1
    first = {"lines": "coverage", "milestones": "title"}[name]
    form.values[f"{name}-{number}-{first}"] = Coverage.EXTRA.value if name == "lines" else ""
    form.errors = {}
    return True


def choices(asked: Sequence[Any] = ()) -> dict[str, Any]:
    """What every form of terms needs besides the form: the brief's lines by id, and lists to choose from."""
    groups = load().groups
    return {
        "asked": {str(line.id): line for line in asked},
        "responsibilities": [
            (f"{_(groups[group].name)}", [(duty.code, _(duty.name)) for duty in load().responsibilities_of(group)])
            for group in groups
        ],
        "platforms": [(place.code, _(place.name)) for place in load().current_platforms()],
        "periods": [(period.value, period_name(period)) for period in LinePeriod],
        "owners": [(owner.value, owner_name(owner)) for owner in LineOwner],
        "currencies": CURRENCIES,
        "blank_form": blank(),
    }


def _starting_lines(asked: Sequence[Any], offered: Sequence[OfferLineInput] = ()) -> list[dict[str, Any]]:
    """Rows of a form: every line of the brief with what was offered for it, or as asked; then the other lines.

    A line whose brief line was replaced since is found again by responsibility and platform.
    """
    rest = list(offered)
    rows: list[dict[str, Any]] = []
    for line in asked:
        same = [row for row in rest if row.brief_line_id == line.id] or [
            row
            for row in rest
            if row.brief_line_id is None and (row.responsibility, row.platform or "") == _place(line)
        ]
        if same:
            rest.remove(same[0])
            rows.append({**same[0].model_dump(), "brief_line_id": line.id})
        else:
            rows.append({"brief_line_id": line.id, "coverage": Coverage.COVERED, **_as_asked(line)})
    return rows + [row.model_dump() for row in rest]


def _place(line: Any) -> tuple[str, str]:
    return (line.responsibility, line.platform)


def _as_asked(line: Any) -> dict[str, Any]:
    return {"limit": line.limit, "sla_minutes": line.sla_minutes, "price": None, "revision_rounds": 2, "note": ""}
