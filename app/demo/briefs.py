"""Briefs: written, handed in, paused, closed, called off; timers do the rest."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from accounts.viewers import Viewer
from app.demo.stage import Facts, Stage, Step, minor, read
from core.db import Session
from marketplace.briefs import drafts, invitations, service
from marketplace.briefs.models import Brief
from marketplace.briefs.schemas import BriefInput, BriefInvitationInput, CancellationInput, ReopeningInput, ReturnInput
from marketplace.profiles import queries as profiles

STAFF = "team"
_COPIED = (
    "title",
    "summary",
    "niche",
    "goal",
    "approver_name",
    "approval_hours",
    "term_months",
    "visibility",
    "answers",
)


def plan(stage: Stage) -> dict[str, Facts]:
    """Put every brief with what happens to it into the calendar; what the data files say of them."""
    found = read("briefs")
    for key, facts in found.items():
        stage.calendar.at(facts["opened"] + 0.4, partial(_draft, stage=stage, key=key, facts=facts))
        if facts.get("state") != "draft":
            stage.calendar.at(facts["opened"], partial(_do, stage=stage, key=key, step=Step(0, "submit", (), "")))
        for step in map(Step.read, facts.get("steps", ())):
            stage.calendar.at(step.ago, partial(_do, stage=stage, key=key, step=step))
    return found


def _draft(db: Session, stage: Stage, key: str, facts: Facts) -> None:
    by = stage.viewers[facts["business"]]
    data = BriefInput.model_validate(_brief(stage, facts))
    stage.briefs[key] = drafts.create(db, data, by=by).id


def _brief(stage: Stage, facts: Facts) -> dict[str, Any]:
    currency = stage.currencies[facts["business"]]
    found = {name: facts[name] for name in _COPIED if name in facts}
    found |= {
        "currency": currency,
        "platforms": facts["platforms"].split(),
        "languages": facts["languages"].split(),
        "lines": [line_of(text) for text in facts["lines"]],
    }
    if "approver" in facts:
        found["approver_name"] = facts["approver"]
    if "budget" in facts:
        found["budget_min"], found["budget_max"] = (minor(amount, currency) for amount in facts["budget"])
    if "kpi" in facts:
        found["kpi"], found["kpi_baseline"], found["kpi_target"] = facts["kpi"].split()
        found["kpi_by"] = stage.calendar.day(facts["kpi_by"])
    if "starts" in facts:
        found["starts_on"] = stage.calendar.day(facts["starts"])
        found["decision_on"] = stage.calendar.day(facts["decision"])
        found["term_months"] = facts["term"]
    return found


def line_of(text: str) -> dict[str, Any]:
    """``"E1 IG 100 sla=240 client ; Every day"`` as a line; ``-`` for no platform, then limit, owner and period."""
    head, _semicolon, note = text.partition(";")
    duty, *words = head.split()
    found: dict[str, Any] = {"responsibility": duty, "note": note.strip()}
    for word in words:
        name, _equals, value = word.partition("=")
        if word.isdigit():
            found["limit"] = word
        elif value:
            found[f"{name}_minutes"] = value
        elif word.isupper():
            found["platform"] = word
        elif word in ("once", "quarter"):
            found["period"] = word
        elif word != "-":
            found["owner"] = {"third": "third_party"}.get(word, word)
    return found


def _do(db: Session, stage: Stage, key: str, step: Step) -> None:
    brief = service.lock(db, stage.briefs[key])
    _VERBS[step.verb](db, stage, brief, step, stage.of_workspace(brief.workspace_id))


def _submit(db: Session, stage: Stage, brief: Brief, step: Step, by: Viewer) -> None:
    service.submit(db, brief, by=by)


def _give_back(db: Session, stage: Stage, brief: Brief, step: Step, by: Viewer) -> None:
    data = ReturnInput.model_validate({"reason": step.rest[0], "note": step.note})
    service.give_back(db, brief, data, by=stage.viewers[STAFF])


def _pause(db: Session, stage: Stage, brief: Brief, step: Step, by: Viewer) -> None:
    service.pause(db, brief, by=by)


def _close(db: Session, stage: Stage, brief: Brief, step: Step, by: Viewer) -> None:
    service.close(db, brief, by=by)


def _reopen(db: Session, stage: Stage, brief: Brief, step: Step, by: Viewer) -> None:
    decision = stage.calendar.day(float(step.rest[0]))
    service.reopen(db, brief, ReopeningInput(decision_on=decision, confirmed=True), by=by)


def _cancel(db: Session, stage: Stage, brief: Brief, step: Step, by: Viewer) -> None:
    data = CancellationInput.model_validate({"reason": step.rest[0], "note": step.note})
    service.cancel(db, brief, data, by=stage.viewers[STAFF] if step.verb == "cancel_by_staff" else by)


def _edit(db: Session, stage: Stage, brief: Brief, step: Step, by: Viewer) -> None:
    lowest, highest = (minor(float(amount), brief.currency) for amount in step.rest)
    data = {"budget_min": lowest, "budget_max": highest}
    drafts.save(db, brief, BriefInput.model_validate(data), by=by)


def _invite(db: Session, stage: Stage, brief: Brief, step: Step, by: Viewer) -> None:
    guest = profiles.profile_of(db, stage.viewers[step.rest[0]].workspace_id)
    assert guest is not None
    invitations.invite(db, brief, BriefInvitationInput(profile=guest.slug), by=by)


def _link(db: Session, stage: Stage, brief: Brief, step: Step, by: Viewer) -> None:
    """The client sends the private link to somebody, who opens it."""
    if brief.link_hash is None:
        invitations.renew_link(db, brief, by=by)
    invitations.enter(db, brief, by=stage.viewers[step.rest[0]])


_VERBS: dict[str, Callable[[Session, Stage, Brief, Step, Viewer], None]] = {
    "submit": _submit,
    "return": _give_back,
    "pause": _pause,
    "close": _close,
    "reopen": _reopen,
    "cancel": _cancel,
    "cancel_by_staff": _cancel,
    "edit": _edit,
    "invite": _invite,
    "link": _link,
}
