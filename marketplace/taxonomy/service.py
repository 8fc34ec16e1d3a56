"""Bringing the catalogue's tables in line with the versioned data files."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import col

from core.db import Session
from marketplace.taxonomy.catalogue import Catalogue, load
from marketplace.taxonomy.models import CatalogueEntry

KINDS = {
    "group": "groups",
    "responsibility": "responsibilities",
    "unit": "units",
    "platform": "platforms",
    "niche": "niches",
    "kpi": "kpis",
    "skill": "skills",
    "language": "languages",
    "currency": "currencies",
    "preset": "presets",
    "archetype": "archetypes",
    "section": "sections",
    "question": "questions",
    "interview_question": "interview_questions",
    "deal_source": "deal_sources",
    "banned_practice": "banned_practices",
}
"""Kind of an entry → the catalogue's table of it."""


def load_catalogue(db: Session, catalogue: Catalogue | None = None) -> int:
    """Write every entry of the data files into the database; returns how many rows changed. Running it again is 0."""
    source = catalogue or load()
    known = {(row.kind, row.code): row for row in db.scalars(select(CatalogueEntry))}
    wanted: set[tuple[str, str]] = set()
    changed = 0
    for kind, table in KINDS.items():
        entries = getattr(source, table)
        for position, (code, entry) in enumerate(entries.items()):
            wanted.add((kind, code))
            data = _plain(entry)
            version = source.versions[_file(kind)]
            row = known.get((kind, code))
            if row is None:
                db.add(CatalogueEntry(kind=kind, code=code, version=version, position=position, data=data))
            elif (row.version, row.position, row.data) != (version, position, data):
                row.version, row.position, row.data = version, position, data
            else:
                continue
            changed += 1
    for kind, code in known.keys() - wanted:
        db.execute(delete(CatalogueEntry).where(col(CatalogueEntry.kind) == kind, col(CatalogueEntry.code) == code))
        changed += 1
    db.flush()
    return changed


def is_current(db: Session) -> bool:
    """Whether the database holds the versions of the data files this code was shipped with."""
    source = load()
    shipped = {(kind, source.versions[_file(kind)]) for kind in KINDS}
    stored = db.rows(select(col(CatalogueEntry.kind), col(CatalogueEntry.version)).distinct())
    return {tuple(row) for row in stored} == shipped


def _file(kind: str) -> str:
    """The data file an entry of this kind comes from."""
    shared = {
        "group": "responsibilities",
        "section": "questionnaire",
        "question": "questionnaire",
        "interview_question": "interview",
    }
    return shared.get(kind, KINDS[kind])


def _plain(entry: Any) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(entry), default=str))
    return data
