"""What an offer adds up to: priced lines and milestones."""

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
    by_parts = {"lines": {"lines": lines}, "milestones": {"billing": "milestones", "milestones": parts}}
    for field, terms in by_parts.items():
        refused = alice.api("POST", path, stage.body(**terms, total=None, send=send))
        assert (refused.status_code, set(refused.json()["fields"])) == (422, {field})
    assert alice.api("GET", "/offers?tab=drafts").json()["rows"] == []
