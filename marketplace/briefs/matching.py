"""How well a brief fits a specialist's profile, need by need; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.i18n import gettext as _
from marketplace.briefs.models import LineOwner
from marketplace.profiles.models import Profile
from marketplace.taxonomy.words import language_name, platform_name, responsibility_name

OURS = frozenset({LineOwner.SPECIALIST, LineOwner.SHARED})
"""Owners of lines that ask something of the specialist."""


@dataclass(frozen=True, slots=True)
class Match:
    """Names of the needs the profile covers and of those it does not; ``lines``: ids of the covered ones."""

    hits: tuple[str, ...]
    misses: tuple[str, ...]
    lines: frozenset[UUID]

    @property
    def needs(self) -> int:
        return len(self.hits) + len(self.misses)


def match(profile: Profile, platforms: Iterable[str], languages: Iterable[str], lines: Iterable[Any]) -> Match:
    """Needs are the platforms, the languages and each responsibility the specialist should do.

    A line is covered if the profile offers its responsibility and, where it names one, its platform.
    """
    knows = {skill["code"] for skill in profile.platforms}
    speaks = {skill["code"] for skill in profile.languages}
    offers = set(profile.responsibilities)
    needs = [(platform_name(code), code in knows) for code in platforms]
    covered: set[UUID] = set()
    duties: dict[str, bool] = {}
    for line in lines:
        if line.owner not in OURS:
            continue
        fits = line.responsibility in offers and (not line.platform or line.platform in knows)
        duties[line.responsibility] = duties.get(line.responsibility, True) and fits
        if fits:
            covered.add(line.id)
    needs += [(responsibility_name(code), fits) for code, fits in duties.items()]
    needs += [(language_name(code), code in speaks) for code in languages]
    hits = tuple(name for name, fits in needs if fits)
    misses = tuple(_("%(name)s is not in your profile") % {"name": name} for name, fits in needs if not fits)
    return Match(hits, misses, frozenset(covered))
