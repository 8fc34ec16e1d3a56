"""What makes a published profile findable: facet rows and search words. Drafts have neither."""

from __future__ import annotations

from sqlalchemy import delete, insert
from sqlmodel import col

from core import search
from core.db import Session
from core.i18n import LOCALES, speaking
from marketplace.profiles.models import Profile, ProfileFacet
from marketplace.taxonomy.words import language_name, niche_name, platform_name, responsibility_name, skill_name

FREE_STEPS = (5, 10, 20)
"""Hours a week the directory can ask for."""


def facets_of(profile: Profile) -> list[tuple[str, str]]:
    """``(kind, value)`` of everything the directory filters this profile by."""
    return [
        *(("platform", skill["code"]) for skill in profile.platforms),
        *(("responsibility", code) for code in profile.responsibilities),
        *(("niche", code) for code in profile.niches),
        *(("language", skill["code"]) for skill in profile.languages),
        *(("free", str(hours)) for hours in FREE_STEPS if profile.free_hours >= hours),
    ]


def words_of(profile: Profile) -> list[str]:
    """The texts it is found by; names of the catalogue in each of our languages."""
    texts = [profile.name, profile.headline, profile.about, profile.city, profile.region]
    for locale in LOCALES:
        with speaking(locale):
            texts += [platform_name(skill["code"]) for skill in profile.platforms]
            texts += [responsibility_name(code) for code in profile.responsibilities]
            texts += [niche_name(code) for code in profile.niches]
            texts += [skill_name(code) for code in profile.skills]
            texts += [language_name(skill["code"]) for skill in profile.languages]
    return list(dict.fromkeys(texts))


def put(db: Session, profile: Profile) -> None:
    """Write facets and words anew from the profile's present values."""
    db.execute(delete(ProfileFacet).where(col(ProfileFacet.profile_id) == profile.id))
    facets = [
        {"profile_id": profile.id, "kind": kind, "value": value, "rank": profile.rank}
        for kind, value in facets_of(profile)
    ]
    if facets:
        db.execute(insert(ProfileFacet), facets)
    search.put(db, "profile", profile.id, *words_of(profile))


def drop(db: Session, profile: Profile) -> None:
    """Take the profile out of the directory at once."""
    db.execute(delete(ProfileFacet).where(col(ProfileFacet.profile_id) == profile.id))
    search.drop(db, "profile", profile.id)
