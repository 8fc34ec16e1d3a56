"""The front page."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response

from accounts.access import Anyone
from core.i18n import gettext as _
from marketplace.cases import queries as cases
from marketplace.directory import cards, queries
from marketplace.directory.filters import EVERYONE
from marketplace.directory.queries import Survey
from marketplace.taxonomy.catalogue import load
from web.deps import DB
from web.responses import page
from web.routing import pages

router = pages()
SHOWN = 3


@router.get("/")
def show(request: Request, viewer: Anyone, db: DB) -> Response:
    survey = queries.survey(db, EVERYONE)
    specialists = queries.newest(db, SHOWN)
    results = list(cases.list_published(db, size=SHOWN).rows)
    return page(
        request,
        "marketplace/directory/home.html",
        survey=survey,
        groups=_groups(survey),
        duties=[(duty.code, _(duty.name)) for duty in load().responsibilities.values()],
        platforms=[(platform.code, _(platform.name)) for platform in load().current_platforms()],
        cards=cards.draw(db, request.app.state.templates, specialists, request.app.state.clock()),
        cases=results,
        numbers=cases.headline_numbers(db, results),
        covers=cases.covers(db, results),
    )


def _groups(survey: Survey) -> list[tuple[str, str, str]]:
    """Fifteen responsibilities to start from: the most offered, else the first; with how many offer each."""
    counts: Any = survey.counts.get("responsibility", {})
    duties = load().responsibilities
    order = sorted(duties, key=lambda code: (-counts.get(code, 0), list(duties).index(code)))
    more = "+" if survey.capped else ""
    return [(code, _(duties[code].name), f"{counts[code]}{more}" if code in counts else "") for code in order[:15]]
