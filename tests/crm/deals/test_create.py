"""A deal is added with its company and contact; it starts as a lead and only its workspace sees it."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from core.events import Event
from crm.companies.models import Company, Contact
from crm.deals.models import Deal, Stage, StageChange, StageKind
from crm.deals.words import STAGE_NAMES
from tests.factories.crm import make_company, make_deal
from tests.people import text_of

FORM = {
    "company": "Phở Nhà Sen",
    "contact": "Đặng Minh Khôi",
    "amount": "19.000.000",
    "currency": "VND",
    "monthly": "true",
    "platforms": ["FB", "ZL"],
    "source": "kwork",
    "next_step": "Send three ideas",
    "next_step_on": "2026-06-08",
}


def counts(database):
    with database.read() as db:
        return [db.scalar(select(func.count()).select_from(table)) for table in (Deal, Company, Contact, StageChange)]


def test_a_specialist_starts_with_nine_stages_and_a_business_with_none(database, cast):
    with database.read() as db:
        stages = db.execute(select(col(Stage.workspace_id), col(Stage.kind)).order_by(col(Stage.position))).all()
    mine = [kind for workspace_id, kind in stages if workspace_id == cast.alice.workspace_id]
    assert mine == list(STAGE_NAMES)
    assert cast.bob.workspace_id not in {workspace_id for workspace_id, _ in stages}


def test_a_deal_is_added_with_a_new_company(as_, database):
    alice = as_("alice")
    assert alice.get("/deals/new").status_code == 200
    answer = alice.post("/deals", FORM)
    assert answer.status_code == 303
    page = text_of(alice.get(answer.headers["location"]))
    for words in ("Phở Nhà Sen", "Đặng Minh Khôi", "₫19,000,000", "Lead", "Kwork"):
        assert words in page
    with database.read() as db:
        deal = db.scalars(select(Deal)).one()
        assert (deal.amount, deal.currency, deal.monthly, deal.stage_kind) == (19_000_000, "VND", True, StageKind.LEAD)
        assert deal.value > 0
        kinds = db.scalars(select(col(Event.kind)).where(col(Event.subject_id) == deal.id)).all()
        assert kinds == ["deal.created"]
    assert counts(database) == [1, 1, 1, 1]


def test_a_known_company_is_used_again(as_, database):
    with database.write() as db:
        make_company(db, name="Phở Nhà Sen")
    alice = as_("alice")
    alice.post("/deals", FORM)
    alice.post("/deals", FORM)
    assert counts(database) == [2, 1, 1, 2]


def test_from_the_company_page(as_, database):
    with database.write() as db:
        company = make_company(db)
    alice = as_("alice")
    page = alice.get(f"/deals/new?company={company.id}")
    assert f'name="company_id" value="{company.id}"' in page.text
    answer = alice.post("/deals", {"company_id": str(company.id), "company": "Halden Coffee"})
    assert answer.status_code == 303
    assert "Halden Coffee" in text_of(alice.get(f"/deals/list?company={company.id}"))
    refused = alice.api("POST", "/deals", {"company_id": str(company.id), "company": "Korn"})
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["company"])


def test_the_same_over_json(as_, database):
    data = {
        "company": "Casa Oliveira",
        "amount": 85_000,
        "currency": "EUR",
        "monthly": False,
        "platforms": ["IG", "IG"],
    }
    made = as_("amir").api("POST", "/deals", data)
    assert made.status_code == 201
    body = made.json()
    assert (body["company_name"], body["title"], body["platforms"]) == ("Casa Oliveira", "Casa Oliveira", ["IG"])
    assert (body["stage_kind"], body["version"], body["monthly"]) == ("lead", 1, False)
    assert as_("alice").api("GET", f"/deals/{body['id']}").json() == body


@pytest.mark.parametrize("name", ["mallory", "dina", "bob"])
def test_nobody_else_sees_it(as_, database, name):
    with database.write() as db:
        deal = make_deal(db, company="Secret client")
    stranger = as_(name)
    for path in ("", "/edit", "/move"):
        assert stranger.get(f"/deals/{deal.id}{path}").status_code == 404
    for path in ("", "/notes", "/changes", "/timeline"):
        assert stranger.api("GET", f"/deals/{deal.id}{path}").status_code == 404
    for path in ("/deals", "/deals/list?stage=all", "/companies"):
        assert "Secret client" not in stranger.get(path).text


def test_a_company_of_somebody_else_is_not_taken(as_, database):
    with database.write() as db:
        company = make_company(db, by="mallory")
    alice = as_("alice")
    refused = alice.api("POST", "/deals", {"company_id": str(company.id)})
    assert refused.status_code == 422
    assert "company_id" in refused.json()["fields"]
    assert alice.get(f"/deals/new?company={company.id}").status_code == 404
    assert counts(database)[0] == 0


def test_a_reader_looks_but_does_not_touch(as_, database):
    agnes = as_("agnes")
    assert agnes.get("/deals").status_code == 200
    assert "Add a deal" not in text_of(agnes.get("/deals"))
    assert agnes.post("/deals", FORM).status_code == 403
    assert agnes.api("POST", "/deals", {"company": "Nope"}).status_code == 403
    assert counts(database) == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("company", ""),
        ("company", "x" * 81),
        ("company", "a\x00b"),
        ("contact", "x" * 81),
        ("title", "x" * 201),
        ("amount", "a lot"),
        ("amount", "-5"),
        ("amount", "9" * 20),
        ("currency", "XXX"),
        ("platforms", ["IG", "nowhere"]),
        ("source", "nowhere"),
        ("next_step_on", ""),
        ("next_step_on", "tomorrow"),
        ("next_step", ""),
    ],
)
def test_wrong_input_is_shown_beside_the_field_and_nothing_is_stored(as_, database, field, value):
    answer = as_("alice").post("/deals", {**FORM, field: value})
    assert answer.status_code == 422
    assert f'href="#f-{field}' in answer.text
    assert "Send three ideas" in answer.text or field == "next_step"
    assert counts(database) == [0, 0, 0, 0]


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 10**12 + 1},
        {"amount": 1.5},
        {"amount": True},
        {"monthly": "perhaps"},
        {"platforms": "IG"},
        {"platforms": [["IG"]]},
        {"stage_id": "x"},
        {"next_step_on": "1066-10-14", "next_step": "Fight"},
        {"company": {"name": "x"}},
        {"company": "a\u202eb"},
    ],
)
def test_bad_json_is_a_422(as_, database, change):
    answer = as_("alice").api("POST", "/deals", {"company": "Halden", **change})
    assert answer.status_code == 422
    assert answer.json()["fields"]
    assert counts(database) == [0, 0, 0, 0]
