"""Facts of a company and its contacts change; nobody else's do."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlmodel import col

from core.events import Event
from crm.companies.models import Company, Contact
from crm.companies.service import MOST_CONTACTS
from tests.counting import counted
from tests.factories.crm import make_company, make_contact, make_deal
from tests.people import text_of


@pytest.fixture
def company(database):
    with database.write() as db:
        made = make_company(db)
        make_contact(db, made)
        return made


@pytest.fixture
def contact(database, company):
    with database.read() as db:
        return db.scalars(select(Contact)).one()


def test_a_company_is_edited_on_its_page(as_, database, company):
    alice = as_("alice")
    form = alice.get(f"/companies/{company.id}/edit")
    assert 'value="Halden Coffee"' in form.text
    answer = alice.post(f"/companies/{company.id}", {"name": "Halden Roasters", "city": "Bergen"})
    assert answer.status_code == 303
    assert "Halden Roasters" in text_of(alice.get(answer.headers["location"]))
    assert "Halden Roasters" in text_of(alice.get("/companies?q=roasters henrik"[:22]))
    with database.read() as db:
        kinds = select(col(Event.kind)).where(col(Event.subject_id) == company.id)
        assert db.scalars(kinds.order_by(col(Event.id))).all() == [
            "company.created",
            "contact.added",
            "company.edited",
        ]


def test_the_same_over_json(as_, company):
    answer = as_("amir").api("PUT", f"/companies/{company.id}", {"name": "Halden", "website": "https://halden.example"})
    assert answer.status_code == 200
    assert (answer.json()["name"], answer.json()["city"]) == ("Halden", "")


def test_a_contact_is_edited_and_found_under_the_new_name(as_, company, contact):
    alice = as_("alice")
    path = f"/companies/{company.id}/contacts/{contact.id}"
    assert 'value="Henrik Lund"' in alice.get(f"{path}/edit").text
    answer = alice.post(path, {"name": "Astrid Moe", "email": "astrid@example.com"})
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    page = alice.get(f"/companies/{company.id}").text
    assert "Astrid Moe" in page
    assert "mailto:astrid@example.com" in page
    assert alice.api("GET", path).json()["email"] == "astrid@example.com"
    assert [row["name"] for row in alice.api("GET", "/companies?q=astrid").json()["rows"]] == ["Halden Coffee"]
    assert alice.api("GET", "/companies?q=henrik").json()["rows"] == []


def test_a_contacts_page_says_how_to_reach_the_person_and_lists_the_deals(as_, database, company):
    with database.write() as db:
        known = {"position": "Owner", "email": "astrid@example.com", "phone": "+47 (22) 12-34.56", "messenger": "@moe"}
        person = make_contact(db, company, name="Astrid Moe", **known)
        make_deal(db, contact="Astrid Moe", title="Talked over with Astrid")
        make_deal(db, title="Not hers")
    alice, path = as_("alice"), f"/companies/{company.id}/contacts/{person.id}"
    with counted(database) as seen:
        page = alice.get(path)
    assert len([statement for statement in seen if statement.startswith("SELECT")]) <= 3
    assert 'href="mailto:astrid@example.com"' in page.text
    assert 'href="tel:+4722123456"' in page.text
    assert "<form" in page.text.split("<main")[1]  # to delete
    assert 'name="position"' not in page.text  # to edit is a page of its own
    listed = f"/deals/list?contact={person.id}&stage=all"
    assert listed.replace("&", "&amp;") in page.text
    assert "Talked over with Astrid" in text_of(alice.get(listed))
    assert "Not hers" not in text_of(alice.get(listed))
    rows = alice.api("GET", f"/deals?contact={person.id}&stage=all").json()["rows"]
    assert [row["title"] for row in rows] == ["Talked over with Astrid"]
    assert as_("mallory").api("GET", f"/deals?contact={person.id}&stage=all").json()["rows"] == []


def test_a_number_with_words_is_no_link_and_a_reader_gets_no_buttons(as_, database, company):
    with database.write() as db:
        person = make_contact(db, company, name="Astrid Moe", phone="22 12 34 56 ext. 5")
    page = as_("agnes").get(f"/companies/{company.id}/contacts/{person.id}")
    assert "22 12 34 56 ext. 5" in text_of(page)
    assert "tel:" not in page.text
    assert f"/contacts/{person.id}/" not in page.text


def test_a_contact_is_deleted(as_, company, contact):
    alice = as_("alice")
    assert alice.post(f"/companies/{company.id}/contacts/{contact.id}/delete").status_code == 303
    assert alice.api("GET", f"/companies/{company.id}/contacts").json() == []
    assert alice.api("DELETE", f"/companies/{company.id}/contacts/{contact.id}").status_code == 404


@pytest.mark.parametrize("name", ["mallory", "bob"])
def test_strangers_change_nothing(as_, database, company, contact, name):
    stranger = as_(name)
    assert stranger.post(f"/companies/{company.id}", {"name": "Mine"}).status_code == 404
    path = f"/companies/{company.id}/contacts/{contact.id}"
    assert stranger.get(path).status_code == 404
    assert stranger.post(path, {"name": "Mine"}).status_code == 404
    assert stranger.api("DELETE", path).status_code == 404
    with database.read() as db:
        assert db.scalars(select(col(Company.name))).all() == ["Halden Coffee"]
        assert db.scalars(select(col(Contact.name))).all() == ["Henrik Lund"]


def test_a_contact_is_not_reached_through_another_company(as_, database, contact):
    with database.write() as db:
        other = make_company(db, name="Other")
    assert as_("alice").get(f"/companies/{other.id}/contacts/{contact.id}").status_code == 404


def test_a_reader_changes_nothing(as_, company, contact):
    agnes = as_("agnes")
    assert agnes.post(f"/companies/{company.id}", {"name": "Nope"}).status_code == 403
    assert agnes.post(f"/companies/{company.id}/contacts/{contact.id}/delete").status_code == 403


@pytest.mark.parametrize(
    ("field", "value"), [("city", "x" * 81), ("country", "x" * 81), ("website", "ftp://x"), ("niche", "nothing")]
)
def test_what_does_not_fit_is_refused_beside_its_field(as_, database, company, field, value):
    alice = as_("alice")
    answer = alice.post(f"/companies/{company.id}", {"name": "Halden", field: value})
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text
    assert field in alice.api("PUT", f"/companies/{company.id}", {"name": "Halden", field: value}).json()["fields"]
    with database.read() as db:
        assert db.scalars(select(col(Company.name))).all() == ["Halden Coffee"]


@pytest.mark.parametrize(
    ("field", "value"), [("position", "x" * 121), ("phone", "1" * 41), ("messenger", "x" * 121), ("email", "no")]
)
def test_a_contact_that_does_not_fit_is_refused(as_, company, contact, field, value):
    alice = as_("alice")
    path = f"/companies/{company.id}/contacts/{contact.id}"
    shown = alice.post(path, {"name": "Henrik", field: value})
    assert shown.status_code == 422
    assert field != "email" or "Enter an e-mail address, for example name@example.com." in text_of(shown)
    assert field in alice.api("PUT", path, {"name": "Henrik", field: value}).json()["fields"]
    assert alice.post(f"/companies/{company.id}/contacts", {"name": "Henrik", field: value}).status_code == 422


def test_a_company_has_as_many_contacts_as_a_page_shows(as_, database, company):
    with database.write() as db:
        for number in range(MOST_CONTACTS - 1):  # and the one who is there
            make_contact(db, company, name=f"Person {number}")
    path = f"/companies/{company.id}/contacts"
    refused = as_("alice").post(path, {"name": "One More"})
    assert refused.status_code == 409
    assert "at most 100 contacts" in text_of(refused)
    assert 'value="One More"' in refused.text
    assert as_("alice").api("POST", path, {"name": "One More"}).status_code == 409
    assert len(as_("alice").api("GET", path).json()) == MOST_CONTACTS


def test_pages_ask_the_database_a_fixed_number_of_times(as_, database, company):
    with database.write() as db:
        for number in range(12):
            make_contact(db, company, name=f"Person {number}")
    alice = as_("alice")
    with counted(database) as seen:
        alice.get(f"/companies/{company.id}")
    assert len([statement for statement in seen if statement.startswith("SELECT")]) == 3
