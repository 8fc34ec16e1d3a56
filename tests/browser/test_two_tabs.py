"""A draft that saves itself, in two tabs and in one: the first is told of the other, the second never of itself."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from marketplace.briefs.models import Brief
from tests.browser.people import Visitor
from tests.cast import viewer_of
from tests.factories.briefs import make_draft

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
PAUSE = 600
"""Milliseconds, as in ``static/js/autosave.js``."""


@pytest.fixture
def draft(database):
    with database.write() as db:
        return make_draft(db, viewer_of(db, "bob"))


def stored(database, draft) -> Brief:
    with database.read() as db:
        return db.get_one(Brief, draft.id)


@pytest.fixture
def bob(visit) -> Visitor:
    """The clock of his pages goes by itself, and jumps where ``pause`` says so."""
    bob = visit("bob")
    bob.page.clock.install()
    return bob


def pause(page: Page) -> None:
    """As long as a form waits for a further key before it saves itself, gone by at once."""
    page.clock.fast_forward(PAUSE)


def at(page: Page, draft: Brief, step: str = "money") -> None:
    page.goto(f"/my/briefs/{draft.id}/steps/{step}")


def goal(page: Page):
    return page.get_by_label("Your goal")


def says(page: Page, text: str) -> None:
    expect(page.locator("[data-save-status]")).to_contain_text(text)


def test_the_second_tab_says_so_and_replaces_when_told_to(bob, database, draft):
    first, second = bob.page, bob.open_tab()
    for page in (first, second):
        at(page, draft)
    goal(first).fill("Twice as many guests")
    pause(first)
    says(first, "Saved as a draft")
    goal(second).fill("Half as many")
    pause(second)
    says(second, "changed in another tab or by somebody else")
    assert stored(database, draft).goal == "Twice as many guests"
    goal(second).fill("Half as many guests")
    second.get_by_role("button", name="Next", exact=True).click()
    expect(second.get_by_role("alert")).to_contain_text("changed after you opened it")
    expect(goal(second)).to_have_value("Half as many guests")
    says(second, "Saved once you press Next")
    assert stored(database, draft).goal == "Twice as many guests"
    second.get_by_role("button", name="Next", exact=True).click()
    second.wait_for_url("**/steps/work")
    assert stored(database, draft).goal == "Half as many guests"
    goal(first).fill("Three times as many")
    pause(first)
    says(first, "Reload to see that version")
    first.reload()
    expect(goal(first)).to_have_value("Half as many guests")
    assert bob.questions, "what would be lost was left without a question"


def hold(page: Page, *, stored: bool) -> None:
    """Type, and keep the page from hearing what became of it: ``stored`` says whether it got to the server."""
    held: list[Route] = []
    page.route("**/money/draft", lambda route: held.append(route), times=1)
    with page.expect_request("**/money/draft"):
        goal(page).press_sequentially("More guests", delay=5)
        pause(page)
    while not held:
        page.evaluate("0")  # lets the browser say so
    if stored:
        assert held[0].fetch().ok


@pytest.mark.parametrize("got_there", [True, False])
def test_a_button_pressed_while_an_answer_is_on_its_way(bob, database, draft, got_there):
    """And the way back from there, to type on."""
    page = bob.page
    at(page, draft)
    goal(page).fill("")
    hold(page, stored=got_there)
    goal(page).press_sequentially(", twice a week", delay=5)
    page.get_by_role("button", name="Next", exact=True).click()
    page.wait_for_url("**/steps/work")
    assert stored(database, draft).goal == "More guests, twice a week"
    page.go_back()
    expect(goal(page)).to_have_value("More guests, twice a week")
    goal(page).fill("Regulars")
    pause(page)
    says(page, "Saved as a draft")
    page.get_by_role("link", name="Business").click()
    page.wait_for_url("**/steps/business")
    page.go_back()
    expect(goal(page)).to_have_value("Regulars")
    goal(page).fill("Regulars again")
    pause(page)
    says(page, "Saved as a draft")
    assert stored(database, draft).goal == "Regulars again"


def test_a_page_left_while_it_saves_loses_nothing(bob, database, draft):
    page = bob.page
    at(page, draft)
    goal(page).fill("")
    hold(page, stored=True)
    goal(page).press_sequentially(", please", delay=5)
    page.goto("/my/briefs")
    for _turn in range(50):  # what a page sends while it goes is heard of by nobody
        at(page, draft)
        if goal(page).input_value() != "More guests":
            break
    assert stored(database, draft).goal == "More guests, please"


def test_a_lost_answer_is_no_conflict(bob, database, draft):
    page = bob.page
    at(page, draft)

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/money/draft", lose, times=1)
    goal(page).fill("More guests")
    pause(page)
    says(page, "Not saved")
    goal(page).fill("More guests, please")
    pause(page)
    says(page, "Saved as a draft")
    assert stored(database, draft).goal == "More guests, please"
