"""Twenty at once: exactly one effect, and the stored data stays sound."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

from app.checks import broken
from core.errors import DomainError
from marketplace.briefs.models import BriefStatus
from marketplace.offers import service as offers
from marketplace.offers.models import OfferStatus

THREADS = 20


def at_once(work: Callable[[int], object]) -> Counter[str]:
    """Run ``work`` in twenty threads that start together; what came of each."""
    gate = threading.Barrier(THREADS)
    results: list[str] = []

    def run(number: int) -> None:
        gate.wait()
        try:
            results.append(str(work(number) or "done"))
        except DomainError as error:
            results.append(type(error).__name__)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(results)


def test_twenty_accept_one_offer(stage, database):
    offer_id = stage.proposal("alice")
    results = at_once(lambda _n: stage.do(offers.accept, offer_id, 1, by="bob"))
    assert results == {"done": 1, "Conflict": 19}
    assert stage.events(offer_id).count("offer.accepted") == 1
    assert broken(database) == []


def test_twenty_accept_two_rivals(stage, database):
    ids = [stage.proposal("alice"), stage.proposal("dina")]
    results = at_once(lambda n: stage.do(offers.accept, ids[n % 2], 1, by="bob"))
    assert results == {"done": 1, "Conflict": 19}
    states = sorted((stage.offer(i).status.value, stage.offer(i).on_standby) for i in ids)
    assert states == [("accepted", False), ("sent", True)]
    assert stage.brief().status is BriefStatus.AWARDED
    assert broken(database) == []


def test_twenty_take_up_one_offer_of_the_board(stage, database):
    offer_id = stage.hire()
    names = ["alice", "dina", "mallory"]
    results = at_once(lambda n: stage.do(offers.take_up, offer_id, 1, by=names[n % 3]))
    assert results == {"done": 1, "Conflict": 19}
    offer = stage.offer(offer_id)
    assert offer.status is OfferStatus.ACCEPTED
    assert offer.specialist_id is not None
    assert stage.events(offer_id).count("offer.accepted") == 1


def test_accepting_and_withdrawing_meet(stage, database):
    offer_id = stage.proposal("alice")

    def work(number: int) -> None:
        if number % 2:
            stage.do(offers.withdraw, offer_id, by="alice")
        else:
            stage.do(offers.accept, offer_id, 1, by="bob")

    results = at_once(work)
    assert results == {"done": 1, "Conflict": 19}
    assert len(stage.events(offer_id)) == 2


def test_twenty_accept_over_http(as_, stage):
    ids = [stage.proposal("alice"), stage.proposal("dina")]
    people = [as_("bob") for _ in range(THREADS)]
    path = "/offers/{}/acceptance"
    results = at_once(lambda n: people[n].api("POST", path.format(ids[n % 2]), {"number": 1}).status_code)
    assert results == {"200": 1, "409": 19}
    assert sorted(stage.offer(i).status.value for i in ids) == ["accepted", "sent"]
