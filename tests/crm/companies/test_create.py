"""A specialist keeps an address book that nobody else can see."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from core.db import Database
from core.events import Event
from crm.companies.models import Company
from tests.people import text_of


def count(database: Database, table: type = Company) -> int:
    with database.read() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def test_a_company_is_added_and_found_again(as_, database):
    alice = as_("alice")
    answer = alice.post("/companies", {"name": "Пекарня «Северный Хлеб»", "city": "Riga", "niche": ""})
    assert answer.status_code == 303
    page = alice.get(answer.headers["location"])
    assert "Северный Хлеб" in text_of(page)
    assert "Северный Хлеб" in text_of(alice.get("/companies?q=хлеба"))
    with database.read() as db:
        assert db.scalar(select(func.count()).where(col(Event.kind) == "company.created")) == 1


def test_the_same_over_json(as_, database):
    alice = as_("alice")
    made = alice.api("POST", "/companies", {"name": "Phở Nhà Sen", "city": "Đà Nẵng"})
    assert made.status_code == 201
    listed = alice.api("GET", "/companies?q=da nang").json()
    assert [row["name"] for row in listed["rows"]] == ["Phở Nhà Sen"]


def test_a_second_one_of_a_name_is_asked_back(as_, database):
    alice = as_("alice")
    first = alice.post("/companies", {"name": "Roast & Rye", "city": "Leeds"}).headers["location"]
    asked = alice.post("/companies", {"name": "Roast & Rye", "city": "York"})
    assert asked.status_code == 422
    assert "You have a company of this name already." in text_of(asked)
    assert f'href="{first}"' in asked.text
    assert 'value="York"' in asked.text
    assert alice.api("POST", "/companies", {"name": "Roast & Rye"}).json()["fields"]["name"]
    assert count(database) == 1
    assert alice.post("/companies", {"name": "Roast & Rye", "city": "York", "again": "on"}).status_code == 303
    assert alice.api("POST", "/companies", {"name": "Roast & Rye", "again": True}).status_code == 201
    assert count(database) == 3


@pytest.mark.parametrize("name", ["mallory", "dina", "bob"])
def test_nobody_else_sees_it(as_, name):
    made = as_("alice").api("POST", "/companies", {"name": "Secret client"}).json()
    stranger = as_(name)
    assert stranger.api("GET", f"/companies/{made['id']}").status_code == 404
    assert stranger.get(f"/companies/{made['id']}").status_code == 404
    assert "Secret client" not in stranger.get("/companies").text


def test_a_reader_looks_but_does_not_touch(as_, database):
    agnes = as_("agnes")
    assert agnes.get("/companies").status_code == 200
    assert agnes.post("/companies", {"name": "Nope"}).status_code == 403
    assert agnes.api("POST", "/companies", {"name": "Nope"}).status_code == 403
    assert count(database) == 0


def test_wrong_input_is_shown_beside_the_field_and_kept(as_, database):
    answer = as_("alice").post("/companies", {"name": "", "city": "Riga", "website": "javascript:alert(1)"})
    assert answer.status_code == 422
    assert "Fill this in." in answer.text
    assert 'value="Riga"' in answer.text
    assert count(database) == 0


@pytest.mark.parametrize("name", ["a\x00b", "a\u202eb", "x" * 81, "", 7, None, ["a"], {"a": 1}])
def test_bad_json_is_a_422_and_stores_nothing(as_, database, name):
    answer = as_("alice").api("POST", "/companies", {"name": name})
    assert answer.status_code == 422
    assert "name" in answer.json()["fields"]
    assert count(database) == 0


@pytest.mark.parametrize("body", [b'{"name": "\\ud800"}', b'{"name": NaN}', b"[" * 5000, b"{", b"\xff\xfe", b""])
def test_a_broken_body_is_a_4xx(as_, database, body):
    alice = as_("alice")
    headers = {"Authorization": f"Bearer {alice.token}", "Content-Type": "application/json"}
    answer = alice.client.post("/api/v1/companies", content=body, headers=headers)
    assert 400 <= answer.status_code < 500
    assert set(answer.json()) == {"error", "detail", "fields"}
    assert count(database) == 0


def test_a_repeated_key_makes_one_company(as_, database):
    alice = as_("alice")
    first = alice.api("POST", "/companies", {"name": "Once"}, headers={"Idempotency-Key": "k1"})
    second = alice.api("POST", "/companies", {"name": "Once"}, headers={"Idempotency-Key": "k1"})
    other = alice.api("POST", "/companies", {"name": "Twice"}, headers={"Idempotency-Key": "k1"})
    assert first.json() == second.json()
    assert other.status_code == 422
    assert count(database) == 1
