"""Frozen texts and signatures cannot be changed, and if somebody gets past that, the change shows."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel, col, select

from core.db import Database
from core.immutable import AGREED, unprotect, unprotect_signed
from crm.contracts import invariants, queries, verification
from crm.contracts.models import Contract, ContractStatus, PlanItem, ScopeLine
from crm.contracts.verification import verify
from tests.factories.contracts import make_active, make_contract, make_sent, staged, stored


def run(database: Database, sql: str, **values: object) -> int:
    """Raw SQL past all rules; how many rows it changed."""
    with database.writer.begin() as connection:
        return connection.execute(text(sql), values).rowcount


def open_up(database: Database) -> None:
    """Take every protection away, as somebody with the database's password could."""
    with database.writer.begin() as connection:
        unprotect(connection, "contract_document")
        unprotect(connection, "signature")
        unprotect_signed(connection)


def faults(database: Database, contract_id) -> list[str]:
    with database.read() as db:
        return verify(db, stored(db, contract_id))


@pytest.mark.parametrize("table", ["contract_document", "signature"])
def test_the_database_refuses_to_change_proof(database, table):
    staged(database, make_active)
    for sql in (f"UPDATE {table} SET sha256 = 'x'", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError, match="append-only"):
            run(database, sql)


def columns_of(table: str, **changes: str) -> tuple[str, str]:
    """The columns of a table, and the same as expressions with ``changes``."""
    names = [column.name for column in SQLModel.metadata.tables[table].columns]
    quoted = [f'"{name}"' for name in names]
    return ", ".join(quoted), ", ".join(changes.get(name, f'"{name}"') for name in names)


@pytest.mark.parametrize("table", ["contract_document", "signature", "event"])
def test_nor_is_it_rewritten_by_another_name(database, table):
    staged(database, make_active)
    if database.writer.dialect.name == "sqlite":
        names, same = columns_of(table)
        _names, renumbered = columns_of(table, id="randomblob(16)")
        kinds = [same] if table == "event" else [same, renumbered]
        attempts = [f"REPLACE INTO {table} ({names}) SELECT {found} FROM {table} LIMIT 1" for found in kinds]
    else:
        attempts = [f"TRUNCATE {table} CASCADE"]
    for sql in attempts:
        with pytest.raises(DBAPIError, match="append-only"):
            run(database, sql)


@pytest.mark.parametrize("table", list(AGREED))
def test_what_a_signed_contract_says_is_never_changed(database, table):
    staged(database, make_active)
    for column in AGREED[table]:
        with pytest.raises(DBAPIError, match=r"signed .* is never changed"):
            run(database, f"UPDATE {table} SET {column} = {column}")
    with pytest.raises(DBAPIError, match=r"signed .* is never changed"):
        run(database, f"DELETE FROM {table}")


@pytest.mark.parametrize("status", ["draft", "void"])
@pytest.mark.parametrize("table", list(AGREED))
def test_nor_after_a_change_of_the_status(database, table, status):
    staged(database, make_active)
    run(database, f"UPDATE contract SET status = '{status}'")
    for sql in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError, match=r"signed .* is never changed"):
            run(database, sql)


def new_id(database: Database) -> str:
    return "randomblob(16)" if database.sqlite else "gen_random_uuid()"


@pytest.mark.parametrize("table", ["plan_item", "scope_line"])
def test_nothing_is_added_to_what_was_signed(database, table):
    signed = staged(database, make_active)
    draft = staged(database, make_contract)
    names, more = columns_of(table, id=new_id(database), position="position + 100")
    for sql in (
        f"INSERT INTO {table} ({names}) SELECT {more} FROM {table} WHERE contract_id = :signed",
        f"UPDATE {table} SET contract_id = :signed, position = position + 100 WHERE contract_id = :draft",
    ):
        values = {"signed": signed.hex if database.sqlite else signed, "draft": draft.hex if database.sqlite else draft}
        with pytest.raises(DBAPIError, match=r"signed .* is never changed"):
            run(database, sql, **{name: value for name, value in values.items() if f":{name}" in sql})


@pytest.mark.parametrize("table", list(AGREED))
def test_nor_is_it_replaced_or_emptied(database, table):
    signed = staged(database, make_active)
    draft = staged(database, make_contract)
    if database.sqlite:
        names, same = columns_of(table)
        _names, renumbered = columns_of(table, id=new_id(database))
        owner = "id" if table == "contract" else "contract_id"
        one = f"SELECT id FROM {table} WHERE {owner} = '{signed.hex}' LIMIT 1"
        attempts = [
            f"REPLACE INTO {table} ({names}) SELECT {same} FROM {table} WHERE {owner} = '{signed.hex}'",
            f"REPLACE INTO {table} ({names}) SELECT {renumbered} FROM {table} WHERE {owner} = '{signed.hex}'",
            f"UPDATE OR REPLACE {table} SET id = ({one}) WHERE {owner} = '{draft.hex}'",
        ]
    else:
        attempts = [f"TRUNCATE {table}", f"TRUNCATE {table} CASCADE"]
    for sql in attempts:
        with pytest.raises(DBAPIError, match=r"never changed|append-only|referenced in a foreign key"):
            run(database, sql)


