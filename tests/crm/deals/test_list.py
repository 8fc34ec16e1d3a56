"""The list: found by words, narrowed by stage, sorted three ways, paged without gaps."""

from __future__ import annotations

import pytest

from core.paging import encode_cursor
from crm.deals.models import StageKind
from tests.counting import counted
from tests.factories.crm import make_company, make_contact, make_deal, stage_of
from tests.people import text_of

K = StageKind


@pytest.fixture
def listed(as_):
    """``listed("sort=value")``: the companies of the list as alice reads it over JSON."""
    return lambda query="", by="alice": [
        row["company_name"] for row in as_(by).api("GET", f"/deals?{query}").json()["rows"]
    ]


@pytest.mark.parametrize("words", ["phở", "pho nha", "khôi", "rằm", "Instagram"])
def test_found_by_company_contact_title_and_next_step(database, listed, as_, words):
    with database.write() as db:
        make_deal(db, company="Other", title="Website")
        make_deal(
            db, company="Phở Nhà Sen", contact="Đặng Minh Khôi", title="Instagram, six months", next_step="Gọi sau rằm"
        )
    assert listed(f"q={words}") == ["Phở Nhà Sen"]
    page = text_of(as_("alice").get(f"/deals/list?q={words}"))
    assert "Phở Nhà Sen" in page
    assert "Other" not in page


def test_found_under_a_new_name_of_company_and_contact(database, listed, as_):
    with database.write() as db:
        company = make_company(db, name="Old name")
        make_deal(db, company_id=company.id, company="", title="Ads")
        make_contact(db, company, name="Astrid Moe")
    as_("alice").api("PUT", f"/companies/{company.id}", {"name": "New name"})
    assert listed("q=new name") == ["New name"]
    assert listed("q=astrid") == ["New name"]
    assert listed("q=old name") == []


def test_open_deals_unless_asked_otherwise(database, listed):
    with database.write() as db:
        make_deal(db, company="Lead")
        deal = make_deal(db, company="Qualified", stage=K.QUALIFIED)
        for kind in (K.LOST, K.WON, K.ON_HOLD):
            make_deal(db, company=kind.value, stage=kind)
        qualified = stage_of(db, deal, K.QUALIFIED)
        make_deal(db, by="mallory", company="Not mine")
    assert set(listed()) == {"Lead", "Qualified"}
    assert len(listed("stage=all")) == 5
    assert listed(f"stage={qualified}") == ["Qualified"]
    assert listed(f"stage={qualified}", by="mallory") == []


def test_what_is_on_hold_or_lost_asks_for_its_owner_when_the_day_has_come(database, listed, as_, clock):
    with database.write() as db:
        make_deal(db, company="Later", stage=K.ON_HOLD, next_step="", next_step_on=None)
        make_deal(db, company="No", stage=K.LOST)
    assert listed() == []
    clock.forward(days=20)
    assert listed() == ["Later"]
    page = text_of(as_("alice").get("/home"))
    assert "Later" in page
    assert "Take it up again" in page
    clock.forward(days=70)
    assert listed() == ["Later", "No"]


def test_deals_of_one_company(database, listed, as_):
    with database.write() as db:
        deal = make_deal(db, company="One", title="Ads for spring", stage=K.LOST)
        make_deal(db, company="Two")
    assert listed(f"company={deal.company_id}&stage=all") == ["One"]
    assert "Ads for spring" in text_of(as_("alice").get(f"/deals/list?company={deal.company_id}&stage=all"))
    assert f"/deals/list?company={deal.company_id}" in as_("alice").get(f"/companies/{deal.company_id}").text
    assert listed(f"company={deal.company_id}&stage=all", by="mallory") == []


def test_sorted_by_next_step_value_and_age(database, listed, clock):
    with database.write() as db:
        day = db.now().date()
        make_deal(db, company="Cheap and soon", amount=100, next_step_on=day)
        clock.forward(days=1)
        make_deal(db, company="Dong", amount=20_000_000, currency="VND", next_step="", next_step_on=None)
        clock.forward(days=1)
        make_deal(db, company="Euro", amount=90_000, next_step_on=day.replace(day=20))
        clock.forward(days=1)
        make_deal(db, company="Nothing said", amount=None, next_step_on=day.replace(day=9))
    assert listed("sort=next") == ["Cheap and soon", "Nothing said", "Euro", "Dong"]
    assert listed("sort=value") == ["Euro", "Dong", "Cheap and soon", "Nothing said"]
    assert listed("sort=age") == ["Cheap and soon", "Dong", "Euro", "Nothing said"]


@pytest.mark.parametrize("sort", ["next", "value", "age"])
def test_pages_meet_without_gap_or_repeat(database, as_, clock, sort):
    with database.write() as db:
        day = db.now().date()
        for number in range(7):
            clock.forward(hours=number % 2)
            step = {} if number % 3 else {"next_step": "", "next_step_on": None}
            make_deal(db, company=f"C{number}", amount=number // 2 * 1000, **{"next_step_on": day, **step})
    alice, seen, after = as_("alice"), [], ""
    while True:
        answer = alice.api("GET", f"/deals?sort={sort}&limit=2{after}").json()
        seen += [row["company_name"] for row in answer["rows"]]
        if answer["next"] is None:
            break
        after = f"&after={answer['next']}"
    assert sorted(seen) == [f"C{number}" for number in range(7)]


@pytest.mark.parametrize(
    "query",
    [
        "stage=nowhere",
        "sort=luck",
        "company=x",
        "after=%%%",
        f"sort=value&after={encode_cursor('value', '2026-01-01', 'x')}",
        f"sort=value&after={encode_cursor('value', '2026-01-01', '0190' + '0' * 28)}",
        f"sort=age&after={encode_cursor('age', 7, '0190' + '0' * 28)}",
        f"sort=next&after={encode_cursor('next', '9' * 30, '0190' + '0' * 28)}",
        f"sort=age&after={encode_cursor('age', '0001-01-01T00:00:00+23:00', '0190' + '0' * 28)}",
        "q=" + "x" * 121,
    ],
)
def test_made_up_addresses_are_refused(as_, query):
    assert as_("alice").api("GET", f"/deals?{query}").status_code == 422
    assert as_("alice").get(f"/deals/list?{query}").status_code == 422


def test_a_place_in_another_order_is_none(as_, database):
    with database.write() as db:
        for number in range(3):
            make_deal(db, company=f"C{number}")
    alice = as_("alice")
    after = alice.api("GET", "/deals?sort=next&limit=1").json()["next"]
    assert alice.api("GET", f"/deals?sort=next&after={after}").status_code == 200
    assert list(alice.api("GET", f"/deals?sort=age&after={after}").json()["fields"]) == ["after"]


@pytest.mark.parametrize("limit", [0, 101, "all"])
def test_a_page_has_1_to_100_rows(as_, limit):
    assert as_("alice").api("GET", f"/deals?limit={limit}").status_code == 422


def test_the_same_queries_however_many(database, as_):
    numbers = []
    for more in (3, 20):
        with database.write() as db:
            for number in range(more):
                make_deal(db, company=f"Client {number}", contact=f"Person {number}")
        with counted(database) as seen:
            assert as_("alice").get("/deals/list").status_code == 200
        numbers.append(len([one for one in seen if "SELECT" in one]))
    assert numbers == [4, 4]


def test_an_empty_list_says_what_to_do(as_):
    alice = as_("alice")
    assert "No open deals" in text_of(alice.get("/deals/list"))
    assert "No deal matches" in text_of(alice.get("/deals/list?q=zzz"))
