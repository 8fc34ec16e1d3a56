"""Declined, called off or expired: the offer lapses, the brief opens again, and whoever sent it hears."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from core.events import Event
from crm.contracts import signing
from crm.contracts.models import Contract, ContractStatus
from crm.contracts.schemas import SendInput
from crm.deals.models import Deal, StageKind
from marketplace.briefs.models import Brief, BriefStatus
from marketplace.offers.models import Offer, OfferStatus
from notifications.inbox.models import Notice
from tests.cast import CAST, viewer_of
from tests.factories.contracts import (
    hash_on_table,
    kinds_of,
    make_active,
    make_contract,
    make_sent,
    put_signature,
    staged,
    stored,
)
from tests.people import text_of

REASON = "The start date does not work any more."


def came_to_nothing(database, contract_id, status):
    with database.read() as db:
        contract = stored(db, contract_id)
        assert contract.status is status
        assert contract.ended_at == database.clock()
        assert db.get_one(Offer, contract.offer_id).status is OfferStatus.LAPSED
        assert db.get_one(Brief, contract.brief_id).status is BriefStatus.OPEN
        deal = db.scalars(select(Deal).where(col(Deal.contract_id) == contract_id)).one()
        assert deal.stage_kind is StageKind.NEGOTIATION
        return contract


@pytest.mark.parametrize("signed", [False, True])
def test_a_declined_contract_is_told_to_its_sender(as_, database, signed):
    contract_id = staged(database, make_sent)
    if signed:
        with database.write() as db:
            put_signature(db, stored(db, contract_id), "alice")
    assert as_("bob").post(f"/contracts/{contract_id}/decline", {"reason": REASON}).status_code == 303
    assert came_to_nothing(database, contract_id, ContractStatus.DECLINED).reason == REASON
    with database.read() as db:
        event = db.scalars(select(Event).where(col(Event.kind) == "contract.declined")).one()
        assert event.other_workspace_id == CAST.alice.workspace_id
        assert event.data["reason"] == REASON
        told = db.scalars(select(Notice.user_id).where(col(Notice.kind) == "contract.declined")).all()
        assert CAST.alice.user_id in told
        assert CAST.bob.user_id not in told
    assert REASON in text_of(as_("alice").get(f"/contracts/{contract_id}"))


def test_declining_over_json(as_, database):
    contract_id = staged(database, make_sent, by="bob")
    done = as_("alice").api("POST", f"/contracts/{contract_id}/decline", {"reason": REASON})
    assert done.status_code == 200
    assert (done.json()["status"], done.json()["reason"]) == ("declined", REASON)
    came_to_nothing(database, contract_id, ContractStatus.DECLINED)


def test_the_sender_does_not_decline_and_the_receiver_does_not_void(as_, database):
    contract_id = staged(database, make_sent)
    assert as_("alice").api("POST", f"/contracts/{contract_id}/decline", {"reason": REASON}).status_code == 403
    assert as_("bob").api("POST", f"/contracts/{contract_id}/void", {"reason": REASON}).status_code == 403
    with database.read() as db:
        assert stored(db, contract_id).status is ContractStatus.SENT


@pytest.mark.parametrize("signed", [False, True])
def test_the_sender_calls_it_off(as_, database, signed):
    contract_id = staged(database, make_sent)
    if signed:
        with database.write() as db:
            put_signature(db, stored(db, contract_id), "bob")
    assert as_("alice").post(f"/contracts/{contract_id}/void", {"reason": REASON}).status_code == 303
    came_to_nothing(database, contract_id, ContractStatus.VOID)
    assert kinds_of(database, contract_id)[-1] == "contract.voided"


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_a_draft_is_called_off_by_either_side(as_, database, who):
    contract_id = staged(database)
    assert as_(who).api("POST", f"/contracts/{contract_id}/void", {"reason": REASON}).status_code == 200
    came_to_nothing(database, contract_id, ContractStatus.VOID)


def test_a_signed_contract_is_void_when_both_ask(as_, database):
    contract_id = staged(database, make_sent)
    with database.write() as db:
        db.execute(update(Contract).where(col(Contract.id) == contract_id).values(status=ContractStatus.SIGNED))
    alice, bob = as_("alice"), as_("bob")
    asked = alice.api("POST", f"/contracts/{contract_id}/void", {"reason": REASON})
    assert (asked.json()["status"], asked.json()["void_asked_by_id"]) == ("signed", str(CAST.alice.workspace_id))
    assert alice.api("POST", f"/contracts/{contract_id}/void", {"reason": REASON}).status_code == 409
    assert REASON in text_of(bob.get(f"/contracts/{contract_id}"))
    assert bob.api("POST", f"/contracts/{contract_id}/void", {"reason": "Agreed."}).json()["status"] == "void"
    came_to_nothing(database, contract_id, ContractStatus.VOID)
    assert kinds_of(database, contract_id)[-2:] == ["contract.void_asked", "contract.voided"]


@pytest.mark.parametrize("verb", ["decline", "void"])
def test_a_contract_in_force_is_neither_declined_nor_void(as_, database, verb):
    contract_id = staged(database, make_active)
    for who in ("alice", "bob"):
        assert as_(who).api("POST", f"/contracts/{contract_id}/{verb}", {"reason": REASON}).status_code == 409
    with database.read() as db:
        assert stored(db, contract_id).status is ContractStatus.ACTIVE


@pytest.mark.parametrize("verb", ["decline", "void"])
def test_a_reason_is_needed(as_, database, verb):
    contract_id = staged(database, make_sent)
    who = as_("bob" if verb == "decline" else "alice")
    for reason in ["", "  ", "x" * 2001, "a\x00b"]:
        answer = who.post(f"/contracts/{contract_id}/{verb}", {"reason": reason})
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text
        refused = who.api("POST", f"/contracts/{contract_id}/{verb}", {"reason": reason})
        assert (refused.status_code, set(refused.json()["fields"])) == (422, {"reason"})
    with database.read() as db:
        assert stored(db, contract_id).status is ContractStatus.SENT


@pytest.mark.parametrize("make", [make_contract, make_sent])
def test_after_fourteen_days_it_expires(as_, database, clock, worker, make):
    contract_id = staged(database, make)
    clock.forward(days=13, hours=23)
    run(database, worker)
    with database.read() as db:
        assert stored(db, contract_id).status is not ContractStatus.EXPIRED
    clock.forward(hours=1)
    run(database, worker)
    came_to_nothing(database, contract_id, ContractStatus.EXPIRED)
    assert kinds_of(database, contract_id)[-1] == "contract.expired"
    with database.read() as db:
        told = set(db.scalars(select(Notice.workspace_id).where(col(Notice.kind) == "contract.expired")))
        assert told == {CAST.alice.workspace_id, CAST.bob.workspace_id}
    assert "Expired" in text_of(as_("carol").get(f"/contracts/{contract_id}"))


def test_sending_starts_the_fourteen_days_anew(database, clock, worker):
    contract_id = staged(database)
    clock.forward(days=10)
    with database.write() as db:
        signing.send(db, stored(db, contract_id), SendInput(version=1), by=viewer_of(db, "bob"))
    clock.forward(days=10)
    run(database, worker)
    with database.read() as db:
        assert stored(db, contract_id).status is ContractStatus.SENT


def test_a_contract_in_force_never_expires(database, clock, worker):
    contract_id = staged(database, make_active)
    clock.forward(days=60)
    run(database, worker)
    with database.read() as db:
        assert stored(db, contract_id).status is ContractStatus.ACTIVE


def test_reminders_on_days_three_seven_and_twelve(database, clock, worker):
    contract_id = staged(database, make_sent)
    start, reminded = clock(), []
    for _half_day in range(27):
        clock.forward(hours=12)
        before = kinds_of(database, contract_id).count("contract.reminded")
        run(database, worker)
        if kinds_of(database, contract_id).count("contract.reminded") > before:
            reminded.append((clock() - start) / timedelta(days=1))
    assert reminded == [3, 7, 12]


def test_only_who_has_not_signed_is_reminded(database, clock, worker):
    contract_id = staged(database, make_sent)
    with database.write() as db:
        put_signature(db, stored(db, contract_id), "alice")
    clock.forward(days=8)
    run(database, worker)
    with database.read() as db:
        told = set(db.scalars(select(Notice.workspace_id).where(col(Notice.kind) == "contract.reminded")))
        assert told == {CAST.bob.workspace_id}
        assert stored(db, contract_id).reminders_sent == 2
    assert hash_on_table(database, contract_id)


def run(database, worker):
    """What the schedule asks for, once."""
    with database.write() as db:
        worker.jobs["contracts.remind_of_signing"](db, {})
        worker.jobs["contracts.expire_unsigned"](db, {})


@pytest.mark.parametrize("verb", ["decline", "void"])
def test_only_managers_of_the_parties_end_it(as_, database, verb):
    contract_id = staged(database, make_sent)
    for who, status in [("mallory", 404), ("trent", 404), ("amir", 403), ("carol", 403)]:
        assert as_(who).post(f"/contracts/{contract_id}/{verb}", {"reason": REASON}).status_code == status
        assert as_(who).api("POST", f"/contracts/{contract_id}/{verb}", {"reason": REASON}).status_code == status
    with database.read() as db:
        assert stored(db, contract_id).status is ContractStatus.SENT


@pytest.mark.parametrize("make", [make_contract, make_sent])
def test_when_the_time_is_over_nobody_sends_or_signs_any_more(as_, database, clock, make):
    """Whether or not the worker has come by to end the contract."""
    contract_id = staged(database, make)
    clock.forward(days=14)
    alice, path = as_("alice"), f"/contracts/{contract_id}"
    with database.read() as db:
        version, number = stored(db, contract_id).version, stored(db, contract_id).document_number
    if number:
        data = {"typed_name": "Alice", "agree": True, "document_sha256": hash_on_table(database, contract_id)}
        answer = alice.api("POST", f"{path}/sign", data)
    else:
        answer = alice.api("POST", f"{path}/send", {"version": version})
    assert (answer.status_code, answer.json()["error"]) == (409, "expired")
    page = alice.get(path).text
    for verb in ("edit", "send", "sign", "void", "recall"):
        assert f"{path}/{verb}" not in page
