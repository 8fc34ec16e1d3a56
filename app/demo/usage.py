"""Work on running contracts: what was done each month of what was agreed, with evidence, and two human moments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from accounts.viewers import Viewer
from app.demo.stage import Facts, Stage, read
from core.db import Session
from crm.contracts.models import Contract, EvidenceType, ScopeLine
from crm.contracts.plan import add_months
from crm.contracts.queries import lines_of
from crm.scopes import proof, service
from crm.scopes.models import UsageEntry
from crm.scopes.periods import months_of, term_of
from crm.scopes.schemas import CorrectionInput, UsageInput
from files.service import save_file
from marketplace.briefs.models import LineOwner, LinePeriod
from marketplace.profiles.slugs import slug_of

BATCH = 13
"""Limits from this on are logged by the week."""
FINE = timedelta(days=31)
"""So long ago, work was logged piece by piece; before that, in larger lots."""
Month = tuple[date, date, float]
PLACES = {EvidenceType.POST_URL: "posts", EvidenceType.REPORT: "reports", EvidenceType.FILE: "files"}
"""By kind of proof the part of the client's site where it lies."""
USUAL_DAYS = {"C1": 24, "A2": 12, "K3": 5, "K4": 8}
"""Days of a month on which single things are done."""


@dataclass(frozen=True)
class Work:
    """So many units of a line on a day."""

    line_id: UUID
    duty: str
    day: date
    quantity: int
    owner: LineOwner
    goodwill: bool = False
    note: str = ""


def plan(db: Session, stage: Stage, contract: Contract, name: str) -> None:
    """Put the work of a contract that has just become active into the calendar, up to the day before the last."""
    facts = read("scopes")[name]
    months = list(_months(contract, stage.calendar.day(1)))
    for line in lines_of(db, contract.id):
        for number, (first, last, share) in enumerate(months):
            over = _is_over(line, months, number, facts)
            for work in _of_month(stage, line, number, first, last, share, facts, over=over):
                _enter(stage, contract.id, work, facts)
    if "wrong" in facts:
        stage.calendar.at(facts["wrong"]["ago"], partial(_take_back, stage=stage, contract_id=contract.id, facts=facts))


def _months(contract: Contract, today: date) -> list[Month]:
    """First and last day of each month of the term that has begun, and which part of it is over; oldest first."""
    found = []
    for month in reversed(months_of(term_of(contract), today)):
        end = min(today, month.last)
        if month.first <= end:
            found.append((month.first, end, ((end - month.first).days + 1) / ((month.last - month.first).days + 1)))
    return found


def _of_month(
    stage: Stage, line: Any, number: int, first: date, last: date, share: float, facts: Facts, *, over: bool
) -> Iterator[Work]:
    """What of a line is done between two days of the month of that ``number``, counted from 0."""
    limit = line.limit or 0
    if line.period is LinePeriod.ONCE:
        quantity = limit if number == 0 else 0
    elif line.period is LinePeriod.QUARTER:
        quantity = limit if number % 3 == 1 else 0
    elif limit == 1:
        quantity = int(_usual_day(line.responsibility, first) <= last)
    else:
        pace = 1.0 if over else stage.dice.choice((0.75, 0.85, 0.9, 1.0))
        quantity = limit if over else min(limit, round(limit * share * pace))
    yield from _days(line, first, last, quantity, stage.calendar.day(0))
    if over:
        note = facts["over"]["note"]
        yield Work(line.id, line.responsibility, last, 1, line.owner, goodwill=True, note=note)


def _usual_day(duty: str, first: date) -> date:
    """The day from ``first`` on on which a single thing is done."""
    day = first.replace(day=USUAL_DAYS.get(duty, 15))
    return day if day >= first else add_months(day, 1)


