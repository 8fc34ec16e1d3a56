"""Businesses find specialists by words, filters and order; anyone may look."""

from __future__ import annotations

import html
import re
from urllib.parse import quote

import pytest
from sqlalchemy import select

from marketplace.directory import queries
from marketplace.directory.filters import EVERYONE, Filters, Sort
from marketplace.profiles.models import Profile
from tests.counting import counted
from tests.marketplace.directory.crowd import put_crowd
from tests.people import text_of


@pytest.fixture
def found(as_, three):
    """The names a query finds, by the API, in order."""

    def names(query: str = "") -> list[str]:
        answer = as_("").client.get(f"/api/v1/specialists{query}")
        assert answer.status_code == 200, answer.text
        return [row["name"] for row in answer.json()["rows"]]

    return names


WORDS = {
    "regulars": ["Alice Social"],
    "cafe": ["Alice Social", "Dina Digital"],
    "реклама": ["Mallory Media"],
    "клиники": ["Mallory Media"],
    "казань": ["Mallory Media"],
    "quang cao": ["Dina Digital"],
    "Quảng cáo": ["Dina Digital"],
    "da nang": ["Dina Digital"],
    "capcut": ["Dina Digital"],
    "instagram": ["Alice Social", "Dina Digital"],
    "regul": ["Alice Social"],
    "nothing like this": [],
    "!!!": ["Alice Social", "Dina Digital", "Mallory Media"],
    "' OR 1=1 --": [],
    '" NEAR(': [],
}


def test_words_in_three_languages(found):
    assert {words: sorted(found(f"?q={quote(words)}")) for words in WORDS} == WORDS


CHOICES = {
    "platform=IG": ["Alice Social", "Dina Digital"],
    "platform=TG&platform=VK": ["Alice Social", "Mallory Media"],
    "platform=IG&language=vi": ["Dina Digital"],
    "platform=IG&platform=VK&responsibility=G1": ["Dina Digital", "Mallory Media"],
    "niche=food&responsibility=C1": ["Alice Social"],
    "niche=pets": [],
    "free=5": ["Alice Social", "Dina Digital"],
    "free=20": ["Alice Social"],
    "q=реклама&platform=IG": [],
    "q=реклама&platform=VK&free=5": [],
}


def test_any_within_a_kind_and_all_between_kinds(found):
    assert {query: sorted(found(f"?{query}")) for query in CHOICES} == CHOICES


BUDGETS = {
    "budget_to=60000": ["Alice Social", "Dina Digital"],
    "budget_to=59999": ["Dina Digital"],
    "budget_from=60000&budget_to=100000": ["Alice Social", "Mallory Media"],
    "budget_to=9000000&currency=VND": ["Dina Digital"],
    "budget_from=8000000&currency=RUB": ["Mallory Media"],
    "budget_from=70000&platform=IG": [],
}


def test_budgets_meet_across_currencies(found):
    """€600; ₫9,000,000 ≈ €296; ₽90,000 ≈ €989."""
    assert {query: sorted(found(f"?{query}")) for query in BUDGETS} == BUDGETS


def test_orders(found):
    assert found("?sort=price") == ["Dina Digital", "Alice Social", "Mallory Media"]
    assert found("?sort=free") == ["Alice Social", "Dina Digital", "Mallory Media"]
    assert len(found("?sort=best")) == 3


def test_counts_tell_what_each_choice_would_give(database, three):
    with database.read() as db:
        everyone = queries.survey(db, EVERYONE)
        chosen = queries.survey(db, Filters(chosen=(("platform", ("IG",)),)))
    assert (everyone.total, everyone.capped) == (3, False)
    assert everyone.counts["platform"] == {"IG": 2, "TG": 1, "TT": 1, "VK": 1}
    assert everyone.counts["free"] == {"5": 2, "10": 1, "20": 1}
    assert chosen.total == 2
    assert chosen.counts["platform"] == {"IG": 2, "TG": 1, "TT": 1, "VK": 1}
    assert chosen.counts["language"] == {"en": 1, "ru": 1, "vi": 1}
    assert chosen.counts["niche"] == {"food": 2, "travel": 1}


def test_counts_are_remembered_for_a_minute_and_the_list_is_not(database, three, clock, as_):
    with database.read() as db:
        assert queries.survey(db, EVERYONE).total == 3
    as_("dina").api("DELETE", "/profile/publication")
    with database.read() as db:
        assert queries.survey(db, EVERYONE).total == 3
        assert len(queries.list_specialists(db, EVERYONE).rows) == 2
    clock.forward(seconds=60)
    with database.read() as db:
        assert queries.survey(db, EVERYONE).total == 2


