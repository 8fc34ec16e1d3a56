"""What a case needs before it can be published, and what a case under NDA must not say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from core.i18n import gettext as _
from core.search import words
from marketplace.cases.models import Case

SHORTEST_STORY = 80
TELLING = 6
"""A name of so many letters is found inside longer words too: ``#haldencoffee``."""


class Numbered(Protocol):
    """A stored number, or one as it was sent."""

    @property
    def label(self) -> str: ...
    @property
    def source_note(self) -> str: ...


def missing(case: Case, kpis: Sequence[Numbered], captions: Sequence[str]) -> dict[str, str]:
    """What keeps the case from being published, by field."""
    gaps: dict[str, str] = {}
    if not case.client_name and not case.is_nda:
        gaps["client_name"] = _("Name the client, or tick that the name is under NDA.")
    if not case.platforms:
        gaps["platforms"] = _("Choose at least one platform.")
    if not case.responsibilities:
        gaps["responsibilities"] = _("Say what you did.")
    if not case.goal:
        gaps["goal"] = _("Say what the client wanted.")
    if len(case.story) < SHORTEST_STORY:
        gaps["story"] = _("Tell in at least %(n)s characters what was done.") % {"n": SHORTEST_STORY}
    if case.period_from is None:
        gaps["period_from"] = _("Say when it was.")
    if not kpis:
        gaps["kpis"] = _("Add at least one number, before and after.")
    return gaps | _slips(case, kpis, captions)


def names_client(case: Case, text: str) -> bool:
    """Whether ``text`` gives away the client of a case under NDA, in whatever case, marks or spelling together."""
    name, said = words(case.client_name), words(text)
    if not case.is_nda or not name:
        return False
    joined = "".join(name)
    if len(joined) >= TELLING and joined in "".join(said):
        return True
    return any(said[at : at + len(name)] == name for at in range(len(said)))


def _slips(case: Case, kpis: Sequence[Numbered], captions: Sequence[str]) -> dict[str, str]:
    """Where the text of a case under NDA names the client."""
    texts = {"title": case.title, "goal": case.goal, "story": case.story}
    for number, kpi in enumerate(kpis):
        texts |= {f"kpis.{number}.label": kpi.label, f"kpis.{number}.source_note": kpi.source_note}
    said = _("This names the client. Leave the name out, the case is under NDA.")
    slips = {field: said for field, text in texts.items() if names_client(case, text)}
    if any(names_client(case, caption) for caption in captions):
        slips["is_nda"] = _("The caption of a picture names the client. Remove that picture first.")
    return slips
