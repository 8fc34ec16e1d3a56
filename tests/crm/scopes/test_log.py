"""Work uses up the scope in plain sight of both sides, exactly, whoever logs at the same moment."""

from __future__ import annotations

import csv
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from app.checks import broken
from core.db import Database
from core.errors import Invalid
from core.events import Event
from core.money import LARGEST
from crm.contracts.models import Contract, ContractStatus, ScopeLine
from crm.scopes import service as scopes
from crm.scopes.models import UsageEntry, UsageTotal
from crm.scopes.schemas import UsageInput
from notifications.inbox.models import Notice
from tests.cast import CAST, viewer_of
from tests.counting import counted
from tests.factories.scopes import make_running_contract
from tests.people import text_of


@pytest.fixture
def running(database: Database) -> tuple[Contract, dict[str, UUID]]:
    """A running contract between alice and bob, with its lines by responsibility."""
    with database.write() as db:
        contract = make_running_contract(db)
        rows = db.execute(select(col(ScopeLine.responsibility), col(ScopeLine.id)))
        lines = {row[0]: row[1] for row in rows}
    return contract, lines


def use(database: Database, line_id: UUID) -> int:
    with database.read() as db:
        return db.scalar(select(func.sum(UsageTotal.used)).where(col(UsageTotal.line_id) == line_id)) or 0


def entries(database: Database) -> int:
    with database.read() as db:
        return db.scalar(select(func.count()).select_from(UsageEntry)) or 0


def meters(person: Any, contract: Contract, period: str = "2026-06") -> dict[str, int]:
    body = person.api("GET", f"/contracts/{contract.id}/scope?period={period}").json()
    return {line["responsibility"]: line["used"] for line in body["lines"]}


def test_both_sides_see_the_same_meter(as_, database, running):
    contract, lines = running
    alice, bob = as_("alice"), as_("bob")
    sent = {"quantity": "3", "done_on": "2026-06-01", "evidence_url": "https://example.com/p/1", "note": "Three posts"}
    assert alice.post(f"/contracts/{contract.id}/lines/{lines['C3']}/usage", sent).status_code == 303
    for person in (alice, bob):
        assert "3 of 12" in text_of(person.get(f"/contracts/{contract.id}/scope"))
        assert "Three posts" in text_of(person.get(f"/contracts/{contract.id}/lines/{lines['C3']}"))
    assert meters(alice, contract) == meters(bob, contract)
    assert meters(bob, contract)["C3"] == 3
    with database.read() as db:
        event = db.scalars(select(Event).where(col(Event.kind) == "usage.logged")).one()
    assert event.other_workspace_id == contract.business_id


def test_each_period_starts_anew(as_, database, running):
    contract, lines = running
    alice = as_("alice")
    path = f"/contracts/{contract.id}/lines"
    for day in ("2026-05-31", "2026-06-01"):
        body = {"quantity": 1, "done_on": day}
        assert alice.api("POST", f"{path}/{lines['C3']}/usage", body).status_code == 201
    assert meters(alice, contract, "2026-05")["C3"] == 1
    assert meters(alice, contract, "2026-06")["C3"] == 1
    made = alice.api("POST", f"{path}/{lines['K3']}/usage", {"quantity": 1, "done_on": "2026-04-01"})
    assert made.json()["period"] == "2026-03"
    assert meters(alice, contract, "2026-05")["K3"] == 1
    assert meters(alice, contract, "2026-06")["K3"] == 0


def test_each_side_logs_its_own_lines(as_, database, running):
    contract, lines = running
    body = {"quantity": 1, "done_on": "2026-06-01"}
    path = f"/contracts/{contract.id}/lines"
    assert as_("bob").api("POST", f"{path}/{lines['D3']}/usage", body).status_code == 201
    assert as_("bob").api("POST", f"{path}/{lines['C3']}/usage", body).status_code == 403
    assert as_("alice").api("POST", f"{path}/{lines['D3']}/usage", body).status_code == 403
    assert as_("carol").api("POST", f"{path}/{lines['D3']}/usage", body).status_code == 403
    assert entries(database) == 1


