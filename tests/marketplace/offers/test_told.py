"""What the mail about an offer says of its price: how much, and for what."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlmodel import col

from core.jobs import Job
from marketplace.offers import service as offers
from marketplace.offers.models import Offer
from marketplace.offers.schemas import AnswerInput
from tests.factories.offers import answer_data

RETAINER = {"billing": "retainer"}
MILESTONES = {
    "billing": "milestones",
    "milestones": [{"title": "Everything", "amount": 86_000, "due_on": "2026-08-01"}],
}
PRICES = [(RETAINER, "Total: €860 a month."), (MILESTONES, "Total: €860 by milestones.")]


def mails_to(database, address):
    """What the mails on their way to ``address`` tell beside their sentence, oldest first."""
    with database.read() as db:
        jobs = db.scalars(select(Job).where(col(Job.kind) == "emails.send").order_by(col(Job.id)))
        return [job.payload["params"]["fact"] for job in jobs if job.payload["to"] == address]


@pytest.mark.parametrize(("terms", "price"), PRICES)
def test_a_new_offer_tells_what_its_price_is_for(database, stage, terms, price):
    stage.proposal("alice", **terms)
    assert mails_to(database, "bob@example.com")[-1].startswith(f"{price} Valid until ")


def test_a_counter_offer_tells_what_is_on_the_table_now(database, stage):
    offer_id = stage.proposal("alice")
    with database.write() as db:
        offer = db.get_one(Offer, offer_id)
        data = AnswerInput.model_validate(answer_data(db, offer, **MILESTONES))
        offers.counter(db, offer, data, by=stage.viewer(db, "bob"))
    assert mails_to(database, "alice@example.com")[-1].startswith("Total: €860 by milestones. Valid until ")