def test_pages_do_not_shift_while_people_join(database, three):
    """Every row of the first look is seen once, though others are published between two pages."""
    with database.write() as db:
        put_crowd(db, 60)
    with database.read() as db:
        before = {row.id for row in queries.list_specialists(db, EVERYONE, size=100).rows}
    seen: list = []
    after = None
    for number in range(20):
        with database.read() as db:
            page = queries.list_specialists(db, EVERYONE, after=after, size=10)
        seen += [row.id for row in page.rows]
        after = page.next
        if after is None:
            break
        with database.write() as db:
            put_crowd(db, 3, seed=number + 2)
    assert len(seen) == len(set(seen))
    assert before <= set(seen)


ASKED = [
    EVERYONE,
    Filters(chosen=(("platform", ("IG",)),)),
    Filters(chosen=(("platform", ("FB", "IG")), ("language", ("en",)))),
    Filters(chosen=(("free", ("10",)), ("niche", ("food",))), low=10_000, high=200_000),
    Filters(q="reels"),
    Filters(q="таргет", chosen=(("platform", ("IG",)),), high=100_000),
]


@pytest.mark.parametrize("sort", list(Sort))
def test_every_way_of_asking_finds_what_a_plain_look_finds(database, sort):
    """Whatever a statement starts from: the same rows, in order, in pages of seven as in one."""
    with database.write() as db:
        put_crowd(db, 150)
    with database.read() as db:
        everyone = queries.list_specialists(db, EVERYONE, sort, size=200).rows
        profiles = {profile.id: profile for profile in db.scalars(select(Profile))}
        for filters in ASKED:
            expected = [key.id for key in everyone if _fits(profiles[key.id], filters)]
            assert expected, filters
            assert [row.id for row in queries.list_specialists(db, filters, sort, size=200).rows] == expected
            assert [row.id for row in _in_sevens(db, filters, sort)] == expected
            assert queries.survey(db, filters).total == len(expected)


def _in_sevens(db, filters: Filters, sort: Sort):
    after = None
    while True:
        page = queries.list_specialists(db, filters, sort, after=after, size=7)
        yield from page.rows
        after = page.next
        if after is None:
            return


def _fits(row: Profile, filters: Filters) -> bool:
    """The same question, asked of one row in Python."""
    has = {
        "platform": {skill["code"] for skill in row.platforms},
        "language": {skill["code"] for skill in row.languages},
        "free": {str(step) for step in (5, 10, 20) if row.free_hours >= step},
        "niche": set(row.niches),
    }
    return (
        all(has[kind] & set(values) for kind, values in filters.chosen)
        and (filters.low is None or row.rate_eur >= filters.low)
        and (filters.high is None or row.rate_eur <= filters.high)
        and (not filters.q or filters.q in row.headline.split())
    )


def test_the_page_shares_its_address(as_, three):
    page = as_("").get("/specialists?platform=IG&platform=TG&budget_to=900&utm_source=mail")
    assert page.status_code == 200
    shown = text_of(page)
    assert "2 specialists" in shown
    assert "Up to €900" in shown
    links = [html.unescape(link) for link in re.findall(r'class="tag" href="([^"]+)"', page.text)]
    assert "/specialists?platform=TG&budget_to=900" in links
    assert "/specialists?platform=IG&platform=TG" in links
    assert 'value="IG" checked' in page.text
    assert 'value="900"' in page.text


def test_a_change_of_filters_brings_only_what_changed(as_, three):
    answer = as_("").get("/specialists?platform=VK&q=", headers={"HX-Request": "true"})
    assert answer.headers["HX-Push-Url"] == "/specialists?platform=VK"
    assert "<html" not in answer.text
    assert 'id="results"' in answer.text
    assert 'hx-target="#facet-platform"' in answer.text
    assert "Mallory Media" in answer.text
    assert "Alice Social" not in answer.text


