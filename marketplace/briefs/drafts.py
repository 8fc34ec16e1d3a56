"""Writing a brief: a draft as it is typed, step by step, and changes to one that is out already."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select
from sqlmodel import col

from accounts.viewers import Viewer
from accounts.workspaces.models import Workspace
from core.db import Session
from core.errors import Conflict, Invalid
from core.fields import Input, Prose
from core.i18n import gettext as _
from core.states import amend
from marketplace.briefs import index, lines, queries
from marketplace.briefs.missing import DAYS, missing_fields
from marketplace.briefs.models import Brief, BriefStatus
from marketplace.briefs.schemas import QUESTIONS, STEPS, BriefInput, BriefLineInput, ScopeForm, StartInput, Step
from marketplace.briefs.scope import monthly_minutes
from marketplace.briefs.service import tell
from marketplace.taxonomy.rates import euro_cents

EDITABLE = frozenset({BriefStatus.DRAFT, BriefStatus.OPEN, BriefStatus.PAUSED, BriefStatus.CLOSED_TO_OFFERS})
TERMS = ("platforms", "budget_min", "budget_max")
"""Columns bidders priced; they and the lines make ``terms_version`` grow."""
MOST_TYPED = 100_000
_ROW = re.compile(r"^lines-\d{1,2}-(?:" + "|".join(BriefLineInput.model_fields) + r")$")
_text = TypeAdapter(Prose)


def start(db: Session, data: StartInput, *, by: Viewer) -> Brief:
    """A new draft, with the lines of a ready scope if one was chosen."""
    currency = db.scalar(select(col(Workspace.currency)).where(col(Workspace.id) == by.workspace_id))
    now = db.now()
    brief = Brief(
        workspace_id=by.workspace_id,
        created_by=by.user_id,
        title=data.title,
        currency=currency or "EUR",
        last_action_at=now,
        created_at=now,
        updated_at=now,
    )
    db.add(brief)
    db.flush()
    if data.preset:
        chosen = lines.in_order(lines.lines_of_preset(data.preset))
        lines.write(db, brief, chosen)
        brief.scope_minutes = monthly_minutes(chosen, None)
    tell(db, "brief.drafted", brief, by=by)
    return brief


def create(db: Session, data: BriefInput, *, by: Viewer) -> Brief:
    """A new draft with everything that is known of it. Raises ``Invalid`` as ``save`` does."""
    _check(
        SimpleNamespace(platforms=data.platforms, budget_min=data.budget_min, budget_max=data.budget_max), data.lines
    )
    brief = start(db, StartInput(title=data.title), by=by)
    save(db, brief, data, by=by)
    return brief


def save(db: Session, brief: Brief, data: BriefInput, *, by: Viewer) -> None:
    """Change what ``data`` names and leave the rest. Raises as ``_store`` does."""
    sent = {name: getattr(data, name) for name in data.model_fields_set}
    answers = sent.pop("answers", None)
    typed = {name: getattr(answers, name) for name in answers.model_fields_set} if answers else {}
    settled = {step for step, model in STEPS.items() if model.model_fields.keys() & (sent.keys() | typed.keys())}
    _store(db, brief, sent, typed, settled, by=by)


def save_step(db: Session, brief: Brief, step: Step, data: Input, *, by: Viewer) -> None:
    """Store a whole step of the guided form: what is empty there becomes empty. Raises as ``_store`` does."""
    sent = {name: getattr(data, name) for name in type(data).model_fields}
    for button in ("then", "add", "preset", "remove"):
        sent.pop(button, None)
    if isinstance(data, ScopeForm):
        sent["lines"] = lines.rearranged(data)
    answers = {name: sent.pop(name) for name in list(sent) if name in QUESTIONS}
    _store(db, brief, sent, answers, {step}, by=by)


def keep(db: Session, brief: Brief, step: Step, typed: Mapping[str, Any], data: Input | None, *, by: Viewer) -> None:
    """Autosave of a draft: sound input is stored, anything else is kept as it was typed until it is mended.

    Raises ``Conflict`` unless it is a draft, ``Invalid`` for text no database takes and beyond 100,000 characters.
    """
    if brief.status is not BriefStatus.DRAFT:
        raise Conflict(_("This brief is not a draft any more. Save it with the button."))
    if data is not None:
        try:
            save_step(db, brief, step, data, by=by)
            return
        except Invalid:
            pass  # two sound fields contradict each other; the page says so when the step is sent
    amend(db, brief, typed={**brief.typed, step.value: as_typed(step, typed)}, updated_at=db.now())


def as_typed(step: Step, typed: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a step that cannot be read yet. Raises ``Invalid`` as ``keep`` does."""
    kept = {
        name: _kept(name, value)
        for name, value in typed.items()
        if name in STEPS[step].model_fields or _ROW.match(name)
    }
    if sum(len(str(value)) for value in kept.values()) > MOST_TYPED:
        raise Invalid(_("This is too much text for one step."))
    return kept


