"""Roles are changed and ended by those above; a workspace always keeps an owner; rights end at once."""

from __future__ import annotations

import threading
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from accounts.tokens import service as tokens
from accounts.tokens.schemas import TokenInput
from accounts.viewers import find_by_token
from accounts.workspaces import members
from accounts.workspaces.models import Membership, Role, Workspace
from core.db import Database, Session
from core.errors import Conflict, Forbidden, NotFound
from tests.cast import viewer_of
from tests.factories.crm import make_deal
from tests.people import text_of


def member_id(database: Database, part) -> str:
    with database.read() as db:
        return str(
            db.scalar(
                select(col(Membership.id)).where(
                    col(Membership.user_id) == part.user_id, col(Membership.workspace_id) == part.workspace_id
                )
            )
        )


def role(database: Database, part) -> Role | None:
    with database.read() as db:
        return db.scalar(
            select(col(Membership.role)).where(
                col(Membership.user_id) == part.user_id, col(Membership.workspace_id) == part.workspace_id
            )
        )


def test_an_owner_changes_a_role(as_, cast, database):
    path = f"/settings/members/{member_id(database, cast.agnes)}/role"
    assert as_("alice").post(path, {"role": "manager"}).status_code == 303
    assert role(database, cast.agnes) is Role.MANAGER


def test_a_manager_cannot_touch_an_owner_or_make_one(as_, cast, database):
    anton = as_("anton")
    owner, reader = member_id(database, cast.alice), member_id(database, cast.agnes)
    assert anton.post(f"/settings/members/{owner}/role", {"role": "viewer"}).status_code == 403
    assert anton.post(f"/settings/members/{owner}/removal").status_code == 403
    assert anton.post(f"/settings/members/{reader}/role", {"role": "owner"}).status_code == 403
    assert role(database, cast.alice) is Role.OWNER


def test_the_last_owner_stays(as_, cast, database):
    dina = as_("dina")
    mine = member_id(database, cast.dina)
    assert dina.post(f"/settings/members/{mine}/removal").status_code == 409
    assert dina.post(f"/settings/members/{mine}/role", {"role": "member"}).status_code == 409
    assert role(database, cast.dina) is Role.OWNER


def test_rights_end_with_the_membership(as_, cast, database):
    amir = as_("amir")
    assert amir.get("/companies").status_code == 200
    assert as_("alice").post(f"/settings/members/{member_id(database, cast.amir)}/removal").status_code == 303
    assert amir.get("/companies").status_code == 404
    assert amir.api("GET", "/companies").status_code == 401
    assert role(database, cast.amir) is None


def test_a_member_may_leave_but_not_remove_others(as_, cast, database):
    amir = as_("amir")
    assert amir.post(f"/settings/members/{member_id(database, cast.agnes)}/removal").status_code == 403
    assert amir.post(f"/settings/members/{member_id(database, cast.amir)}/removal").status_code == 303
    assert role(database, cast.amir) is None


@pytest.mark.parametrize("name", ["mallory", "bob"])
def test_strangers_see_no_members(as_, cast, database, name):
    stranger = as_(name)
    path = f"/settings/members/{member_id(database, cast.amir)}"
    assert stranger.post(f"{path}/removal").status_code == 404
    assert stranger.api("DELETE", f"/workspace/members/{member_id(database, cast.amir)}").status_code == 404
    assert "Amir" not in stranger.get("/settings/members").text


def test_a_link_into_another_workspace_of_ones_own_offers_to_go_there(as_, cast, database):
    with database.write() as db:
        deal = make_deal(db)
        facts = {"role": Role.VIEWER, "created_at": db.now()}
        db.add(Membership(workspace_id=cast.alice.workspace_id, user_id=cast.dina.user_id, **facts))
    dina, path = as_("dina"), f"/deals/{deal.id}"
    lost = dina.get(path)
    assert lost.status_code == 404
    assert "You work in Dina Digital now" in text_of(lost)
    assert f'name="next" value="{path}"' in lost.text
    answer = dina.post("/workspaces/switch", {"workspace_id": str(cast.alice.workspace_id), "next": path})
    assert answer.headers["location"] == path
    assert dina.get(path).status_code == 200
    assert "You work in" not in text_of(as_("mallory").get(path))


def test_switching_goes_only_to_own_workspaces(as_, cast):
    alice = as_("alice")
    assert alice.post("/workspaces", {"kind": "business", "name": "Alice buys"}).status_code == 303
    assert "Alice buys" in alice.get("/settings/workspace").text
    back = {"workspace_id": str(cast.alice.workspace_id)}
    assert alice.post("/workspaces/switch", back).status_code == 303
    assert "Alice Social" in alice.get("/settings/workspace").text
    assert alice.post("/workspaces/switch", {"workspace_id": str(cast.bob.workspace_id)}).status_code == 404
    assert alice.post("/workspaces/switch", {"workspace_id": "x"}).status_code == 404


def test_the_own_workspaces_are_listed(as_, cast, database):
    alice = as_("alice")
    made = alice.api("POST", "/workspaces", {"kind": "business", "name": "Alice buys"}).json()
    first = {"id": str(cast.alice.workspace_id), "name": "Alice Social", "kind": "specialist", "role": "owner"}
    second = {"id": made["id"], "name": "Alice buys", "kind": "business", "role": "owner"}
    assert alice.api("GET", "/workspaces").json() == [first, second]
    assert as_("agnes").api("GET", "/workspaces").json() == [{**first, "role": "viewer"}]
    with database.write() as db:
        db.get_one(Workspace, UUID(made["id"])).suspended_at = db.now()
    assert alice.api("GET", "/workspaces").json() == [first]


