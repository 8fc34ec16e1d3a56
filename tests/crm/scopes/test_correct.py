"""A mistake is taken back by a counter-entry with a reason, once; the entry itself stays."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from app.checks import broken
from core.db import Database
from core.errors import Conflict
from crm.contracts.models import Contract, ScopeLine
from crm.scopes import service as scopes
from crm.scopes.models import UsageEntry, UsageTotal
from crm.scopes.schemas import CorrectionInput
from tests.cast import viewer_of
from tests.factories.scopes import make_running_contract
from tests.people import text_of


@pytest.fixture
def logged(as_, database: Database) -> tuple[str, str, str]:
    """Contract, line and entry of five posts logged by alice."""
    with database.write() as db:
        contract = make_running_contract(db)
        line = db.scalars(select(col(ScopeLine.id)).where(col(ScopeLine.responsibility) == "C3")).one()
    body = {"quantity": 5, "done_on": "2026-06-01"}
    made = as_("alice").api("POST", f"/contracts/{contract.id}/lines/{line}/usage", body)
    return str(contract.id), str(line), made.json()["id"]


def used(database: Database) -> int:
    with database.read() as db:
        return db.scalar(select(func.sum(UsageTotal.used))) or 0


def test_a_counter_entry_takes_it_back(as_, database, logged):
    contract, line, entry = logged
    answer = as_("alice").post(f"/contracts/{contract}/usage/{entry}/correction", {"reason": "Counted twice"})
    assert answer.status_code == 303
    assert used(database) == 0
    page = text_of(as_("bob").get(f"/contracts/{contract}/lines/{line}"))
    assert "Counted twice" in page
    assert "Taken back" in page
    assert "−5 posts" in page
    assert [fault for fault in broken(database) if "usage" in fault] == []


def test_the_ledger_over_json_says_who_and_what_no_longer_counts(as_, logged):
    contract, line, entry = logged
    corrected = as_("anton").api("POST", f"/contracts/{contract}/usage/{entry}/correction", {"reason": "Twice"}).json()
    rows = as_("bob").api("GET", f"/contracts/{contract}/lines/{line}/usage").json()["rows"]
    assert [row["by_name"].split()[0] for row in rows] == ["Anton", "Alice"]
    assert [row["corrected_by_id"] for row in rows] == [None, corrected["id"]]
    assert rows[0] == corrected


def test_only_once_and_never_a_correction(as_, database, logged):
    contract, _line, entry = logged
    alice = as_("alice")
    path = f"/contracts/{contract}/usage"
    first = alice.api("POST", f"{path}/{entry}/correction", {"reason": "Twice"})
    assert first.status_code == 201
    assert alice.api("POST", f"{path}/{entry}/correction", {"reason": "Again"}).status_code == 409
    assert alice.api("POST", f"{path}/{first.json()['id']}/correction", {"reason": "Back"}).status_code == 409
    assert used(database) == 0


def test_a_reason_is_needed(as_, database, logged):
    contract, _line, entry = logged
    assert (
        as_("alice").api("POST", f"/contracts/{contract}/usage/{entry}/correction", {"reason": " "}).status_code == 422
    )
    assert as_("alice").post(f"/contracts/{contract}/usage/{entry}/correction", {"reason": ""}).status_code == 422
    assert used(database) == 5


@pytest.mark.parametrize(("name", "status"), [("bob", 403), ("agnes", 403), ("mallory", 404), ("trent", 404)])
def test_nobody_else_may(as_, database, logged, name, status):
    contract, _line, entry = logged
    answer = as_(name).api("POST", f"/contracts/{contract}/usage/{entry}/correction", {"reason": "Mine"})
    assert answer.status_code == status
    assert used(database) == 5


def test_an_extra_never_ends_up_within_the_limit(as_, database):
    with database.write() as db:
        line = {"responsibility": "C3", "platform": "IG", "unit": "post", "limit": 2, "overage_price": 1_500}
        contract = make_running_contract(db, lines=[line])
        found = db.scalars(select(col(ScopeLine.id)).where(col(ScopeLine.contract_id) == contract.id)).one()
    alice, here = as_("alice"), f"/contracts/{contract.id}"
    two, given, extra = [
        alice.api("POST", f"{here}/lines/{found}/usage", {"done_on": "2026-06-01", **body}).json()["id"]
        for body in (
            {"quantity": 2},
            {"quantity": 1, "goodwill": True, "note": "For the fair"},
            {"quantity": 1, "extra": True},
        )
    ]

    def stands() -> tuple[int, int]:
        read = as_("bob").api("GET", f"{here}/scope").json()["lines"][0]
        return read["used"], read["charged"]

    refused = alice.post(f"{here}/usage/{two}/correction", {"reason": "Counted twice"})
    assert refused.status_code == 409
    assert "Take the extra back first" in text_of(refused)
    assert alice.api("POST", f"{here}/usage/{two}/undo").status_code == 409
    assert stands() == (4, 1_500)
    assert alice.api("POST", f"{here}/usage/{given}/correction", {"reason": "Not a gift"}).status_code == 201
    assert stands() == (3, 1_500)
    for entry in (extra, two):
        assert alice.api("POST", f"{here}/usage/{entry}/correction", {"reason": "Counted twice"}).status_code == 201
    assert stands() == (0, 0)


def test_twenty_at_once_take_it_back_once(database, logged):
    contract, entry_id = UUID(logged[0]), UUID(logged[2])

    def one(_number: int) -> bool:
        try:
            with database.write() as db:
                found = db.scalars(select(Contract).where(col(Contract.id) == contract)).one()
                entry = db.scalars(select(UsageEntry).where(col(UsageEntry.id) == entry_id)).one()
                scopes.correct(db, found, entry, CorrectionInput(reason="Race"), by=viewer_of(db, "alice"))
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(one, range(20))) == 1
    assert used(database) == 0


def test_a_slip_is_undone_from_the_message_that_says_it_was_logged(as_, database):
    with database.write() as db:
        contract = make_running_contract(db)
        line = db.scalars(select(col(ScopeLine.id)).where(col(ScopeLine.responsibility) == "C3")).one()
    alice, here = as_("alice"), f"/contracts/{contract.id}"
    alice.post(f"{here}/lines/{line}/usage", {"quantity": "3", "done_on": "2026-06-01"})
    with database.read() as db:
        entry = db.scalars(select(UsageEntry)).one()
    page = alice.get(f"{here}/scope")
    assert "Logged: 3 posts, Scheduling and publishing" in text_of(page)
    assert f'action="{here}/usage/{entry.id}/undo"' in page.text
    assert alice.post(f"{here}/usage/{entry.id}/undo").status_code == 303
    assert used(database) == 0
    assert "Undone right after it was logged" in text_of(as_("bob").get(f"{here}/lines/{line}"))
    assert alice.post(f"{here}/usage/{entry.id}/undo").status_code == 409
    assert [fault for fault in broken(database) if "usage" in fault] == []


def test_later_a_reason_is_needed(as_, database, logged, clock):
    contract, _line, entry = logged
    clock.forward(minutes=11)
    answer = as_("alice").api("POST", f"/contracts/{contract}/usage/{entry}/undo")
    assert answer.status_code == 409
    assert used(database) == 5


@pytest.mark.parametrize("name", ["bob", "anton", "agnes", "mallory", "trent"])
def test_nobody_else_undoes(as_, database, logged, name):
    contract, _line, entry = logged
    status = 404 if name in ("mallory", "trent") else 403
    assert as_(name).api("POST", f"/contracts/{contract}/usage/{entry}/undo").status_code == status
    assert as_(name).post(f"/contracts/{contract}/usage/{entry}/undo").status_code == status
    assert used(database) == 5
