"""Both sides sign exactly what was shown; the second signature puts the contract in force with everything on it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from accounts.users.models import User
from accounts.workspaces.models import Membership, Role
from crm.contracts import invariants, queries
from crm.contracts.models import Contract, ContractStatus, Side, Signature
from crm.contracts.verification import verify
from crm.deals.models import Deal, StageKind
from marketplace.briefs.models import Brief, BriefStatus
from marketplace.offers.models import Offer, OfferStatus
from tests.cast import CAST
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
from tests.mails import sent, text_of_mail
from tests.people import fields, text_of


def form(database, contract_id, **changes):
    return {
        "typed_name": "Alice Аркадьева",
        "agree": "on",
        "document_sha256": hash_on_table(database, contract_id),
        **changes,
    }


def body(database, contract_id, **changes):
    return {**form(database, contract_id), "agree": True, **changes}


def test_a_term_that_is_over_is_not_signed(as_, database, clock):
    contract_id = staged(database, make_sent, starts_on=str(clock().date()), term_months=1)
    with database.write() as db:
        stored(db, contract_id).expires_at = clock.forward(days=32) + timedelta(days=1)
    refused = as_("alice").api("POST", f"/contracts/{contract_id}/sign", body(database, contract_id))
    assert (refused.status_code, refused.json()["error"]) == (409, "term_over")


def count(database):
    with database.read() as db:
        return db.scalar(select(func.count()).select_from(Signature))


def test_the_first_signature_waits_for_the_second(as_, database):
    contract_id = staged(database, make_sent)
    sha256 = hash_on_table(database, contract_id)
    page = as_("bob").get(f"/contracts/{contract_id}")
    assert f'name="document_sha256" value="{sha256}"' in page.text
    answer = as_("bob").post(
        f"/contracts/{contract_id}/sign",
        form(database, contract_id, typed_name="Bob Brünner"),
        headers={"User-Agent": "Firefox on a ferry"},
    )
    assert answer.status_code == 303
    with database.read() as db:
        contract = stored(db, contract_id)
        assert contract.status is ContractStatus.PARTIALLY_SIGNED
        (signature,) = queries.signatures_of(db, contract_id)
        assert (signature.side, signature.typed_name, signature.agent) == (
            Side.CLIENT,
            "Bob Brünner",
            "Firefox on a ferry",
        )
        assert signature.user_id == CAST.bob.user_id
        assert signature.document_sha256 == sha256
        assert signature.intent == "I have read version 1 of this contract and agree to it."
        assert signature.signed_at == database.clock()
        assert db.get_one(Offer, contract.offer_id).status is OfferStatus.ACCEPTED
    assert kinds_of(database, contract_id)[-1] == "contract.signed"
    again = as_("bob").get(f"/contracts/{contract_id}")
    assert "/sign" not in again.text
    assert "You signed. It waits for Alice" in text_of(again)
    assert "Bob Brünner" in text_of(as_("alice").get(f"/contracts/{contract_id}"))


@pytest.mark.parametrize("order", [("alice", "bob"), ("bob", "alice")])
def test_the_second_signature_puts_it_in_force(as_, database, order):
    contract_id = staged(database, make_sent)
    for who in order:
        assert as_(who).api("POST", f"/contracts/{contract_id}/sign", body(database, contract_id)).status_code == 201
    with database.read() as db:
        contract = stored(db, contract_id)
        assert contract.status is ContractStatus.ACTIVE
        assert contract.signed_at == contract.active_at == database.clock()
        assert db.get_one(Offer, contract.offer_id).status is OfferStatus.CONVERTED
        assert db.get_one(Brief, contract.brief_id).status is BriefStatus.FILLED
        deal = db.scalars(select(Deal).where(col(Deal.contract_id) == contract_id)).one()
        assert deal.stage_kind is StageKind.WON
        first, second = queries.signatures_of(db, contract_id)
        assert (first.previous_sha256, second.previous_sha256) == ("", first.sha256)
        assert verify(db, contract) == []
    expected = ["contract.drafted", "contract.sent", "contract.signed", "contract.signed", "contract.activated"]
    assert kinds_of(database, contract_id) == expected


def test_both_sides_get_the_signed_contract_by_mail(as_, database, worker, mail_folder):
    contract_id = staged(database, make_sent)
    with database.write() as db:
        put_signature(db, stored(db, contract_id), "alice")
    worker.drain()
    before = {message["Message-ID"] for message in sent(mail_folder)}
    with database.write() as db:
        put_signature(db, stored(db, contract_id), "bob")
    worker.drain()
    told = [message for message in sent(mail_folder) if message["Message-ID"] not in before]
    begun = "Both sides signed, the contract is in force"
    running = [message for message in told if message["Subject"].startswith(begun)]
    assert {message["To"].split("@")[0] for message in running} >= {"alice", "bob"}
    paper = as_("bob").get(f"/contracts/{contract_id}/document.pdf").content
    for message in told:
        attached = [(part.get_content_type(), part.get_content()) for part in message.iter_attachments()]
        assert attached == ([("application/pdf", paper)] if message in running else [])
        assert f"/contracts/{contract_id}" in text_of_mail(message)
    for who in ("alice", "bob"):
        assert "the contract is in force" in text_of(as_(who).get("/inbox"))


def test_a_clock_that_is_behind_breaks_no_chain(as_, database, clock):
    contract_ids = [staged(database, make_sent, specialist=who) for who in ("alice", "dina")]
    for contract_id, who in zip(contract_ids, ("alice", "dina"), strict=True):
        with database.write() as db:
            first = put_signature(db, stored(db, contract_id), who)
        clock.forward(seconds=-3)
        with database.write() as db:
            second = put_signature(db, stored(db, contract_id), "bob")
        assert second.signed_at < first.signed_at
        assert second.previous_sha256 == first.sha256
    assert as_("bob").api("GET", f"/contracts/{contract_ids[0]}/verification").json() == {"holds": True, "faults": []}
    with database.read() as db:
        given = queries.signatures_of(db, *contract_ids)
        assert [signature.contract_id for signature in given] == [*[contract_ids[0]] * 2, *[contract_ids[1]] * 2]
        assert [signature.side for signature in given] == [Side.SPECIALIST, Side.CLIENT] * 2
        assert invariants.proofs_hold(db) == []


def test_the_answer_names_the_proof(as_, database):
    contract_id = staged(database, make_sent)
    signed = as_("alice").api("POST", f"/contracts/{contract_id}/sign", body(database, contract_id)).json()
    assert signed["side"] == "specialist"
    assert signed["document_sha256"] == hash_on_table(database, contract_id)
    assert len(signed["sha256"]) == 64
    assert "agent" not in signed


WRONG = [
    {"typed_name": ""},
    {"typed_name": "   "},
    {"typed_name": "x"},
    {"typed_name": "Я."},
    {"typed_name": "- 42 -"},
    {"typed_name": "x" * 201},
    {"typed_name": "a\x00b"},
    {"typed_name": "\u202eecilA"},
    {"agree": ""},
    {"document_sha256": ""},
    {"document_sha256": "ABC"},
    {"document_sha256": "0" * 65},
]


def test_wrong_input_signs_nothing(as_, database):
    contract_id = staged(database, make_sent)
    alice = as_("alice")
    for change in WRONG:
        answer = alice.post(f"/contracts/{contract_id}/sign", form(database, contract_id, **change))
        assert answer.status_code == 422
        assert "data-error-summary" in answer.text
        data = body(database, contract_id, **change) | ({"agree": False} if "agree" in change else {})
        refused = alice.api("POST", f"/contracts/{contract_id}/sign", data)
        assert refused.status_code == 422
        assert set(refused.json()["fields"]) == set(change)
    assert count(database) == 0


@pytest.mark.parametrize("name", ["李明", "Bo", "Ó. Ní", "نور", "राम"])
def test_two_letters_of_any_script_are_a_name(as_, database, name):
    contract_id = staged(database, make_sent)
    data = body(database, contract_id, typed_name=name)
    assert as_("alice").api("POST", f"/contracts/{contract_id}/sign", data).json()["typed_name"] == name


def test_the_field_is_empty_and_the_account_s_name_beside_it(as_, database):
    contract_id = staged(database, make_sent)
    page = as_("alice").get(f"/contracts/{contract_id}")
    assert fields(page.text, f"/contracts/{contract_id}/sign")["typed_name"] == [""]
    assert "Your account says Alice Аркадьева." in text_of(page)


def test_the_box_has_to_be_ticked(as_, database):
    contract_id = staged(database, make_sent)
    data = form(database, contract_id)
    del data["agree"]
    answer = as_("alice").post(f"/contracts/{contract_id}/sign", data)
    assert answer.status_code == 422
    assert "Tick the box" in answer.text
    assert "Alice Аркадьева" in answer.text
    assert count(database) == 0


def test_another_text_than_the_one_shown_is_not_signed(as_, database):
    contract_id = staged(database, make_sent)
    shown = form(database, contract_id)
    alice = as_("alice")
    version = alice.api("POST", f"/contracts/{contract_id}/recall").json()["version"]
    alice.api("POST", f"/contracts/{contract_id}/send", {"version": version})
    answer = as_("bob").post(f"/contracts/{contract_id}/sign", shown)
    assert answer.status_code == 409
    assert "Read it again" in text_of(answer)
    assert count(database) == 0


@pytest.mark.parametrize("make", [make_contract, make_active])
def test_only_what_is_on_the_table_is_signed(as_, database, make):
    contract_id = staged(database, make)
    data = {"typed_name": "Alice", "agree": True, "document_sha256": "0" * 64}
    before = count(database)
    assert as_("alice").api("POST", f"/contracts/{contract_id}/sign", data).status_code == 409
    assert count(database) == before


def test_a_side_signs_once(as_, database):
    contract_id = staged(database, make_sent)
    assert as_("alice").api("POST", f"/contracts/{contract_id}/sign", body(database, contract_id)).status_code == 201
    for who in ("alice", "anton"):
        again = as_(who).api("POST", f"/contracts/{contract_id}/sign", body(database, contract_id))
        assert again.status_code == 409
        assert again.json()["error"] == "signed"
    assert count(database) == 1


def test_a_repeated_key_signs_once(as_, database):
    contract_id = staged(database, make_sent)
    data, key = body(database, contract_id), {"Idempotency-Key": "sign-1"}
    first = as_("alice").api("POST", f"/contracts/{contract_id}/sign", data, headers=key)
    second = as_("alice").api("POST", f"/contracts/{contract_id}/sign", data, headers=key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert count(database) == 1


def test_nobody_signs_for_both_sides(as_, database):
    with database.write() as db:
        contract_id = make_sent(db).id
        put_signature(db, db.get_one(Contract, contract_id), "alice")
        role = Membership(
            workspace_id=CAST.bob.workspace_id, user_id=CAST.alice.user_id, role=Role.MANAGER, created_at=db.now()
        )
        db.add(role)
    alice = as_("alice")
    switched = alice.post("/workspaces/switch", {"workspace_id": str(CAST.bob.workspace_id)})
    assert switched.status_code == 303
    answer = alice.post(f"/contracts/{contract_id}/sign", form(database, contract_id))
    assert answer.status_code == 403
    assert count(database) == 1


def test_an_unconfirmed_address_signs_nothing(as_, database):
    contract_id = staged(database, make_sent)
    with database.write() as db:
        db.get_one(User, CAST.bob.user_id).email_verified_at = None
    answer = as_("bob").api("POST", f"/contracts/{contract_id}/sign", body(database, contract_id))
    assert (answer.status_code, answer.json()["error"]) == (403, "unverified")
    assert count(database) == 0


def test_only_managers_of_the_parties_sign(as_, database):
    contract_id = staged(database, make_sent)
    strangers, readers = ("mallory", "trent", "dina"), ("amir", "agnes", "boris")
    for who in (*strangers, *readers):
        status = 404 if who in strangers else 403
        assert as_(who).post(f"/contracts/{contract_id}/sign", form(database, contract_id)).status_code == status
        assert as_(who).api("POST", f"/contracts/{contract_id}/sign", body(database, contract_id)).status_code == status
    assert count(database) == 0