@pytest.mark.parametrize("name", ["mallory", "dina", "trent"])
def test_strangers_see_nothing(as_, database, running, name):
    contract, lines = running
    stranger = as_(name)
    body = {"quantity": 1, "done_on": "2026-06-01"}
    for path in ("scope", "scope.csv", f"lines/{lines['C3']}"):
        assert stranger.get(f"/contracts/{contract.id}/{path}").status_code == 404
    assert stranger.api("GET", f"/contracts/{contract.id}/scope").status_code == 404
    assert stranger.api("POST", f"/contracts/{contract.id}/lines/{lines['C3']}/usage", body).status_code == 404
    assert entries(database) == 0


def test_a_line_of_another_contract_is_not_reached_through_mine(as_, database, running):
    _contract, lines = running
    with database.write() as db:
        foreign = make_running_contract(db, specialist="dina", business="trent")
    body = {"quantity": 1, "done_on": "2026-06-01"}
    answer = as_("dina").api("POST", f"/contracts/{foreign.id}/lines/{lines['C3']}/usage", body)
    assert answer.status_code == 404
    assert use(database, lines["C3"]) == 0


def test_beyond_the_limit_only_as_goodwill_with_a_reason(as_, database, running):
    contract, lines = running
    alice = as_("alice")
    path = f"/contracts/{contract.id}/lines/{lines['C3']}/usage"
    refused = alice.post(path, {"quantity": "13", "done_on": "2026-06-01"})
    assert refused.status_code == 422
    assert "12 left in this period. Agree on the rest in a new offer" in text_of(refused)
    assert use(database, lines["C3"]) == 0
    no_reason = alice.post(path, {"quantity": "13", "done_on": "2026-06-01", "goodwill": "true"})
    assert no_reason.status_code == 422
    agreed = {"quantity": "13", "done_on": "2026-06-01", "goodwill": "true", "note": "For the fair"}
    assert alice.post(path, agreed).status_code == 303
    assert "1 over" in text_of(as_("bob").get(f"/contracts/{contract.id}/scope"))
    with database.read() as db:
        assert db.scalars(select(UsageEntry)).one().goodwill


@pytest.fixture
def priced(database: Database) -> tuple[Contract, UUID]:
    """A line of four posts a month; each one more costs 15.00."""
    with database.write() as db:
        line = {"responsibility": "C3", "platform": "IG", "unit": "post", "limit": 4, "overage_price": 1_500}
        contract = make_running_contract(db, lines=[line])
        found = db.scalars(select(col(ScopeLine.id)).where(col(ScopeLine.contract_id) == contract.id)).one()
    return contract, found


def test_both_sides_read_what_one_more_costs_and_how_often_it_is_revised(as_, database):
    theirs = {"responsibility": "D3", "unit": "shoot", "owner": "client", "revision_rounds": 5}
    ours = {"responsibility": "C3", "unit": "post", "limit": 4, "revision_rounds": 3, "overage_price": 1_500}
    with database.write() as db:
        contract = make_running_contract(db, lines=[ours, theirs])
        where = col(ScopeLine.contract_id) == contract.id, col(ScopeLine.responsibility) == "C3"
        line = db.scalars(select(col(ScopeLine.id)).where(*where)).one()
    for person in (as_("alice"), as_("bob")):
        here = f"/contracts/{contract.id}"
        for page in (f"{here}/scope", f"{here}/lines/{line}"):
            shown = text_of(person.get(page))
            assert ("3 revisions, each one more €15" in shown, "5 revisions" in shown) == (True, False), page
        read = person.api("GET", f"{here}/scope").json()["lines"]
        assert [(row["revision_rounds"], row["overage_price"]) for row in read] == [(3, 1_500), (5, None)]
        heads, *rows = csv.reader(person.get(f"{here}/scope.csv").text.splitlines())
        wanted = [heads.index(name) for name in ("Revisions", "Price", "Each one more", "Currency")]
        assert [[row[at] for at in wanted] for row in rows] == [["3", "", "15.00", "EUR"], ["", "", "", ""]]


