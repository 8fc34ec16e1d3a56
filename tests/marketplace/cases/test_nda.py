"""A case under NDA says what changed, never for whom and never how much."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select
from sqlmodel import col

from marketplace.cases.models import Case
from tests.factories.cases import COMPLETE, make_case
from tests.factories.profiles import make_profile
from tests.files.pictures import picture
from tests.people import text_of

NUMBERS = [
    {"kpi": "leads", "before": "43217", "after": "87651", "source": "csv", "source_note": "Export"},
    {"kpi": "cost_per_lead", "before": "76543", "after": "38272", "currency": "EUR"},
    {"kpi": "reach", "before": "0", "after": "98765"},
]
VALUES = re.compile(r"\b(43,?217|87,?651|76,?543|38,?272|98,?765)\b")  # whole numbers: ids are full of digits


@pytest.fixture
def case(database) -> Case:
    with database.write() as db:
        make_profile(db)
        return make_case(db, published=True, is_nda=True, client_name="Secret Bank", kpis=NUMBERS)


@pytest.mark.parametrize("name", ["", "bob", "mallory", "alice"])
def test_no_page_shows_a_name_or_a_value(as_, case, name):
    reader = as_(name)
    for path in (f"/cases/{case.slug}", "/cases", "/", "/specialists/alice-social", "/cases?q=halved"):
        page = reader.get(path)
        assert page.status_code == 200
        assert "Secret Bank" not in page.text
        assert not VALUES.findall(page.text)
    shown = text_of(reader.get(f"/cases/{case.slug}"))
    assert "+103%" in shown
    assert "−50%" in shown
    assert "from zero" in shown
    assert "+103%" in text_of(reader.get("/cases"))


def test_json_has_changes_only(as_, case):
    for name in ("", "bob", "alice"):
        answer = as_(name).api("GET", f"/cases/{case.slug}")
        assert "Secret Bank" not in answer.text
        assert not VALUES.findall(answer.text)
        numbers = answer.json()["kpis"]
        assert [kpi["change"] for kpi in numbers] == [103, -50, None]
        assert {kpi["before"] for kpi in numbers} == {None}
    own = as_("alice").api("GET", f"/my/cases/{case.id}").json()
    assert own["client_name"] == "Secret Bank"
    assert own["kpis"][0]["before"] == 43217


def test_the_search_does_not_know_the_name(as_, case):
    assert as_("").api("GET", "/cases?q=secret").json()["rows"] == []
    assert len(as_("").api("GET", "/cases?q=orders").json()["rows"]) == 1


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("title", "How Secret Bank grew"),
        ("goal", "What SECRET BÁNK wanted"),
        ("story", COMPLETE["story"] + " It went well for #secretbank."),
        ("kpis-0-label", "Calls to secret bank"),
        ("kpis-0-source_note", "secret-bank export"),
    ],
)
def test_a_text_that_names_the_client_is_not_published(as_, database, field, text):
    values = {**COMPLETE, "is_nda": True, "client_name": "Secret Bank"}
    kpi = {**COMPLETE["kpis"][0]}
    if field.startswith("kpis"):
        kpi[field.removeprefix("kpis-0-")] = text
    else:
        values[field] = text
    with database.write() as db:
        make_profile(db)
        case = make_case(db, **{**values, "kpis": [kpi]})
    alice = as_("alice")
    answer = alice.send(f"/my/cases/{case.id}", then="publish")
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    assert alice.api("POST", f"/my/cases/{case.id}/publication").status_code == 422
    assert alice.api("GET", f"/my/cases/{case.id}").json()["missing"] == [field.replace("-", ".")]
    assert as_("").get(f"/cases/{case.slug}").status_code == 404


def test_a_caption_may_not_name_the_client(as_, case):
    alice = as_("alice")
    files = {"picture": ("secret-bank-report.png", picture(), "image/png")}
    refused = alice.send(f"/my/cases/{case.id}", files=files, then="add_picture", caption="The hall of Secret Bank")
    assert refused.status_code == 422
    assert 'id="f-caption-error"' in refused.text
    assert "The hall of Secret Bank" in refused.text
    assert alice.send(f"/my/cases/{case.id}", files=files, caption="The hall").status_code == 303
    page = as_("").get(f"/cases/{case.slug}").text
    upload = page.split('<figure class="post-preview"><img src="')[1].split('"')[0]
    answer = as_("").get(upload)
    assert answer.status_code == 200
    assert "secret" not in str(answer.headers)


def test_a_case_that_goes_under_nda_loses_its_telling_address(as_, database):
    with database.write() as db:
        make_profile(db)
        case = make_case(db, published=True, title="Halden Coffee doubles its orders")
    assert "halden-coffee" in case.slug
    alice, nobody = as_("alice"), as_("")
    body = {**COMPLETE, "title": "A roaster doubles its orders", "is_nda": True}
    assert alice.api("PUT", f"/my/cases/{case.id}", body).status_code == 200
    with database.read() as db:
        slug = db.scalar(select(col(Case.slug)))
    assert slug.startswith("a-roaster-doubles-its-orders-")
    assert nobody.get(f"/cases/{case.slug}").status_code == 404
    assert nobody.get(f"/cases/{slug}").status_code == 200
    assert nobody.api("GET", "/cases?q=halden").json()["rows"] == []
    alice.api("PUT", f"/my/cases/{case.id}", {**body, "title": "Another title"})
    assert nobody.get(f"/cases/{slug}").status_code == 200
