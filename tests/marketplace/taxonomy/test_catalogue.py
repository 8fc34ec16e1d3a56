"""The trade as data: what the files promise to everyone who reads them."""

import copy
import re
import tomllib
from collections.abc import Iterable
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest

from marketplace.taxonomy.catalogue import FILES, BrokenCatalogue, UnknownCode, build, load
from marketplace.taxonomy.entries import Responsibility

TRADE = {"A": 6, "B": 6, "C": 5, "D": 8, "E": 5, "F": 5, "G": 5, "H": 6, "I": 3, "J": 3, "K": 4, "L": 4}
MONTHS = {"month": 1, "quarter": 3}


@pytest.fixture
def documents() -> dict[str, dict[str, Any]]:
    folder = files("marketplace.taxonomy") / "data"
    return {name: tomllib.loads((folder / f"{name}.toml").read_text("utf-8")) for name in FILES}


def hours(lines: Iterable[tuple[Responsibility, int]]) -> tuple[float, float]:
    """Hours once at the start and hours a month of these lines at these limits."""
    start = monthly = 0.0
    for duty, limit in lines:
        total = duty.norm_minutes * limit / 60
        if duty.default_period == "once":
            start += total
        else:
            monthly += total / MONTHS[duty.default_period]
    return start, monthly


def preset_hours(code: str) -> tuple[float, float]:
    trade = load()
    return hours((trade.responsibility(line), limit) for line, limit in trade.preset_limits(code).items())


def test_twelve_groups_hold_sixty_responsibilities() -> None:
    trade = load()
    assert {code: len(trade.responsibilities_of(code)) for code in trade.groups} == TRADE
    assert len(trade.responsibilities) == 60


def test_codes_run_through_each_group_without_gaps() -> None:
    expected = [f"{group}{number}" for group, count in TRADE.items() for number in range(1, count + 1)]
    assert list(load().responsibilities) == expected


def test_names_within_one_kind_differ() -> None:
    trade = load()
    for table in (trade.responsibilities, trade.platforms, trade.niches, trade.kpis, trade.skills):
        names = [entry.name for entry in table.values()]
        assert len(names) == len(set(names)), table.kind


@pytest.mark.parametrize("group", TRADE)
def test_usual_hours_agree_with_norms(group: str) -> None:
    trade = load()
    said = re.findall(r"(\d+) to (\d+) hours (at the start|a month)", trade.group(group).usual_hours)
    ranges = {when: (int(low), int(high)) for low, high, when in said}
    start, monthly = hours((duty, duty.default_limit) for duty in trade.responsibilities_of(group))
    for when, worked in (("at the start", start), ("a month", monthly)):
        low, high = ranges.get(when, (0, 0))
        assert low <= worked <= high


def test_every_unit_is_used() -> None:
    trade = load()
    assert {duty.unit for duty in trade.responsibilities.values()} == set(trade.units)


def test_reply_duties_have_a_time_to_react() -> None:
    timed = {code for code, duty in load().responsibilities.items() if duty.sla_default_minutes}
    assert timed == {"E1", "E2", "E3", "F2"}


def test_feed_filler_takes_four_hours_a_week() -> None:
    start, monthly = preset_hours("feed_filler")
    assert start == 0
    assert monthly / 4.33 == pytest.approx(4, abs=0.25)


def test_full_cycle_is_practically_full_time() -> None:
    trade = load()
    assert {trade.responsibility(code).group for code in trade.preset("full_cycle").responsibilities} == set("ABCDEFK")
    assert 130 <= preset_hours("full_cycle")[1] <= 173


def test_only_old_networks_are_legacy() -> None:
    trade = load()
    assert {code for code, platform in trade.platforms.items() if platform.legacy} == {"MM", "LJ"}
    assert {"MM", "LJ"}.isdisjoint(platform.code for platform in trade.current_platforms())
    assert {"IG", "FB", "TT", "YT", "TG", "VK", "OK", "ZL", "LI", "PI", "X", "TH", "WA"} <= set(trade.platforms)
    assert trade.platform("ZL").region == "vn"


