"""The stage of every test about offers: three published specialists and an open brief of Bob's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from accounts.viewers import Viewer
from core.db import Session
from core.events import Event
from marketplace.briefs.models import Brief
from marketplace.briefs.queries import lines_of
from marketplace.offers.models import Offer, OfferKind, OfferVersion
from marketplace.offers.queries import current_version
from tests.backdrop import Backdrop
from tests.cast import CAST, viewer_of
from tests.factories.briefs import make_brief
from tests.factories.offers import make_hire, make_proposal, proposal_data
from tests.factories.profiles import make_profile
from tests.services.reused import ReusedDatabase

DUTIES = ["C1", "C3", "D1", "D4", "E1", "K3"]


@dataclass
class Stage:
    """What is set up before the verb under test; everything is committed."""

    database: ReusedDatabase
    brief_id: UUID

    def viewer(self, db: Session, name: str) -> Viewer:
        return viewer_of(db, CAST.members[name])

    def proposal(self, by: str = "alice", **overrides: Any) -> UUID:
        """A proposal to the brief; its id."""
        if by == "alice" and not overrides and self.database.stage(put_proposal):
            return self.only()
        with self.database.write() as db:
            brief = db.get_one(Brief, self.brief_id)
            return make_proposal(db, brief, self.viewer(db, by), **overrides).id

    def hire(self, by: str = "bob", **overrides: Any) -> UUID:
        """A hire offer; its id."""
        with self.database.write() as db:
            return make_hire(db, self.viewer(db, by), **overrides).id

    def crowd(self, offer_id: UUID, number: int) -> None:
        """Put ``number`` more undecided offers beside one, as bare rows with a version each."""
        with self.database.write() as db:
            offer = db.get_one(Offer, offer_id)
            version = current_version(db, offer).model_dump(exclude={"id", "offer_id"})
            rivals = [Offer(**offer.model_dump(exclude={"id", "kind"}), kind=OfferKind.HIRE) for _ in range(number)]
            db.add_all(rivals)
            db.flush()
            db.add_all(OfferVersion(**version, offer_id=rival.id) for rival in rivals)

    def body(self, **overrides: Any) -> dict[str, Any]:
        """A proposal to the brief as JSON."""
        with self.database.read() as db:
            return proposal_data(db, db.get_one(Brief, self.brief_id), **overrides)

    def row(self, responsibility: str) -> int:
        """Where the brief's line of a responsibility stands."""
        with self.database.read() as db:
            return [line.responsibility for line in lines_of(db, self.brief_id)].index(responsibility)

    def do(self, verb: Callable[..., Any], offer_id: UUID, *args: Any, by: str) -> None:
        """Call a service on an offer in a transaction of its own."""
        with self.database.write() as db:
            verb(db, db.get_one(Offer, offer_id), *args, by=self.viewer(db, by))

    def offer(self, offer_id: UUID | str) -> Offer:
        """The stored offer, now."""
        with self.database.read() as db:
            return db.get_one(Offer, UUID(str(offer_id)))

    def only(self) -> UUID:
        """The id of the one offer there is."""
        with self.database.read() as db:
            return db.scalars(select(col(Offer.id))).one()

    def brief(self) -> Brief:
        with self.database.read() as db:
            return db.get_one(Brief, self.brief_id)

    def events(self, subject_id: UUID) -> list[str]:
        """Kinds of what happened to a row, in order."""
        with self.database.read() as db:
            return list(
                db.scalars(select(Event.kind).where(col(Event.subject_id) == subject_id).order_by(col(Event.id)))
            )


def put_proposal(db: Session) -> None:
    """Alice's to Bob's brief: what most tests begin with."""
    make_proposal(db, db.scalars(select(Brief)).one(), viewer_of(db, CAST.members["alice"]))


def set_stage(db: Session) -> None:
    for name in ("alice", "dina", "mallory"):
        make_profile(db, name, responsibilities=DUTIES)
    make_brief(db, viewer_of(db, CAST.members["bob"]))


@pytest.fixture(scope="session")
def backdrop() -> Backdrop:
    return Backdrop("offers", set_stage)


@pytest.fixture
def stage(database: ReusedDatabase) -> Stage:
    with database.read() as db:
        return Stage(database, db.scalars(select(col(Brief.id))).one())
