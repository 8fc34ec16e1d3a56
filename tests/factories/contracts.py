"""Contracts for tests, made through the services: a brief, a proposal, its acceptance, and what follows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from accounts.viewers import Viewer
from core.db import Database, Session
from crm.contracts import queries, signing
from crm.contracts.models import Contract, Signature
from crm.contracts.schemas import SendInput, SignInput
from marketplace.offers import service as offers
from marketplace.offers.models import Offer, OfferStatus, OfferVersion
from marketplace.profiles import queries as profiles
from tests.cast import viewer_of
from tests.factories.briefs import make_brief
from tests.factories.offers import make_proposal
from tests.factories.profiles import make_profile
from tests.services.reused import ReusedDatabase

ADDRESS = "203.0.113.7"
AGENT = "Test browser"


def make_contract(
    db: Session, *, specialist: str = "alice", business: str = "bob", brief: dict[str, Any] | None = None, **offer: Any
) -> Contract:
    """A draft from an accepted proposal; ``brief`` and ``offer`` override what they say.

    Without any, the one of the backdrop is accepted if it still waits.
    """
    client = viewer_of(db, business)
    proposal = None if brief or offer else _waiting(db, viewer_of(db, specialist), client)
    if proposal is None:
        proposal = propose(db, specialist, business, brief or {}, **offer)
    offers.accept(db, proposal, proposal.number, by=client)
    contract = queries.contract_of_offer(db, proposal.id)
    assert contract is not None
    return contract


def propose(db: Session, specialist: str, business: str, brief: dict[str, Any], **offer: Any) -> Offer:
    """A sent proposal without a message to a new brief; the profile is published if it is not yet."""
    side = viewer_of(db, specialist)
    profile = profiles.profile_of(db, side.workspace_id)
    if profile is None or profile.published_at is None:
        make_profile(db, specialist)
    asked = make_brief(db, viewer_of(db, business), **brief)
    return make_proposal(db, asked, side, **{"message": "", **offer})


def _waiting(db: Session, side: Viewer, client: Viewer) -> Offer | None:
    """What ``propose`` put on the table of these two in a backdrop."""
    between = (Offer.specialist_id == side.workspace_id, Offer.business_id == client.workspace_id)
    wordless = (OfferVersion.offer_id == Offer.id, OfferVersion.message == "")
    return db.scalars(select(Offer).where(*between, *wordless, col(Offer.status) == OfferStatus.SENT)).first()


def make_sent(db: Session, *, by: str = "alice", **options: Any) -> Contract:
    """A contract on the table, frozen by ``by``'s side."""
    contract = make_contract(db, **options)
    signing.send(db, contract, SendInput(version=contract.version), by=viewer_of(db, by))
    return contract


def put_signature(db: Session, contract: Contract, by: str, name: str = "") -> Signature:
    """``by`` signs the text on the table."""
    document = queries.current_document(db, contract)
    assert document is not None
    viewer = viewer_of(db, by)
    data = SignInput(typed_name=name or viewer.name, agree=True, document_sha256=document.sha256)
    return signing.sign(db, contract, data, by=viewer, address=ADDRESS, agent=AGENT)


def make_active(db: Session, *, specialist: str = "alice", business: str = "bob", **options: Any) -> Contract:
    """A contract both sides signed."""
    contract = make_sent(db, by=specialist, specialist=specialist, business=business, **options)
    put_signature(db, contract, specialist)
    put_signature(db, contract, business)
    return contract


def staged(database: ReusedDatabase, make: Callable[..., Contract] = make_contract, **options: Any) -> UUID:
    """The id of a contract made in a transaction of its own; a copy of one, if a test begins with it as it is."""
    if not options and database.stage(make):
        with database.read() as db:
            return db.scalars(select(col(Contract.id))).one()
    with database.write() as db:
        return make(db, **options).id


def stored(db: Session, contract_id: UUID) -> Contract:
    """The contract as it is in the database now."""
    return db.get_one(Contract, contract_id, populate_existing=True)


def hash_on_table(database: Database, contract_id: UUID) -> str:
    """The hash of the document both sides see."""
    with database.read() as db:
        document = queries.current_document(db, stored(db, contract_id))
        assert document is not None
        return document.sha256


def kinds_of(database: Database, contract_id: UUID) -> list[str]:
    """The kinds of a contract's events, oldest first."""
    with database.read() as db:
        return [row.kind for row in queries.history_of(db, stored(db, contract_id))]
