"""Two people edit the same thing: the second to save is told, keeps what was typed, and decides."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import select

from core.db import Session
from crm.companies.models import Contact
from crm.deals.models import Deal
from marketplace.briefs.models import Brief
from marketplace.cases.models import Case
from tests.backdrop import Backdrop
from tests.cast import viewer_of
from tests.factories.briefs import make_brief
from tests.factories.cases import make_case
from tests.factories.crm import make_company, make_contact, make_deal
from tests.factories.profiles import make_profile
from tests.people import Person, fields, text_of

TOLD = "This was changed after you opened it."


@dataclass(frozen=True)
class Place:
    """A page with a form, where it goes, a field people type into, and who edits."""

    page: str
    action: str
    typed: str
    people: tuple[str, str] = ("alice", "anton")


STEPS = "/my/briefs/{brief}/steps/"
PERSON = "/companies/{company}/contacts/{contact}"
PLACES = {
    "profile": Place("/my/profile", "/my/profile", "headline"),
    "case": Place("/my/cases/{case}", "/my/cases/{case}", "goal"),
    "company": Place("/companies/{company}/edit", "/companies/{company}", "city"),
    "contact": Place(PERSON + "/edit", PERSON, "position"),
    "brief": Place(STEPS + "business", STEPS + "business", "summary", ("bob", "bella")),
    "brief's scope": Place(STEPS + "scope", STEPS + "scope", "lines-0-note", ("bob", "bella")),
    "brief's money": Place(STEPS + "money", STEPS + "money", "goal", ("bob", "bella")),
    "deal": Place("/deals/{deal}/edit", "/deals/{deal}/edit", "title"),
    "workspace": Place("/settings/workspace", "/settings/workspace", "city"),
}


def set_things(db: Session) -> None:
    """One of everything people edit."""
    make_profile(db)
    make_contact(db, make_company(db))
    make_case(db)
    make_deal(db)
    make_brief(db, viewer_of(db, "bob"))


@pytest.fixture(scope="session")
def backdrop() -> Backdrop:
    return Backdrop("edited", set_things)


@pytest.fixture(params=PLACES)
def place(request, database) -> Place:
    with database.read() as db:
        contact = db.scalars(select(Contact)).one()
        ids = {table.__tablename__: db.scalars(select(table.id)).one() for table in (Case, Deal, Brief)}
    ids |= {"contact": contact.id, "company": contact.company_id}
    found = PLACES[request.param]
    return Place(found.page.format(**ids), found.action.format(**ids), found.typed, found.people)


def opened(person: Person, place: Place) -> dict[str, list[str]]:
    return fields(person.get(place.page).text, place.action)


def test_the_second_to_save_is_told_and_decides(as_, place):
    first, second = (as_(name) for name in place.people)
    theirs, mine = opened(first, place), opened(second, place)
    assert first.post(place.action, {**theirs, place.typed: "Theirs"}).status_code == 303
    told = second.post(place.action, {**mine, place.typed: "Mine"})
    assert told.status_code == 409
    assert TOLD in text_of(told)
    again = fields(told.text, place.action)
    assert again[place.typed] == ["Mine"]
    assert opened(first, place)[place.typed] == ["Theirs"]
    assert second.post(place.action, again).status_code == 303
    assert opened(first, place)[place.typed] == ["Mine"]


def test_who_corrects_a_mistake_is_still_told(as_, place):
    """A refused form comes back knowing what its page showed at first."""
    first, second = (as_(name) for name in place.people)
    theirs, mine = opened(first, place), opened(second, place)
    assert first.post(place.action, {**theirs, place.typed: "Theirs"}).status_code == 303
    refused = second.post(place.action, {**mine, place.typed: "x" * 10_000})
    assert refused.status_code == 422
    again = fields(refused.text, place.action)
    assert second.post(place.action, {**again, place.typed: "Mine"}).status_code == 409
    assert opened(first, place)[place.typed] == ["Theirs"]


def test_nobody_is_told_of_the_own_change(as_, place):
    """Saved, and saved again from the page that follows."""
    person = as_(place.people[0])
    for text in ("One", "Two"):
        assert person.post(place.action, {**opened(person, place), place.typed: text}).status_code == 303
    assert opened(person, place)[place.typed] == ["Two"]
