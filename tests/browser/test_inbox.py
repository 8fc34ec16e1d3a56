"""The unread count, live in an open page."""

from __future__ import annotations

from playwright.sync_api import expect

from core.db import Database
from notifications.inbox.queries import unread_of
from tests.cast import CAST, viewer_of
from tests.factories.briefs import make_brief
from tests.factories.notices import happen


def tell_bob(database: Database) -> None:
    with database.write() as db:
        happen(db, "brief.invited")


def test_the_count_follows_what_happens(visit, database):
    bob = visit("bob").page
    bob.goto("/home")
    link = bob.get_by_role("navigation", name="Workspace").get_by_role("link", name="Inbox")
    count = link.locator("[data-unread-count]")
    expect(link).to_be_visible()
    expect(count).to_be_hidden()
    tell_bob(database)
    expect(count).to_have_text("1")
    tell_bob(database)
    expect(count).to_have_text("2")

    other_tab = visit("bob").page
    other_tab.goto("/inbox")
    other_tab.get_by_role("button", name="Mark all").click()
    expect(other_tab.get_by_text("All read")).to_be_visible()
    expect(count).to_be_hidden()


def test_opening_what_a_notice_is_about_takes_it_off_the_count(visit, database):
    with database.write() as db:
        brief = make_brief(db, viewer_of(db, "bob"))
        happen(db, "brief.invited", url=f"/briefs/{brief.id}")
        happen(db, "brief.invited", url="/offers")
    bob = visit("bob").page
    bob.goto("/home")
    count = bob.get_by_role("navigation", name="Workspace").locator("[data-unread-count]")
    expect(count).not_to_have_text("1")
    bob.goto(f"/briefs/{brief.id}")
    expect(count).to_have_text("1")
    bob.goto("/offers")
    expect(bob.get_by_role("heading", level=1)).to_be_visible()
    with database.read() as db:
        assert unread_of(db, CAST.bob.user_id) == 1