def _kept(name: str, value: Any) -> Any:
    try:
        if isinstance(value, list):
            return [_text.validate_python(part) for part in value]
        return _text.validate_python(value)
    except ValidationError as error:
        fault = error.errors()[0]
        sentence = _("This is too long.") if fault["type"] == "too_long" else _(fault["msg"])
        raise Invalid(sentence, {name: sentence}) from error


def require_editable(brief: Brief) -> None:
    """Raise ``Conflict`` where nothing can be changed (any more)."""
    if brief.status not in EDITABLE:
        raise Conflict(_("This brief cannot be changed now."))


def _store(
    db: Session, brief: Brief, sent: dict[str, Any], answers: dict[str, Any], settled: set[Step], *, by: Viewer
) -> None:
    """Write columns, answers and lines; ``settled`` steps have nothing unread any more.

    Raises ``Conflict`` where nothing can be changed any more, ``Invalid`` when fields contradict each other or a brief
    that is out would lack something. With offers there, a change of scope or budget makes ``terms_version`` grow.
    """
    require_editable(brief)
    stored = queries.lines_of(db, brief.id)
    wanted: list[BriefLineInput] | None = sent.pop("lines", None)
    after = SimpleNamespace(**{**brief.model_dump(), **sent})
    after.typed = {step: typed for step, typed in brief.typed.items() if step not in settled}
    current: list[Any] = stored if wanted is None else wanted
    _check(after, current)
    if brief.status is not BriefStatus.DRAFT:
        if brief.offer_count and after.currency != brief.currency:
            text = _("Offers to this brief are in %(currency)s, so the currency stays.") % {"currency": brief.currency}
            raise Invalid(text, {"currency": text})
        missing = missing_fields(after, current, by.today(db.now()))
        missing = {name: text for name, text in missing.items() if not _day_went_by(name, brief, after)}
        if missing:
            raise Invalid(_("Some fields need another look."), missing)
    new_terms = any(getattr(after, name) != getattr(brief, name) for name in TERMS)
    new_terms = new_terms or (wanted is not None and lines.differ(stored, wanted))
    if wanted is not None:
        lines.write(db, brief, lines.in_order(wanted))
    changes = {
        **sent,
        "answers": {code: value for code, value in {**brief.answers, **answers}.items() if value not in ("", None, [])},
        "typed": after.typed,
        "scope_minutes": monthly_minutes(current, after.term_months),
        "budget_eur": None if after.budget_max is None else euro_cents(after.budget_max, after.currency),
        "updated_at": db.now(),
    }
    if brief.status is BriefStatus.DRAFT:
        amend(db, brief, **changes)
        return
    bumped = new_terms and brief.offer_count > 0
    version = brief.terms_version + (1 if bumped else 0)
    amend(db, brief, **changes, terms_version=version, last_action_at=db.now(), warnings_sent=0)
    index.refresh(db, brief)
    tell(db, "brief.terms_changed" if bumped else "brief.edited", brief, by=by)


def _day_went_by(name: str, brief: Brief, after: Any) -> bool:
    """Whether a fault is only that a day nobody touches lies in the past by now."""
    return name in DAYS and getattr(after, name) is not None and getattr(after, name) == getattr(brief, name)


def _check(after: Any, current: Any) -> None:
    faults = lines.faults_of(current, after.platforms)
    if after.budget_min and after.budget_max and after.budget_min > after.budget_max:
        faults["budget_max"] = _("Enter at least the lower budget.")
    if faults:
        raise Invalid(_("Some fields need another look."), faults)
