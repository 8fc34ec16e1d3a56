"""Cases: what was done before and what came of it, some under NDA, some not finished."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

from app.demo.stage import Facts, Stage, picture, read
from core.db import Session
from marketplace.cases import service as cases
from marketplace.cases.schemas import CaseInput


def plan(stage: Stage) -> None:
    """Each specialist adds a case every few days after coming."""
    joined = {key: facts["joined"] for key, facts in read("specialists").items()}
    written: Counter[str] = Counter()
    for facts in read("cases").values():
        by = facts["by"]
        ago = facts["written"] if "written" in facts else max(0.4, joined[by] - 2 - 5 * written[by])
        written[by] += 1
        stage.calendar.at(ago, partial(_write, stage=stage, facts=facts))


def _write(db: Session, stage: Stage, facts: Facts) -> None:
    by = stage.viewers[facts["by"]]
    case = cases.create(db, CaseInput.model_validate(_case(stage, facts)), by=by)
    if "picture" in facts:
        name, caption = facts["picture"].split("|")
        cases.add_image(db, stage.storage, case, picture(f"cases/{name}"), f"{name}.webp", caption, by=by)
    if not facts.get("draft"):
        cases.publish(db, case, by=by)


def _case(stage: Stage, facts: Facts) -> dict[str, Any]:
    first, last = facts["months"]
    return {
        "title": facts["title"],
        "client_name": facts.get("client", ""),
        "is_nda": facts.get("nda", False),
        "niche": facts["niche"],
        "platforms": facts["platforms"].split(),
        "responsibilities": facts["duties"].split(),
        "goal": facts["goal"],
        "story": facts["story"],
        "period_from": stage.calendar.day(first * 30).replace(day=1),
        "period_to": stage.calendar.day(last * 30).replace(day=28),
        "kpis": [_kpi(text) for text in facts["kpis"]],
    }


def _kpi(text: str) -> dict[str, Any]:
    """``"leads | Orders by message | 31 > 118 | csv | Shop export"``; money names its currency after the numbers."""
    kpi, label, numbers, source, note = (part.strip() for part in text.split("|"))
    before, _sign, after, *currency = numbers.split()
    found: dict[str, Any] = {"kpi": kpi, "label": label, "before": before, "after": after, "source": source}
    return {**found, "source_note": note, "currency": currency[0] if currency else None}
