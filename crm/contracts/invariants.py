"""What must hold over all stored contracts; ``postwright check`` runs it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, func, or_, select
from sqlmodel import SQLModel, col

from core.db import Session
from crm.contracts import queries
from crm.contracts.document import LINE_FACTS
from crm.contracts.models import (
    BOUND,
    OPEN,
    OVER,
    RUNNING,
    Contract,
    ContractStatus,
    PlanItem,
    PlanKind,
    ScopeLine,
    Side,
    Signature,
)
from crm.contracts.plan import expected, last_day
from crm.contracts.verification import faults
from crm.deals.models import Deal
from marketplace.briefs.matching import OURS
from marketplace.briefs.models import LinePeriod
from marketplace.offers.models import Coverage, Offer, OfferLine, OfferStatus, OfferVersion

BATCH = 200
MEANT = {
    OfferStatus.ACCEPTED: OPEN,
    OfferStatus.CONVERTED: RUNNING | OVER,
    OfferStatus.LAPSED: frozenset(ContractStatus) - OPEN - RUNNING - OVER,
}
"""What the state of an offer that was accepted says of its contract."""
ADDED = {"position", "rollover_cap", "approver", "evidence", "exclusions"}
OFFERED = [name for name in LINE_FACTS if name not in ADDED]
"""What a line of a contract has from the line that was offered; the draft adds the others."""


def proofs_hold(db: Session) -> list[str]:
    """Hash chains of documents and signatures are whole, and the rows say what was frozen."""
    broken: list[str] = []
    for contracts in _batches(db):
        ids = [contract.id for contract in contracts]
        documents = _by_contract(queries.documents_of(db, *ids))
        signatures = _by_contract(queries.signatures_of(db, *ids))
        lines, plan = _by_contract(queries.lines_of(db, *ids)), _by_contract(queries.plan_of(db, *ids))
        for contract in contracts:
            rows = (found.get(contract.id, []) for found in (documents, signatures, lines, plan))
            broken += [f"contract {contract.id}: {fault}" for fault in faults(contract, *rows)]
    return broken


def _batches(db: Session) -> Iterator[list[Contract]]:
    after: UUID | None = None
    while True:
        statement = select(Contract).order_by(col(Contract.id)).limit(BATCH)
        if after is not None:
            statement = statement.where(col(Contract.id) > after)
        found = list(db.scalars(statement))
        if not found:
            return
        yield found
        after = found[-1].id


def _by_contract(rows: Iterable[Any]) -> dict[UUID, list[Any]]:
    return {contract_id: list(group) for contract_id, group in groupby(rows, key=lambda row: row.contract_id)}


def plans_add_up(db: Session) -> list[str]:
    """Periods sum to fee × months, milestones to the total."""
    rows = db.rows(
        select(
            col(Contract.id),
            col(Contract.billing),
            col(Contract.total),
            col(Contract.term_months),
            func.coalesce(func.sum(PlanItem.amount), 0).label("planned"),
            func.count(func.distinct(PlanItem.kind)).label("kinds"),
            func.min(PlanItem.kind).label("kind"),
        )
        .join(PlanItem, col(PlanItem.contract_id) == Contract.id, isouter=True)
        .group_by(col(Contract.id))
    )
    broken = []
    for row in rows:
        due = expected(row.billing, row.total, row.term_months)
        if int(row.planned) != due:
            broken.append(f"contract {row.id}: the plan adds up to {row.planned}, agreed are {due}")
        kind = PlanKind.PERIOD if row.billing == "retainer" else PlanKind.MILESTONE
        if row.kinds > 1 or row.kind not in (kind, None):
            broken.append(f"contract {row.id}: the plan's items are of another kind than its billing")
    return broken


def accepted_offers_have_one_contract(db: Session) -> list[str]:
    """Every offer that was ever accepted became exactly one contract."""
    rows = db.rows(
        select(col(Offer.id), func.count(col(Contract.id)).label("found"))
        .join(Contract, col(Contract.offer_id) == Offer.id, isouter=True)
        .where(col(Offer.status).in_(MEANT))
        .group_by(col(Offer.id))
        .having(func.count(col(Contract.id)) != 1)
    )
    return [f"offer {row.id}: {row.found} contracts instead of one" for row in rows]


def bound_contracts_are_signed_by_both(db: Session) -> list[str]:
    """What is in force, or was, has a signature of each side."""
    rows = db.rows(
        select(col(Contract.id), func.count(func.distinct(Signature.side)).label("sides"))
        .join(Signature, col(Signature.contract_id) == Contract.id, isouter=True)
        .where(col(Contract.status).in_(BOUND))
        .group_by(col(Contract.id))
        .having(func.count(func.distinct(Signature.side)) != len(Side))
    )
    return [f"contract {row.id}: signed by {row.sides} of 2 sides" for row in rows]


def contracts_in_force_have_a_last_day(db: Session) -> list[str]:
    """What is in force, or was, names its last day, and that lies in the term; a breach may come before it."""
    rows = db.rows(
        select(
            col(Contract.id),
            col(Contract.status),
            col(Contract.starts_on),
            col(Contract.term_months),
            col(Contract.ends_on),
        ).where(col(Contract.status).in_(RUNNING | OVER))
    )
    return [
        f"contract {row.id}: last day {row.ends_on} is not in its term"
        for row in rows
        if row.ends_on is None
        or row.ends_on > last_day(row.starts_on, row.term_months)
        or (row.ends_on < row.starts_on and row.status is not ContractStatus.TERMINATED)
    ]


def offers_stand_where_their_contract_does(db: Session) -> list[str]:
    """An offer waits, is converted or lapsed as its contract is on its way, in force (or was), or came to nothing."""
    fits = [(col(Offer.status) == status) & col(Contract.status).in_(meant) for status, meant in MEANT.items()]
    rows = db.rows(
        select(col(Contract.id), col(Contract.status), col(Offer.status).label("offer"))
        .join(Offer, col(Offer.id) == Contract.offer_id)
        .where(~or_(*fits))
    )
    return [f"contract {row.id}: {row.status}, its offer {row.offer}" for row in rows]


def contracts_say_what_was_accepted(db: Session) -> list[str]:
    """Sides, price and term of a contract are those of the accepted version: a draft completes it, no more."""
    kept: list[tuple[type[SQLModel], str]] = [
        (Offer, name) for name in ("brief_id", "specialist_id", "business_id", "title")
    ]
    kept += [(OfferVersion, name) for name in ("currency", "total", "billing", "starts_on", "term_months")]
    differ = or_(*(getattr(Contract, name).is_distinct_from(getattr(table, name)) for table, name in kept))
    rows = db.rows(_with_version(select(col(Contract.id))).where(differ))
    return [f"contract {row.id}: sides, price or term differ from the accepted offer" for row in rows]


def contracts_hold_what_was_accepted(db: Session) -> list[str]:
    """Every line the accepted version covers is in the contract as it was offered, and no other for the specialist."""
    same = and_(*(getattr(ScopeLine, name).is_not_distinct_from(getattr(OfferLine, name)) for name in OFFERED))
    covered = col(OfferLine.coverage) != Coverage.EXCLUDED
    agreed = exists().where(col(ScopeLine.contract_id) == Contract.id, same)
    offered = exists().where(col(OfferLine.version_id) == OfferVersion.id, covered, same)
    lost = (
        _with_version(select(col(Contract.id), col(OfferLine.position)))
        .join(OfferLine, col(OfferLine.version_id) == OfferVersion.id)
        .where(covered, ~agreed)
    )
    added = (
        _with_version(select(col(Contract.id), col(ScopeLine.position)))
        .join(ScopeLine, col(ScopeLine.contract_id) == Contract.id)
        .where(col(ScopeLine.owner).in_(OURS), ~offered)
    )
    return [f"contract {row.id}: line {row.position} of the accepted offer is not in it" for row in db.rows(lost)] + [
        f"contract {row.id}: its line {row.position} was not offered" for row in db.rows(added)
    ]


def only_repeating_limits_carry_over(db: Session) -> list[str]:
    """What carries over is at most the limit of a line, and only of a limit that starts anew."""
    cap, limit = col(ScopeLine.rollover_cap), col(ScopeLine.limit)
    fits = and_(limit.is_not(None), col(ScopeLine.period) != LinePeriod.ONCE, cap <= limit)
    rows = db.rows(
        select(col(ScopeLine.contract_id), col(ScopeLine.position)).where(
            cap != 0, or_(cap < 0, limit.is_(None), ~fits)
        )
    )
    return [f"contract {row.contract_id}: its line {row.position} carries over what it cannot" for row in rows]


def _with_version(statement: Any) -> Any:
    """Contracts beside their offer and its version, the last one put on the table, which was accepted."""
    return statement.join(Offer, col(Offer.id) == Contract.offer_id).join(
        OfferVersion, (col(OfferVersion.offer_id) == Offer.id) & (col(OfferVersion.number) == Offer.number)
    )


def deals_know_their_contract(db: Session) -> list[str]:
    """The deal of an offer that became a contract leads to that contract."""
    rows = db.rows(
        select(col(Deal.id), col(Contract.id).label("contract"))
        .join(Contract, col(Contract.offer_id) == Deal.offer_id)
        .where(col(Deal.contract_id).is_distinct_from(col(Contract.id)))
    )
    return [f"deal {row.id}: does not lead to contract {row.contract} of its offer" for row in rows]


INVARIANTS = (
    proofs_hold,
    plans_add_up,
    accepted_offers_have_one_contract,
    bound_contracts_are_signed_by_both,
    contracts_in_force_have_a_last_day,
    offers_stand_where_their_contract_does,
    contracts_say_what_was_accepted,
    contracts_hold_what_was_accepted,
    only_repeating_limits_carry_over,
    deals_know_their_contract,
)
