"""A brief is written step by step; whatever is typed stays until it is mended."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from core.db import Database
from marketplace.briefs import queries
from marketplace.briefs.models import Brief, BriefLine, BriefStatus
from tests.cast import viewer_of
from tests.factories.briefs import brief_data, make_draft
from tests.people import text_of


@pytest.fixture
def draft(database: Database, cast):
    with database.write() as db:
        return make_draft(db, viewer_of(db, cast.bob))


def stored(database: Database, brief_id) -> Brief:
    with database.read() as db:
        found = db.get(Brief, brief_id)
        assert found is not None
        return found


def lines(database: Database, brief_id):
    with database.read() as db:
        return queries.lines_of(db, brief_id)


def count(database: Database) -> int:
    with database.read() as db:
        return db.scalar(select(func.count()).select_from(Brief)) or 0


def start(bob, **values) -> str:
    answer = bob.post("/my/briefs", {"title": "Second café", **values})
    assert answer.status_code == 303
    return answer.headers["location"].split("/")[3]


def test_a_preset_fills_the_scope(as_, database):
    bob = as_("bob")
    brief_id = start(bob, preset="feed_filler")
    with database.read() as db:
        found = db.scalar(select(Brief))
        rows = queries.lines_of(db, found.id)
    assert str(found.id) == brief_id
    assert found.status is BriefStatus.DRAFT
    assert [(row.responsibility, row.limit, row.unit) for row in rows] == [("C3", 30, "post"), ("D8", 30, "post")]
    assert found.scope_minutes > 0
    page = bob.get(f"/my/briefs/{brief_id}/steps/scope")
    assert 'name="lines-0-limit"' in page.text
    assert 'value="30"' in page.text


def test_each_step_stores_its_part_and_leads_on(as_, database):
    bob = as_("bob")
    path = f"/my/briefs/{start(bob)}/steps"
    business = {
        "title": "Café",
        "summary": "We bake.",
        "niche": "food",
        "why_buy": "Warm bread",
        "average_bill": "12,5",
    }
    assert bob.post(f"{path}/business", {**business, "then": "next"}).headers["location"].endswith("/steps/scope")
    scope = {
        "platforms": ["IG", "VK"],
        "lines-3-responsibility": "D4",
        "lines-3-platform": "IG",
        "lines-3-limit": "4",
        "lines-3-owner": "shared",
        "lines-0-responsibility": "C3",
        "lines-0-limit": "",
        "formats": ["shorts"],
        "then": "next",
    }
    assert bob.post(f"{path}/scope", scope).headers["location"].endswith("/steps/money")
    money = {"goal": "More guests", "currency": "VND", "budget_min": "900.000", "budget_max": "1500000", "kpi": "leads"}
    assert bob.post(f"{path}/money", {**money, "kpi_target": "45.5"}).status_code == 303
    work = {"decision_on": "2026-06-20", "term_months": "6", "languages": ["vi"], "visibility": "link"}
    assert bob.post(f"{path}/work", {**work, "then": "next"}).headers["location"].endswith("/review")
    with database.read() as db:
        brief = db.scalar(select(Brief))
        rows = queries.lines_of(db, brief.id)
    assert brief.answers == {"why_buy": "Warm bread", "average_bill": 12500, "formats": ["shorts"]}
    assert [(row.responsibility, row.platform, row.limit, row.owner) for row in rows] == [
        ("C3", "", None, "specialist"),
        ("D4", "IG", 4, "shared"),
    ]
    assert (brief.budget_min, brief.budget_max, brief.kpi_target) == (900_000, 1_500_000, 45_500)
    assert (brief.term_months, brief.languages, brief.visibility) == (6, ["vi"], "link")
    assert brief.budget_eur
    assert brief.scope_minutes


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("x" * 20_001, "This is too long."),
        ("a\x07b", "Remove the invisible or control characters."),
        ("e" + "\u0301\u0323" * 16, "Remove the accents stacked on one letter."),
    ],
)
def test_autosave_says_why_it_keeps_nothing(as_, draft, typed, sentence):
    headers = {"Accept": "application/json"}
    answer = as_("bob").post(f"/my/briefs/{draft.id}/steps/money/draft", {"kpi_target": typed}, headers=headers)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_autosave_keeps_what_cannot_be_read(as_, database, draft):
    bob = as_("bob")
    path = f"/my/briefs/{draft.id}/steps/money"
    typed = {"goal": "Половина", "budget_min": "about 700", "currency": "EUR", "kpi_target": "many"}
    answer = bob.post(f"{path}/draft", typed, headers={"Accept": "application/json"})
    assert answer.status_code == 200
    assert set(answer.json()["unread"]) == {"budget_min", "kpi_target"}
    page = bob.get(path).text
    assert "Половина" in page
    assert 'value="about 700"' in page
    assert 'value="many"' in page
    assert stored(database, draft.id).budget_min == 70000
    submitted = bob.api("POST", f"/my/briefs/{draft.id}/submission")
    assert submitted.status_code == 422
    assert "typed.money" in submitted.json()["fields"]
    bob.post(f"{path}/draft", {**typed, "budget_min": "710", "budget_max": "800", "kpi_target": "5"})
    brief = stored(database, draft.id)
    assert (brief.typed, brief.goal, brief.budget_min, brief.kpi_target) == ({}, "Половина", 71000, 5000)


def test_autosave_keeps_lines_as_typed(as_, database, draft):
    bob = as_("bob")
    path = f"/my/briefs/{draft.id}/steps/scope"
    typed = {"platforms": ["IG"], "lines-0-responsibility": "C3", "lines-0-limit": "a dozen", "lines-0-note": "хлеб"}
    assert bob.post(f"{path}/draft", typed).status_code == 200
    page = bob.get(path).text
    assert 'value="a dozen"' in page
    assert 'value="хлеб"' in page
    assert len(lines(database, draft.id)) == 5


def test_autosave_keeps_fields_that_contradict_each_other(as_, database, draft):
    bob = as_("bob")
    path = f"/my/briefs/{draft.id}/steps/money"
    typed = {"goal": "g", "currency": "EUR", "budget_min": "900", "budget_max": "100"}
    assert bob.post(f"{path}/draft", typed).status_code == 200
    assert 'value="100"' in bob.get(path).text
    refused = bob.post(path, typed)
    assert refused.status_code == 422
    assert "Enter at least the lower budget." in refused.text
    assert stored(database, draft.id).budget_max == 90000


@pytest.mark.parametrize("text", ["a\x00b", "a\u202eb", "a\ud800", "x" * 20_001])
def test_autosave_refuses_what_no_database_takes(as_, database, draft, text):
    path = f"/my/briefs/{draft.id}/steps/business/draft"
    body = {"title": text} if "\ud800" not in text else None
    bob = as_("bob")
    if body is None:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRF-Token": bob.csrf()}
        answer = bob.browser.post(path, content=b"title=a%ED%A0%80", headers=headers)
        assert answer.status_code in {200, 422}
        assert "\ud800" not in str(stored(database, draft.id).title)
        return
    assert bob.post(path, body, headers={"Accept": "application/json"}).status_code == 422
    assert stored(database, draft.id).typed == {}


def test_lines_are_added_and_removed_by_buttons(as_, database, draft):
    bob = as_("bob")
    path = f"/my/briefs/{draft.id}/steps/scope"
    kept = {"platforms": ["IG"], "lines-0-responsibility": "C3", "lines-1-responsibility": "E1"}
    answer = bob.post(path, {**kept, "then": "add", "add": ["K3", "C3"]})
    assert answer.headers["location"] == path
    assert [row.responsibility for row in lines(database, draft.id)] == ["C3", "E1", "K3"]
    bob.post(path, {**kept, "remove": "0"})
    assert [row.responsibility for row in lines(database, draft.id)] == ["E1"]
    bob.post(path, {**kept, "preset": "design"})
    assert {row.responsibility for row in lines(database, draft.id)} == {"B2", "C3", "E1"}


@pytest.mark.parametrize(
    ("step", "typed", "field"),
    [
        ("scope", {"lines-0-responsibility": "ZZ"}, "lines-0-responsibility"),
        ("scope", {"platforms": ["IG"], "lines-0-responsibility": "C3", "lines-0-limit": "-1"}, "lines-0-limit"),
        ("scope", {"lines-0-responsibility": "C3", "lines-0-platform": "IG"}, "lines-0-platform"),
        (
            "scope",
            {"lines-0-responsibility": "C3", "lines-1-responsibility": "C3"},
            "lines-1-platform",
        ),
        ("scope", {"platforms": ["QQ"]}, "platforms"),
        ("money", {"budget_min": "NaN", "currency": "EUR"}, "budget_min"),
        ("money", {"currency": "BTC"}, "currency"),
        ("work", {"decision_on": "soon"}, "decision_on"),
        ("work", {"term_months": "0"}, "term_months"),
        ("work", {"visibility": "all"}, "visibility"),
        ("business", {"purchase_rhythm": "never"}, "purchase_rhythm"),
        ("business", {"unknown": "1"}, "unknown"),
    ],
)
def test_wrong_input_is_shown_beside_the_field_and_not_stored(as_, database, draft, step, typed, field):
    before = stored(database, draft.id).version
    answer = as_("bob").post(f"/my/briefs/{draft.id}/steps/{step}", typed)
    assert answer.status_code == 422
    assert f"f-{field}" in answer.text
    assert stored(database, draft.id).version == before


@pytest.mark.parametrize("name", ["trent", "alice", "mallory"])
def test_strangers_find_nothing(as_, database, draft, name):
    stranger = as_(name)
    base = f"/my/briefs/{draft.id}"
    for path in ("", "/steps/scope", "/review", "/cancellation", "/invitations", "/reopening"):
        assert stranger.get(base + path).status_code == 404
    for path in ("/steps/scope", "/steps/scope/draft", "/steps/scope/estimate", "/submission", "/pause", "/link"):
        assert stranger.post(base + path).status_code == 404
    assert stranger.api("GET", base).status_code == 404
    assert stranger.api("PATCH", base, {"title": "x"}).status_code == 404
    assert stranger.get(f"/briefs/{draft.id}").status_code == 404
    assert stored(database, draft.id).title == "Café wants regulars back"


def test_a_reader_looks_but_does_not_write(as_, database, draft):
    carol = as_("carol")
    assert carol.get(f"/my/briefs/{draft.id}/steps/scope").status_code == 200
    assert carol.post(f"/my/briefs/{draft.id}/steps/scope/draft", {"platforms": ["VK"]}).status_code == 403
    assert carol.post("/my/briefs", {"title": "x"}).status_code == 403
    assert stored(database, draft.id).platforms == ["IG", "FB"]


def test_nobody_without_signing_in(as_, draft):
    assert as_("").get("/my/briefs").headers["location"].startswith("/log-in")


def test_the_same_over_json(as_, database):
    bob = as_("bob")
    with database.read() as db:
        data = brief_data(db)
    made = bob.api("POST", "/my/briefs", data)
    assert made.status_code == 201
    assert made.json()["missing"] == {}
    path = f"/my/briefs/{made.json()['id']}"
    changed = bob.api("PATCH", path, {"title": "New", "answers": {"tone": "playful"}}).json()
    assert (changed["title"], changed["goal"]) == ("New", data["goal"])
    assert changed["answers"] == {**data["answers"], "tone": "playful"}
    assert len(changed["lines"]) == 5
    half = bob.api("POST", "/my/briefs", {}).json()
    assert set(half["missing"]) == {"title", "platforms", "lines", "goal", "budget_min", "budget_max", "decision_on"}
    listed = bob.api("GET", "/my/briefs?limit=1").json()
    assert [row["id"] for row in listed["rows"]] == [half["id"]]
    rest = bob.api("GET", f"/my/briefs?limit=1&after={listed['next']}").json()
    assert [row["title"] for row in rest["rows"]] == ["New"]
    assert rest["next"] is None


def test_what_was_read_over_json_can_be_written_back(as_, database):
    bob = as_("bob")
    with database.read() as db:
        data = brief_data(db, kpi_target=10.25, kpi_baseline="7", answers={"average_bill": 12.5})
    made = bob.api("POST", "/my/briefs", data).json()
    numbers = {name: made[name] for name in ("kpi_target", "kpi_baseline", "answers")}
    assert numbers == {"kpi_target": 10.25, "kpi_baseline": 7, "answers": {"average_bill": 12.5}}
    again = bob.api("PATCH", f"/my/briefs/{made['id']}", numbers).json()
    assert {name: again[name] for name in numbers} == numbers


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"lines": [{"responsibility": "C3"}, {"responsibility": "C3"}]}, "lines.1.platform"),
        ({"lines": [{"responsibility": "C3", "limit": 0}]}, "lines.0.limit"),
        ({"lines": [{"responsibility": "C3"}] * 61}, "lines"),
        ({"budget_min": 5, "budget_max": 4}, "budget_max"),
        ({"budget_min": -5}, "budget_min"),
        ({"budget_min": 10**13}, "budget_min"),
        ({"answers": {"why_buy": ["x"]}}, "answers.why_buy"),
        ({"answers": {"nothing": "x"}}, "answers.nothing"),
        ({"title": "a\u0000"}, "title"),
        ({"niche": "zzz"}, "niche"),
        ({"status": "open"}, "status"),
    ],
)
def test_bad_json_is_a_422_and_stores_nothing(as_, database, data, field):
    answer = as_("bob").api("POST", "/my/briefs", data)
    assert answer.status_code == 422
    assert field in answer.json()["fields"]
    assert count(database) == 0


def test_the_estimate_follows_what_is_typed(as_, database, draft):
    bob = as_("bob")
    path = f"/my/briefs/{draft.id}/steps/scope/estimate"
    few = bob.post(path, {"platforms": ["IG"], "lines-0-responsibility": "C3", "lines-0-limit": "4"})
    many = bob.post(path, {"platforms": ["IG"], "lines-0-responsibility": "C3", "lines-0-limit": "400"})
    assert 'id="estimate"' in few.text
    assert text_of(few) != text_of(many)
    assert len(lines(database, draft.id)) == 5


def test_a_draft_is_discarded_without_a_reason(as_, database, draft):
    assert as_("bob").api("DELETE", f"/my/briefs/{draft.id}").status_code == 204
    assert as_("bob").api("DELETE", f"/my/briefs/{draft.id}").json()["error"] == "conflict"
    assert stored(database, draft.id).status is BriefStatus.CANCELLED
    with database.read() as db:
        assert db.scalar(select(func.count()).select_from(BriefLine)) == 5
