"""What an offer adds up to, and when: priced lines and milestones."""

from __future__ import annotations

import pytest

from core.money import LARGEST


@pytest.mark.parametrize("send", [True, False])
def test_parts_cannot_be_more_together_than_an_offer_can(as_, stage, send):
    alice, path = as_("alice"), f"/briefs/{stage.brief_id}/offers"
    lines = stage.body()["lines"]
    for number in (0, 1):
        lines[number]["price"] = LARGEST
    parts = [{"title": "Half", "amount": LARGEST, "due_on": "2026-07-15"}] * 2
    by_parts = {
        "lines.0.price": {"lines": lines},
        "milestones.0.amount": {"billing": "milestones", "milestones": parts},
    }
    for field, terms in by_parts.items():
        refused = alice.api("POST", path, stage.body(**terms, total=None, send=send))
        assert (refused.status_code, set(refused.json()["fields"])) == (422, {field})
    assert alice.api("GET", "/offers?tab=drafts").json()["rows"] == []


@pytest.mark.parametrize(("due", "status"), [("2026-09-30", 201), ("2026-10-01", 422), ("2030-01-01", 422)])
def test_a_milestone_is_due_in_the_term_or_soon_after(as_, stage, due, status):
    terms = stage.body(
        billing="milestones",
        milestones=[{"title": "All of it", "amount": 86_000, "due_on": due}],
        starts_on="2026-07-01",
        term_months=1,
    )
    answer = as_("alice").api("POST", f"/briefs/{stage.brief_id}/offers", terms)
    assert answer.status_code == status
    assert status == 201 or set(answer.json()["fields"]) == {"milestones.0.due_on"}