def test_beyond_the_limit_at_the_price_the_contract_names(as_, database, priced):
    contract, line = priced
    alice, here = as_("alice"), f"/contracts/{contract.id}"
    body = {"quantity": "6", "done_on": "2026-06-01"}
    refused = alice.post(f"{here}/lines/{line}/usage", body)
    assert refused.status_code == 422
    assert "4 left in this period. Tick the extra at €15 each" in text_of(refused)
    assert alice.post(f"{here}/lines/{line}/usage", {**body, "extra": "true"}).status_code == 303
    for person in (alice, as_("bob")):
        assert "Extras: €30" in text_of(person.get(f"{here}/scope"))
        shown = text_of(person.get(f"{here}/lines/{line}"))
        assert "Extra, €30" in shown
        assert "Goodwill over" in shown or person is not alice
        read = person.api("GET", f"{here}/scope").json()["lines"][0]
        assert (read["used"], read["charged"]) == (6, 3_000)
    with database.read() as db:
        entry = db.scalars(select(UsageEntry)).one()
        told = set(db.scalars(select(col(Notice.user_id)).where(col(Notice.kind) == "usage.extra")))
    assert (entry.over, entry.charge, entry.goodwill) == (2, 3_000, False)
    assert CAST.members["bob"].user_id in told
    assert [fault for fault in broken(database) if "usage" in fault] == []
    undone = alice.api("POST", f"{here}/usage/{entry.id}/correction", {"reason": "Not agreed after all"}).json()
    assert (undone["quantity"], undone["over"], undone["charge"]) == (-6, -2, -3_000)
    read = alice.api("GET", f"{here}/scope").json()["lines"][0]
    assert (read["used"], read["charged"]) == (0, 0)
    assert [fault for fault in broken(database) if "usage" in fault] == []


def test_extras_cost_at_most_the_largest_amount(as_, database):
    with database.write() as db:
        line = {"responsibility": "C3", "unit": "post", "limit": 0, "overage_price": LARGEST}
        contract = make_running_contract(db, lines=[line])
        found = db.scalars(select(col(ScopeLine.id)).where(col(ScopeLine.contract_id) == contract.id)).one()
    alice, here = as_("alice"), f"/contracts/{contract.id}"
    path, body = f"{here}/lines/{found}/usage", {"quantity": 100_000, "done_on": "2026-06-01", "extra": True}
    answer = alice.api("POST", path, body)
    assert (answer.status_code, set(answer.json()["fields"])) == (422, {"quantity"})
    assert alice.api("POST", path, {**body, "quantity": 1}).status_code == 201
    refused = alice.post(path, {**body, "quantity": "1", "extra": "true"})
    assert refused.status_code == 422
    assert "Extras of one period cost at most €10,000,000,000" in text_of(refused)
    read = as_("bob").api("GET", f"{here}/scope").json()["lines"][0]
    assert (read["used"], read["charged"]) == (1, LARGEST)
    assert [fault for fault in broken(database) if "usage" in fault] == []


def test_more_units_than_32_bits_hold_are_counted(as_, database, running):
    contract, lines = running
    path = f"/contracts/{contract.id}/lines/{lines['E1']}/usage"
    with database.write() as db:
        db.add(UsageTotal(line_id=lines["E1"], period="2026-06", used=2**31 - 1))
    assert as_("alice").api("POST", path, {"quantity": 1, "done_on": "2026-06-01"}).status_code == 201
    assert use(database, lines["E1"]) == 2**31