def test_facts_of_the_workspace_are_edited_by_managers(as_):
    facts = {"name": "Alice Social", "legal_name": "SIA Alise", "time_zone": "Europe/Riga", "currency": "EUR"}
    assert as_("anton").post("/settings/workspace", facts).status_code == 303
    assert as_("alice").api("GET", "/workspace").json()["legal_name"] == "SIA Alise"
    assert as_("amir").post("/settings/workspace", facts).status_code == 403
    wrong = as_("anton").post("/settings/workspace", {**facts, "time_zone": "Mars/Olympus", "name": ""})
    assert wrong.status_code == 422
    assert 'id="f-time_zone-error"' in wrong.text
    assert "Choose a time zone from the list." in wrong.text
    for zone in ("Mars/Olympus", "localtime", "Factory", "US/Eastern"):
        refused = as_("anton").api("PUT", "/workspace", {**facts, "time_zone": zone})
        assert refused.json()["fields"] == {"time_zone": "Choose a time zone from the list."}


def test_a_suspended_owner_does_not_keep_a_workspace(as_, cast, database):
    """sam is an owner of Alice Social who cannot act: alice is the last one who can."""
    mine = member_id(database, cast.alice)
    assert as_("alice").post(f"/settings/members/{mine}/removal").status_code == 409
    assert as_("alice").post(f"/settings/members/{mine}/role", {"role": "viewer"}).status_code == 409
    assert role(database, cast.alice) is Role.OWNER


def test_who_leaves_is_told_so(as_, cast, database):
    amir = as_("amir")
    amir.post(f"/settings/members/{member_id(database, cast.amir)}/removal")
    assert "You left Alice Social" in amir.get("/home").text


def stored(db: Session, part) -> Membership:
    mine = (col(Membership.user_id) == part.user_id) & (col(Membership.workspace_id) == part.workspace_id)
    return db.scalars(select(Membership).where(mine)).one()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_manager_does_not_demote_who_became_the_owner_meanwhile(cast, database):
    with database.write() as late:
        member, by = stored(late, cast.amir), viewer_of(late, "anton")
        with database.write() as db:
            members.change_role(db, stored(db, cast.amir), Role.OWNER, by=viewer_of(db, "alice"))
        with database.write() as db:
            members.remove(db, stored(db, cast.alice), by=viewer_of(db, "alice"))
        with pytest.raises(Forbidden):
            members.change_role(late, member, Role.VIEWER, by=by)
    assert role(database, cast.amir) is Role.OWNER


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("verb", [members.remove, partial(members.change_role, role=Role.VIEWER)])
def test_who_was_removed_meanwhile_is_not_there(cast, database, verb):
    with database.write() as late:
        member, by = stored(late, cast.amir), viewer_of(late, "anton")
        with database.write() as db:
            members.remove(db, stored(db, cast.amir), by=viewer_of(db, "alice"))
        with pytest.raises(NotFound):
            verb(late, member, by=by)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("verb", [members.remove, partial(members.change_role, role=Role.VIEWER)])
@pytest.mark.parametrize(("meanwhile", "told"), [("removed", NotFound), ("demoted", Forbidden)])
def test_rights_that_ended_meanwhile_change_nobody(cast, database, verb, meanwhile, told):
    with database.write() as db:
        stored(db, cast.anton).role = Role.OWNER
    with database.write() as late:
        member, by = stored(late, cast.alice), viewer_of(late, "anton")
        with database.write() as db:
            anton, alice = stored(db, cast.anton), viewer_of(db, "alice")
            if meanwhile == "removed":
                members.remove(db, anton, by=alice)
            else:
                members.change_role(db, anton, Role.MANAGER, by=alice)
        with database.write() as db:
            stored(db, cast.amir).role = Role.OWNER
        with pytest.raises(told):
            verb(late, member, by=by)
    assert role(database, cast.alice) is Role.OWNER


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_of_two_owners_who_leave_at_once_one_stays(cast, database):
    with database.write() as db:
        stored(db, cast.bella).role = Role.OWNER
    refused: list[Conflict] = []

    def leave() -> None:
        try:
            with database.write() as db:
                members.remove(db, stored(db, cast.bob), by=viewer_of(db, "bob"))
        except Conflict as error:
            refused.append(error)

    second = threading.Thread(target=leave)
    with database.write() as db:
        members.remove(db, stored(db, cast.bella), by=viewer_of(db, "bella"))
        second.start()
        second.join(0.5)
        assert second.is_alive(), "the second waits for the first"
    second.join()
    assert refused
    assert role(database, cast.bob) is Role.OWNER


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("first", ["removed", "made"])
def test_a_token_made_while_its_owner_is_removed_is_dead_for_good(cast, database, first):
    """Also when the person is taken back later, with fewer rights."""

    def remove() -> None:
        with database.write() as db:
            members.remove(db, stored(db, cast.amir), by=viewer_of(db, "alice"))

    wanted = TokenInput(name="Robot", scopes=["crm:write"])
    with database.read() as db:
        by = viewer_of(db, "amir")
    text = ""
    if first == "removed":
        remove()
        with database.write() as db, pytest.raises(NotFound):
            text = tokens.issue(db, wanted, by=by)[1]
    else:
        removal = threading.Thread(target=remove)
        with database.write() as db:
            text = tokens.issue(db, wanted, by=by)[1]
            removal.start()
            removal.join(0.5)
        removal.join()
    with database.write() as db:
        place = {"workspace_id": cast.amir.workspace_id, "user_id": cast.amir.user_id}
        db.add(Membership(**place, role=Role.VIEWER, created_at=db.now()))
    with database.read() as db:
        assert find_by_token(db, text) is None
