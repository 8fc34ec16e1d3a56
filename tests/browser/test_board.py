"""The pipeline: cards moved by mouse, by keyboard and without scripts; a refused card goes back and says why."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from core.db import Database
from crm.deals import moves
from crm.deals.models import Deal, StageKind
from tests.cast import viewer_of
from tests.factories.briefs import make_brief
from tests.factories.crm import make_deal, move_to
from tests.factories.offers import make_proposal
from tests.factories.profiles import make_profile


@pytest.fixture
def deal(database: Database) -> Deal:
    with database.write() as db:
        make_deal(db, company="Other people")
        return make_deal(db, company="Halden Coffee")


def stage(page: Page, name: str) -> Locator:
    """The column of a stage."""
    return page.locator("#board section").filter(has=page.get_by_role("heading", name=name, exact=True))


def card(column: Locator) -> Locator:
    return column.get_by_role("article").filter(has_text="Halden Coffee")


def drag(page: Page, to: str) -> None:
    """Take the card and let it go over a column."""
    card(page.locator("#board")).drag_to(stage(page, to).locator("ol"), target_position={"x": 60, "y": 20})


def stored(database: Database, deal: Deal) -> Deal:
    with database.read() as db:
        return db.get_one(Deal, deal.id)


def test_a_card_is_dragged(visit, database, deal):
    page = visit("alice").page
    page.goto("/deals")
    expect(stage(page, "Lead").locator(".count")).to_have_text("2")
    drag(page, "Contacted")
    toast = page.locator("#toasts")
    expect(toast).to_contain_text("Moved to Contacted")
    expect(card(stage(page, "Contacted"))).to_be_visible()
    expect(stage(page, "Lead").locator(".count")).to_have_text("1")
    assert stored(database, deal).stage_kind is StageKind.CONTACTED
    toast.get_by_role("button", name="Undo").click()
    expect(toast).to_contain_text("Moved to Lead")
    expect(card(stage(page, "Lead"))).to_be_visible()
    assert stored(database, deal).stage_kind is StageKind.LEAD


def test_a_card_that_needs_more_than_a_drag_goes_back_and_offers_the_form(visit, database, deal):
    alice = visit("alice", width=2600)
    page = alice.page
    page.goto("/deals")
    drag(page, "Lost")
    toast = page.get_by_role("alert")
    expect(toast).to_contain_text("Say why the deal was lost")
    expect(card(stage(page, "Lead"))).to_be_visible()
    expect(card(stage(page, "Lost"))).to_have_count(0)
    assert stored(database, deal).stage_kind is StageKind.LEAD
    toast.get_by_role("link").click()
    alice.main.get_by_label("Why it was lost").select_option(index=1)
    alice.press("Move")
    alice.sees("Lost")
    assert stored(database, deal).stage_kind is StageKind.LOST


def test_a_card_somebody_else_moved_goes_back(visit, database, deal):
    page = visit("alice").page
    page.goto("/deals")
    with database.write() as db:
        moves.move(db, db.get_one(Deal, deal.id), move_to(db, deal, StageKind.QUALIFIED), by=viewer_of(db, "anton"))
    drag(page, "Contacted")
    expect(page.get_by_role("alert")).to_contain_text("changed in the meantime")
    expect(card(stage(page, "Lead"))).to_be_visible()
    assert stored(database, deal).stage_kind is StageKind.QUALIFIED


def test_a_card_is_moved_by_keyboard(visit, database, deal):
    page = visit("alice").page
    page.goto("/deals")
    card(page.locator("#board")).get_by_role("link", name="Halden Coffee", exact=True).focus()
    page.keyboard.press("m")
    menu = page.get_by_role("group", name="Move to")
    expect(menu).to_be_visible()
    expect(menu.get_by_role("button", name="Lead")).to_be_disabled()
    expect(menu.get_by_role("button", name="Contacted")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    page.keyboard.press("m")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text(re.compile("Moved to"))
    moved = card(page.locator("#board")).get_by_role("link", name="Halden Coffee", exact=True)
    expect(moved).to_be_focused()
    assert stored(database, deal).stage_kind is StageKind.QUALIFIED


def test_stages_a_deal_is_kept_out_of_are_not_offered(visit, database, deal):
    with database.write() as db:
        make_profile(db, "alice")
        make_deal(db, company="Bob's Café")
        make_proposal(db, make_brief(db, viewer_of(db, "bob")), viewer_of(db, "alice"), send=False)
        make_deal(db, company="Gone", stage=StageKind.LOST)
    page = visit("alice").page
    page.goto("/deals")
    menu = page.get_by_role("group", name="Move to")

    def offered(company: str) -> list[str]:
        page.get_by_role("link", name=f"Move {company}").click()
        expect(menu).to_be_visible()
        names = [button.inner_text().strip() for button in menu.get_by_role("button", disabled=False).all()]
        page.keyboard.press("Escape")
        return names

    open_ones = ["Contacted", "Qualified", "Proposal", "Negotiation", "Won…", "On hold…", "Lost…"]
    assert offered("Halden Coffee") == open_ones
    assert offered("Gone") == ["Qualified"]
    assert offered("Bob's Café") == [name for name in open_ones if name != "Proposal"]
    page.get_by_role("link", name="Move Bob's Café").click()
    expect(menu.get_by_role("button", name="Proposal")).to_contain_text("Your offer to them is a draft")
    expect(menu.get_by_role("button", name="Won – waiting")).to_contain_text("An accepted offer brings a deal here")


def test_a_card_let_go_where_it_may_not_enter_goes_back_without_a_request(visit, database, deal):
    page = visit("alice", width=2600).page
    page.goto("/deals")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    drag(page, "Won – waiting for signatures")
    expect(page.get_by_role("alert")).to_contain_text("An accepted offer brings a deal here by itself")
    expect(card(stage(page, "Lead"))).to_be_visible()
    assert not [address for address in asked if address.endswith("/stage")]
    drag(page, "Proposal")
    expect(page.locator("#toasts")).to_contain_text("Moved to Proposal")
    assert stored(database, deal).stage_kind is StageKind.PROPOSAL


def test_a_board_that_is_out_of_date_is_refused_by_the_server(visit, database, deal):
    page = visit("alice").page
    with database.write() as db:
        make_profile(db, "alice")
        bob = make_deal(db, company="Bob's Café")
    page.goto("/deals")
    with database.write() as db:
        make_proposal(db, make_brief(db, viewer_of(db, "bob")), viewer_of(db, "alice"), send=False)
    page.get_by_role("link", name="Move Bob's Café").click()
    page.get_by_role("group", name="Move to").get_by_role("button", name="Proposal").click()
    expect(page.get_by_role("alert")).to_contain_text("Your offer to them is a draft")
    assert stored(database, bob).stage_kind is StageKind.LEAD


def test_a_card_is_moved_without_scripts(visit, database, deal):
    alice = visit("alice", scripts=False)
    alice.get("/deals")
    alice.main.get_by_role("link", name="Move Halden Coffee").click()
    alice.main.get_by_label("Move to", exact=True).select_option("Contacted")
    alice.fill(Next_step="Send two examples", When="2026-06-09")
    alice.press("Move")
    expect(card(stage(alice.page, "Contacted"))).to_contain_text("Send two examples")
    assert stored(database, deal).stage_kind is StageKind.CONTACTED
