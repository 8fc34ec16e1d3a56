"""Businesses with their teams, and the one workspace of the staff."""

from __future__ import annotations

from functools import partial

from accounts.workspaces.models import WorkspaceKind
from app.demo import people
from app.demo.stage import Facts, Stage, read
from core.db import Session


def plan(stage: Stage) -> None:
    """Put the arrival of every business into the calendar."""
    for key, facts in read("businesses").items():
        stage.calendar.at(facts["joined"], partial(_arrive, stage=stage, key=key, facts=facts))
        people.plan_team(stage, key, facts)


def _arrive(db: Session, stage: Stage, key: str, facts: Facts) -> None:
    people.open_workspace(db, stage, key, facts, WorkspaceKind.BUSINESS)
