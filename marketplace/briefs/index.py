"""What makes an open public brief findable: facet rows and search words. All other briefs have neither."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlmodel import col

from accounts.workspaces.models import Workspace
from core import search
from core.db import Session
from core.i18n import LOCALES, speaking
from marketplace.briefs.models import Brief, BriefFacet, BriefLine, BriefStatus, Visibility
from marketplace.taxonomy.words import niche_name, platform_name, responsibility_name

BUDGET_STEPS = (300, 500, 1000, 2000, 5000)
"""Euros a month the board can ask for, by the dated reference rates."""
ALL = ("all", "")
"""The facet every brief on the board has."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rank_of(brief: Brief) -> int:
    """Microseconds from 1970 to the moment of opening."""
    return 0 if brief.opened_at is None else (brief.opened_at - EPOCH) // timedelta(microseconds=1)


def facets_of(brief: Brief, responsibilities: set[str]) -> list[tuple[str, str]]:
    """``(kind, value)`` of everything the board filters this brief by."""
    euros = (brief.budget_eur or 0) // 100
    return [
        ALL,
        *(("platform", code) for code in brief.platforms),
        *(("responsibility", code) for code in sorted(responsibilities)),
        *(("niche", code) for code in [brief.niche] if code),
        *(("language", code) for code in brief.languages),
        *(("budget", str(step)) for step in BUDGET_STEPS if euros >= step),
    ]


def words_of(brief: Brief, responsibilities: set[str]) -> list[str]:
    """The texts it is found by; names of the catalogue in each of our languages."""
    texts = [brief.title, brief.summary, brief.goal]
    for locale in LOCALES:
        with speaking(locale):
            texts += [platform_name(code) for code in brief.platforms]
            texts += [responsibility_name(code) for code in sorted(responsibilities)]
            texts += [niche_name(brief.niche)] if brief.niche else []
    return list(dict.fromkeys(texts))


def refresh(db: Session, brief: Brief) -> None:
    """Bring the board in line with the brief: on it if it is open and public and its client goes on, else off it."""
    db.execute(delete(BriefFacet).where(col(BriefFacet.brief_id) == brief.id))
    suspended = db.get_one(Workspace, brief.workspace_id).suspended_at is not None
    if suspended or brief.status is not BriefStatus.OPEN or brief.visibility is not Visibility.PUBLIC:
        search.drop(db, "brief", brief.id)
        return
    duties = set(db.scalars(select(col(BriefLine.responsibility)).where(col(BriefLine.brief_id) == brief.id)))
    rank = rank_of(brief)
    db.execute(
        insert(BriefFacet),
        [
            {"brief_id": brief.id, "kind": kind, "value": value, "rank": rank}
            for kind, value in facets_of(brief, duties)
        ],
    )
    search.put(db, "brief", brief.id, *words_of(brief, duties))
