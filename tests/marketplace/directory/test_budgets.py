"""Round budgets a month: counted beside the other filters, and a click away."""

from __future__ import annotations

import html
import re

from tests.people import text_of


def test_round_budgets_are_counted_in_the_currency_asked_for(as_, three):
    nobody = as_("")
    everyone = {"30000": 1, "50000": 1, "100000": 3, "200000": 3, "500000": 3}
    counts = {
        "": everyone,
        "?budget_to=50000": everyone,
        "?platform=VK": {"100000": 1, "200000": 1, "500000": 1},
        "?currency=VND&niche=food": {"9000000": 1, "20000000": 2, "30000000": 2, "60000000": 2, "200000000": 2},
        "?q=nobody": {},
    }
    for query, expected in counts.items():
        facets = nobody.client.get(f"/api/v1/specialists{query}").json()["facets"]
        assert facets.get("budget", {}) == expected, query


def test_a_round_budget_is_a_link_beside_its_count(as_, three):
    nobody = as_("")
    page = nobody.get("/specialists?platform=IG&budget_from=700")
    assert "Up to €500 1 Up to €1,000 2" in text_of(page)
    link = re.search(r'<a href="([^"]+)">Up to €1,000</a>', page.text)
    assert link
    chosen = nobody.get(html.unescape(link[1]))
    assert "2 specialists" in text_of(chosen)
    assert 'aria-current="true">Up to €1,000<' in chosen.text
    answer = nobody.get("/specialists?currency=VND", headers={"hx-request": "true"})
    assert "Up to ₫20,000,000 2" in text_of(answer)


def test_what_brings_nobody_is_no_way_to_go(as_, three):
    page = as_("").get("/specialists?platform=VK&language=vi")
    assert "Up to €500 0" in text_of(page)
    assert re.search(r'<a href="[^"]+">Up to', page.text) is None
    chosen = as_("").get("/specialists?platform=VK&budget_to=300").text
    assert 'aria-current="true">Up to €300</a>' in chosen


def test_ticks_that_bring_nobody_are_faint_unless_chosen(as_, three):
    page = as_("").get("/specialists?platform=ZL&platform=VK").text
    faint = {
        value: bool(is_faint)
        for is_faint, value in re.findall(
            r'<label class="choice( faint)?"><input type="checkbox" name="platform" value="(\w+)"', page
        )
    }
    assert (faint["ZL"], faint["VK"], faint["IG"], faint["YT"]) == (False, False, False, True)


def test_the_button_under_the_filters_says_how_many(as_, three):
    nobody = as_("")
    assert "Show 3 specialists" in text_of(nobody.get("/specialists"))
    answer = nobody.get("/specialists?platform=VK", headers={"hx-request": "true"})
    assert 'hx-target="#show-results" hx-swap="innerHTML">Show 1 specialist<' in answer.text.replace("\n<", "<")
