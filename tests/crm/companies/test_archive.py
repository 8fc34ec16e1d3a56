"""A company leaves the list and comes back with one click."""

from __future__ import annotations

import pytest

from crm.companies import queries
from crm.companies import service as companies
from tests.cast import viewer_of
from tests.factories.briefs import make_brief
from tests.factories.crm import make_company
from tests.factories.offers import make_proposal
from tests.factories.profiles import make_profile
from tests.people import text_of


@pytest.fixture
def company(database):
    with database.write() as db:
        return make_company(db)


def test_the_archive_is_offered_where_there_is_a_company(as_, company):
    alice, there = as_("alice"), "/companies?archived=true"
    assert there in alice.get("/companies").text
    alice.post(f"/companies/{company.id}/archive")
    page = alice.get("/companies").text
    assert "No companies yet" in page
    assert there in page
    assert there not in as_("mallory").get("/companies").text


def test_archived_and_undone(as_, company):
    alice = as_("alice")
    answer = alice.post(f"/companies/{company.id}/archive")
    page = alice.get(answer.headers["location"])
    assert "Halden Coffee archived" in text_of(page)
    assert f'action="/companies/{company.id}/restore"' in page.text
    assert alice.api("GET", "/companies").json()["rows"] == []
    assert "Halden Coffee" in text_of(alice.get("/companies?archived=true"))
    assert "Archived" in text_of(alice.get(f"/companies/{company.id}"))
    assert alice.post(f"/companies/{company.id}/restore").status_code == 303
    assert [row["name"] for row in alice.api("GET", "/companies").json()["rows"]] == ["Halden Coffee"]


def test_the_same_over_json(as_, company):
    alice = as_("alice")
    assert alice.api("DELETE", f"/companies/{company.id}").status_code == 204
    assert alice.api("DELETE", f"/companies/{company.id}").status_code == 409
    assert alice.api("GET", f"/companies/{company.id}").json()["archived"] is True
    assert alice.api("POST", f"/companies/{company.id}/restore").json()["archived"] is False
    assert alice.api("POST", f"/companies/{company.id}/restore").status_code == 409


def test_a_new_deal_brings_it_back_instead_of_a_second_one(as_, company):
    alice = as_("alice")
    assert alice.api("DELETE", f"/companies/{company.id}").status_code == 204
    made = alice.api("POST", "/deals", {"company": "Halden Coffee"})
    assert made.json()["company_id"] == str(company.id)
    assert [row["id"] for row in alice.api("GET", "/companies").json()["rows"]] == [str(company.id)]
    assert alice.api("GET", "/companies?archived=true").json()["rows"] == []


def test_so_does_an_offer_to_a_business_of_that_name(database):
    with database.write() as db:
        alice = viewer_of(db, "alice")
        known = make_company(db, name="Bob's Café")
        companies.archive(db, known, by=alice)
        make_profile(db, "alice")
        make_proposal(db, make_brief(db, viewer_of(db, "bob")), alice)
        assert [row.id for row in queries.list_companies(db, alice).rows] == [known.id]


def test_one_on_the_list_goes_before_an_archived_one(database):
    with database.write() as db:
        companies.archive(db, make_company(db), by=viewer_of(db, "alice"))
        listed = make_company(db)
        found = queries.find_named(db, listed.workspace_id, listed.name)
        assert found is not None
        assert found.id == listed.id


@pytest.mark.parametrize(("name", "status"), [("mallory", 404), ("bob", 404), ("agnes", 403)])
def test_others_do_not(as_, company, name, status):
    other = as_(name)
    assert other.post(f"/companies/{company.id}/archive").status_code == status
    assert other.api("DELETE", f"/companies/{company.id}").status_code == status
    assert other.api("POST", f"/companies/{company.id}/restore").status_code == status
    assert len(as_("alice").api("GET", "/companies").json()["rows"]) == 1
