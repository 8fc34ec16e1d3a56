"""The directory over JSON; open to anyone, with or without a token."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query

from accounts.access import Anyone
from core.fields import SlugText
from marketplace.directory import queries
from marketplace.directory.filters import filters_of
from marketplace.directory.schemas import DirectoryQuery, SpecialistPage, SpecialistRead
from web.deps import DB
from web.routing import api

router = api("marketplace", "/specialists")


@router.get("", response_model=SpecialistPage)
def index(viewer: Anyone, db: DB, asked: Annotated[DirectoryQuery, Query()]) -> Any:
    """Published specialists, filtered and sorted; ``next`` is the ``after`` of the next page."""
    filters = filters_of(asked)
    found = queries.list_specialists(db, filters, asked.sort, after=asked.after, size=asked.limit)
    survey = queries.survey(db, filters)
    return {
        "rows": queries.cards_of(db, [key.id for key in found.rows]),
        "next": found.next,
        "total": survey.total,
        "capped": survey.capped,
        "facets": survey.counts,
    }


@router.get("/{slug}", response_model=SpecialistRead)
def show(slug: SlugText, viewer: Anyone, db: DB) -> Any:
    """A published specialist; an address the profile left answers too, ``slug`` is the present one."""
    return queries.find_visible(db, viewer, slug)
