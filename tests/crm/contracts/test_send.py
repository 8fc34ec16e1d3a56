"""Sending freezes the text; recalling makes a draft of it again; every freezing is chained to the one before."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest
from sqlmodel import col, select

from accounts.workspaces.models import Workspace
from core.crypto import canonical
from crm.contracts import queries
from crm.contracts.models import ContractStatus, ScopeLine
from crm.contracts.verification import verify
from tests.cast import CAST
from tests.crm.contracts.test_draft import as_json
from tests.factories.contracts import kinds_of, make_active, make_contract, make_sent, put_signature, staged, stored
from tests.people import text_of


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_a_sent_draft_is_frozen(as_, database, clock, who):
    contract_id = staged(database)
    clock.forward(days=2)
    with database.read() as db:
        version = stored(db, contract_id).version
    answer = as_(who).post(f"/contracts/{contract_id}/send", {"version": version})
    assert answer.status_code == 303
    with database.read() as db:
        contract = stored(db, contract_id)
        assert contract.status is ContractStatus.SENT
        assert contract.sent_by_id == CAST.members[who].workspace_id
        assert (contract.expires_at - contract.sent_at).days == 14
        document = queries.current_document(db, contract)
        assert document.sha256 == hashlib.sha256(document.body.encode()).hexdigest()
        body = json.loads(document.body)
        assert canonical(body).decode() == document.body
        assert [line["responsibility"] for line in body["lines"]] == ["C3", "D3", "D4", "E1", "K3"]
        assert len(body["plan"]) == 6
        assert body["text"]["parties"][0]["name"] == "Bob's Café Ltd"
        assert verify(db, contract) == []
    assert kinds_of(database, contract_id) == ["contract.drafted", "contract.sent"]


def test_the_same_over_json(as_, database):
    contract_id = staged(database)
    bob = as_("bob")
    version = bob.api("GET", f"/contracts/{contract_id}").json()["version"]
    sent = bob.api("POST", f"/contracts/{contract_id}/send", {"version": version})
    assert sent.status_code == 200
    assert sent.json()["status"] == "sent"
    assert sent.json()["documents"][0]["number"] == 1
    assert bob.api("POST", f"/contracts/{contract_id}/send", {"version": version}).status_code == 409


def test_a_draft_that_changed_meanwhile_is_not_sent(as_, database):
    contract_id = staged(database)
    with database.read() as db:
        contract = stored(db, contract_id)
    as_("bob").api("PUT", f"/contracts/{contract_id}", as_json(contract))
    assert as_("alice").api("POST", f"/contracts/{contract_id}/send", {"version": contract.version}).status_code == 409
    with database.read() as db:
        assert stored(db, contract_id).status is ContractStatus.DRAFT


def test_what_is_missing_is_named(as_, database):
    with database.write() as db:
        place = db.get_one(Workspace, CAST.bob.workspace_id)
        place.legal_name = place.legal_address = ""
        contract_id = make_contract(db).id
    alice = as_("alice")
    assert "Bob's Café: add the legal name." in text_of(alice.get(f"/contracts/{contract_id}")).replace("&#39;", "'")
    answer = alice.post(f"/contracts/{contract_id}/send", {"version": 1})
    assert answer.status_code == 422
    assert f"/contracts/{contract_id}/edit#f-client_address" in answer.text
    refused = alice.api("POST", f"/contracts/{contract_id}/send", {"version": 1}).json()
    assert set(refused["fields"]) == {"client_legal_name", "client_address"}
    with database.read() as db:
        assert queries.documents_of(db, contract_id) == []


def test_an_empty_scope_is_not_sent(as_, database):
    contract_id = staged(database)
    with database.write() as db:
        for line in db.scalars(select(ScopeLine).where(col(ScopeLine.contract_id) == contract_id)):
            db.delete(line)
    refused = as_("alice").api("POST", f"/contracts/{contract_id}/send", {"version": 1})
    assert refused.status_code == 422
    assert set(refused.json()["fields"]) == {"lines"}


def test_a_recalled_contract_is_frozen_anew(as_, database):
    contract_id = staged(database, make_sent)
    alice = as_("alice")
    assert alice.post(f"/contracts/{contract_id}/recall").status_code == 303
    with database.read() as db:
        contract = stored(db, contract_id)
        assert (contract.status, contract.sent_by_id, contract.sent_at) == (ContractStatus.DRAFT, None, None)
    edited = alice.api("PUT", f"/contracts/{contract_id}", as_json(contract, notes="A new clause")).json()
    assert alice.api("POST", f"/contracts/{contract_id}/send", {"version": edited["version"]}).status_code == 200
    with database.read() as db:
        first, second = queries.documents_of(db, contract_id)
        assert second.previous_sha256 == first.sha256 != second.sha256
        assert json.loads(second.body)["previous_sha256"] == first.sha256
        assert "A new clause" in second.body
        assert verify(db, stored(db, contract_id)) == []
    kinds = ["contract.drafted", "contract.sent", "contract.recalled", "contract.edited", "contract.sent"]
    assert kinds_of(database, contract_id) == kinds


def test_taking_it_back_and_sending_it_anew_ends_28_days_after_the_acceptance(as_, database, clock):
    contract_id, alice = staged(database, make_sent), as_("alice")
    accepted_at = clock()
    for days in (13, 13):
        clock.forward(days=days)
        assert alice.post(f"/contracts/{contract_id}/recall").status_code == 303
        with database.read() as db:
            version = stored(db, contract_id).version
        assert alice.api("POST", f"/contracts/{contract_id}/send", {"version": version}).status_code == 200
    with database.read() as db:
        assert stored(db, contract_id).expires_at == accepted_at + timedelta(days=28)
    clock.forward(days=2)
    assert alice.post(f"/contracts/{contract_id}/recall").status_code == 303
    refused = alice.api("POST", f"/contracts/{contract_id}/send", {"version": version + 2})
    assert (refused.status_code, refused.json()["error"]) == (409, "expired")


def test_the_page_says_until_when_the_sent_text_can_be_signed(as_, database, clock):
    contract_id, alice = staged(database), as_("alice")
    here, said = f"/contracts/{contract_id}", "Both sides can then sign it until %s UTC."
    assert said % "15 Jun 2026, 09:00" in text_of(alice.get(here))
    for days, verb in ((13, "send"), (13, "recall")):
        clock.forward(days=days)
        assert alice.send(here, f"{here}/{verb}").status_code == 303
    assert said % "29 Jun 2026, 09:00" in text_of(alice.get(here))
    assert alice.send(here, f"{here}/send").status_code == 303
    assert alice.api("GET", here).json()["expires_at"].startswith("2026-06-29T09:00")


def test_a_draft_after_a_recall_is_shown_as_it_is_now(as_, database):
    contract_id = staged(database, make_sent)
    recalled = as_("alice").api("POST", f"/contracts/{contract_id}/recall").json()
    with database.read() as db:
        contract = stored(db, contract_id)
    assert recalled["version"] == contract.version
    as_("bob").api("PUT", f"/contracts/{contract_id}", as_json(contract, notes="Only in the draft"))
    assert "Only in the draft" in text_of(as_("alice").get(f"/contracts/{contract_id}"))
    with database.read() as db:
        assert verify(db, stored(db, contract_id)) == []


def test_only_the_sender_recalls_and_only_unsigned(as_, database):
    contract_id = staged(database, make_sent)
    assert as_("bob").api("POST", f"/contracts/{contract_id}/recall").status_code == 403
    with database.write() as db:
        put_signature(db, stored(db, contract_id), "bob")
    assert as_("alice").api("POST", f"/contracts/{contract_id}/recall").status_code == 409
    active = staged(database, make_active)
    assert as_("alice").post(f"/contracts/{active}/recall").status_code == 409


def test_only_managers_of_the_parties_send_and_recall(as_, database):
    draft, sent = staged(database), staged(database, make_sent)
    for who, status in [("mallory", 404), ("trent", 404), ("amir", 403), ("carol", 403)]:
        assert as_(who).post(f"/contracts/{draft}/send", {"version": 1}).status_code == status
        assert as_(who).api("POST", f"/contracts/{draft}/send", {"version": 1}).status_code == status
        assert as_(who).post(f"/contracts/{sent}/recall").status_code == status
        assert as_(who).api("POST", f"/contracts/{sent}/recall").status_code == status
    with database.read() as db:
        assert stored(db, draft).status is ContractStatus.DRAFT
        assert stored(db, sent).status is ContractStatus.SENT
