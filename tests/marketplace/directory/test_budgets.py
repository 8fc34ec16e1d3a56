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