def test_within_the_limit_an_extra_costs_nothing(as_, database, priced):
    contract, line = priced
    path = f"/contracts/{contract.id}/lines/{line}/usage"
    made = as_("alice").api("POST", path, {"quantity": 4, "done_on": "2026-06-01", "extra": True}).json()
    assert (made["over"], made["charge"], made["goodwill"]) == (0, 0, False)


def test_only_what_is_beyond_the_limit_is_goodwill(as_, database, priced):
    contract, line = priced
    path = f"/contracts/{contract.id}/lines/{line}/usage"
    body = {"quantity": 5, "done_on": "2026-06-01", "goodwill": True, "note": "For the fair"}
    made = as_("alice").api("POST", path, body).json()
    assert (made["over"], made["charge"], made["goodwill"]) == (1, 0, True)


def test_an_extra_needs_a_price_and_is_not_goodwill_too(as_, database, running, priced):
    contract, lines = running
    alice = as_("alice")
    body = {"quantity": "13", "done_on": "2026-06-01", "extra": "true"}
    unnamed = alice.post(f"/contracts/{contract.id}/lines/{lines['C3']}/usage", body)
    assert unnamed.status_code == 422
    assert "The contract names no price beyond the limit" in text_of(unnamed)
    both = {**body, "goodwill": "true", "note": "Both"}
    answer = alice.post(f"/contracts/{priced[0].id}/lines/{priced[1]}/usage", both)
    assert answer.status_code == 422
    assert 'id="f-goodwill-error"' in answer.text
    assert entries(database) == 0


def test_twenty_extras_at_once_are_charged_exactly(database, priced):
    contract, line_id = priced

    def one(_number: int) -> None:
        with database.write() as db:
            data = UsageInput(quantity=1, done_on=db.now().date(), extra=True)
            line = db.get_one(ScopeLine, line_id)
            scopes.log(db, db.get_one(Contract, contract.id), line, data, by=viewer_of(db, "alice"))

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(one, range(20)))
    with database.read() as db:
        total = db.scalars(select(UsageTotal)).one()
    assert (total.used, total.charged) == (20, 16 * 1_500)
    assert [fault for fault in broken(database) if "usage" in fault] == []


def test_passing_80_and_100_percent_is_told_once(as_, database, running):
    contract, lines = running
    alice = as_("alice")
    for quantity in (9, 1, 1, 1):
        body = {"quantity": quantity, "done_on": "2026-06-01"}
        alice.api("POST", f"/contracts/{contract.id}/lines/{lines['C3']}/usage", body)
    with database.read() as db:
        kinds = list(db.scalars(select(col(Event.kind)).where(col(Event.kind).in_(["usage.near", "usage.full"]))))
        told = set(db.scalars(select(col(Notice.user_id)).where(col(Notice.kind) == "usage.full")))
    assert sorted(kinds) == ["usage.full", "usage.near"]
    assert {CAST.members[name].user_id for name in ("bob", "anton")} <= told
    assert CAST.members["alice"].user_id not in told


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("quantity", "0"),
        ("quantity", "-1"),
        ("quantity", "1e3"),
        ("quantity", "99999999999999999999"),
        ("done_on", "2026-06-02"),
        ("done_on", "2026-02-01"),
        ("done_on", "0001-01-01"),
        ("done_on", "tomorrow"),
        ("evidence_url", "javascript:alert(1)"),
        ("evidence_url", "https://user:pass@example.com"),
        ("note", "x" * 201),
        ("note", "a\x00b"),
    ],
)
def test_wrong_input_is_named_and_nothing_is_logged(as_, database, running, field, value):
    contract, lines = running
    sent = {"quantity": "1", "done_on": "2026-06-01", field: value}
    answer = as_("alice").post(f"/contracts/{contract.id}/lines/{lines['C3']}/usage", sent)
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    assert entries(database) == 0


