"""The form of an offer says what its rows add up to, as the server will add them up."""

from __future__ import annotations

import pytest

from core.money import format_money, parse_money
from tests.cast import viewer_of
from tests.factories.briefs import make_brief
from tests.factories.profiles import make_profile


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_the_lines_add_up_to_is_shown_while_typing(visit, database):
    with database.write() as db:
        make_profile(db)
        brief = make_brief(db, viewer_of(db, "bob"))
    alice = visit("alice")
    alice.get(f"/briefs/{brief.id}/offers/new")
    prices, sum_of_lines = alice.page.locator("[name$='-price']"), alice.page.locator("[data-sum-of='-price']")
    for field in prices.all():
        field.fill("")
    assert sum_of_lines.inner_text() == ""
    for typed in ("1 280,50", "1,280.50", "1.280", "0,5", "12"):
        prices.nth(0).fill(typed)
        prices.nth(1).fill("20")
        whole = parse_money(typed, "EUR") + 2000
        assert sum_of_lines.inner_text() == f"The lines add up to {format_money(whole, 'EUR', 'en')}.", typed
    for wrong in ("12a", "1,2,3", "-5", "1.23.4", "0.125", "1,280,50", "12 50"):
        prices.nth(0).fill(wrong)
        assert sum_of_lines.inner_text() == "", wrong
    offered = alice.page.locator("[data-total]")
    assert offered.inner_text() == ""
    prices.nth(0).fill("30")
    assert offered.inner_text() == "Your price: €50 a month"
    alice.fill(Total="800")
    assert offered.inner_text() == "Your price: €800 a month"
    alice.fill(Total="")
    prices.nth(0).fill("5")
    prices.nth(0).press("Enter")  # kept as a draft, and added up when it is opened again
    alice.open("Edit")
    assert "The lines add up to €25" in sum_of_lines.inner_text()
    alice.main.get_by_role("radio", name="By milestones").check()
    alice.page.locator("[data-add-row='milestones']").click()
    alice.page.locator("[name$='-amount']").fill("300")
    assert offered.inner_text() == "Your price: €25 for all milestones"
    for field in prices.all():
        field.fill("")
    assert offered.inner_text() == "Your price: €300 for all milestones"
    assert "The milestones add up to €300" in alice.page.locator("[data-sum-of='-amount']").inner_text()
