"""What the profile's form offers to choose from, in the reader's language."""

from __future__ import annotations

from typing import Any

from core.i18n import gettext as _
from core.money import CURRENCIES
from marketplace.profiles.models import Profile
from marketplace.profiles.schemas import LanguageLevel, PlatformLevel, time_zones
from marketplace.taxonomy.catalogue import load
from marketplace.taxonomy.words import platform_name

Pairs = list[tuple[str, str]]
LANGUAGE_ROWS = 3


def platform_levels() -> Pairs:
    return [
        (PlatformLevel.BASIC.value, _("Basic")),
        (PlatformLevel.CONFIDENT.value, _("Confident")),
        (PlatformLevel.EXPERT.value, _("Expert")),
    ]


SUGGESTED_PLACES = {
    "group_admin": "#platforms",
    "blogger": "/briefs",
    "search_marketer": "/responsibilities",
    "executor": "/my/cases/new",
    "agency_lead": "/settings/members",
    "strategist": "#responsibilities",
    "studio_owner": "/settings/workspace",
}
"""Where one does what the catalogue suggests for an answer of the quiz."""


def language_levels() -> Pairs:
    return [
        (LanguageLevel.BASIC.value, _("Basic")),
        (LanguageLevel.CONVERSATIONAL.value, _("Conversational")),
        (LanguageLevel.FLUENT.value, _("Fluent")),
        (LanguageLevel.NATIVE.value, _("Native")),
    ]


def offered() -> dict[str, Any]:
    """Every list of the form."""
    catalogue = load()
    return {
        "platforms": [(code, platform_name(code), platform.legacy) for code, platform in catalogue.platforms.items()],
        "platform_levels": platform_levels(),
        "groups": [
            (code, _(group.name), [(duty.code, _(duty.name)) for duty in catalogue.responsibilities_of(code)])
            for code, group in catalogue.groups.items()
        ],
        "niches": [(code, _(niche.name)) for code, niche in catalogue.niches.items()],
        "skills": [(code, _(skill.name)) for code, skill in catalogue.skills.items() if skill.kind == "skill"],
        "tools": [(code, _(skill.name)) for code, skill in catalogue.skills.items() if skill.kind == "tool"],
        "languages": [(code, _(language.name)) for code, language in catalogue.languages.items()],
        "language_levels": language_levels(),
        "time_zones": [(name, name.replace("_", " ")) for name in time_zones()],
        "currencies": CURRENCIES,
        "archetypes": [(code, _(archetype.quiz)) for code, archetype in catalogue.archetypes.items()],
        "suggestions": {
            code: (_(archetype.suggestion), SUGGESTED_PLACES.get(code, ""))
            for code, archetype in catalogue.archetypes.items()
        },
    }


def platform_rows(profile: Profile) -> dict[str, str]:
    """Form values of the platform table: one row for each platform of the catalogue, whatever is chosen."""
    levels = {skill["code"]: skill["level"] for skill in profile.platforms}
    return {f"platforms-{n}-level": levels.get(code, "") for n, code in enumerate(load().platforms)}
