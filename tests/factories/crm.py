"""Companies and deals for tests, made through the services."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from core.db import Session
from crm.companies import service as companies
from crm.companies.models import Company, Contact
from crm.companies.schemas import CompanyInput, ContactInput
from crm.deals import moves
from crm.deals import service as deals
from crm.deals.models import Deal, Stage, StageKind
from crm.deals.schemas import DealInput, MoveInput
from tests.cast import viewer_of


def make_company(db: Session, by: str = "alice", **overrides: Any) -> Company:
    """A company in the address book of ``by``'s workspace."""
    data = {"name": "Halden Coffee", "city": "Oslo", **overrides}
    return companies.create(db, CompanyInput.model_validate(data), by=viewer_of(db, by))


def make_contact(db: Session, company: Company, by: str = "alice", **overrides: Any) -> Contact:
    """A person at a company."""
    data = ContactInput.model_validate({"name": "Henrik Lund", **overrides})
    return companies.add_contact(db, company, data, by=viewer_of(db, by))


def make_deal(db: Session, by: str = "alice", *, stage: StageKind = StageKind.LEAD, **overrides: Any) -> Deal:
    """A deal of 850.00 a month with a next step in three days, brought to ``stage``."""
    data = {
        "company": "Halden Coffee",
        "amount": 85_000,
        "platforms": ["IG", "FB"],
        "next_step": "Call about the autumn offer",
        "next_step_on": db.now().date() + timedelta(days=3),
        **overrides,
    }
    viewer = viewer_of(db, by)
    deal = deals.create(db, DealInput.model_validate(data), by=viewer)
    if stage is not StageKind.LEAD:
        moves.move(db, deal, move_to(db, deal, stage), by=viewer)
    return deal


def move_to(db: Session, deal: Deal, kind: StageKind, **overrides: Any) -> MoveInput:
    """A move that says all a stage of ``kind`` may ask for."""
    asked: dict[StageKind, dict[str, Any]] = {
        StageKind.LOST: {"reason": "price"},
        StageKind.ON_HOLD: {"resume_on": db.now().date() + timedelta(days=20)},
        StageKind.WON: {"note": "Signed on paper, in the blue folder"},
    }
    stage_id = stage_of(db, deal, kind)
    return MoveInput.model_validate({"stage_id": stage_id, "version": deal.version, **asked.get(kind, {}), **overrides})


def stage_of(db: Session, deal: Deal, kind: StageKind) -> str:
    """The id of the stage of ``kind`` in the deal's pipeline."""
    found = db.scalar(
        select(col(Stage.id)).where(col(Stage.workspace_id) == deal.workspace_id, col(Stage.kind) == kind)
    )
    assert found is not None
    return str(found)
