"""Offers for tests, made through the services."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from accounts.viewers import Viewer
from core.db import Session
from marketplace.briefs import queries as briefs
from marketplace.briefs.models import Brief, LineOwner
from marketplace.offers import queries
from marketplace.offers import service as offers
from marketplace.offers.models import Offer
from marketplace.offers.schemas import AnswerInput, HireInput, ProposalInput
from marketplace.offers.terms import terms_of


def answers(db: Session, brief: Brief, **changes: dict[str, Any]) -> list[dict[str, Any]]:
    """A covered row for each line of a brief, as JSON; ``changes`` by responsibility code (``D4={"limit": 2}``)."""
    return [
        {
            "brief_line_id": str(line.id),
            "coverage": "covered",
            "limit": line.limit,
            "sla_minutes": line.sla_minutes,
            **changes.get(line.responsibility, {}),
        }
        for line in briefs.lines_of(db, brief.id)
    ]


def proposal_data(db: Session, brief: Brief, **overrides: Any) -> dict[str, Any]:
    """A complete proposal of 860.00 a month as JSON; its days follow the test's clock."""
    today = db.now().date()
    return {
        "currency": brief.currency,
        "lines": answers(db, brief),
        "total": 86_000,
        "starts_on": str(today + timedelta(days=30)),
        "term_months": 6,
        "valid_until": str(today + timedelta(days=14)),
        "message": f"First I would photograph what comes out of the oven for {brief.title}.",
        **overrides,
    }


def make_proposal(db: Session, brief: Brief, by: Viewer, **overrides: Any) -> Offer:
    """A sent proposal; ``send=False`` for a draft."""
    data = ProposalInput.model_validate(proposal_data(db, brief, **overrides))
    return offers.propose(db, brief.id, data, by=by)


def hire_data(db: Session, **overrides: Any) -> dict[str, Any]:
    """A complete offer for the board as JSON."""
    today = db.now().date()
    return {
        "title": "Three months of warm bread",
        "on_board": True,
        "currency": "EUR",
        "lines": [
            {"responsibility": "C1", "limit": 1, "price": 20_000},
            {"responsibility": "D1", "platform": "IG", "limit": 12, "price": 40_000},
            {"responsibility": "D3", "limit": 10, "owner": LineOwner.CLIENT.value, "note": "Photos by the 20th"},
        ],
        "starts_on": str(today + timedelta(days=20)),
        "valid_until": str(today + timedelta(days=14)),
        **overrides,
    }


def make_hire(db: Session, by: Viewer, **overrides: Any) -> Offer:
    """A sent hire offer, on the board unless ``to`` is given with ``on_board=False``."""
    return offers.hire(db, HireInput.model_validate(hire_data(db, **overrides)), by=by)


def answer_data(db: Session, offer: Offer, **overrides: Any) -> dict[str, Any]:
    """What is on the table, as JSON of a counter-offer or a revision, with ``overrides``."""
    terms = terms_of(db, queries.current_version(db, offer)).model_dump(mode="json")
    return {**terms, "number": offer.number, "message": "", **overrides}


def make_counter(db: Session, offer: Offer, by: Viewer, **overrides: Any) -> Offer:
    """A counter-offer with another total, unless told otherwise."""
    changed = {"total": offer.total - 1_000, **overrides}
    return offers.counter(db, offer, AnswerInput.model_validate(answer_data(db, offer, **changed)), by=by)
