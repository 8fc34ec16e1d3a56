"""Specialists: they come, write their profile, publish it; a few are not that far yet."""

from __future__ import annotations

from functools import partial
from typing import Any

from accounts.workspaces.models import WorkspaceKind
from app.demo import people
from app.demo.stage import Facts, Stage, minor, picture, read
from core.db import Session
from marketplace.profiles import queries
from marketplace.profiles import service as profiles
from marketplace.profiles.schemas import ProfileInput


def plan(stage: Stage) -> None:
    """Put the arrival of every specialist into the calendar."""
    for key, facts in read("specialists").items():
        stage.calendar.at(facts["joined"], partial(_arrive, stage=stage, key=key, facts=facts))
        if not facts.get("draft"):
            stage.calendar.at(facts["joined"] - 0.6, partial(_publish, stage=stage, key=key))
        people.plan_team(stage, key, facts)


def _arrive(db: Session, stage: Stage, key: str, facts: Facts) -> None:
    people.open_workspace(db, stage, key, facts, WorkspaceKind.SPECIALIST)
    by = stage.viewers[key]
    profile = queries.profile_of(db, by.workspace_id)
    assert profile is not None
    profiles.edit(db, profile, ProfileInput.model_validate(_profile(facts)), by=by)
    if "photo" in facts:
        content = picture(f"people/{facts['photo']}")
        profiles.set_photo(db, stage.storage, profile, content, f"{facts['photo']}.webp", by=by)


def _publish(db: Session, stage: Stage, key: str) -> None:
    by = stage.viewers[key]
    profile = queries.profile_of(db, by.workspace_id)
    assert profile is not None
    profiles.publish(db, profile, by=by)


def _profile(facts: Facts) -> dict[str, Any]:
    currency = facts["currency"]
    lowest, highest = facts.get("rate", (None, None))
    return {
        "name": facts["name"],
        "headline": facts["headline"],
        "about": facts["about"],
        "city": facts["city"],
        "region": facts["region"],
        "time_zone": facts["zone"],
        "languages": _levels(facts["languages"]),
        "platforms": _levels(facts["platforms"]),
        "responsibilities": facts["duties"].split(),
        "niches": facts.get("niches", "").split(),
        "skills": facts.get("skills", "").split(),
        "currency": currency,
        "rate_min": None if lowest is None else minor(lowest, currency),
        "rate_max": None if highest is None else minor(highest, currency),
        "hourly_floor": minor(facts["hour"], currency) if "hour" in facts else None,
        "weekly_hours": facts.get("hours", 0),
    }


def _levels(text: str) -> list[dict[str, str]]:
    """``"IG:expert VK:basic"`` as the profile keeps it."""
    return [dict(zip(("code", "level"), part.split(":"), strict=True)) for part in text.split()]
