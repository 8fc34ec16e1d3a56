"""Cases made through the services."""

from __future__ import annotations

from typing import Any

from core.db import Session
from marketplace.cases import service as cases
from marketplace.cases.models import Case
from marketplace.cases.schemas import CaseInput
from tests.cast import viewer_of

COMPLETE: dict[str, Any] = {
    "title": "From 31 to 118 orders a month",
    "client_name": "Halden Coffee",
    "niche": "",
    "platforms": ["IG"],
    "responsibilities": ["C1", "C3"],
    "goal": "More orders from people who tasted the coffee on the spot.",
    "story": "We read nine hundred comments, answered the questions that came up every day, and made ordering short.",
    "period_from": "2026-01-01",
    "period_to": "2026-05-31",
    "kpis": [{"kpi": "leads", "before": "31", "after": "118", "source": "csv", "source_note": "Shop export"}],
}


def make_case(db: Session, by: str = "alice", *, published: bool = False, **overrides: Any) -> Case:
    """A complete case; ``published`` ones need a published profile to be seen."""
    viewer = viewer_of(db, by)
    case = cases.create(db, CaseInput.model_validate({**COMPLETE, **overrides}), by=viewer)
    if published:
        cases.publish(db, case, by=viewer)
    return case
