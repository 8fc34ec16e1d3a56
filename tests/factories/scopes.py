"""A running contract with scope lines, put there as rows: the way to it is tested with contracts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from core.db import Session
from crm.contracts.models import Contract, ContractStatus, ScopeLine
from crm.contracts.plan import add_months, last_day
from marketplace.briefs.models import LineOwner, LinePeriod
from marketplace.offers.models import Billing, Offer, OfferKind, OfferStatus
from tests.cast import CAST

LINES: list[dict[str, Any]] = [
    {"responsibility": "C3", "platform": "IG", "unit": "post", "limit": 12, "price": 40_000},
    {"responsibility": "K3", "unit": "report", "limit": 1, "period": LinePeriod.QUARTER},
    {"responsibility": "E1", "platform": "IG", "unit": "reply", "limit": None, "sla_minutes": 240},
    {"responsibility": "D3", "unit": "asset", "limit": 4, "owner": LineOwner.CLIENT},
]


def make_running_contract(
    db: Session,
    *,
    specialist: str = "alice",
    business: str = "bob",
    lines: list[dict[str, Any]] | None = None,
    starts_on: date | None = None,
    status: ContractStatus = ContractStatus.ACTIVE,
) -> Contract:
    """An active contract of six months between two members of the cast; this is the first day of its fourth."""
    left, right = CAST.members[specialist].workspace_id, CAST.members[business].workspace_id
    first = starts_on or add_months(db.now().date().replace(day=1), -3)
    offer = Offer(
        kind=OfferKind.PROPOSAL,
        status=OfferStatus.CONVERTED,
        author_id=left,
        specialist_id=left,
        business_id=right,
        title="Café wants regulars back",
        currency="EUR",
        total=86_000,
        valid_until=db.now(),
        created_at=db.now(),
        updated_at=db.now(),
    )
    db.add(offer)
    db.flush()
    contract = Contract(
        offer_id=offer.id,
        specialist_id=left,
        business_id=right,
        status=status,
        title="Café wants regulars back",
        currency="EUR",
        total=86_000,
        billing=Billing.RETAINER,
        starts_on=first,
        term_months=6,
        ends_on=last_day(first, 6),
        expires_at=db.now() + timedelta(days=14),
        created_at=db.now(),
        updated_at=db.now(),
    )
    db.add(contract)
    db.flush()
    for position, values in enumerate(LINES if lines is None else lines):
        facts = {"owner": LineOwner.SPECIALIST, "period": LinePeriod.MONTH, **values}
        db.add(ScopeLine(contract_id=contract.id, position=position, valid_from=first, **facts))
    db.flush()
    return contract
