"""Profiles of the cast, made through the services."""

from __future__ import annotations

from typing import Any

from core.db import Session
from marketplace.profiles import queries
from marketplace.profiles import service as profiles
from marketplace.profiles.models import Profile
from marketplace.profiles.schemas import ProfileInput
from tests.cast import viewer_of

ABOUT = (
    "I run social media for cafés and bakeries that want regulars. Every month starts with a plan and ends with "
    "numbers: what was posted, who came, and what it cost."
)


def profile_values(**overrides: Any) -> dict[str, Any]:
    """A complete profile as JSON sends it."""
    return {
        "name": "Alice Social",
        "headline": "Cafés that want regulars, not just likes",
        "about": ABOUT,
        "region": "Latvia",
        "city": "Riga",
        "time_zone": "Europe/Riga",
        "languages": [{"code": "en", "level": "fluent"}, {"code": "ru", "level": "native"}],
        "platforms": [{"code": "IG", "level": "expert"}, {"code": "TG", "level": "confident"}],
        "responsibilities": ["C1", "D1", "E1"],
        "niches": ["food"],
        "skills": ["copywriting", "canva"],
        "currency": "EUR",
        "rate_min": 60_000,
        "rate_max": 120_000,
        "hourly_floor": 2_500,
        "weekly_hours": 20,
        **overrides,
    }


def make_profile(db: Session, by: str = "alice", *, publish: bool = True, **overrides: Any) -> Profile:
    """The profile of a specialist of the cast, filled in and, unless told otherwise, published."""
    viewer = viewer_of(db, by)
    profile = queries.profile_of(db, viewer.workspace_id)
    assert profile is not None
    values = profile_values(**{"name": viewer.workspace_name, **overrides})
    profiles.edit(db, profile, ProfileInput.model_validate(values), by=viewer)
    if publish and profile.published_at is None:
        profiles.publish(db, profile, by=viewer)
    return profile