def test_an_amendment_may_end_a_signed_line_and_drafts_stay_free(database):
    staged(database, make_active)
    assert run(database, "UPDATE scope_line SET valid_to = '2026-12-31'") == 5
    draft = staged(database, make_contract)
    with database.write() as db:
        lines = list(db.scalars(select(ScopeLine).where(col(ScopeLine.contract_id) == draft)))
        lines[0].note = "changed"
        db.delete(lines[1])


def test_the_triggers_know_every_column():
    later = {
        Contract: {"status", "version", "expires_at", "reminders_sent", "active_at", "ended_at", "reason"}
        | {"ends_on", "void_asked_by_id", "keep_asked_by", "updated_at"},
        PlanItem: set(),
        ScopeLine: {"valid_to"},
    }
    for model, goes_on in later.items():
        columns = {column.name for column in model.__table__.columns}
        assert {name.strip('"') for name in AGREED[model.__tablename__]} == columns - goes_on


TAMPERING = [
    "UPDATE contract_document SET body = replace(body, '86000', '86001')",
    "UPDATE contract_document SET body = replace(body, ',', ', ')",
    "UPDATE contract_document SET sha256 = replace(sha256, substr(sha256, 1, 1), 'x')",
    "UPDATE contract_document SET previous_sha256 = sha256",
    "UPDATE contract_document SET number = 2",
    "UPDATE contract_document SET frozen_at = '2026-06-02 09:00:00'",
    "UPDATE signature SET typed_name = 'Somebody Else' WHERE side = 'client'",
    "UPDATE signature SET intent = 'I have not read it'",
    "UPDATE signature SET address = '198.51.100.1'",
    "UPDATE signature SET agent = ''",
    "UPDATE signature SET signed_at = '2026-06-01 08:59:59'",
    "UPDATE signature SET sha256 = document_sha256",
    "UPDATE signature SET previous_sha256 = ''",
    "UPDATE signature SET document_sha256 = sha256",
    "UPDATE signature SET workspace_id = (SELECT business_id FROM contract)",
    "DELETE FROM signature WHERE previous_sha256 = ''",
    "DELETE FROM signature WHERE previous_sha256 <> ''",
    "UPDATE contract SET status = 'sent'",
    "UPDATE contract SET status = 'draft'",
    "UPDATE contract SET signed_at = NULL",
    'UPDATE scope_line SET "limit" = 1000 WHERE position = 1',
    "UPDATE scope_line SET owner = 'client' WHERE position = 1",
    "DELETE FROM scope_line WHERE position = 1",
    "UPDATE plan_item SET amount = amount + 1 WHERE position = 1",
    "UPDATE plan_item SET due_on = '2027-01-01' WHERE position = 2",
    "UPDATE contract SET total = 1",
    "UPDATE contract SET starts_on = '2027-01-01'",
    "UPDATE contract SET title = 'Another'",
    "UPDATE contract SET document_number = 7",
]


def test_any_change_shows(database):
    contract_id = staged(database, make_active)
    open_up(database)
    for sql in TAMPERING:
        with database.write() as db:
            assert verify(db, stored(db, contract_id)) == []
            assert db.connection().execute(text(sql)).rowcount >= 1, sql
            assert verify(db, stored(db, contract_id)) != [], sql
            db.rollback()


def test_every_single_character_of_the_text_counts(database):
    contract_id = staged(database, make_sent)
    with database.read() as db:
        contract = stored(db, contract_id)
        (document,) = queries.documents_of(db, contract_id)
    values = document._asdict()
    for place, letter in enumerate(document.body):
        body = document.body[:place] + ("x" if letter != "x" else "y") + document.body[place + 1 :]
        altered = SimpleNamespace(**{**values, "body": body})
        assert "the text does not match its hash" in next(verification.faults(contract, [altered], [], [], [])), place


