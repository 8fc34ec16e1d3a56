"""Stages get the owner's names and order; what they mean stays."""

from __future__ import annotations

import pytest

from tests.factories.crm import make_deal
from tests.people import text_of


@pytest.fixture
def stages(as_):
    return as_("alice").api("GET", "/stages").json()


def rows(stages, **changes):
    return [
        {
            "id": stage["id"],
            "name": stage["name"],
            "position": stage["position"],
            "probability": stage["probability"],
            **changes.get(stage["kind"], {}),
        }
        for stage in stages
    ]


def typed(stages, **changes):
    return {
        f"stages-{number}-{key}": value
        for number, row in enumerate(rows(stages, **changes))
        for key, value in row.items()
    }


def order(answer):
    return [stage["kind"] for stage in answer.json()]


def test_renamed_and_put_in_order_on_the_page(as_, stages):
    alice = as_("alice")
    assert alice.get("/deals/stages").status_code == 200
    changes = {"qualified": {"position": 1, "name": "Серьёзные"}, "lead": {"probability": 5}}
    assert alice.post("/deals/stages", typed(stages, **changes)).status_code == 303
    assert "Серьёзные" in text_of(alice.get("/deals"))
    now = alice.api("GET", "/stages")
    assert order(now)[:4] == ["qualified", "lead", "contacted", "proposal"]
    assert order(now)[-3:] == ["won", "on_hold", "lost"]
    assert now.json()[1]["probability"] == 5


def test_moved_down(as_, stages):
    answer = as_("alice").api("PUT", "/stages", {"stages": rows(stages, lead={"position": 3})})
    assert order(answer)[:4] == ["contacted", "qualified", "lead", "proposal"]


def test_closed_stages_stay_last_and_certain(as_, stages):
    answer = as_("alice").api("PUT", "/stages", {"stages": rows(stages, lost={"position": 1, "probability": 80})})
    assert order(answer)[-1] == "lost"
    assert answer.json()[-1]["probability"] == 0


def test_a_renamed_stage_still_means_the_same(as_, database, stages):
    as_("alice").api("PUT", "/stages", {"stages": rows(stages, proposal={"name": "Anything"})})
    with database.write() as db:
        deal = make_deal(db)
    move = {"stage_id": stages[3]["id"], "version": 1}
    assert as_("alice").api("POST", f"/deals/{deal.id}/stage", move).status_code == 409


@pytest.mark.parametrize(("name", "status"), [("anton", 403), ("amir", 403), ("agnes", 403), ("bob", 404)])
def test_only_an_owner_changes_them(as_, stages, name, status):
    other = as_(name)
    assert other.post("/deals/stages", typed(stages, lead={"name": "Mine"})).status_code == status
    assert other.api("PUT", "/stages", {"stages": rows(stages, lead={"name": "Mine"})}).status_code == status
    assert as_("alice").api("GET", "/stages").json() == stages


def test_members_see_them(as_):
    page = as_("amir").get("/deals/stages")
    assert "Only an owner of the workspace changes the stages." in page.text
    assert "readonly" in page.text


def test_stages_of_somebody_else_are_refused(as_, stages):
    foreign = as_("mallory").api("GET", "/stages").json()
    assert as_("alice").api("PUT", "/stages", {"stages": rows(foreign)}).status_code == 422
    twice = rows(stages)[:1] * 2
    assert as_("alice").api("PUT", "/stages", {"stages": twice}).status_code == 422
    assert as_("mallory").api("GET", "/stages").json() == foreign


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "x" * 61},
        {"name": "a\u202eb"},
        {"position": 0},
        {"position": 99},
        {"probability": 101},
        {"id": "x"},
    ],
)
def test_wrong_input_is_refused(as_, stages, change):
    alice = as_("alice")
    assert alice.post("/deals/stages", typed(stages, lead=change)).status_code == 422
    assert alice.api("PUT", "/stages", {"stages": rows(stages, lead=change)}).status_code == 422
    assert alice.api("GET", "/stages").json() == stages
