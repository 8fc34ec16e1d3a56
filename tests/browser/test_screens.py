"""What a finger needs, and what paper needs."""

from __future__ import annotations

import pytest

from tests.factories.scopes import make_running_contract

LOW = """() => [...document.querySelectorAll('main :is(.button, .choice, .select, .tabs a), .tab-bar :is(a, button)')]
    .filter(one => one.checkVisibility() && one.getBoundingClientRect().height < 42)
    .map(one => `${one.className} ${one.textContent.trim()} ${one.getBoundingClientRect().height}`)"""
"""Controls lower than 44 px, of which two may be the frame around a group of them."""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_one_taps_is_tall_enough(visit, database):
    with database.write() as db:
        contract = make_running_contract(db)
    alice = visit("alice", width=390, touch=True)
    for path in ("/settings/tokens", "/my/profile", "/deals", f"/contracts/{contract.id}/scope", "/offers"):
        alice.get(path)
        assert alice.page.evaluate(LOW) == [], path


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
