"""Twenty at once: one effect each, whoever comes first."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

from sqlalchemy import func, select
from sqlmodel import col

from core.db import Database
from core.errors import DomainError
from core.events import Event
from crm.contracts import endings, invariants, queries, signing
from crm.contracts.models import ContractStatus, Signature
from crm.contracts.schemas import ReasonInput, SendInput, SignInput
from crm.contracts.verification import verify
from marketplace.offers.models import Offer, OfferStatus
from tests.cast import viewer_of
from tests.factories.contracts import ADDRESS, AGENT, hash_on_table, make_sent, put_signature, staged, stored

THREADS = 20


def race(database: Database, *works: Callable[[object], object]) -> Counter[str]:
    """Run ``works`` in turn in twenty threads started together; how often each outcome was seen."""
    outcomes: Counter[str] = Counter()
    gate = threading.Barrier(THREADS)

    def one(work: Callable[[object], object]) -> None:
        gate.wait()
        try:
            with database.write() as db:
                work(db)
            outcomes["done"] += 1
        except DomainError as error:
            outcomes[error.code] += 1

    threads = [threading.Thread(target=one, args=(works[n % len(works)],)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def signer(contract_id, who, sha256):
    def work(db):
        data = SignInput(typed_name=who, agree=True, document_sha256=sha256)
        signing.sign(db, stored(db, contract_id), data, by=viewer_of(db, who), address=ADDRESS, agent=AGENT)

    return work


def count(database, kind):
    with database.read() as db:
        return db.scalar(select(func.count()).select_from(Event).where(col(Event.kind) == kind))


def broken(database):
    with database.read() as db:
        return [fault for invariant in invariants.INVARIANTS for fault in invariant(db)]


def test_one_side_signs_once(database):
    contract_id = staged(database, make_sent)
    sha256 = hash_on_table(database, contract_id)
    outcomes = race(database, signer(contract_id, "alice", sha256), signer(contract_id, "anton", sha256))
    assert outcomes == {"done": 1, "signed": THREADS - 1}
    with database.read() as db:
        assert stored(db, contract_id).status is ContractStatus.PARTIALLY_SIGNED
        assert db.scalar(select(func.count()).select_from(Signature)) == 1
    assert count(database, "contract.signed") == 1
    assert broken(database) == []


def test_both_sides_at_once_put_it_in_force_once(database):
    contract_id = staged(database, make_sent)
    sha256 = hash_on_table(database, contract_id)
    outcomes = race(database, signer(contract_id, "alice", sha256), signer(contract_id, "bob", sha256))
    assert outcomes["done"] == 2
    assert sum(outcomes.values()) == THREADS
    with database.read() as db:
        contract = stored(db, contract_id)
        assert contract.status is ContractStatus.ACTIVE
        assert db.get_one(Offer, contract.offer_id).status is OfferStatus.CONVERTED
        assert verify(db, contract) == []
    assert count(database, "contract.signed") == 2
    assert count(database, "contract.activated") == count(database, "offer.converted") == 1
    assert broken(database) == []


def test_signing_and_calling_off_at_once_leave_one_truth(database):
    contract_id = staged(database, make_sent)
    with database.write() as db:
        put_signature(db, stored(db, contract_id), "alice")

    def call_off(db):
        endings.void(db, stored(db, contract_id), ReasonInput(reason="No"), by=viewer_of(db, "alice"))

    def refuse(db):
        endings.decline(db, stored(db, contract_id), ReasonInput(reason="No"), by=viewer_of(db, "bob"))

    outcomes = race(database, signer(contract_id, "bob", hash_on_table(database, contract_id)), call_off, refuse)
    assert outcomes["done"] == 1
    with database.read() as db:
        contract = stored(db, contract_id)
        offer = db.get_one(Offer, contract.offer_id)
        in_force = contract.status is ContractStatus.ACTIVE
        assert offer.status is (OfferStatus.CONVERTED if in_force else OfferStatus.LAPSED)
    assert count(database, "contract.activated") == int(in_force)
    assert broken(database) == []


def test_a_draft_is_sent_once(database):
    contract_id = staged(database)
    with database.read() as db:
        version = stored(db, contract_id).version

    def send(who):
        def work(db):
            signing.send(db, stored(db, contract_id), SendInput(version=version), by=viewer_of(db, who))

        return work

    outcomes = race(database, send("alice"), send("bob"))
    assert outcomes == {"done": 1, "conflict": THREADS - 1}
    with database.read() as db:
        assert len(queries.documents_of(db, contract_id)) == 1
    assert count(database, "contract.sent") == 1


def test_it_expires_once(database, clock):
    contract_id = staged(database, make_sent)
    clock.forward(days=15)
    race(database, lambda db: endings.expire(db, stored(db, contract_id)))
    assert count(database, "contract.expired") == count(database, "offer.lapsed") == 1
    assert broken(database) == []
