"""Hours and usual price of a scope: the formulas of the trade."""

from __future__ import annotations

from decimal import Decimal

import pytest

from marketplace.briefs import queries
from marketplace.briefs.models import LineOwner, LinePeriod
from marketplace.briefs.schemas import BriefLineInput
from marketplace.briefs.scope import Verdict, monthly_minutes, realism
from marketplace.taxonomy.catalogue import load
from tests.cast import viewer_of
from tests.factories.briefs import make_draft, publish_floors
from tests.people import text_of

NORM = load().responsibility("C3").norm_minutes


def line(
    limit: int | None, period: LinePeriod = LinePeriod.MONTH, owner: LineOwner = LineOwner.SPECIALIST
) -> BriefLineInput:
    return BriefLineInput(responsibility="C3", limit=limit, period=period, owner=owner)


@pytest.mark.parametrize(
    ("lines", "term", "minutes"),
    [
        ([], None, 0),
        ([line(12)], None, 12 * NORM),
        ([line(12), line(3)], None, 15 * NORM),
        ([line(12, LinePeriod.QUARTER)], None, 4 * NORM),
        ([line(12, LinePeriod.ONCE)], 12, NORM),
        ([line(12, LinePeriod.ONCE)], None, 2 * NORM),
        ([line(12, owner=LineOwner.SHARED)], None, 6 * NORM),
        ([line(12, owner=LineOwner.CLIENT), line(12, owner=LineOwner.THIRD_PARTY)], None, 0),
        ([line(None)], None, load().responsibility("C3").default_limit * NORM),
    ],
)
def test_minutes_of_a_month(lines, term, minutes):
    assert monthly_minutes(lines, term) == minutes


@pytest.mark.parametrize(
    ("budget", "share", "verdict"),
    [
        (59_000, "0.59", Verdict.RED),
        (59_900, "0.60", Verdict.RED),
        (60_000, "0.60", Verdict.AMBER),
        (89_000, "0.89", Verdict.AMBER),
        (89_900, "0.90", Verdict.AMBER),
        (90_000, "0.90", Verdict.GREEN),
        (200_000, "2.00", Verdict.GREEN),
    ],
)
def test_budget_against_hours_times_rate(budget, share, verdict):
    found = realism(budget, "EUR", 40 * 60, Decimal(2500))
    assert found is not None
    assert (found.price, found.share, found.verdict) == (100_000, Decimal(share), verdict)


def test_the_price_is_in_the_currency_of_the_brief():
    found = realism(1, "VND", 60, Decimal(1000))
    assert found is not None
    assert found.price == int(10 * load().currency("VND").per_eur)


@pytest.mark.parametrize(("budget", "minutes", "rate"), [(None, 60, 2500), (1, 0, 2500), (1, 60, None)])
def test_nothing_is_said_without_all_parts(budget, minutes, rate):
    assert realism(budget, "EUR", minutes, rate and Decimal(rate)) is None


def test_the_reference_rate_is_the_median_floor_of_five(db):
    publish_floors(db, 1000, 2000, 9000, 3000)
    assert queries.reference_rate(db) == (None, 4)


def test_five_floors_make_a_rate(db):
    publish_floors(db, 1000, 2000, 9000, 3000, 4000)
    assert queries.reference_rate(db) == (Decimal(3000), 5)


def test_the_review_says_how_real_the_budget_is(as_, database, cast):
    with database.write() as db:
        brief = make_draft(db, viewer_of(db, cast.bob), budget_min=100, budget_max=200)
    bob = as_("bob")
    path = f"/my/briefs/{brief.id}/review"
    assert "once five published profiles name an hourly floor" in text_of(bob.get(path))
    with database.write() as db:
        publish_floors(db, 2000, 2500, 3000, 3500, 4000)
    page = text_of(bob.get(path))
    assert "Far below the usual price" in page
    assert "5 published profiles" in page


def test_json_says_how_real_the_budget_is(as_, database, cast):
    with database.write() as db:
        brief = make_draft(db, viewer_of(db, cast.bob))
    bob, path = as_("bob"), f"/my/briefs/{brief.id}"
    assert bob.api("GET", path).json()["realism"] is None
    with database.write() as db:
        publish_floors(db, 2000, 2500, 3000, 3500, 4000)
    read = bob.api("GET", path).json()
    price = round(read["scope_minutes"] / 60 * 30) * 100
    assert read["realism"] == {"share": round(90_000 / price, 2), "price": price, "verdict": "green"}
    assert f"€{price // 100:,}" in text_of(bob.get(f"{path}/review"))
    less = bob.api("PATCH", path, {"budget_min": 1_000, "budget_max": price // 2}).json()
    assert less["realism"] == {"share": 0.5, "price": price, "verdict": "red"}
    assert "realism" not in bob.api("GET", f"/briefs/{brief.id}").json()


@pytest.mark.parametrize(
    ("budget_max", "said"), [(3200, "Your budget is about 3 times the usual price."), (1500, "% of it.")]
)
def test_a_large_budget_is_said_in_times(as_, database, cast, budget_max, said):
    with database.write() as db:
        brief = make_draft(db, viewer_of(db, cast.bob), budget_min=100, budget_max=200)
        publish_floors(db, 2000, 2500, 3000, 3500, 4000)
        hours = brief.scope_minutes / 60
        usual = round(hours * 3000)
        brief.budget_max = round(usual * budget_max / 1000)
        db.add(brief)
    assert said in text_of(as_("bob").get(f"/my/briefs/{brief.id}/review"))


def test_the_review_shows_where_the_number_stands_and_where_it_should_be(as_, database, cast):
    with database.write() as db:
        known = {"kpi": "leads", "kpi_baseline": 10, "kpi_target": 40}
        brief = make_draft(db, viewer_of(db, cast.bob), **known)
    assert "Leads now 10, should be 40" in text_of(as_("bob").get(f"/my/briefs/{brief.id}/review"))


def test_a_scope_of_more_minutes_than_32_bits_hold_is_kept(as_):
    places = list(load().platforms)[:15]
    lines = [
        {"responsibility": code, "platform": place, "limit": 100_000}
        for code in ("A1", "B5", "I3", "H1")
        for place in places
    ]
    made = as_("bob").api("POST", "/my/briefs", {"title": "Everything", "platforms": places, "lines": lines})
    assert made.status_code == 201
    assert made.json()["scope_minutes"] > 2**31
