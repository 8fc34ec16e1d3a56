"""What a brief still lacks before it can go to the board (§3.1), field by field."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any

from core.i18n import gettext as _
from marketplace.briefs.models import Brief
from marketplace.briefs.schemas import Step

STEP_OF = {
    "title": Step.BUSINESS,
    "platforms": Step.SCOPE,
    "lines": Step.SCOPE,
    "goal": Step.MONEY,
    "budget_min": Step.MONEY,
    "budget_max": Step.MONEY,
    "kpi_by": Step.MONEY,
    "decision_on": Step.WORK,
    "starts_on": Step.WORK,
}
"""Where the guided form asks for it."""
DAYS = frozenset({"kpi_by", "decision_on", "starts_on"})
"""Fields that go wrong by themselves as time passes."""


def missing_fields(brief: Brief | SimpleNamespace, lines: Sequence[Any], today: date) -> dict[str, str]:
    """A sentence for each field that is missing; empty when the brief is ready."""
    found: dict[str, str] = {}
    if not brief.title:
        found["title"] = _("Give the brief a title.")
    if not brief.platforms:
        found["platforms"] = _("Choose at least one platform.")
    if not lines:
        found["lines"] = _("Add at least one responsibility to the scope.")
    if not brief.goal:
        found["goal"] = _("Say what should change.")
    if not brief.budget_min:
        found["budget_min"] = _("Say the lowest budget.")
    if not brief.budget_max:
        found["budget_max"] = _("Say the highest budget.")
    if brief.decision_on is None:
        found["decision_on"] = _("Say by which day you choose.")
    elif brief.decision_on <= today:
        found["decision_on"] = _("Choose a decision day after today.")
    if brief.starts_on is not None and brief.starts_on < today:
        found["starts_on"] = _("Choose a start that is not past, or leave it empty.")
    if brief.kpi_by is not None and brief.kpi_by <= today:
        found["kpi_by"] = _("Choose a day after today by which the number should be reached, or leave it empty.")
    for step in brief.typed:
        found[f"typed.{step}"] = _("Something typed here could not be read. Open the step and mend it.")
    return found
