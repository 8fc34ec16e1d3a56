"""A specialist shows finished work with numbers; drafts and NDA names stay private."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func, select
from sqlmodel import col

from core.db import Database
from marketplace.cases.models import Case, CaseKpi
from marketplace.profiles.models import Profile
from marketplace.taxonomy.catalogue import load
from tests.factories.cases import COMPLETE, make_case
from tests.factories.profiles import make_profile
from tests.people import text_of

KPI = next(code for code, kpi in load().kpis.items() if kpi.unit == "count")


@pytest.fixture(autouse=True)
def numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COMPLETE, "kpis", [{**COMPLETE["kpis"][0], "kpi": KPI}])


def form(**overrides: Any) -> dict[str, Any]:
    """The complete case as its form sends it."""
    plain = {name: value for name, value in COMPLETE.items() if name != "kpis"}
    for name, value in COMPLETE["kpis"][0].items():
        plain[f"kpis-0-{name}"] = value
    return {**plain, **overrides}


def count(database: Database, table: Any) -> int:
    with database.read() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def test_a_result_is_said_once(as_, database):
    with database.write() as db:
        make_profile(db)
        case = make_case(db, published=True, kpis=[{**COMPLETE["kpis"][0], "after": "1180", "label": "Orders"}])
    page = as_("").get(f"/cases/{case.slug}")
    assert text_of(page).count("1,180") == 1
    assert "to 1,180" in page.text, "the picture says in words what it shows"


def test_a_case_goes_from_draft_to_the_web_and_back(as_, cast, database):
    with database.write() as db:
        make_profile(db)
    alice, nobody = as_("alice"), as_("")
    path = alice.post("/my/cases", form()).headers["location"]
    with database.read() as db:
        slug = db.scalar(select(col(Case.slug)))
    assert nobody.get(f"/cases/{slug}").status_code == 404
    assert alice.get(f"/cases/{slug}").status_code == 200
    assert alice.send(path, then="publish").headers["location"] == f"/cases/{slug}"
    shown = text_of(nobody.get(f"/cases/{slug}"))
    assert "31" in shown
    assert "118" in shown
    assert "+281%" in shown
    assert "Halden Coffee" in text_of(nobody.get("/cases?q=halden"))
    with database.read() as db:
        profile = db.scalar(select(Profile).where(col(Profile.workspace_id) == cast.alice.workspace_id))
        assert profile.case_count == 1
    assert alice.post(f"{path}/withdrawal").status_code == 303
    assert nobody.get(f"/cases/{slug}").status_code == 404
    assert "Halden Coffee" not in nobody.get("/cases?q=halden").text


def test_a_client_under_nda_is_never_named(as_, cast, database):
    with database.write() as db:
        make_profile(db)
        case = make_case(db, "alice", published=True, is_nda=True, client_name="Secret Bank")
    nobody = as_("")
    for answer in (
        nobody.get(f"/cases/{case.slug}"),
        nobody.get("/cases"),
        nobody.get("/cases?q=secret"),
        nobody.api("GET", f"/cases/{case.slug}"),
        nobody.api("GET", "/cases"),
    ):
        assert "Secret Bank" not in answer.text
    assert nobody.api("GET", "/cases?q=secret").json()["rows"] == []


def test_what_is_missing_is_listed_and_nothing_is_published(as_, database):
    alice = as_("alice")
    path = alice.post("/my/cases", {"title": "Empty"}).headers["location"]
    answer = alice.send(path, goal="More regulars", then="publish")
    assert answer.status_code == 422
    assert "Add at least one number" in answer.text
    assert "More regulars" in answer.text
    assert "More regulars" in alice.get(path).text  # saved all the same
    with database.read() as db:
        assert db.scalar(select(col(Case.published_at))) is None


def test_a_published_case_cannot_be_emptied(as_, cast, database):
    with database.write() as db:
        case = make_case(db, "alice", published=True)
    answer = as_("alice").post(f"/my/cases/{case.id}", form(story="Short"))
    assert answer.status_code == 422
    assert "at least 80 characters" in text_of(answer)
    with database.read() as db:
        assert db.get(Case, case.id).story == COMPLETE["story"]
        assert db.scalar(select(func.count()).select_from(CaseKpi)) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"title": "x" * 201},
        {"period_from": "2026-06-01", "period_to": "2026-05-01"},
        {"period_from": "yesterday"},
        {"platforms": ["NO"]},
        {"responsibilities": ["Z9"]},
        {"kpis-0-before": "NaN"},
        {"kpis-0-before": "1e99"},
        {"kpis-0-kpi": "nonsense"},
        {"kpis-0-after": "\u202e1"},
        {"niche": "nonsense"},
        {"unknown": "field"},
    ],
)
def test_wrong_input_stores_nothing(as_, database, wrong):
    answer = as_("alice").post("/my/cases", form(**wrong))
    assert answer.status_code == 422
    assert count(database, Case) == 0


def test_the_story_is_sanitised(as_, cast, database):
    with database.write() as db:
        make_profile(db)
        bad = COMPLETE["story"] + "\n\n<script>alert(1)</script> [x](javascript:alert(1)) ![y](http://z.example/p.png)"
        case = make_case(db, "alice", published=True, story=bad)
    page = as_("").get(f"/cases/{case.slug}").text
    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    assert "z.example" not in page.replace("&", "")


@pytest.mark.parametrize("name", ["mallory", "bob", "dina"])
def test_strangers_cannot_touch_it(as_, cast, database, name):
    with database.write() as db:
        case = make_case(db)
    stranger = as_(name)
    for verb in ("", "/publication", "/withdrawal", "/images"):
        assert stranger.post(f"/my/cases/{case.id}{verb}", form()).status_code == 404
    assert stranger.api("GET", f"/my/cases/{case.id}").status_code == 404
    assert stranger.api("PUT", f"/my/cases/{case.id}", COMPLETE).status_code == 404
    assert stranger.get(f"/cases/{case.slug}").status_code == 404


def test_a_picture_is_private_until_the_case_is_published(as_, cast, database):
    with database.write() as db:
        make_profile(db)
        case = make_case(db)
    alice, nobody = as_("alice"), as_("")
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(picture, "JPEG")
    files = {"picture": ("photo.jpg", picture.getvalue(), "image/jpeg")}
    assert alice.send(f"/my/cases/{case.id}", files=files, then="add_picture", caption="A cup").status_code == 303
    page = alice.get(f"/my/cases/{case.id}").text
    address = page.split('src="/files/')[1].split('"')[0]
    assert nobody.get(f"/files/{address}").status_code == 404
    alice.send(f"/my/cases/{case.id}", then="publish")
    assert nobody.get(f"/files/{address}").status_code == 200
    assert f'src="/files/{address}"' in nobody.get("/cases").text
    wrong = alice.send(f"/my/cases/{case.id}", files={"picture": ("x.svg", b"<svg/>", "image/svg+xml")})
    assert wrong.status_code == 422


def test_the_same_over_json(as_, cast, database):
    with database.write() as db:
        make_profile(db)
    alice = as_("alice")
    body = {**COMPLETE, "kpis": [{"kpi": KPI, "before": 4.2, "after": 12.75}]}
    made = alice.api("POST", "/my/cases", body)
    assert made.status_code == 201
    assert made.json()["kpis"][0]["after"] == 12.75
    alice.api("POST", f"/my/cases/{made.json()['id']}/publication")
    assert as_("").api("GET", f"/cases/{made.json()['slug']}").json()["title"] == COMPLETE["title"]
    for wrong in ({"before": True}, {"before": [1]}, {"before": 1e15}, {"before": "1.23456"}):
        bad = {**body, "kpis": [{**body["kpis"][0], **wrong}]}
        assert alice.api("POST", "/my/cases", bad).status_code == 422
    for number, status in ((10**12, 201), (10**12 + 1, 422), (10**30, 422)):
        assert alice.api("POST", "/my/cases", {**body, "kpis": [{**body["kpis"][0], "after": number}]}).status_code == (
            status
        )


def test_filters_of_the_list_over_json(as_, database):
    with database.write() as db:
        make_profile(db)
        make_case(db, published=True)
    nobody = as_("").client
    for query, number in (("", 1), ("?specialist=alice-social", 1), ("?specialist=dina-digital", 0)):
        assert len(nobody.get(f"/api/v1/cases{query}").json()["rows"]) == number
    for name in ("niche", "platform", "specialist"):
        refused = nobody.get(f"/api/v1/cases?{name}=No_such")
        assert (refused.status_code, list(refused.json()["fields"])) == (422, [name])
