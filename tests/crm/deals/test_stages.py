"""Stages get the owner's names and order; what they mean stays."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.checks import broken
from crm.deals.models import Deal, Stage, StageKind
from tests.factories.contracts import make_contract
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
    as_("alice").api("PUT", "/stages", {"stages": rows(stages, won_pending={"name": "Anything"})})
    with database.write() as db:
        deal = make_deal(db)
    move = {"stage_id": stages[5]["id"], "version": 1}
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
    assert '<fieldset class="fields" role="presentation" disabled>' in page.text


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


def add(alice, **changes):
    return alice.api("POST", "/stages", {"name": "Созвон назначен", "kind": "qualified", "probability": 45, **changes})


def test_a_stage_is_added_behind_those_that_mean_the_same(as_):
    alice = as_("alice")
    form = {"name": "Gặp mặt", "kind": "qualified", "probability": "45"}
    assert alice.post("/deals/stages/new", form).status_code == 303
    assert add(alice, kind="lead").status_code == 201
    made = alice.api("GET", "/stages").json()
    assert [stage["kind"] for stage in made[:5]] == ["lead", "lead", "contacted", "qualified", "qualified"]
    assert [stage["position"] for stage in made] == list(range(1, 12))
    assert [stage["kind"] for stage in made[-3:]] == ["won", "on_hold", "lost"]
    assert "Gặp mặt" in text_of(alice.get("/deals"))


def test_deals_move_between_stages_that_mean_the_same(as_, database):
    alice = as_("alice")
    added = next(stage for stage in add(alice).json() if stage["name"] == "Созвон назначен")
    with database.write() as db:
        deal = make_deal(db, stage=StageKind.QUALIFIED)
    moved = alice.api("POST", f"/deals/{deal.id}/stage", {"stage_id": added["id"], "version": deal.version})
    assert moved.status_code == 200
    assert (moved.json()["stage_kind"], moved.json()["stage_id"]) == ("qualified", added["id"])
    again = alice.api("POST", f"/deals/{deal.id}/stage", {"stage_id": added["id"], "version": moved.json()["version"]})
    assert again.status_code == 409
    assert "Moved from Qualified to Созвон назначен" in text_of(alice.get(f"/deals/{deal.id}"))
    assert alice.api("GET", f"/deals/{deal.id}/changes").json()["rows"][0]["to_name"] == "Созвон назначен"
    assert broken(database) == []


def test_offers_bring_deals_to_the_first_stage_that_means_it(as_, database):
    add(as_("alice"), kind="won_pending", name="Waiting for paper")
    with database.write() as db:
        contract = make_contract(db)
        deal = db.scalars(select(Deal).where(col(Deal.contract_id) == contract.id)).one()
        assert db.get_one(Stage, deal.stage_id).name == "Won – waiting for signatures"


def test_only_an_empty_stage_that_is_not_the_last_of_its_kind_is_removed(as_, database, stages):
    alice = as_("alice")
    added = next(stage for stage in add(alice).json() if stage["name"] == "Созвон назначен")["id"]
    with database.write() as db:
        deal = make_deal(db)
    to_added = {"stage_id": added, "version": deal.version}
    assert alice.api("POST", f"/deals/{deal.id}/stage", to_added).status_code == 200
    removal = f'action="/deals/stages/{added}/remove"'
    assert removal not in alice.get("/deals/stages").text
    full = alice.api("DELETE", f"/stages/{added}")
    assert (full.status_code, "Move them" in full.json()["detail"]) == (409, True)
    back = {"stage_id": stages[0]["id"], "version": deal.version + 1}
    assert alice.api("POST", f"/deals/{deal.id}/stage", back).status_code == 200
    assert removal in alice.get("/deals/stages").text
    assert alice.post(f"/deals/stages/{added}/remove").status_code == 303
    assert alice.api("GET", "/stages").json() == [{**stage, **changed(stage)} for stage in stages]
    assert alice.api("DELETE", f"/stages/{stages[0]['id']}").status_code == 409
    assert alice.api("DELETE", f"/stages/{added}").status_code == 404
    assert "Moved from Созвон назначен to Lead" in text_of(alice.get(f"/deals/{deal.id}"))


def changed(stage):
    """The deal stands in the first stage now."""
    sums = [{"currency": "EUR", "monthly": True, "amount": 85_000, "count": 1}]
    return {"count": 1, "sums": sums} if stage["kind"] == "lead" else {}


def test_a_board_has_an_end(as_):
    alice = as_("alice")
    assert [add(alice, name=f"Step {number}").status_code for number in range(7)] == [201] * 6 + [409]
    assert len(alice.api("GET", "/stages").json()) == 15
    assert alice.get("/deals").status_code == 200
    assert "Add a stage" not in alice.get("/deals/stages").text


@pytest.mark.parametrize("change", [{"kind": "won"}, {"kind": "x"}, {"name": ""}, {"probability": 101}])
def test_a_wrong_stage_is_not_added(as_, stages, change):
    alice = as_("alice")
    assert add(alice, **change).status_code == 422
    form = {"name": "Call", "kind": "lead", "probability": "10", **change}
    answer = alice.post("/deals/stages/new", form)
    assert answer.status_code == 422
    assert f'id="f-{next(iter(change))}-error"' in answer.text
    assert alice.api("GET", "/stages").json() == stages


@pytest.mark.parametrize(("name", "status"), [("anton", 403), ("agnes", 403), ("bob", 404), ("mallory", 404)])
def test_nobody_else_removes_one(as_, name, status):
    added = next(stage for stage in add(as_("alice")).json() if stage["name"] == "Созвон назначен")["id"]
    assert as_(name).post(f"/deals/stages/{added}/remove").status_code == status
    assert as_(name).api("DELETE", f"/stages/{added}").status_code == status
    assert len(as_("alice").api("GET", "/stages").json()) == 10
