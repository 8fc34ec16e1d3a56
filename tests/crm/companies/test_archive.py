"""A company leaves the list and comes back with one click."""

from __future__ import annotations

import pytest

from tests.factories.crm import make_company
from tests.people import text_of


@pytest.fixture
def company(database):
    with database.write() as db:
        return make_company(db)


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


@pytest.mark.parametrize(("name", "status"), [("mallory", 404), ("bob", 404), ("agnes", 403)])
def test_others_do_not(as_, company, name, status):
    other = as_(name)
    assert other.post(f"/companies/{company.id}/archive").status_code == status
    assert other.api("DELETE", f"/companies/{company.id}").status_code == status
    assert other.api("POST", f"/companies/{company.id}/restore").status_code == status
    assert len(as_("alice").api("GET", "/companies").json()["rows"]) == 1