def test_the_next_page_keeps_the_filters(as_, database):
    with database.write() as db:
        put_crowd(db, 80)
    page = as_("").get("/specialists?platform=IG&sort=price")
    following = html.unescape(re.search(r'href="([^"]+)" rel="next"', page.text).group(1))
    assert following.startswith("/specialists?platform=IG&sort=price&after=")
    second = as_("").get(following)
    assert second.status_code == 200
    first_names = set(re.findall(r"Specialist \d+", page.text))
    assert first_names.isdisjoint(re.findall(r"Specialist \d+", second.text))


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("budget_to=abc", "budget_to"),
        ("budget_to=-5", "budget_to"),
        ("budget_from=900&budget_to=100", "budget_to"),
        ("budget_to=99999999999999999999", "budget_to"),
        ("budget_from=NaN", "budget_from"),
        ("currency=XXX", "currency"),
        ("platform=ZZZ", "platform"),
        ("responsibility=%00", "responsibility"),
        ("language=klingon", "language"),
        ("niche=" + "x" * 500, "niche"),
        ("free=7", "free"),
        ("sort=random", "sort"),
        ("q=" + "x" * 200, "q"),
        ("q=a%E2%80%AEb", "q"),
        ("q=%00", "q"),
        ("after=" + "x" * 500, "after"),
    ],
)
def test_wrong_filters_are_said_beside_the_field(as_, query, field):
    nobody = as_("")
    page = nobody.get(f"/specialists?{query}")
    assert page.status_code == 422
    assert "One thing to fix" in text_of(page)
    fragment = nobody.get(f"/specialists?{query}", headers={"HX-Request": "true"})
    assert fragment.status_code == 422
    answer = nobody.client.get(f"/api/v1/specialists?{query}")
    assert answer.status_code == 422
    assert any(name.startswith(field) for name in answer.json()["fields"])


@pytest.mark.parametrize(
    "cursor",
    ["x", "WzFd", "W10", "bm9wZQ", "WyJwcmljZSIsIDEsICJ4Il0", "WyJiZXN0IiwgMSwgIngiXQ", "WyJiZXN0IiwgbnVsbCwgMV0"],
)
def test_a_made_up_cursor_is_refused(as_, cursor):
    assert as_("").get(f"/specialists?after={cursor}").status_code == 422
    assert as_("").client.get(f"/api/v1/specialists?after={cursor}").status_code == 422


def test_unknown_parameters_of_the_api_are_refused(as_, three):
    assert as_("").client.get("/api/v1/specialists?colour=red").status_code == 422
    assert as_("").client.get("/api/v1/specialists?limit=1000").status_code == 422
    assert as_("").client.get("/api/v1/specialists?limit=1").json()["next"]


@pytest.mark.parametrize(
    "query", ["", "?platform=IG&language=en&niche=food&free=5&budget_to=2000", "?q=reels&platform=IG"]
)
def test_a_fixed_number_of_questions(as_, database, query):
    """Signed in, with nothing remembered: six at most; the next reader two, and one for cards nobody has drawn yet."""
    bob = as_("bob")
    with database.write() as db:
        put_crowd(db, 10)
    with counted(database) as few:
        bob.get(f"/specialists{query}")
    with database.write() as db:
        put_crowd(db, 200, seed=2)
    with counted(database) as more:
        bob.get(f"/specialists{query}")
    with counted(database) as again:
        bob.get(f"/specialists{query}")
    asked = [len([s for s in seen if s.startswith(("SELECT", "WITH"))]) for seen in (few, more, again)]
    assert asked[0] <= 6
    assert asked[1:] == [3, 2]


def test_only_quick_answers_keep_the_others_waiting(as_, database, three):
    vk, nowhere = ("platform", ("VK",)), ("language", ("vi",))
    asked = {
        "platform=VK": (Filters(chosen=(vk,)), database.sqlite),
        "platform=VK&language=vi": (Filters(chosen=(vk, nowhere)), False),
        "q=cafe": (Filters(q="cafe"), False),
    }
    nobody = as_("")
    for query, (filters, quick) in asked.items():
        with database.read() as db:
            assert not queries.is_quick(db, filters)
        first = text_of(nobody.get(f"/specialists?{query}"))
        with database.read() as db:
            assert queries.is_quick(db, filters) is quick
        assert text_of(nobody.get(f"/specialists?{query}")) == first


def test_an_empty_directory_says_what_to_do(as_):
    assert "No specialists yet" in text_of(as_("").get("/specialists"))
    assert "Nobody matches all of this" in text_of(as_("").get("/specialists?platform=IG"))


def test_an_empty_page_says_what_to_leave_out(as_, database, three):
    nobody = as_("")
    page = nobody.get("/specialists?q=cafe&platform=TT&platform=FB&language=ru&budget_to=900")
    ways = dict(re.findall(r'<li class="spread"><a href="([^"]+)">([^<]+)</a>', page.text))
    assert list(ways.values()) == ["Without TikTok, Facebook", "Without Russian"]
    for address, words in ways.items():
        found = text_of(nobody.get(html.unescape(address)))
        assert "0 specialists" not in found
        assert "Nobody matches" not in found
        assert f"{words} 1 specialist" in text_of(page)
    with counted(database) as seen:
        nobody.get("/specialists?q=zzzz&platform=TT&language=ru&niche=food&free=5&budget_to=901")
    assert len([s for s in seen if s.startswith(("SELECT", "WITH"))]) <= 8
    alone = nobody.get("/specialists?q=zzzz").text
    assert '<li class="spread"><a' not in alone
    assert "Nobody matches all of this" in alone
