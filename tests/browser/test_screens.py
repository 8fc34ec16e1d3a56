"""What a finger needs, and what paper needs."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.factories.crm import make_company
from tests.factories.scopes import make_running_contract

LOW = """() => [...document.querySelectorAll(`
        main :is(.button, .choice, .select, .tabs a, .table.folds th > a, .index-list a),
        .tab-bar :is(a, button), .site-footer li a`)]
    .filter(one => one.checkVisibility() && one.getBoundingClientRect().height < 42)
    .map(one => `${one.className} ${one.textContent.trim()} ${one.getBoundingClientRect().height}`)"""
"""Controls lower than 44 px, of which two may be the frame around a group of them."""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_one_taps_is_tall_enough(visit, database):
    with database.write() as db:
        contract = make_running_contract(db)
        make_company(db)
    alice = visit("alice", width=390, touch=True)
    paths = ("/settings/tokens", "/my/profile", "/deals", f"/contracts/{contract.id}/scope", "/offers")
    for path in (*paths, "/companies", "/responsibilities"):
        alice.get(path)
        assert alice.page.evaluate(LOW) == [], path


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("width", [390, 1280])
def test_a_long_form_keeps_its_button_in_sight(visit, width):
    alice = visit("alice", width=width)
    alice.get("/settings/notices")
    save = alice.main.get_by_role("button", name="Save")
    for _ in range(2):
        expect(save).to_be_in_viewport(ratio=1)
        box = save.bounding_box()
        at = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
        assert save.evaluate("(save, at) => document.elementFromPoint(...at) === save", at)  # nothing lies over it
        alice.page.evaluate("scrollTo(0, document.body.scrollHeight)")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_column_of_choices_is_ticked_in_one_go(visit):
    alice = visit("alice")
    alice.get("/settings/notices")
    group = alice.main.get_by_role("table", name="Offers")
    mails, others = group.locator("[name=email]"), group.locator("[name=in_app]:checked")
    before, count = others.count(), mails.count()
    button = group.get_by_role("button", name="Offers: all by e-mail")
    for ticked in (count, 0):
        button.click()
        expect(group.locator("[name=email]:checked")).to_have_count(ticked)
    assert others.count() == before
    without = visit("alice", scripts=False)
    without.get("/settings/notices")
    expect(without.main.get_by_role("button")).to_have_count(1)  # to save


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_table_is_printed_as_a_table(visit, database):
    """A sheet of A4 is as narrow as a small tablet, where the rows of a table become cards."""
    with database.write() as db:
        contract = make_running_contract(db)
    alice = visit("alice", width=680)
    alice.get(f"/contracts/{contract.id}/scope")
    row = alice.page.locator("tbody tr:not(.group)").first
    assert row.evaluate("row => getComputedStyle(row).display") == "block"
    alice.page.emulate_media(media="print")
    assert row.evaluate("row => getComputedStyle(row).display") == "table-row"
