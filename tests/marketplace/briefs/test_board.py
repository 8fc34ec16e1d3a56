"""The board: filters, search and paging that stay flat however many briefs there are."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import insert, text

from core.ids import new_id
from marketplace.briefs import board, survey
from marketplace.briefs.index import EPOCH
from marketplace.briefs.models import Brief, BriefFacet, BriefStatus, Visibility
from marketplace.briefs.schemas import BoardFilters
from tests.cast import viewer_of
from tests.counting import counted
from tests.factories.briefs import make_brief, make_draft
from tests.people import text_of


def put_out(database, clock, cast, **overrides) -> Brief:
    clock.forward(minutes=1)
    with database.write() as db:
        return make_brief(db, viewer_of(db, cast.bob), **overrides)


@pytest.fixture
def market(database, clock, cast) -> None:
    one = [{"responsibility": "C3", "limit": 12}]
    put_out(database, clock, cast, title="Кафе ищет SMM", languages=["ru"], platforms=["VK", "TG"], lines=one)
    put_out(
        database, clock, cast, title="Phở Nhà Sen", platforms=["FB"], lines=[{"responsibility": "E1"}], languages=["vi"]
    )
    put_out(
        database, clock, cast, title="Dental clinic", niche="health", platforms=["IG"], lines=one, budget_max=250000
    )
    with database.write() as db:
        bob = viewer_of(db, cast.bob)
        make_draft(db, bob, title="Draft")
        make_brief(db, bob, title="For the invited", visibility="invited")
        make_brief(db, bob, title="By link", visibility="link")


ASKED = [
    ("", ["Dental clinic", "Phở Nhà Sen", "Кафе ищет SMM"]),
    ("platform=VK", ["Кафе ищет SMM"]),
    ("platform=VK&platform=IG", ["Dental clinic", "Кафе ищет SMM"]),
    ("responsibility=E1", ["Phở Nhà Sen"]),
    ("niche=health", ["Dental clinic"]),
    ("niche=food&language=vi&platform=FB", ["Phở Nhà Sen"]),
    ("niche=food&platform=IG", []),
    ("language=ru", ["Кафе ищет SMM"]),
    ("budget=500", ["Dental clinic", "Phở Nhà Sen", "Кафе ищет SMM"]),
    ("budget=2000", ["Dental clinic"]),
    ("budget=5000", []),
    ("q=кафе", ["Кафе ищет SMM"]),
    ("q=nha sen", ["Phở Nhà Sen"]),
    ("q=clinic&platform=VK", []),
    ("q=telegram", ["Кафе ищет SMM"]),
    ("q=draft", []),
    ("responsibility=&budget=", ["Dental clinic", "Phở Nhà Sen", "Кафе ищет SMM"]),
]


def test_filters_and_search(as_, market):
    nobody = as_("")
    for query, titles in ASKED:
        found = nobody.api("GET", f"/briefs?{query}").json()
        assert [row["title"] for row in found["rows"]] == titles, query


@pytest.mark.parametrize("query", ["", "niche=food&language=vi&platform=FB", "q=кафе", "budget=5000"])
def test_the_page_shows_the_same(as_, market, query):
    titles = dict(ASKED)[query]
    page = text_of(as_("").get(f"/briefs?{query}"))
    assert [title for title in ("Dental clinic", "Phở Nhà Sen", "Кафе ищет SMM") if title in page] == titles
    assert "For the invited" not in page
    assert "By link" not in page


@pytest.mark.parametrize("verb", ["pause", "closing", "cancellation"])
def test_what_is_not_open_is_not_on_the_board(as_, database, clock, cast, verb):
    brief = put_out(database, clock, cast)
    as_("bob").post(f"/my/briefs/{brief.id}/{verb}", {"reason": "budget"})
    assert as_("").api("GET", "/briefs").json()["rows"] == []
    assert as_("").api("GET", "/briefs?q=regulars").json()["rows"] == []


def test_pages_join_without_gap_or_repeat(as_, database, clock, cast):
    for number in range(5):
        put_out(database, clock, cast, title=f"Brief {number}")
    nobody = as_("")
    seen, after = [], ""
    while after is not None:
        found = nobody.api("GET", f"/briefs?limit=2&platform=IG&platform=FB&after={after}").json()
        seen += [row["title"] for row in found["rows"]]
        after = found["next"]
    assert seen == [f"Brief {number}" for number in reversed(range(5))]


@pytest.mark.parametrize(
    "query", ["platform=QQ", "budget=7", "limit=0", "limit=1000", "after=%00", "after=abc", "q=" + "x" * 121]
)
def test_wrong_filters_are_a_clear_422(as_, query):
    answer = as_("").api("GET", f"/briefs?{query}")
    assert answer.status_code == 422
    assert answer.json()["fields"]
    assert as_("").get(f"/briefs?{query}").status_code == 422


def test_an_unknown_filter_is_a_mistake_over_json_alone(as_):
    refused = as_("").api("GET", "/briefs?platfrom=IG")
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["platfrom"])
    assert as_("").get("/briefs?utm_source=mail").status_code == 200


def fill(database, cast, many: int) -> None:
    """``many`` open briefs, written in bulk."""
    with database.write() as db:
        now = db.now()
        ids = [new_id() for _ in range(many)]
        blank = make_draft(db, viewer_of(db, cast.trent)).model_dump(exclude={"id", "workspace_id"})
        rows = [
            {
                **blank,
                "id": brief_id,
                "workspace_id": cast.trent.workspace_id,
                "status": BriefStatus.OPEN,
                "visibility": Visibility.PUBLIC,
                "opened_at": now - timedelta(minutes=number),
                "title": f"Brief {number}",
            }
            for number, brief_id in enumerate(ids)
        ]
        db.execute(insert(Brief), rows)
        facets = []
        for number, row in enumerate(rows):
            rank = (row["opened_at"] - EPOCH) // timedelta(microseconds=1)
            kinds = [
                ("all", ""),
                ("platform", "IG" if number % 2 else "VK"),
                ("niche", "food" if number % 9 else "health"),
            ]
            facets += [{"brief_id": row["id"], "kind": kind, "value": value, "rank": rank} for kind, value in kinds]
        db.execute(insert(BriefFacet), facets)
    with database.writer.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()


FILTERS = [
    BoardFilters(),
    BoardFilters(platform=["IG"]),
    BoardFilters(platform=["IG", "VK"]),
    BoardFilters(platform=["VK"], niche=["health"]),
]


def test_the_plan_walks_the_index_in_order(database, cast):
    fill(database, cast, 3000)
    with database.read() as db:
        for filters in FILTERS:
            statement = board.find_keys(db, filters)
            shown = statement.compile(db.get_bind(), compile_kwargs={"literal_binds": True})
            prefix = "EXPLAIN QUERY PLAN " if database.sqlite else "EXPLAIN "
            plan = "\n".join(str(row) for row in db.execute(text(prefix + str(shown))).all())
            assert "ix_brief_facet_value" in plan, plan
            assert not re.search(r"Seq Scan on brief_facet|SCAN brief_facet(?! USING)", plan), plan
            if len(filters.chosen()) + len(filters.platform) <= 2:
                assert not re.search(r"TEMP B-TREE|Sort", plan), plan


@pytest.mark.parametrize("filters", FILTERS[1:], ids=["one", "either", "both"])
def test_the_number_of_statements_does_not_grow(as_, database, cast, filters):
    fill(database, cast, 60)
    query = "&".join(f"{name}={value}" for name, value in filters.pairs())
    with counted(database) as statements:
        assert as_("alice").get(f"/briefs?{query}").status_code == 200
    assert len(statements) <= 7


def test_the_rank_is_the_moment_of_opening(database, cast, clock):
    put_out(database, clock, cast)
    with database.read() as db:
        rank = db.execute(text("SELECT rank FROM brief_facet WHERE kind = 'all'")).scalar()
    assert rank == int(clock().timestamp() * 1_000_000)


def counts_on(page, name: str) -> dict[str, str]:
    """The values of one filter on the page, each with its count."""
    pattern = rf'name="{name}" value="([^"]*)"[^>]*><span>[^<]*</span><span class="count">([^<]*)<'
    return dict(re.findall(pattern, page.text))


def test_the_page_says_how_many_and_how_many_under_each_filter(as_, market):
    page = as_("").get("/briefs")
    assert "3 open briefs" in text_of(page)
    assert "Show 3 briefs" in text_of(page)
    platforms = counts_on(page, "platform")
    assert {code: platforms[code] for code in ("IG", "VK", "FB", "PI")} == {"IG": "1", "VK": "1", "FB": "1", "PI": "0"}
    assert counts_on(page, "responsibility")["C3"] == "2"
    assert counts_on(page, "budget") == {"": "", "300": "3", "500": "3", "1000": "1", "2000": "1", "5000": "0"}


def test_within_a_filter_a_count_says_what_that_value_alone_would_bring(as_, market):
    page = as_("").get("/briefs?platform=VK&responsibility=C3")
    assert "1 open brief" in text_of(page)
    assert (counts_on(page, "platform")["IG"], counts_on(page, "platform")["FB"]) == ("1", "0")
    assert (counts_on(page, "responsibility")["C3"], counts_on(page, "responsibility")["E1"]) == ("1", "0")
    assert 'class="choice faint"><input type="checkbox" name="platform" value="FB"' in page.text


def test_json_counts_what_the_page_counts(as_, market):
    nobody = as_("")
    found = nobody.api("GET", "/briefs?limit=1").json()
    assert (len(found["rows"]), found["total"], found["capped"]) == (1, 3, False)
    assert found["facets"]["platform"] == {"IG": 1, "VK": 1, "TG": 1, "FB": 1}
    assert found["facets"]["budget"] == {"300": 3, "500": 3, "1000": 1, "2000": 1}
    asked = nobody.api("GET", "/briefs?platform=VK&responsibility=C3").json()
    assert (asked["total"], asked["facets"]["platform"].get("IG")) == (1, 1)
    assert nobody.api("GET", "/briefs?budget=5000").json()["total"] == 0


def test_a_page_that_holds_all_knows_better_than_what_is_remembered(as_, database, clock, cast, market):
    nobody = as_("")
    assert nobody.api("GET", "/briefs").json()["total"] == 3
    put_out(database, clock, cast)
    found = nobody.api("GET", "/briefs").json()
    assert (len(found["rows"]), found["total"]) == (4, 4)


def test_a_filter_in_use_is_taken_away_by_its_tag(as_, market):
    page = as_("").get("/briefs?platform=VK&budget=500").text
    assert re.search(r'<a class="tag" href="/briefs\?platform=VK">€500 or more', page)
    assert re.search(r'<a class="tag" href="/briefs\?budget=500">VK', page)


def test_without_a_reload_counts_and_address_follow(as_, market):
    answer = as_("").get("/briefs?platform=VK&budget=", headers={"hx-request": "true"})
    assert answer.headers["HX-Push-Url"] == "/briefs?platform=VK"
    assert "<html" not in answer.text
    assert 'hx-target="#facet-niche" hx-swap="innerMorph"' in answer.text
    assert "Show 1 brief" in text_of(answer)


def test_counting_stops_at_five_hundred(database, cast):
    fill(database, cast, 1200)
    with database.read() as db:
        found = survey.survey(db, BoardFilters())
        assert (found.total, found.capped) == (500, True)
        few = survey.survey(db, BoardFilters(platform=["VK"], niche=["health"]))
    assert (few.total, few.capped) == (67, False)
    assert few.counts["niche"]["food"] > few.counts["niche"]["health"]


def test_the_foot_of_a_card_says_money_and_term_then_deadline_and_offers(as_, database, clock, cast):
    put_out(database, clock, cast, term_months=6)
    assert re.search(r"€700–900 a month, 6 months Closes in \d+ days · no offers yet", text_of(as_("").get("/briefs")))
