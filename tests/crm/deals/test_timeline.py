"""A deal's timeline, notes and stage history go back to its first day, a page at a time."""

from __future__ import annotations

import re

import pytest

from crm.deals import service as deals
from crm.deals.models import Deal
from crm.deals.schemas import NextStepInput, NoteInput
from tests.cast import viewer_of
from tests.factories.crm import make_deal
from tests.people import text_of

NOTES = 60


@pytest.fixture
def deal(database) -> Deal:
    """A deal of a year: a note and a next step each week."""
    with database.write() as db:
        made, alice = make_deal(db), viewer_of(db, "alice")
        for number in range(NOTES):
            deals.note(db, made, NoteInput(text=f"Note {number:02}"), by=alice)
            deals.set_next_step(
                db, made, NextStepInput(next_step=f"Step {number}", next_step_on=db.now().date()), by=alice
            )
        return made


def pages_of(person, path: str, limit: int) -> list[list[dict]]:
    found, after = [], ""
    while after is not None:
        page = person.api("GET", f"{path}?limit={limit}{after and f'&after={after}'}").json()
        found.append(page["rows"])
        after = page["next"]
    return found


@pytest.mark.parametrize("limit", [7, 100])
def test_every_entry_comes_once_and_newest_first(as_, deal, limit):
    pages = pages_of(as_("alice"), f"/deals/{deal.id}/timeline", limit)
    assert {len(page) for page in pages[:-1]} == {limit}
    entries = [entry for page in pages for entry in page]
    assert [entry["id"] for entry in entries] == sorted({entry["id"] for entry in entries}, reverse=True)
    assert [entry["note"] for entry in entries if entry["kind"] == "note"][::-1] == [
        f"Note {n:02}" for n in range(NOTES)
    ]
    assert entries[-1]["kind"] == "deal.created"
    assert len(entries) == 2 * NOTES + 1


def test_what_comes_meanwhile_moves_nothing(as_, deal):
    alice, path = as_("alice"), f"/deals/{deal.id}/notes"
    first = alice.api("GET", f"{path}?limit=10").json()
    alice.api("POST", path, {"text": "In between"})
    second = alice.api("GET", f"{path}?limit=10&after={first['next']}").json()
    assert [row["text"] for row in second["rows"]] == [f"Note {n:02}" for n in range(NOTES - 11, NOTES - 21, -1)]


def test_the_page_goes_back_to_the_beginning(as_, deal):
    alice, seen, address = as_("alice"), "", f"/deals/{deal.id}"
    while address:
        page = alice.get(address)
        seen += text_of(page)
        found = re.search(r'href="([^"]+)" rel="next"', page.text)
        address = found[1].partition("#")[0] if found else ""
    assert "Deal added" in seen
    assert all(f"Note {number:02}" in seen for number in range(NOTES))


@pytest.mark.parametrize("part", ["notes", "changes", "timeline"])
def test_a_broken_address_is_refused(as_, deal, part):
    assert as_("alice").api("GET", f"/deals/{deal.id}/{part}?after=x").status_code == 422
    assert as_("alice").get(f"/deals/{deal.id}?after=x").status_code == 422


def test_the_page_shows_times_of_the_readers_own_zone_without_naming_it(database, as_, clock):
    with database.write() as db:
        deal = make_deal(db)
        deals.note(db, deal, NoteInput(text="Rang at noon"), by=viewer_of(db, "alice"))
    page = as_("alice").get(f"/deals/{deal.id}")
    at = clock()
    assert f"Today, {at:%H:%M}" in text_of(page)
    assert f'title="{at.day} {at:%b %Y, %H:%M} UTC"' in page.text
