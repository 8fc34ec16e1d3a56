"""The guided form: what each step shows, and how stored values become a form again."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

from fastapi import Request, Response

from accounts.viewers import Viewer
from core.db import Session
from core.errors import Invalid
from core.i18n import gettext as _
from marketplace.briefs import choices, drafts, lines, queries
from marketplace.briefs.folds import folds_of
from marketplace.briefs.matching import match as match_profile
from marketplace.briefs.missing import STEP_OF, missing_fields
from marketplace.briefs.models import Brief, BriefStatus
from marketplace.briefs.schemas import (
    MEASURES,
    SECTIONS,
    STEPS,
    BriefLineInput,
    MoneyFields,
    ScopeFields,
    ScopeForm,
    Step,
    questions,
)
from marketplace.briefs.scope import Line, monthly_minutes, realism
from marketplace.profiles import queries as profiles
from marketplace.taxonomy.catalogue import load
from marketplace.taxonomy.entries import Question
from marketplace.taxonomy.words import measured
from web.forms import Submitted, filled
from web.responses import page


def names() -> dict[Step, str]:
    return {
        Step.BUSINESS: _("Business"),
        Step.SCOPE: _("Scope"),
        Step.MONEY: _("Goal and money"),
        Step.WORK: _("Work"),
    }


def stored_form(brief: Brief, stored: list[Any], step: Step) -> Submitted[Any]:
    """A step as it was typed last, sound or not."""
    if step.value in brief.typed:
        return _as_typed(brief.typed[step.value])
    model = STEPS[step]
    values: dict[str, Any] = {}
    for name in model.model_fields:
        value = getattr(brief, name) if name in Brief.model_fields else brief.answers.get(name)
        values[name] = _plain(value) if name in MEASURES else value
    if step is Step.SCOPE:
        values["lines"] = [{name: getattr(line, name) for name in BriefLineInput.model_fields} for line in stored]
    return filled(values, model)


def stored_now(db: Session, brief: Brief, step: Step) -> Submitted[Any]:
    """``stored_form`` with its lines read, where the step has some."""
    return stored_form(brief, queries.lines_of(db, brief.id) if step is Step.SCOPE else [], step)


def own_up(form: Submitted[Any], stored: Submitted[Any], step: Step) -> None:
    """What the page itself put there counts as seen by it: this form, or one it heard no answer to."""
    if any(stored.seen in _marks(sent, step) for sent in (form, *form.sent)):
        form.seen = stored.seen


def _marks(form: Submitted[Any], step: Step) -> set[str]:
    """The marks of what is stored once this form is: read, and as typed where it cannot be or contradicts itself."""
    marks = set()
    with suppress(Invalid):  # of what no draft keeps
        marks.add(_as_typed(drafts.as_typed(step, form.values)).seen)
    if not form.errors:
        marks.add(_as_read(form.data, step).seen)
    return marks


def _as_typed(values: dict[str, Any]) -> Submitted[Any]:
    form: Submitted[Any] = Submitted(values=dict(values))
    form.remember()
    return form


def _as_read(data: Any, step: Step) -> Submitted[Any]:
    """A sound step as its form shows it once it is stored."""
    values = data.model_dump(exclude={"then", "add", "preset", "remove"})
    for name in MEASURES & values.keys():
        values[name] = _plain(values[name])
    if isinstance(data, ScopeForm):
        values["lines"] = [line.model_dump() for line in lines.in_order(lines.rearranged(data))]
    return filled(values, STEPS[step])


def _plain(thousandths: int | None) -> str | None:
    return None if thousandths is None else f"{Decimal(thousandths) / 1000:f}"


def with_rows(form: Submitted[Any]) -> Submitted[Any]:
    """The scope form with its lines rearranged as the pressed button says; nothing is stored."""
    shown = _as_read(form.data, Step.SCOPE)
    shown.seen = form.seen
    return shown


def next_address(brief: Brief, step: Step, data: Any) -> str:
    """Where a stored step leads: onward through a draft, back to a brief that is out."""
    if isinstance(data, ScopeForm) and data.rearranges:
        return f"/my/briefs/{brief.id}/steps/scope"
    if data.then == "leave":
        return "/my/briefs"
    if brief.status is not BriefStatus.DRAFT:
        return f"/briefs/{brief.id}"
    steps = list(Step)
    place = steps.index(step) + 1
    return f"/my/briefs/{brief.id}/" + (f"steps/{steps[place]}" if place < len(steps) else "review")


def step_page(
    request: Request,
    db: Session,
    brief: Brief,
    step: Step,
    today: date,
    form: Submitted[Any] | None = None,
    *,
    status: int = 200,
) -> Response:
    """A step of the guided form, with what was sent or else what is stored."""
    stored = queries.lines_of(db, brief.id)
    shown = form or stored_form(brief, stored, step)
    return page(
        request,
        f"marketplace/briefs/steps/{step}.html",
        status=status,
        brief=brief,
        step=step,
        names=names(),
        done=set(Step) - set(_steps_of(missing_fields(brief, stored, today)).values()),
        form=shown,
        folds=folds_of(shown) if step is Step.SCOPE else [],
        sections=[(load().section(code), _asked(code)) for code in SECTIONS[step]],
        choices=choices,
        catalogue=load(),
        estimate=estimate(db, brief, stored, form),
    )


def _asked(section: str) -> list[Any]:
    own = {question.code for step in Step for question in questions(step)}
    return [question for question in load().questions_of(section) if question.code in own]


def estimate(db: Session, brief: Brief, stored: list[Any], form: Submitted[Any] | None = None) -> dict[str, Any]:
    """Hours and usual price of the scope, from what is typed where it can be read, else from what is stored."""
    typed = form.checked if form is not None and not form.errors else None
    counted: list[Line] = list(typed.lines) if isinstance(typed, ScopeFields) else stored
    budget, currency = brief.budget_max, brief.currency
    if isinstance(typed, MoneyFields):
        budget, currency = typed.budget_max, typed.currency
    minutes = monthly_minutes(counted, brief.term_months)
    rate, of = queries.reference_rate(db)
    return {
        "lines": len(counted),
        "minutes": minutes,
        "budget": budget,
        "currency": currency,
        "realism": realism(budget, currency, minutes, rate),
        "rates": of,
    }


def review(db: Session, brief: Brief, today: date) -> dict[str, Any]:
    """What the last step shows: the scope, what is missing and in which step, and the estimate."""
    stored = queries.lines_of(db, brief.id)
    missing = missing_fields(brief, stored, today)
    where = _steps_of(missing)
    return {
        "brief": brief,
        "lines": stored,
        "missing": [(names()[where[name]], where[name], text) for name, text in missing.items()],
        "done": set(Step) - set(where.values()),
        "estimate": estimate(db, brief, stored),
        "names": names(),
        "choices": choices,
    }


def _steps_of(missing: Iterable[str]) -> dict[str, Step]:
    """In which step each missing field is asked for."""
    return {name: Step(name.removeprefix("typed.")) if name.startswith("typed.") else STEP_OF[name] for name in missing}


def shown(db: Session, viewer: Viewer | None, brief: Brief, key: str) -> dict[str, Any]:
    """What the page of a brief shows to this viewer."""
    stored = queries.lines_of(db, brief.id)
    here = viewer.place.id if viewer and viewer.place else None
    own = profiles.profile_of(db, here) if viewer and viewer.is_specialist and here else None
    is_owner = here == brief.workspace_id
    return {
        "brief": brief,
        "lines": stored,
        "client": queries.client_card(db, brief.workspace_id),
        "is_owner": is_owner,
        "match": match_profile(own, brief.platforms, brief.languages, stored) if own else None,
        "estimate": estimate(db, brief, stored) if is_owner else None,
        "sections": answered(brief, everything=is_owner) if viewer else [],
        "key": key if queries.opens(brief, key) else "",
        "choices": choices,
    }


def answered(brief: Brief, *, everything: bool) -> list[tuple[str, list[tuple[str, str]]]]:
    """Questions with their answers by section; risks are for the client alone."""
    titles = {
        "business": _("The business"),
        "audience": _("The audience"),
        "now": _("What there is already"),
        "content": _("Content"),
        "engagement": _("Talking to people"),
        "goal": _("More about the goal"),
        "growth": _("Growth"),
        "conversion": _("From visit to sale"),
        "work": _("The work"),
        "risk": _("Risks"),
    }
    found = []
    for step in Step:
        for code in SECTIONS[step]:
            rows = [
                (_(q.text), _answer(q, brief.answers[q.code], brief.currency))
                for q in _asked(code)
                if q.code in brief.answers
            ]
            if rows and (everything or code != "risk"):
                found.append((titles[code], rows))
    return found


def _answer(question: Question, value: Any, currency: str) -> str:
    names = {option.code: _(option.name) for option in question.options}
    match question.kind:
        case "number":
            return measured(value, question.unit, currency)
        case "multi":
            return ", ".join(names.get(code, code) for code in value)
        case "choice":
            return names.get(value, str(value))
        case "text":
            return str(value)