def _days(line: Any, first: date, last: date, quantity: int, today: date) -> Iterator[Work]:
    if quantity <= 0:
        return
    span = (last - first).days + 1
    if quantity == 1:
        day = min(last, _usual_day(line.responsibility, first))
        yield Work(line.id, line.responsibility, day, 1, line.owner)
        return
    times = max(1, span // 7) if quantity >= BATCH else quantity
    if today - last > FINE:
        times = min(times, 2)
    for number in range(times):
        part = quantity * (number + 1) // times - quantity * number // times
        if part:
            day = first + timedelta(days=int((number + 0.5) * span / times))
            yield Work(line.id, line.responsibility, day, part, line.owner)


def _is_over(line: Any, months: list[Month], number: int, facts: Facts) -> bool:
    """Whether this is the line and the month in which one more was given: the last, early in it the one before."""
    if facts.get("over", {}).get("duty") != line.responsibility:
        return False
    first, last, _share = months[-1]
    early = (last - first).days < 11 and len(months) > 1
    return number == len(months) - (2 if early else 1)


def _enter(stage: Stage, contract_id: UUID, work: Work, facts: Facts) -> None:
    late = 0.05 if work.goodwill else 0.15 + 0.7 * stage.dice.random()
    ago = (stage.calendar.day(0) - work.day).days + late
    stage.calendar.at(ago, partial(_log, stage=stage, contract_id=contract_id, work=work, facts=facts))


def _log(db: Session, stage: Stage, contract_id: UUID, work: Work, facts: Facts) -> None:
    contract, line = db.get_one(Contract, contract_id), db.get_one(ScopeLine, work.line_id)
    if work.day > term_of(contract).last:
        return
    by = _who(stage, contract, work.owner, facts)
    title = _title(facts, work)
    upload = None
    if work.duty == "K3" and facts.get("files"):
        content = f"month,number,value\n{work.day:%Y-%m},{facts['files']},{100 + work.day.month * 3}\n".encode()
        upload = save_file(
            db,
            stage.storage,
            content=content,
            name=f"report-{work.day:%Y-%m}.csv",
            by=by,
            other=contract.other_of(by.workspace_id),
        )
    data = UsageInput(
        quantity=work.quantity,
        done_on=work.day,
        note=work.note or title,
        evidence_url=None if upload else _address(facts, work, title, proof.asked(line)),
        goodwill=work.goodwill,
    )
    service.log(db, contract, line, data, by=by, upload_id=upload.id if upload else None)


def _who(stage: Stage, contract: Contract, owner: LineOwner, facts: Facts) -> Viewer:
    if owner is LineOwner.CLIENT:
        return stage.viewers[facts["helper"]] if "helper" in facts else stage.of_workspace(contract.business_id)
    return stage.viewers[facts["maker"]] if "maker" in facts else stage.of_workspace(contract.specialist_id)


def _title(facts: Facts, work: Work) -> str:
    """What the unit was: the next of the contract's titles for the duty, or what such work is called."""
    titles: list[str] = facts.get(work.duty, [])
    if not titles:
        return ""
    return titles[(work.day.toordinal() + work.quantity) % len(titles)]


def _address(facts: Facts, work: Work, title: str, asked: EvidenceType) -> str | None:
    """Where the proof that the contract asks for can be seen; replies are told in the note."""
    place = PLACES.get(asked)
    if place is None:
        return None
    name = slug_of(title or work.duty)
    month = "" if asked is EvidenceType.POST_URL else f"-{work.day:%Y-%m}"
    return f"{facts['page']}/{place}/{name}{month}"


def _take_back(db: Session, stage: Stage, contract_id: UUID, facts: Facts) -> None:
    """An entry that should not have been made is countered, with the reason."""
    contract = db.get_one(Contract, contract_id)
    ours = {line.id for line in lines_of(db, contract_id) if line.responsibility == facts["wrong"]["duty"]}
    entries = [row for row in _entries(db, contract_id) if row.line_id in ours]
    by = _who(stage, contract, LineOwner.SPECIALIST, facts)
    service.correct(db, contract, entries[-1], CorrectionInput(reason=facts["wrong"]["reason"]), by=by)


def _entries(db: Session, contract_id: UUID) -> list[UsageEntry]:
    return list(
        db.scalars(select(UsageEntry).where(col(UsageEntry.contract_id) == contract_id).order_by(col(UsageEntry.id)))
    )