def test_the_page_says_whether_it_holds(as_, database):
    contract_id = staged(database, make_active)
    page = as_("carol").get(f"/contracts/{contract_id}/verification")
    assert "Everything holds" in page.text
    assert as_("carol").api("GET", f"/contracts/{contract_id}/verification").json() == {"holds": True, "faults": []}
    open_up(database)
    run(database, "UPDATE signature SET typed_name = '<b>Eve</b>' WHERE side = 'client'")
    page = as_("alice").get(f"/contracts/{contract_id}/verification")
    assert "The proof does not hold" in page.text
    assert "&lt;b&gt;Eve&lt;/b&gt;" in page.text
    found = as_("alice").api("GET", f"/contracts/{contract_id}/verification").json()
    assert (found["holds"], len(found["faults"])) == (False, 1)
    for who in ("mallory", "trent"):
        assert as_(who).get(f"/contracts/{contract_id}/verification").status_code == 404
        assert as_(who).api("GET", f"/contracts/{contract_id}/verification").status_code == 404


def test_a_draft_has_nothing_to_prove_yet(as_, database):
    contract_id = staged(database)
    assert "Nothing to prove yet" in as_("bob").get(f"/contracts/{contract_id}/verification").text


BREAKING = {
    invariants.proofs_hold: "UPDATE contract_document SET body = body || ' '",
    invariants.plans_add_up: "UPDATE plan_item SET amount = amount + 1",
    invariants.accepted_offers_have_one_contract: "DELETE FROM contract WHERE status = 'draft'",
    invariants.bound_contracts_are_signed_by_both: "DELETE FROM signature WHERE side = 'client'",
    invariants.contracts_in_force_have_a_last_day: "UPDATE contract SET ends_on = '2099-01-01'",
    invariants.offers_stand_where_their_contract_does: "UPDATE contract SET status = 'expired' WHERE status = 'sent'",
    invariants.contracts_say_what_was_accepted: "UPDATE contract SET starts_on = '2026-12-01' WHERE status = 'draft'",
    invariants.contracts_hold_what_was_accepted: 'UPDATE offer_line SET "limit" = "limit" + 1',
    invariants.only_repeating_limits_carry_over: "UPDATE scope_line SET rollover_cap = 100001",
    invariants.deals_know_their_contract: "UPDATE deal SET contract_id = NULL",
}


@pytest.mark.parametrize("invariant", list(invariants.INVARIANTS), ids=lambda invariant: invariant.__name__)
def test_the_check_names_what_is_broken(database, invariant):
    staged(database, make_active)
    staged(database, make_sent)
    staged(database, make_contract)
    with database.read() as db:
        assert invariant(db) == []
    open_up(database)
    run(database, BREAKING[invariant])
    with database.read() as db:
        assert invariant(db) != []


STATES = {
    "UPDATE offer SET status = 'lapsed' WHERE status = 'accepted'": "draft, its offer lapsed",
    "UPDATE offer SET status = 'accepted' WHERE status = 'converted'": "active, its offer accepted",
    "UPDATE offer SET status = 'declined' WHERE status = 'converted'": "active, its offer declined",
    "UPDATE contract SET status = 'void' WHERE status = 'active'": "void, its offer converted",
    "UPDATE contract SET status = 'declined' WHERE status = 'sent'": "declined, its offer accepted",
}


@pytest.mark.parametrize("sql", STATES)
def test_offer_and_contract_do_not_part(database, sql):
    for make in (make_active, make_sent, make_contract):
        staged(database, make)
    run(database, sql)
    with database.read() as db:
        found = invariants.offers_stand_where_their_contract_does(db)
    assert STATES[sql] in {fault.split(": ")[1] for fault in found}


ALTERED = {
    "UPDATE scope_line SET price = 1 WHERE position = 1": ["line 0 of the accepted offer is not in it"],
    "UPDATE scope_line SET note = 'And more' WHERE position = 1": ["line 0 of the accepted offer is not in it"],
    "UPDATE offer_line SET coverage = 'excluded' WHERE position = 0": [],
    "DELETE FROM offer_line WHERE position = 0": [],
    "DELETE FROM scope_line WHERE position = 1": ["line 0 of the accepted offer is not in it"],
}


@pytest.mark.parametrize("sql", ALTERED)
def test_a_draft_holds_the_lines_that_were_accepted_and_no_others(database, sql):
    contract_id = staged(database)
    assert run(database, sql) == 1
    added = [] if sql.startswith("DELETE FROM scope_line") else ["its line 1 was not offered"]
    with database.read() as db:
        found = invariants.contracts_hold_what_was_accepted(db)
    assert found == [f"contract {contract_id}: {fault}" for fault in ALTERED[sql] + added]


def test_a_signed_state_alone_is_no_proof(database):
    contract_id = staged(database, make_sent)
    run(database, "UPDATE contract SET status = 'active'")
    with database.read() as db:
        assert stored(db, contract_id).status is ContractStatus.ACTIVE
        assert invariants.bound_contracts_are_signed_by_both(db) == [f"contract {contract_id}: signed by 0 of 2 sides"]
