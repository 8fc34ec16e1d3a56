"""All versions of an offer, newest first, each with its lines and what it changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from core.db import Session
from marketplace.briefs import queries as brief_queries
from marketplace.offers import queries
from marketplace.offers.coverage import Answer, Scope, answers_of, for_specialists, scope_of
from marketplace.offers.difference import Change, compare
from marketplace.offers.models import Billing, Offer


@dataclass(frozen=True, slots=True)
class Version:
    """A version to be read; ``changes`` against the one before, none for the first.

    ``answers`` by line; ``scope`` is what it covers of the brief as it is now, ``None`` without one.
    """

    number: int
    by_workspace_id: UUID
    message: str
    billing: Billing
    currency: str
    total: int
    starts_on: date
    term_months: int
    valid_until: datetime
    frozen_at: datetime | None
    lines: Sequence[Any]
    milestones: Sequence[Any]
    answers: Mapping[UUID, Answer]
    scope: Scope | None
    changes: Sequence[Change]


def read_versions(db: Session, offer: Offer) -> list[Version]:
    """Versions of ``offer``, newest first, in four queries."""
    stored = queries.versions_of(db, offer)
    ids = [version.id for version in stored]
    lines, milestones = queries.lines_of_all(db, ids), queries.milestones_of_all(db, ids)
    asked = for_specialists(brief_queries.lines_of(db, offer.brief_id)) if offer.brief_id else []
    found = []
    for new, old in zip(stored, [*stored[1:], None], strict=True):
        changes = []
        if old:
            parts = (lines[old.id], lines[new.id], milestones[old.id], milestones[new.id])
            changes = compare(old, new, *parts, asked)
        found.append(
            Version(
                number=new.number,
                by_workspace_id=new.by_workspace_id,
                message=new.message,
                billing=new.billing,
                currency=new.currency,
                total=new.total,
                starts_on=new.starts_on,
                term_months=new.term_months,
                valid_until=new.valid_until,
                frozen_at=new.frozen_at,
                lines=lines[new.id],
                milestones=milestones[new.id],
                answers=answers_of(asked, lines[new.id]),
                scope=scope_of(asked, lines[new.id]) if offer.brief_id else None,
                changes=changes,
            )
        )
    return found
