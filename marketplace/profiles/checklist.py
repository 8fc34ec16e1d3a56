"""What a profile needs before it can be published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from core.i18n import gettext as _
from marketplace.profiles.schemas import ABOUT_LEAST


class Draft(Protocol):
    """A stored profile, or one as it was sent."""

    @property
    def headline(self) -> str: ...
    @property
    def about(self) -> str: ...
    @property
    def platforms(self) -> Sequence[object]: ...
    @property
    def responsibilities(self) -> Sequence[object]: ...
    @property
    def languages(self) -> Sequence[object]: ...
    @property
    def rate_min(self) -> int | None: ...
    @property
    def rate_max(self) -> int | None: ...
    @property
    def weekly_hours(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the list; ``field`` is where to fill it in."""

    field: str
    text: str
    done: bool


def items(draft: Draft) -> list[Item]:
    """Every requirement with whether it is met, in the order of the form."""
    return [
        Item("headline", _("Write a headline"), bool(draft.headline)),
        Item("about", _("Write at least %(n)s characters about your work") % {"n": ABOUT_LEAST}, _is_told(draft.about)),
        Item("platforms", _("Name a platform with your level"), bool(draft.platforms)),
        Item("responsibilities", _("Choose a responsibility you take"), bool(draft.responsibilities)),
        Item("languages", _("Name a language you work in"), bool(draft.languages)),
        Item("rate_min", _("Say from how much a month you work"), bool(draft.rate_min)),
        Item("rate_max", _("Say up to how much a month"), bool(draft.rate_max)),
        Item("weekly_hours", _("Say how many hours a week you have"), draft.weekly_hours > 0),
    ]


def missing(draft: Draft) -> dict[str, str]:
    """What to do for each requirement that is not met, by field."""
    return {item.field: item.text for item in items(draft) if not item.done}


def _is_told(about: str) -> bool:
    return len(about.strip()) >= ABOUT_LEAST
