"""The directory and the public page of a specialist."""

from __future__ import annotations

from typing import Annotated, Any

from anyio import to_thread
from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse

from accounts.access import Anyone
from core.db import Session
from core.fields import SlugText
from core.i18n import gettext as _
from core.money import CURRENCIES
from core.paging import Page
from marketplace.cases import queries as cases
from marketplace.directory import cards, facets, queries
from marketplace.directory.filters import EVERYONE, Filters, filters_of
from marketplace.directory.schemas import DirectoryInput, Sort
from marketplace.profiles.choices import language_levels, platform_levels
from web.deps import DB
from web.etags import mark, tagged, unchanged
from web.forms import Submitted, query_of
from web.responses import is_htmx, page, redirect, render
from web.routing import pages

router = pages("/specialists")

Asked = Annotated[Submitted[DirectoryInput], Depends(query_of(DirectoryInput))]


@router.get("")
async def index(request: Request, viewer: Anyone, db: DB, form: Asked) -> Response:
    """The most visited page. Handing it to a thread would cost a fifth of it, so a quick answer is given right here."""
    filters = EVERYONE if form.errors else filters_of(form.data)
    if not form.errors and not form.data.after and queries.is_quick(db, filters):
        return _index(request, db, form, filters)
    return await to_thread.run_sync(_index, request, db, form, filters)


def _index(request: Request, db: Session, form: Submitted[DirectoryInput], filters: Filters) -> Response:
    data = form.data if not form.errors else DirectoryInput()
    values = _directory(request, db, form, data, filters)
    if not is_htmx(request):
        return page(request, "marketplace/directory/index.html", status=422 if form.errors else 200, **values)
    fragment = render(request, "marketplace/directory/_answer.html", **values)
    answer = HTMLResponse(fragment, 422 if form.errors else 200)
    if not form.errors:
        answer.headers["HX-Push-Url"] = facets.address(data)
    return answer


@router.get("/{slug}")
def show(request: Request, slug: SlugText, viewer: Anyone, db: DB) -> Response:
    tag = None
    if viewer is None:
        found = queries.mark_of(db, slug)
        tag = mark(request, *found) if found else None
        if (same := unchanged(request, tag)) is not None:
            return same
    profile = queries.find_visible(db, viewer, slug)
    if profile.slug != slug:
        return redirect(request, f"/specialists/{profile.slug}")
    shown = cases.list_of_specialist(db, profile.workspace_id)
    now = request.app.state.clock()
    values: dict[str, Any] = {
        "profile": profile,
        "own": viewer is not None and viewer.place is not None and viewer.place.id == profile.workspace_id,
        "cases": shown,
        "numbers": cases.headline_numbers(db, shown),
        "covers": cases.covers(db, shown),
        "place": cards.place(profile.city or profile.region, profile.time_zone, now),
        "free": cards.availability(profile.free_hours, profile.available_from, now.date()),
        "groups": facets.grouped(profile.responsibilities),
        "platform_levels": dict(platform_levels()),
        "language_levels": dict(language_levels()),
    }
    return tagged(page(request, "marketplace/directory/show.html", **values), tag)


def _directory(
    request: Request, db: Session, form: Submitted[DirectoryInput], data: DirectoryInput, filters: Filters
) -> dict[str, Any]:
    """What the page and its fragment show; ``filters`` are those of ``data``."""
    found: Page[Any] = Page([], None)
    if not form.errors:
        found = queries.list_specialists(db, filters, data.sort, after=data.after)
    survey = queries.survey(db, filters)
    nobody = not found.rows and not data.after and not form.errors
    alone = not data.after and found.next is None
    asked = {kind: set(_listed(form.value(kind, []))) for kind in facets.LABELS}
    return {
        "form": form,
        "cards": cards.draw(db, request.app.state.templates, found.rows, request.app.state.clock()),
        "total": len(found.rows) if alone else max(survey.total, len(found.rows)),
        "capped": survey.capped and not alone,
        "facets": facets.facets_of(request.app.state.templates, asked, survey, keep=not form.errors),
        "budgets": facets.budgets_of(data, survey),
        "tags": facets.tags_of(data),
        "ways_out": facets.ways_out(data, queries.ways_out(db, filters)) if nobody else [],
        "next_url": facets.address(data, after=found.next) if found.next else "",
        "first_url": facets.address(data) if data.after else "",
        "currencies": CURRENCIES,
        "sorts": (
            (Sort.BEST.value, _("Fullest profiles and cases")),
            (Sort.PRICE.value, _("Price")),
            (Sort.FREE.value, _("Free hours")),
        ),
    }


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value] if value else []