@pytest.mark.parametrize("status", [ContractStatus.DRAFT, ContractStatus.PAUSED, ContractStatus.ENDED])
def test_only_a_running_contract_takes_work(as_, database, status):
    with database.write() as db:
        contract = make_running_contract(db, status=status)
        line = db.scalars(select(col(ScopeLine.id)).where(col(ScopeLine.responsibility) == "C3")).one()
    body = {"quantity": 1, "done_on": "2026-06-01"}
    answer = as_("alice").api("POST", f"/contracts/{contract.id}/lines/{line}/usage", body)
    assert answer.status_code == 409


def test_twenty_at_once_add_up_exactly(database, running):
    contract, lines = running

    def one(_number: int) -> None:
        with database.write() as db:
            line = db.get_one(ScopeLine, lines["E1"])
            data = UsageInput(quantity=2, done_on=db.now().date())
            scopes.log(db, db.get_one(Contract, contract.id), line, data, by=viewer_of(db, "alice"))

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(one, range(20)))
    assert use(database, lines["E1"]) == 40
    assert entries(database) == 20
    assert [fault for fault in broken(database) if "usage" in fault] == []


def test_twenty_at_once_cannot_pass_the_limit(database, running):
    contract, lines = running

    def one(_number: int) -> bool:
        try:
            with database.write() as db:
                line = db.get_one(ScopeLine, lines["C3"])
                data = UsageInput(quantity=1, done_on=db.now().date())
                scopes.log(db, db.get_one(Contract, contract.id), line, data, by=viewer_of(db, "alice"))
        except Invalid:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        done = list(pool.map(one, range(20)))
    assert sum(done) == 12
    assert use(database, lines["C3"]) == 12


@pytest.mark.parametrize("verb", ["UPDATE usage_entry SET quantity = 1", "DELETE FROM usage_entry"])
def test_the_ledger_cannot_be_rewritten(as_, database, running, verb):
    contract, lines = running
    body = {"quantity": 5, "done_on": "2026-06-01"}
    as_("alice").api("POST", f"/contracts/{contract.id}/lines/{lines['C3']}/usage", body)
    with pytest.raises(DBAPIError, match="append-only"), database.write() as db:
        db.execute(text(verb))
    assert entries(database) == 1


@pytest.mark.parametrize(
    ("price", "owner", "shown"),
    [(40_000, "specialist", "–"), (None, "specialist", "in total"), (None, "client", "–")],
)
def test_a_line_without_a_price_of_its_own(as_, database, price, owner, shown):
    """Beside priced lines it costs nothing; where no line has a price, what the specialist does is in the total."""
    first = {"responsibility": "C3", "unit": "post", "limit": 9, "price": price}
    lines = [first, {"responsibility": "D3", "unit": "asset", "limit": 4, "owner": owner}]
    with database.write() as db:
        contract = make_running_contract(db, lines=lines)
        line_id = db.scalar(select(col(ScopeLine.id)).where(col(ScopeLine.responsibility) == "D3"))
    row = as_("alice").get(f"/contracts/{contract.id}/scope").text.partition(f'id="line-{line_id}"')[2]
    assert f">{shown}<" in row.partition('data-label="Price"')[2].partition("</td>")[0]


def test_the_page_asks_a_fixed_number_of_times(as_, database):
    alice = as_("alice")
    seen = []
    for count in (2, 50):
        lines = [{"responsibility": "C3", "unit": "post", "limit": 500} for _ in range(count)]
        with database.write() as db:
            contract = make_running_contract(db, lines=lines)
            viewer = viewer_of(db, "alice")
            for line in db.scalars(select(ScopeLine).where(col(ScopeLine.contract_id) == contract.id)):
                for _ in range(4):
                    scopes.log(db, contract, line, UsageInput(quantity=1, done_on=db.now().date()), by=viewer)
        with counted(database) as statements:
            assert alice.get(f"/contracts/{contract.id}/scope").status_code == 200
        seen.append(len(statements))
    assert seen[0] == seen[1]
    assert seen[1] <= 8
