"""The arithmetic of periods and meters, and what follows from it for both sides."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select
from sqlmodel import col

from accounts.users.models import User
from core.errors import Invalid
from core.i18n import speaking
from crm.contracts.models import ScopeLine
from crm.contracts.plan import periods
from crm.scopes.csv_file import safe_cell
from crm.scopes.meter import meter_of
from crm.scopes.periods import Term, asked_month, months_beside, months_of, period_before, period_of
from crm.scopes.words import period_name
from marketplace.briefs.models import LineOwner, LinePeriod
from tests.cast import CAST
from tests.factories.scopes import make_running_contract
from tests.people import text_of

POSTS = {"responsibility": "C3", "platform": "IG", "unit": "post", "limit": 12}
MONTH, QUARTER, ONCE = LinePeriod.MONTH, LinePeriod.QUARTER, LinePeriod.ONCE
CALENDAR = Term(date(2025, 10, 1), date(2026, 12, 31))
MIDDLE = Term(date(2026, 6, 15), date(2026, 12, 14))
LONG_END = Term(date(2025, 12, 31), date(2026, 12, 30))


@pytest.mark.parametrize(
    ("term", "kind", "day", "key", "first", "last", "before"),
    [
        (CALENDAR, MONTH, date(2026, 1, 31), "2026-01", date(2026, 1, 1), date(2026, 1, 31), "2025-12"),
        (CALENDAR, MONTH, date(2026, 3, 1), "2026-03", date(2026, 3, 1), date(2026, 3, 31), "2026-02"),
        (CALENDAR, QUARTER, date(2026, 1, 1), "2026-01", date(2026, 1, 1), date(2026, 3, 31), "2025-10"),
        (CALENDAR, QUARTER, date(2026, 12, 31), "2026-10", date(2026, 10, 1), date(2026, 12, 31), "2026-07"),
        (MIDDLE, MONTH, date(2026, 6, 30), "2026-06", date(2026, 6, 15), date(2026, 7, 14), None),
        (MIDDLE, MONTH, date(2026, 7, 14), "2026-06", date(2026, 6, 15), date(2026, 7, 14), None),
        (MIDDLE, MONTH, date(2026, 7, 15), "2026-07", date(2026, 7, 15), date(2026, 8, 14), "2026-06"),
        (MIDDLE, QUARTER, date(2026, 12, 14), "2026-09", date(2026, 9, 15), date(2026, 12, 14), "2026-06"),
        (LONG_END, MONTH, date(2026, 2, 28), "2026-02", date(2026, 2, 28), date(2026, 3, 30), "2026-01"),
        (LONG_END, MONTH, date(2026, 3, 31), "2026-03", date(2026, 3, 31), date(2026, 4, 29), "2026-02"),
        (MIDDLE, ONCE, date(2026, 8, 1), "once", date(2026, 6, 15), date(2026, 12, 14), None),
    ],
)
def test_a_day_falls_into_one_period_of_the_term(term, kind, day, key, first, last, before):
    period = period_of(kind, term, day)
    assert (period.key, period.first, period.last) == (key, first, last)
    earlier = period_before(kind, term, period)
    assert (earlier.key if earlier else None) == before


@pytest.mark.parametrize("starts_on", [date(2026, 6, 1), date(2026, 6, 15), date(2026, 1, 31), date(2024, 2, 29)])
def test_limits_and_fees_have_the_same_months(starts_on):
    paid = list(periods(starts_on, 6))
    months = months_of(Term(paid[0][0], paid[-1][1]), date(2030, 1, 1))
    assert [(month.first, month.last) for month in reversed(months)] == paid


@pytest.mark.parametrize(
    ("limit", "cap", "used", "before", "allowance", "state"),
    [
        (12, 0, 3, 2, 12, ""),
        (12, 4, 3, 2, 16, ""),
        (12, 4, 3, 11, 13, ""),
        (12, 4, 12, 15, 12, "full"),
        (12, 4, 3, None, 12, ""),
        (10, 0, 8, None, 10, "near"),
        (10, 0, 11, None, 10, "over"),
        (None, 4, 99, 2, None, ""),
    ],
)
def test_meter(limit, cap, used, before, allowance, state):
    meter = meter_of(limit, cap, used, before)
    assert meter.allowance == allowance
    assert meter.state == state


def test_the_month_asked_for():
    today = date(2026, 8, 20)
    assert asked_month(None, MIDDLE, today).key == "2026-08"
    assert asked_month(None, MIDDLE, date(2026, 1, 1)).key == "2026-06"
    assert asked_month(None, MIDDLE, date(2028, 1, 1)).key == "2026-11"
    assert asked_month("2026-07", MIDDLE, today).first == date(2026, 7, 15)
    for wrong in ("2026-13", "2026", "x", "2026-6", "1999-01", "2026-05", "2026-12"):
        with pytest.raises(Invalid):
            asked_month(wrong, MIDDLE, today)


def test_a_month_is_named_by_its_days_unless_it_is_of_the_calendar():
    with speaking("en"):
        assert period_name(period_of(MONTH, CALENDAR, date(2026, 2, 3))) == "February 2026"
        assert period_name(period_of(MONTH, MIDDLE, date(2026, 7, 1))) == "15\xa0Jun to 14\xa0Jul\xa02026"
        assert period_name(period_of(QUARTER, CALENDAR, date(2025, 11, 1))) == "1\xa0Oct to 31\xa0Dec\xa02025"


def test_a_reader_turns_to_the_months_beside_as_far_as_they_have_begun():
    def beside(day: date, today: date) -> list[str | None]:
        found = months_beside(period_of(MONTH, MIDDLE, day), MIDDLE, today)
        return [near.key if near else None for near in found]

    assert beside(date(2026, 6, 20), date(2026, 6, 20)) == [None, None]
    assert beside(date(2026, 6, 20), date(2026, 7, 15)) == [None, "2026-07"]
    assert beside(date(2026, 8, 20), date(2026, 9, 1)) == ["2026-07", None]
    assert beside(date(2026, 11, 20), date(2028, 1, 1)) == ["2026-10", None]
    assert beside(date(2026, 6, 20), date(2026, 1, 1)) == [None, None]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_no_cell_is_a_formula(text):
    assert safe_cell(text) == f"'{text}"


def test_three_fees_buy_three_limits(as_, database):
    """A term from the 15th touches four calendar months, yet three are paid for."""
    with database.write() as db:
        contract = make_running_contract(db, starts_on=date(2026, 3, 15), lines=[{**POSTS, "limit": 4}])
        line = db.scalars(select(col(ScopeLine.id)).where(col(ScopeLine.contract_id) == contract.id)).one()
    alice, path = as_("alice"), f"/contracts/{contract.id}/lines/{line}/usage"
    for day in ("2026-03-31", "2026-04-14"):
        assert alice.api("POST", path, {"quantity": 2, "done_on": day}).status_code == 201
    assert alice.api("POST", path, {"quantity": 1, "done_on": "2026-04-01"}).status_code == 422
    assert alice.api("POST", path, {"quantity": 4, "done_on": "2026-04-15"}).status_code == 201
    page = text_of(as_("bob").get(f"/contracts/{contract.id}/scope?period=2026-03"))
    assert "15 Mar to 14 Apr 2026" in page
    assert "4 of 4" in page
    assert "Third party" not in page  # nobody is
    assert f"/contracts/{contract.id}/scope?period=2026-04" in as_("bob").get(f"/contracts/{contract.id}/scope").text


def test_a_third_party_has_a_column_where_one_does_something(as_, database):
    with database.write() as db:
        contract = make_running_contract(db, lines=[POSTS, {**POSTS, "owner": LineOwner.THIRD_PARTY}])
    assert "Third party" in text_of(as_("bob").get(f"/contracts/{contract.id}/scope"))


def test_work_after_the_term_is_refused_and_before_it_not_offered(as_, database):
    with database.write() as db:
        over = make_running_contract(db, starts_on=date(2025, 11, 1), lines=[POSTS])
        ahead = make_running_contract(db, starts_on=date(2026, 7, 15), lines=[POSTS])
        lines = {row[0]: row[1] for row in db.execute(select(col(ScopeLine.contract_id), col(ScopeLine.id)))}
    alice = as_("alice")
    late = alice.post(f"/contracts/{over.id}/lines/{lines[over.id]}/usage", {"quantity": "1", "done_on": "2026-05-01"})
    assert late.status_code == 422
    assert "The contract ended on 30 April 2026" in text_of(late)
    on_time = {"quantity": 1, "done_on": "2026-04-30"}
    assert alice.api("POST", f"/contracts/{over.id}/lines/{lines[over.id]}/usage", on_time).status_code == 201
    page = text_of(alice.get(f"/contracts/{ahead.id}/scope"))
    assert "The work starts on 15 July 2026" in page
    assert "15 Jul to 14 Aug 2026" in page
    assert f"/lines/{lines[ahead.id]}#log" not in alice.get(f"/contracts/{ahead.id}/scope").text


def test_a_line_says_when_its_work_begins(as_, database, clock):
    with database.write() as db:
        contract = make_running_contract(db, starts_on=date(2026, 6, 15), lines=[POSTS])
        line_id = db.scalars(select(col(ScopeLine.id))).one()
    here, alice = f"/contracts/{contract.id}/lines/{line_id}", as_("alice")
    waits = "The work starts on 15 June 2026. Until then there is nothing to log."
    page = alice.get(here)
    assert waits in text_of(page)
    assert "Log it" not in page.text
    refused = alice.post(f"{here}/usage", {"quantity": "1", "done_on": "2026-06-01"})
    assert refused.status_code == 422
    assert "This line does not run on this day." in text_of(refused)
    clock.forward(days=14)
    page = alice.get(here)
    assert waits not in text_of(page)
    assert "Log it" in page.text


def test_today_is_where_the_person_lives(as_, database, clock):
    """Eight in the evening in London is tomorrow in Hanoi: work of that day is logged there, into its month."""
    with database.write() as db:
        contract = make_running_contract(db, starts_on=date(2026, 3, 2), lines=[POSTS])
        line = db.scalars(select(col(ScopeLine.id)).where(col(ScopeLine.contract_id) == contract.id)).one()
        db.get_one(User, CAST.members["alice"].user_id).time_zone = "Asia/Ho_Chi_Minh"
    clock.forward(hours=11)
    alice, path = as_("alice"), f"/contracts/{contract.id}"
    body = {"quantity": 1, "done_on": "2026-06-02"}
    assert as_("amir").api("POST", f"{path}/lines/{line}/usage", body).status_code == 422
    made = alice.api("POST", f"{path}/lines/{line}/usage", body)
    assert made.status_code == 201
    assert made.json()["period"] == "2026-06"
    assert alice.api("GET", f"{path}/scope").json()["month"] == "2026-06"
    assert as_("bob").api("GET", f"{path}/scope").json()["month"] == "2026-05"
    for person in (alice, as_("bob")):
        assert person.api("GET", f"{path}/scope?period=2026-05").json()["lines"][0]["used"] == 0
    assert 'value="2026-06-02"' in alice.get(f"{path}/lines/{line}").text
