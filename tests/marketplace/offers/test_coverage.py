"""A line with less than was asked for is covered in part: in the comparison, on the offer's page, in what changed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from marketplace.briefs.models import LinePeriod
from marketplace.offers import coverage
from marketplace.offers.coverage import Reach
from marketplace.offers.models import Coverage
from tests.factories.offers import answer_data
from tests.people import text_of


def line(limit: int | None, period: str = "month", unit: str = "post", **facts: Any) -> Any:
    facts = {"coverage": Coverage.COVERED, "sla_minutes": None, **facts}
    return SimpleNamespace(limit=limit, period=LinePeriod(period), unit=unit, **facts)


@pytest.mark.parametrize(
    ("asked", "given", "reach", "text"),
    [
        (line(12), line(12), Reach.FULL, "12 posts a month"),
        (line(12), line(14), Reach.FULL, "14 posts a month"),
        (line(12), line(None), Reach.FULL, "without limit"),
        (line(12), line(8), Reach.PART, "8 of 12 posts a month"),
        (line(12, "once"), line(1, "once"), Reach.PART, "1 of 12 posts, once"),
        (line(None), line(8), Reach.PART, "8 posts a month, asked without limit"),
        (line(None), line(None), Reach.FULL, "without limit"),
        (line(12, "quarter"), line(8), Reach.FULL, "8 posts a month, asked 12 posts a quarter"),
        (line(12, unit="video"), line(8), Reach.FULL, "8 posts a month, asked 12 videos a month"),
        (line(12, "quarter"), line(None), Reach.FULL, "without limit"),
    ],
)
def test_like_is_compared_with_like(asked, given, reach, text):
    assert coverage.reach(asked, given) is reach
    assert coverage.answered_limit(asked, given) == text


def test_what_is_left_out_reaches_nowhere():
    assert coverage.reach(line(12), line(None, coverage=Coverage.EXCLUDED)) is Reach.NONE
    assert coverage.reach(line(12), None) is Reach.NONE


def less(stage, **changes: dict[str, Any]) -> list[dict[str, Any]]:
    """The brief's lines as asked, with ``changes`` by responsibility."""
    lines = [dict(row) for row in stage.body()["lines"]]
    for code, change in changes.items():
        lines[stage.row(code)] |= change
    return lines


def row_of(found: dict[str, Any], label: str) -> list[dict[str, Any]]:
    return next(row["cells"] for row in found["rows"] if row["label"].startswith(label))


def test_the_comparison_prefers_whole_to_part_and_part_to_nothing(as_, stage):
    stage.proposal("alice", lines=less(stage, C3={"limit": 8}))
    stage.proposal("dina", lines=less(stage, D4={"coverage": "excluded", "limit": None}))
    stage.proposal("mallory", lines=less(stage, E1={"limit": 50, "sla_minutes": 60}, C3={"limit": 8}))
    bob, path = as_("bob"), f"/briefs/{stage.brief_id}/offers"
    found = bob.api("GET", path).json()
    sums = [(column["covered"], column["partial"], column["asked"]) for column in found["columns"]]
    assert sums == [(3, 1, 4), (3, 0, 4), (2, 2, 4)]
    scope = row_of(found, "Covers")
    assert [cell["text"] for cell in scope] == ["3 of 4, 1 in part", "3 of 4", "2 of 4, 2 in part"]
    assert [cell["best"] for cell in scope] == [True, False, False]
    assert [cell["covered"] for cell in scope] == [False] * 3
    posts = row_of(found, "Scheduling")
    assert [cell["text"] for cell in posts] == ["8 of 12 posts a month", "12 posts a month", "8 of 12 posts a month"]
    assert [(cell["covered"], cell["partial"], cell["best"]) for cell in posts] == [
        (True, True, False),
        (True, False, True),
        (True, True, False),
    ]
    replies = row_of(found, "Comment")
    assert [cell["best"] for cell in replies] == [True, True, False], "half as many, however quick, is not better"
    page = text_of(bob.get(path))
    assert "8 of 12 posts a month" in page
    assert "covered in part" in page
    assert "3 of 4, 1 in part" in page


def test_no_time_to_reply_is_not_the_quickest(as_, stage):
    stage.proposal("alice", lines=less(stage, E1={"sla_minutes": None}))
    stage.proposal("dina")
    replies = row_of(as_("bob").api("GET", f"/briefs/{stage.brief_id}/offers").json(), "Comment")
    assert [cell["best"] for cell in replies] == [False, True]


def test_other_periods_are_named_and_not_compared(as_, stage, database):
    """The client asks by the quarter once the offers are there; they answer by the month until they are revised."""
    stage.proposal("alice")
    stage.proposal("dina", lines=less(stage, C3={"limit": 8}))
    bob, path = as_("bob"), f"/my/briefs/{stage.brief_id}"
    keep = ("responsibility", "platform", "limit", "period", "owner", "sla_minutes", "note")
    asked = [{name: row[name] for name in keep} for row in bob.api("GET", path).json()["lines"]]
    asked[stage.row("C3")] |= {"limit": 24, "period": "quarter"}
    assert bob.api("PATCH", path, {"lines": asked}).status_code == 200
    found = bob.api("GET", f"/briefs/{stage.brief_id}/offers").json()
    posts = row_of(found, "Scheduling")
    assert [cell["text"] for cell in posts] == [
        "12 posts a month, asked 24 posts a quarter",
        "8 posts a month, asked 24 posts a quarter",
    ]
    assert [(cell["partial"], cell["best"]) for cell in posts] == [(False, False)] * 2


@pytest.mark.parametrize("name", ["alice", "bob"])
def test_the_page_of_the_offer_says_so_to_both(as_, stage, name):
    offer_id = stage.proposal("alice", lines=less(stage, C3={"limit": 8}))
    page = text_of(as_(name).get(f"/offers/{offer_id}"))
    assert "Covers the scope 3 of 4 1 more in part" in page
    assert "covered in part 8 of 12 posts a month" in page
    (version,) = as_(name).api("GET", f"/offers/{offer_id}").json()["versions"]
    assert version["scope"] == {"covered": 3, "partial": 1, "asked": 4}


def test_an_offer_without_a_brief_covers_no_share_of_one(as_, stage):
    offer_id = stage.hire(to="alice-social", on_board=False)
    assert "Covers the scope" not in text_of(as_("alice").get(f"/offers/{offer_id}"))
    assert as_("alice").api("GET", f"/offers/{offer_id}").json()["versions"][0]["scope"] is None


def test_a_new_version_says_what_it_is_part_of(as_, stage):
    offer_id = stage.proposal("alice", lines=less(stage, C3={"limit": 8}, D4={"coverage": "excluded", "limit": None}))
    with stage.database.read() as db:
        changed = answer_data(db, stage.offer(offer_id))
    changed["lines"][stage.row("C3")]["limit"] = 12
    changed["lines"][stage.row("D4")] |= {"coverage": "covered", "limit": 3}
    assert as_("bob").api("POST", f"/offers/{offer_id}/counter", changed).status_code == 200
    changes = as_("alice").api("GET", f"/offers/{offer_id}").json()["versions"][0]["changes"]
    limits = [(c["before"], c["after"]) for c in changes if c["what"] == "Limit"]
    assert limits == [("8 of 12 posts a month", "12 posts a month"), ("", "3 of 4 videos a month")]
