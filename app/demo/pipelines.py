"""Pipelines: companies and people met elsewhere, and the deals specialists keep by hand."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from accounts.viewers import Viewer
from app.demo.stage import Facts, Stage, Step, minor, read
from core.db import Session
from crm.companies import queries as companies_queries
from crm.companies import service as companies
from crm.companies.models import Company
from crm.companies.schemas import CompanyInput, ContactInput
from crm.deals import moves, service, stages
from crm.deals.models import Deal, StageKind
from crm.deals.schemas import DealInput, MoveInput, NoteInput


def plan(stage: Stage) -> None:
    """Put every deal with its moves and notes into the calendar."""
    for facts in read("pipelines").values():
        made: list[UUID] = []
        stage.calendar.at(facts["ago"], partial(_start, stage=stage, facts=facts, made=made))
        for step in map(Step.read, facts.get("steps", ())):
            stage.calendar.at(step.ago, partial(_do, stage=stage, by=facts["by"], step=step, made=made))


def _start(db: Session, stage: Stage, facts: Facts, made: list[UUID]) -> None:
    by = stage.viewers[facts["by"]]
    company = _company(db, facts, by)
    currency = facts["currency"]
    data = DealInput.model_validate(
        {
            "company_id": company.id,
            "contact": facts["contact"],
            "title": facts.get("title", ""),
            "amount": minor(facts["amount"], currency),
            "currency": currency,
            "monthly": facts.get("monthly", True),
            "platforms": facts["platforms"].split(),
            "source": facts["source"],
            "next_step": facts["next"],
            "next_step_on": stage.calendar.day(-facts["due"]),
        }
    )
    made.append(service.create(db, data, by=by).id)


def _company(db: Session, facts: Facts, by: Viewer) -> Company:
    known = companies_queries.find_named(db, by.workspace_id, facts["company"])
    if known is not None:
        return known
    details = {name: facts[name] for name in ("country", "city", "niche", "website", "note") if name in facts}
    company = companies.create(db, CompanyInput.model_validate({"name": facts["company"], **details}), by=by)
    person: dict[str, Any] = {"name": facts["contact"], "position": facts.get("role", "")}
    person |= {name: facts[name] for name in ("email", "phone", "messenger") if name in facts}
    companies.add_contact(db, company, ContactInput.model_validate(person), by=by)
    return company


def _do(db: Session, stage: Stage, by: str, step: Step, made: list[UUID]) -> None:
    deal, viewer = db.get_one(Deal, made[0]), stage.viewers[by]
    if step.verb == "note":
        service.note(db, deal, NoteInput(text=step.note), by=viewer)
        return
    kind = StageKind(step.verb)
    data: dict[str, Any] = {
        "stage_id": stages.find_kind(db, deal.workspace_id, kind).id,
        "version": deal.version,
        "note": step.note,
    }
    if kind is StageKind.LOST:
        data["reason"] = step.rest[0]
    elif kind is StageKind.ON_HOLD:
        data["resume_on"] = db.now().date() + timedelta(days=int(step.rest[0]))
    moves.move(db, deal, MoveInput.model_validate(data), by=viewer)
