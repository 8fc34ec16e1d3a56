"""What one period leaves of a limit the next may use: at most so much, once, and never twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.checks import broken
from core.db import Database
from core.errors import Invalid
from crm.contracts.models import Contract, ScopeLine
from crm.scopes import service as scopes
from crm.scopes.meter import meter_of
from crm.scopes.periods import Term, period_after, period_of
from crm.scopes.schemas import UsageInput
from marketplace.briefs.models import LinePeriod
from tests.cast import viewer_of
from tests.factories.scopes import make_running_contract
from tests.people import text_of

POSTS = {"responsibility": "C3", "platform": "IG", "unit": "post", "limit": 4, "rollover_cap": 2}


class Line:
    """A line of a contract from 1 March on; today is 1 June."""

    def __init__(self, person: Any, contract: Contract, line_id: Any) -> None:
        self.person, self.contract, self.id = person, f"/contracts/{contract.id}", line_id

    def log(self, quantity: int, day: str, **more: Any) -> Any:
        body = {"quantity": quantity, "done_on": day, **more}
        return self.person.api("POST", f"{self.contract}/lines/{self.id}/usage", body)

    def correct(self, entry: Any) -> Any:
        return self.person.api("POST", f"{self.contract}/usage/{entry.json()['id']}/correction", {"reason": "Twice"})

    def meter(self, month: str) -> tuple[int, int, int]:
        """Carried over, allowed and used in the month."""
        read = self.person.api("GET", f"{self.contract}/scope?period={month}").json()["lines"][0]
        return read["carried"], read["allowance"], read["used"]


@pytest.fixture
def line_of(as_, database: Database):
    def make(**changes: Any) -> Line:
        with database.write() as db:
            contract = make_running_contract(db, lines=[{**POSTS, **changes}])
            found = db.scalars(select(col(ScopeLine.id)).where(col(ScopeLine.contract_id) == contract.id)).one()
        return Line(as_("alice"), contract, found)

    return make


def sound(database: Database) -> bool:
    return not [fault for fault in broken(database) if "usage" in fault]


@pytest.mark.parametrize(
    ("limit", "cap", "before", "carried"),
    [(4, 2, 0, 2), (4, 2, 3, 1), (4, 2, 4, 0), (4, 2, 5, 0), (4, 4, 0, 4), (4, 0, 0, 0), (4, 2, None, 0)],
)
def test_what_was_left_of_the_limit_at_most_the_cap(limit, cap, before, carried):
    meter = meter_of(limit, cap, 1, before)
    assert (meter.carried, meter.allowance, meter.left) == (carried, limit + carried, limit + carried - 1)


def test_the_period_after():
    term = Term(date(2026, 6, 15), date(2026, 12, 14))
    first = period_of(LinePeriod.MONTH, term, date(2026, 6, 20))
    assert period_after(LinePeriod.MONTH, term, first) == period_of(LinePeriod.MONTH, term, date(2026, 7, 15))
    assert period_after(LinePeriod.MONTH, term, period_of(LinePeriod.MONTH, term, date(2026, 12, 1))) is None
    quarter = period_of(LinePeriod.QUARTER, term, date(2026, 6, 20))
    assert period_after(LinePeriod.QUARTER, term, quarter).first == date(2026, 9, 15)
    assert period_after(LinePeriod.ONCE, term, period_of(LinePeriod.ONCE, term, date(2026, 7, 1))) is None


def test_only_of_the_period_before_and_no_further(line_of, database):
    line = line_of()
    assert line.meter("2026-03") == (0, 4, 0)  # the first has nothing before it
    assert line.log(5, "2026-03-31").status_code == 422
    assert line.log(3, "2026-03-31").status_code == 201
    assert line.meter("2026-04") == (1, 5, 0)
    assert line.log(4, "2026-04-30").status_code == 201  # one was left in March, none of April's own
    assert line.meter("2026-05") == (0, 4, 0)
    assert line.log(5, "2026-05-31").status_code == 422
    assert line.meter("2026-06") == (2, 6, 0)  # four are left in May, two carry over
    assert line.log(6, "2026-06-01").status_code == 201
    assert line.log(1, "2026-06-01").status_code == 422
    assert line.meter("2026-06") == (2, 6, 6)
    assert sound(database)


def test_a_quarter_carries_over_into_the_next(line_of):
    line = line_of(period=LinePeriod.QUARTER)
    assert line.log(1, "2026-05-31").status_code == 201
    assert line.meter("2026-05") == (0, 4, 1)
    assert line.meter("2026-06") == (2, 6, 0)


def test_what_counts_is_what_is_used_after_corrections(line_of, database):
    line = line_of()
    slip = line.log(4, "2026-05-10")
    assert line.meter("2026-06") == (0, 4, 0)
    assert line.correct(slip).status_code == 201
    assert line.meter("2026-06") == (2, 6, 0)
    assert sound(database)


def test_both_sides_see_how_much_came_over(line_of, as_):
    line = line_of()
    line.log(1, "2026-05-31")
    line.log(5, "2026-06-01")
    for name in ("alice", "bob"):
        shown = text_of(as_(name).get(f"{line.contract}/scope"))
        assert "and 2 carried over" in shown
        assert "5 of 6" in shown
        page = text_of(as_(name).get(f"{line.contract}/lines/{line.id}"))
        assert "2 posts carried over from the period before" in page
        assert "5 of 6" in page
        table = as_(name).get(f"{line.contract}/scope.csv").text.splitlines()
        assert table[0].split(",")[4:6] == ["Limit", "Carried over"]
        assert table[1].split(",")[4:6] == ["4", "2"]
    assert "carried over" not in text_of(as_("bob").get(f"{line.contract}/scope?period=2026-03"))


def test_late_work_does_not_use_what_carried_over_again(line_of, database):
    line = line_of()
    assert line.log(1, "2026-05-10").status_code == 201
    taken = line.log(6, "2026-06-01")
    assert taken.status_code == 201
    late = line.log(2, "2026-05-31")
    assert late.status_code == 422
    assert late.json()["fields"] == {
        "quantity": "1 left in this period: what carried over is used in the next one. Log the rest there."
    }
    assert line.log(2, "2026-05-31", goodwill=True, note="For the fair").status_code == 422
    assert line.log(1, "2026-05-31").status_code == 201
    assert (line.meter("2026-05"), line.meter("2026-06")) == ((2, 6, 2), (2, 6, 6))
    assert line.correct(taken).status_code == 201
    assert line.log(2, "2026-05-31").status_code == 201
    assert (line.meter("2026-05"), line.meter("2026-06")) == ((2, 6, 4), (0, 4, 0))
    assert sound(database)


def test_goodwill_of_the_next_period_leaves_late_work_its_place(line_of):
    line = line_of()
    given = {"goodwill": True, "note": "For the fair"}
    assert line.log(4, "2026-05-10").status_code == 201
    assert line.log(6, "2026-06-01", **given).json()["over"] == 2
    assert line.log(2, "2026-05-31").status_code == 201  # of what April left
    assert line.meter("2026-05") == (2, 6, 6)


def test_a_correction_before_keeps_extras_beyond(line_of, database):
    line = line_of(overage_price=1_500)
    four = line.log(4, "2026-05-10")
    extra = line.log(5, "2026-06-01", extra=True)
    assert (extra.json()["over"], extra.json()["charge"]) == (1, 1_500)
    refused = line.correct(four)
    assert refused.status_code == 409
    assert "Take the extra back first" in refused.json()["detail"]
    assert line.meter("2026-06") == (0, 4, 5)
    assert line.correct(extra).status_code == line.correct(four).status_code == 201
    assert (line.meter("2026-05"), line.meter("2026-06")) == ((2, 6, 0), (2, 6, 0))
    assert sound(database)


def test_twenty_at_once_in_two_periods_use_each_unit_once(line_of, database):
    """Ten log in May and ten in June, one unit each: four and four, and the two of April that carry into May."""
    line = line_of()

    def one(number: int) -> bool:
        day = date(2026, 5, 31) if number % 2 else date(2026, 6, 1)
        try:
            with database.write() as db:
                found = db.get_one(ScopeLine, line.id)
                data = UsageInput(quantity=1, done_on=day)
                scopes.log(db, db.get_one(Contract, found.contract_id), found, data, by=viewer_of(db, "alice"))
        except Invalid:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        done = sum(pool.map(one, range(20)))
    may, june = line.meter("2026-05"), line.meter("2026-06")
    assert may[2] + june[2] == done
    assert may[2] <= may[1]
    assert june[2] <= june[1]
    assert 8 <= done <= 10
    assert sound(database)