def test_kpi_directions() -> None:
    directions = {code: kpi.direction for code, kpi in load().kpis.items()}
    falling = {
        "response_time",
        "negative_feedback",
        "cost_per_lead",
        "cost_per_follower",
        "mention_reaction_time",
    }
    assert {code for code, direction in directions.items() if direction == "down"} == falling
    assert {code for code, direction in directions.items() if direction == "target"} == {"delivery_vs_scope"}
    assert load().kpi("delivery_vs_scope").target == 100


def test_currencies_compare_to_the_euro() -> None:
    trade = load()
    assert trade.currency("EUR").per_eur == Decimal(1)
    assert trade.currency("VND").minor_digits == 0
    assert len(trade.currencies) == 13
    assert len({currency.as_of for currency in trade.currencies.values()}) == 1


def test_brief_asks_about_every_side_of_the_business() -> None:
    trade = load()
    sections = [
        "business",
        "audience",
        "now",
        "goal",
        "growth",
        "engagement",
        "conversion",
        "content",
        "risk",
        "work",
    ]
    assert list(trade.sections) == sections
    assert all(trade.questions_of(section) for section in sections)
    fields = [question.field for question in trade.questions.values() if question.field]
    assert len(fields) == len(set(fields))
    for question in trade.questions.values():
        codes = [option.code for option in question.options]
        assert len(codes) == len(set(codes)), question.code


def test_an_unknown_code_is_named() -> None:
    trade = load()
    with pytest.raises(UnknownCode, match="no platform has the code 'ICQ'"):
        trade.platform("ICQ")
    with pytest.raises(UnknownCode):
        trade.responsibilities_of("Z")
    assert "ICQ" not in trade.platforms
    assert trade.platforms.get("ICQ") is None


def test_an_entry_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        load().unit("post").one = "tweet"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("file", "path", "value", "fault"),
    [
        (
            "responsibilities",
            ("responsibility", "A1", "scope", "unit"),
            "pebble",
            "no unit has the code 'pebble'",
        ),
        ("responsibilities", ("responsibility", "A1", "scope", "norm_minutes"), 0, "A1: .*norm_minutes"),
        ("responsibilities", ("responsibility", "A1", "name"), "x" * 41, "A1: .*name"),
        ("responsibilities", ("responsibility", "A1", "colour"), "red", "A1: .*colour"),
        ("responsibilities", ("group",), {}, "A1: no group has the code 'A'"),
        (
            "presets",
            ("preset", "design", "responsibilities"),
            ["B9"],
            "design: no responsibility has the code 'B9'",
        ),
        ("presets", ("preset", "design", "limits"), {"C1": 2}, "design: a limit for C1"),
        (
            "archetypes",
            ("archetype", "blogger", "platforms"),
            ["ICQ"],
            "blogger: no platform has the code 'ICQ'",
        ),
        ("kpis", ("kpi", "leads", "direction"), "sideways", "leads: .*direction"),
        ("kpis", ("kpi", "leads", "target"), 5, "leads: a target value"),
        (
            "questionnaire",
            ("question", "tone", "section"),
            "weather",
            "tone: no section has the code 'weather'",
        ),
        ("questionnaire", ("question", "tone", "options"), [], "tone: a choice has one source of options"),
        ("questionnaire", ("question", "tone", "unit"), "money", "tone: only a number has a unit"),
        ("units", ("version",), 0, "units.toml: version"),
    ],
)
def test_a_broken_file_is_refused(
    documents: dict[str, dict[str, Any]], file: str, path: tuple[str, ...], value: object, fault: str
) -> None:
    broken = copy.deepcopy(documents)
    target = broken[file]
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    with pytest.raises(BrokenCatalogue, match=f"(?s){fault}"):
        build(broken)
