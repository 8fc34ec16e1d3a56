"""Offers both ways: proposals to briefs, hire offers to one or on the board, and what both sides do with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from accounts.viewers import Viewer
from app.demo import contracts
from app.demo.briefs import line_of
from app.demo.prices import scaled, spread
from app.demo.stage import Facts, Stage, Step, minor, read
from core.db import Session
from marketplace.briefs import queries as briefs
from marketplace.offers import queries, service
from marketplace.offers.models import Offer, OfferKind
from marketplace.offers.schemas import AnswerInput, DeclineInput, HireInput, ProposalInput
from marketplace.offers.terms import terms_of
from marketplace.profiles import queries as profiles

VALID = 14
"""Days an offer holds unless the data file says otherwise."""
PRICED = 0.75
"""Share of offers with a price on each line; the others name a total."""


def plan(stage: Stage, found: dict[str, Facts]) -> None:
    """Put every offer to the briefs ``found`` and every hire offer into the calendar."""
    for name, brief in found.items():
        for number, facts in enumerate(brief.get("offers", ())):
            key = f"{name}/{facts['by']}"
            say = facts.get("says") or _words(stage, brief, facts, number)
            propose = partial(_propose, stage=stage, key=key, name=name, brief=brief, facts={**facts, "says": say})
            stage.calendar.at(facts["ago"], propose)
            _plan_steps(stage, key, name, facts)
    for name, facts in read("hires").items():
        stage.calendar.at(facts["ago"], partial(_hire, stage=stage, key=name, facts=facts))
        _plan_steps(stage, name, name, facts)


def _plan_steps(stage: Stage, key: str, name: str, facts: Facts) -> None:
    for step in map(Step.read, facts.get("steps", ())):
        stage.calendar.at(step.ago, partial(_do, stage=stage, key=key, name=name, step=step, facts=facts))


def _words(stage: Stage, brief: Facts, facts: Facts, number: int) -> str:
    """What a specialist would do first in this brief, then how the specialist works."""
    first = brief["firsts"][number % len(brief["firsts"])]
    return f"{first} {read('specialists')[facts['by']]['pitch']}"


def _propose(db: Session, stage: Stage, key: str, name: str, brief: Facts, facts: Facts) -> None:
    by = stage.viewers[facts["member"] if "member" in facts else facts["by"]]
    currency = stage.currencies[brief["business"]]
    lines = [_answer(line, facts) for line in briefs.lines_of(db, stage.briefs[name])]
    lines += [{"coverage": "extra", **line_of(text)} for text in facts.get("extra", ())]
    starts_on = max(stage.calendar.day(brief["starts"]), db.now().date() + timedelta(days=2))
    data = {
        **_terms(db, stage, facts, lines, currency),
        "starts_on": stage.calendar.day(facts["start"]) if "start" in facts else starts_on,
        "term_months": brief["term"],
        "send": not facts.get("draft", False),
    }
    offer = service.propose(db, stage.briefs[name], ProposalInput.model_validate(data), by=by)
    stage.offers[key] = offer.id


def _hire(db: Session, stage: Stage, key: str, facts: Facts) -> None:
    by = stage.viewers[facts["business"]]
    currency = stage.currencies[facts["business"]]
    data = {
        **_terms(db, stage, facts, [line_of(text) for text in facts["lines"]], currency),
        "title": facts["title"],
        "to": _slug(db, stage.viewers[facts["to"]]) if "to" in facts else None,
        "on_board": "to" not in facts,
        "starts_on": stage.calendar.day(facts["starts"]),
        "term_months": facts["term"],
        "send": not facts.get("draft", False),
    }
    stage.offers[key] = service.hire(db, HireInput.model_validate(data), by=by).id


def _slug(db: Session, viewer: Viewer) -> str:
    profile = profiles.profile_of(db, viewer.workspace_id)
    assert profile is not None
    return profile.slug


def _answer(line: Any, facts: Facts) -> dict[str, Any]:
    """How an offer answers a line of the brief: ``out`` names what it leaves out, ``set`` and ``sla`` what differs."""
    names = {line.responsibility, f"{line.responsibility}@{line.platform}"}
    out = bool(names & set(facts.get("out", "").split()))
    limits, replies = _pairs(facts.get("set", "")), _pairs(facts.get("sla", ""))
    return {
        "brief_line_id": str(line.id),
        "responsibility": line.responsibility,
        "owner": line.owner.value,
        "period": line.period.value,
        "coverage": "excluded" if out else "covered",
        "limit": limits.get(line.responsibility, line.limit),
        "sla_minutes": replies.get(line.responsibility, line.sla_minutes),
    }


def _pairs(text: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in text.split())


def _terms(db: Session, stage: Stage, facts: Facts, lines: list[dict[str, Any]], currency: str) -> dict[str, Any]:
    total = minor(facts["price"], currency)
    today = db.now().date()
    found = {
        "currency": currency,
        "lines": lines,
        "total": total,
        "valid_until": today + timedelta(days=facts.get("valid", VALID)),
        "message": facts.get("says", ""),
    }
    if "milestones" in facts:
        parts = [text.split("|") for text in facts["milestones"]]
        found["billing"] = "milestones"
        found["milestones"] = [
            {"title": title, "amount": total * int(share) // 100, "due_on": today + timedelta(days=30 + int(days))}
            for title, share, days in parts
        ]
    elif stage.dice.random() < PRICED or facts.get("priced"):
        found["lines"] = spread(lines, total, currency)
    return found


def _do(db: Session, stage: Stage, key: str, name: str, step: Step, facts: Facts) -> None:
    offer = db.get_one(Offer, stage.offers[key])
    if step.verb in _VERBS:
        _VERBS[step.verb](db, stage, offer, step, facts)
    else:
        contracts.do(db, stage, offer, name, step, facts)


def _specialist(stage: Stage, offer: Offer, facts: Facts) -> Viewer:
    """Who acts for the specialist: a member of the team, if the data file names one."""
    assert offer.specialist_id is not None
    return stage.viewers[facts["member"]] if "member" in facts else stage.of_workspace(offer.specialist_id)


def _author(stage: Stage, offer: Offer, facts: Facts) -> Viewer:
    return _specialist(stage, offer, facts) if offer.kind is OfferKind.PROPOSAL else stage.of_workspace(offer.author_id)


def _recipient(stage: Stage, offer: Offer, facts: Facts) -> Viewer:
    if offer.kind is OfferKind.HIRE:
        return _specialist(stage, offer, facts)
    return stage.of_workspace(offer.business_id)


def _view(db: Session, stage: Stage, offer: Offer, step: Step, facts: Facts) -> None:
    service.view(db, offer, by=_recipient(stage, offer, facts))


def _counter(db: Session, stage: Stage, offer: Offer, step: Step, facts: Facts) -> None:
    service.counter(db, offer, _changed(db, offer, step), by=_recipient(stage, offer, facts))


def _revise(db: Session, stage: Stage, offer: Offer, step: Step, facts: Facts) -> None:
    service.revise(db, offer, _changed(db, offer, step), by=_author(stage, offer, facts))


def _changed(db: Session, offer: Offer, step: Step) -> AnswerInput:
    """What is on the table at another price, and with other limits if some are named (``D4=4``)."""
    terms = terms_of(db, queries.current_version(db, offer)).model_dump(mode="json")
    total = minor(float(step.rest[0]), offer.currency)
    limits = _pairs(" ".join(step.rest[1:]))
    for line in terms["lines"]:
        line["limit"] = limits.get(line["responsibility"], line["limit"])
    terms["lines"] = scaled(terms["lines"], total, offer.currency)
    valid = max(terms["valid_until"], str(db.now().date() + timedelta(days=VALID)))
    changed = {**terms, "total": total, "message": step.note, "number": offer.number, "valid_until": valid}
    return AnswerInput.model_validate(changed)


def _accept(db: Session, stage: Stage, offer: Offer, step: Step, facts: Facts) -> None:
    sides = (_author(stage, offer, facts), _recipient(stage, offer, facts))
    by = next(viewer for viewer in sides if viewer.workspace_id == offer.turn_id)
    service.accept(db, offer, offer.number, by=by)


def _take_up(db: Session, stage: Stage, offer: Offer, step: Step, facts: Facts) -> None:
    service.take_up(db, offer, offer.number, by=stage.viewers[step.rest[0]])


def _decline(db: Session, stage: Stage, offer: Offer, step: Step, facts: Facts) -> None:
    data = DeclineInput.model_validate({"reason": step.rest[0], "note": step.note})
    service.decline(db, offer, data, by=_recipient(stage, offer, facts))


def _withdraw(db: Session, stage: Stage, offer: Offer, step: Step, facts: Facts) -> None:
    service.withdraw(db, offer, by=stage.of_workspace(offer.author_id))


def _confirm(db: Session, stage: Stage, offer: Offer, step: Step, facts: Facts) -> None:
    service.confirm(db, offer, by=_author(stage, offer, facts))


_VERBS: dict[str, Callable[[Session, Stage, Offer, Step, Facts], None]] = {
    "view": _view,
    "counter": _counter,
    "revise": _revise,
    "accept": _accept,
    "take": _take_up,
    "decline": _decline,
    "withdraw": _withdraw,
    "confirm": _confirm,
}
