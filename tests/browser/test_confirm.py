"""What is hard to take back is asked in the page's own dialog, in the words of the pressed button."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from marketplace.offers.models import Offer, OfferStatus
from tests.cast import viewer_of
from tests.factories.briefs import make_brief
from tests.factories.crm import make_deal
from tests.factories.offers import make_proposal
from tests.factories.profiles import make_profile

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
STRAYED = "document.activeElement !== document.body && !document.activeElement.closest('dialog')"


@pytest.fixture
def offer_id(database):
    with database.write() as db:
        make_profile(db)
        return make_proposal(db, make_brief(db, viewer_of(db, "bob")), viewer_of(db, "alice")).id


def status_of(database, offer_id) -> OfferStatus:
    with database.read() as db:
        return db.get_one(Offer, offer_id).status


def test_an_acceptance_is_asked_back(visit, database, offer_id):
    bob = visit("bob")
    bob.get(f"/offers/{offer_id}")
    accept, question = bob.main.get_by_role("button", name="Accept version 1"), bob.page.get_by_role("dialog")
    expect(question).to_be_hidden()
    for leave in (lambda: bob.page.keyboard.press("Escape"), question.get_by_role("button", name="Cancel").click):
        accept.click()
        expect(question).to_have_accessible_name("Accept version 1? A contract draft is made of it.")
        expect(question.get_by_role("button", name="Cancel")).to_be_focused()
        for _key in range(4):
            bob.page.keyboard.press("Tab")
            assert not bob.page.evaluate(STRAYED)
        leave()
        expect(question).to_be_hidden()
        expect(accept).to_be_focused()
    assert status_of(database, offer_id) is OfferStatus.VIEWED
    bob.agree("Accept version 1")
    bob.sees("The contract draft has exactly these terms.")
    assert not bob.questions


def test_a_question_out_of_a_menu_leads_back_to_its_button(visit, database):
    with database.write() as db:
        deal = make_deal(db)
    alice = visit("alice", width=390)
    alice.get(f"/deals/{deal.id}")
    more = alice.main.get_by_role("button", name="More")
    more.click()
    alice.press("Delete this deal")
    alice.page.keyboard.press("Escape")
    expect(more).to_be_focused()
    more.click()
    alice.agree("Delete this deal")
    alice.page.wait_for_url("**/deals")


def test_without_scripts_nothing_is_asked(visit, offer_id):
    bob = visit("bob", scripts=False)
    bob.get(f"/offers/{offer_id}")
    bob.press("Accept version 1")
    bob.sees("The contract draft has exactly these terms.")
