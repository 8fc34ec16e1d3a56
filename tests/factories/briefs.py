"""Briefs for tests, made through the services."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from accounts.viewers import Viewer
from accounts.workspaces.models import Workspace, WorkspaceKind
from core.db import Session
from marketplace.briefs import drafts, service
from marketplace.briefs.models import Brief
from marketplace.briefs.schemas import BriefInput
from marketplace.profiles.models import Profile, ProfileStatus

LINES = [
    {"responsibility": "C3", "limit": 12, "owner": "specialist"},
    {"responsibility": "D4", "platform": "IG", "limit": 4},
    {"responsibility": "E1", "limit": 100, "sla_minutes": 240},
    {"responsibility": "K3", "limit": 1},
    {"responsibility": "D3", "limit": 10, "owner": "client", "note": "Raw files in a shared folder"},
]


def brief_data(db: Session, **overrides: Any) -> dict[str, Any]:
    """A complete brief as JSON; its days follow the test's clock."""
    today = db.now().date()
    return {
        "title": "Café wants regulars back",
        "summary": "We bake everything downstairs and the new neighbours do not know.",
        "niche": "food",
        "platforms": ["IG", "FB"],
        "lines": LINES,
        "goal": "More people within fifteen minutes’ walk who come twice a week.",
        "kpi": "leads",
        "kpi_baseline": "31",
        "kpi_target": "45",
        "kpi_by": str(today + timedelta(days=120)),
        "currency": "EUR",
        "budget_min": 70000,
        "budget_max": 90000,
        "starts_on": str(today + timedelta(days=30)),
        "term_months": 6,
        "decision_on": str(today + timedelta(days=14)),
        "approver_name": "Ilse Brunner",
        "approval_hours": 48,
        "languages": ["en"],
        "answers": {"why_buy": "Warm bread at seven", "purpose": ["customers", "loyalty"]},
        **overrides,
    }


def make_draft(db: Session, by: Viewer, **overrides: Any) -> Brief:
    """A complete draft."""
    return drafts.create(db, BriefInput.model_validate(brief_data(db, **overrides)), by=by)


def make_brief(db: Session, by: Viewer, **overrides: Any) -> Brief:
    """An open brief."""
    brief = make_draft(db, by, **overrides)
    service.submit(db, brief, by=by)
    return brief


def publish_floors(db: Session, *floors: int) -> None:
    """Published profiles of further specialists, one for each hourly floor (euro cents)."""
    for number, floor in enumerate(floors):
        workspace = Workspace(kind=WorkspaceKind.SPECIALIST, name=f"Studio {number}", created_at=db.now())
        db.add(workspace)
        db.flush()
        db.add(
            Profile(
                workspace_id=workspace.id,
                slug=f"studio-{number}",
                status=ProfileStatus.PUBLISHED,
                name=workspace.name,
                hourly_floor=floor,
                rank=number,
                created_at=db.now(),
                updated_at=db.now(),
            )
        )
    db.flush()
