"""People are invited by mail, join with the invited address alone, and never get more than the inviter has."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from accounts.users.models import User
from accounts.workspaces import members
from accounts.workspaces.models import Invitation, Membership, Role
from core.db import Database
from core.errors import Conflict
from core.jobs import Job
from tests.cast import viewer_of
from tests.people import text_of


def mailed_path(database: Database) -> str:
    """The path in the newest invitation mail."""
    with database.read() as db:
        statement = select(Job).where(col(Job.kind) == "emails.send").order_by(col(Job.id).desc())
        payload = db.scalars(statement).first().payload
    assert payload["template"] == "invitation"
    return payload["params"]["path"]


def membership(database: Database, part, workspace_id) -> Membership | None:
    with database.read() as db:
        return db.scalar(
            select(Membership).where(
                col(Membership.user_id) == part.user_id, col(Membership.workspace_id) == workspace_id
            )
        )


def test_an_invited_person_joins(as_, cast, database):
    sent = as_("alice").post("/settings/members/invitations", {"email": "Trent@Example.com", "role": "member"})
    assert sent.status_code == 303
    path = mailed_path(database)
    trent = as_("trent")
    assert "Alice Social" in text_of(trent.get(path))
    assert membership(database, cast.trent, cast.alice.workspace_id) is None, "looking is not joining"
    assert trent.post(path).status_code == 303
    assert membership(database, cast.trent, cast.alice.workspace_id).role is Role.MEMBER
    assert "Alice Social" in text_of(trent.get("/settings/workspace"))
    assert trent.post(path).headers["location"] == "/home", "pressed twice"
    assert as_("dina").post(path).status_code == 410, "the link works once"


def test_its_end_is_told_in_the_reader_s_time(as_):
    alice = as_("alice")
    alice.post("/settings", {"name": "Alice", "locale": "en", "time_zone": "Asia/Ho_Chi_Minh"})
    alice.post("/settings/members/invitations", {"email": "trent@example.com", "role": "member"})
    told = re.search(r"link works until (\d+ \w+ 2026, \d\d:\d\d)", text_of(alice.get("/settings/members")))
    assert told
    assert told[1].endswith(", 16:00"), "invited at 9:00 UTC"


@pytest.mark.parametrize("name", ["mallory", "bob"])
def test_nobody_else_can_use_the_link(as_, cast, database, name):
    as_("alice").post("/settings/members/invitations", {"email": "trent@example.com", "role": "member"})
    path = mailed_path(database)
    assert as_(name).post(path).status_code == 403
    assert membership(database, cast.members[name], cast.alice.workspace_id) is None


def test_an_unconfirmed_address_cannot_join(as_, cast, database):
    as_("alice").post("/settings/members/invitations", {"email": "ursula@example.com", "role": "member"})
    assert as_("ursula").post(mailed_path(database)).status_code == 403


def test_a_link_dies_after_a_week_and_when_withdrawn(as_, cast, database, clock):
    alice, trent = as_("alice"), as_("trent")
    alice.post("/settings/members/invitations", {"email": "trent@example.com", "role": "viewer"})
    old = mailed_path(database)
    clock.forward(days=8)
    late = trent.get(old)
    assert late.status_code == 410
    assert "This invitation ran out on" in text_of(late)
    alice.post("/settings/members/invitations", {"email": "trent@example.com", "role": "viewer"})
    fresh = mailed_path(database)
    with database.read() as db:
        open_one = db.scalars(select(Invitation).order_by(col(Invitation.id).desc())).first()
    assert alice.post(f"/settings/members/invitations/{open_one.id}/revocation").status_code == 303
    for gone in (trent.get(fresh), trent.post(fresh)):
        assert gone.status_code == 410
        assert "was withdrawn" in text_of(gone)


def test_nobody_gives_more_than_they_have(as_, cast, database):
    anton = as_("anton")
    assert anton.post("/settings/members/invitations", {"email": "x@example.com", "role": "owner"}).status_code == 403
    answer = anton.api("POST", "/workspace/invitations", {"email": "x@example.com", "role": "owner"})
    assert answer.status_code == 403
    assert (
        as_("amir").post("/settings/members/invitations", {"email": "x@example.com", "role": "viewer"}).status_code
        == 403
    )
    with database.read() as db:
        assert db.scalar(select(col(Invitation.id))) is None


def test_a_manager_takes_no_owner_s_invitation_back(as_, cast, database):
    invited = {"email": "trent@example.com", "role": "owner"}
    as_("alice").post("/settings/members/invitations", invited)
    path, anton = mailed_path(database), as_("anton")
    with database.read() as db:
        open_one = db.scalars(select(Invitation)).one().id
    revocation = f"/settings/members/invitations/{open_one}/revocation"
    assert revocation in as_("alice").get("/settings/members").text
    assert revocation not in anton.get("/settings/members").text
    assert anton.post(revocation).status_code == 403
    assert anton.api("DELETE", f"/workspace/invitations/{open_one}").status_code == 403
    lower = {**invited, "role": "viewer"}
    assert anton.post("/settings/members/invitations", lower).status_code == 403
    assert anton.api("POST", "/workspace/invitations", lower).status_code == 403
    assert as_("trent").get(path).status_code == 200
    assert as_("alice").post("/settings/members/invitations", lower).status_code == 303
    assert as_("trent").get(path).status_code == 410


@pytest.mark.parametrize("email", ["", "nonsense", "a@b", "a" * 300 + "@example.com", "x@example.com\r\nBcc: y@z.com"])
def test_wrong_addresses_are_named(as_, database, email):
    answer = as_("alice").post("/settings/members/invitations", {"email": email, "role": "member"})
    assert answer.status_code == 422
    assert 'id="f-email-error"' in answer.text
    with database.read() as db:
        assert db.scalar(select(col(Invitation.id))) is None


def test_a_member_is_not_invited_again(as_):
    answer = as_("alice").post("/settings/members/invitations", {"email": "amir@example.com", "role": "member"})
    assert answer.status_code == 422
    assert re.search("already a member", answer.text)


def test_a_full_workspace_or_too_many_open_invitations_are_refused(as_, monkeypatch):
    path, sent = "/settings/members/invitations", {"email": "new@example.com", "role": "member"}
    for limit in ("MOST_MEMBERS", "MOST_OPEN_INVITATIONS"):
        with monkeypatch.context() as patch:
            patch.setattr(members, limit, 0)
            assert as_("alice").post(path, sent).status_code == 409
            assert as_("alice").api("POST", "/workspace/invitations", sent).status_code == 409
    assert as_("alice").post(path, sent).status_code == 303


@pytest.mark.parametrize("change", ["removed", "made a member", "made a viewer", "suspended"])
def test_an_invitation_ends_with_the_rights_it_came_from(as_, cast, database, change):
    """Whoever has to leave must not have let themselves in again beforehand."""
    as_("anton").post("/settings/members/invitations", {"email": "trent@example.com", "role": "manager"})
    path = mailed_path(database)
    alice, trent = as_("alice"), as_("trent")
    assert trent.get(path).status_code == 200
    anton = membership(database, cast.anton, cast.alice.workspace_id)
    if change == "removed":
        alice.post(f"/settings/members/{anton.id}/removal")
    elif change == "suspended":
        with database.write() as db:
            db.get_one(User, cast.anton.user_id).suspended_at = db.now()
    else:
        alice.post(f"/settings/members/{anton.id}/role", {"role": change.split()[-1]})
    for gone in (trent.get(path), trent.post(path)):
        assert gone.status_code == 410
        assert "does not hold any more" in text_of(gone)
    assert membership(database, cast.trent, cast.alice.workspace_id) is None
    assert "trent@example.com" not in alice.get("/settings/members").text


def test_a_manager_again_cannot_let_an_owner_in(as_, cast, database):
    with database.write() as db:
        db.execute(update(Membership).where(col(Membership.user_id) == cast.anton.user_id).values(role=Role.OWNER))
    as_("anton").post("/settings/members/invitations", {"email": "trent@example.com", "role": "owner"})
    path = mailed_path(database)
    anton = membership(database, cast.anton, cast.alice.workspace_id)
    assert as_("alice").post(f"/settings/members/{anton.id}/role", {"role": "manager"}).status_code == 303
    assert as_("trent").post(path).status_code == 410


def test_who_holds_a_used_link_is_told_what_to_do(as_, cast, database):
    as_("alice").post("/settings/members/invitations", {"email": "trent@example.com", "role": "viewer"})
    path = mailed_path(database)
    assert as_("trent").post(path).status_code == 303
    nobody, dina = as_("").get(path), as_("dina").get(path)
    for told in (nobody, dina):
        assert told.status_code == 410
        assert "This invitation was used already" in text_of(told)
        assert "Alice Social" not in text_of(told)
        assert "trent@example.com" not in told.text
    assert f'href="/log-in?next={path}"' in nobody.text
    assert "/log-in?next=" not in dina.text
    told = as_("").client.get(path, headers={"accept": "application/json"})
    assert (told.status_code, told.json()["error"]) == (410, "invitation_gone")
    for made_up in ("/invitations/x", path[:-1], f"{path}x"):
        assert as_("").get(made_up).status_code == as_("trent").post(made_up).status_code == 404


def test_a_used_link_leads_its_people_on(as_, cast, database):
    as_("alice").post("/settings/members/invitations", {"email": "trent@example.com", "role": "viewer"})
    path, trent = mailed_path(database), as_("trent")
    trent.post(path)
    assert trent.get(path).headers["location"] == "/home"
    assert as_("alice").get(path).headers["location"] == "/home"
    trent.post("/workspaces/switch", {"workspace_id": str(cast.trent.workspace_id), "next": "/home"})
    page = trent.get(path)
    assert page.status_code == 200
    assert "You belong to Alice Social already" in text_of(page)
    assert f'value="{cast.alice.workspace_id}"' in page.text
    trent.post("/workspaces/switch", {"workspace_id": str(cast.alice.workspace_id), "next": "/home"})
    assert "Alice Social" in text_of(trent.get("/settings/workspace"))
    gone = membership(database, cast.trent, cast.alice.workspace_id)
    as_("alice").post(f"/settings/members/{gone.id}/removal")
    assert trent.get(path).status_code == 410, "the way in is shut to who was removed"


def test_joining_over_json(as_, cast, database):
    as_("alice").api("POST", "/workspace/invitations", {"email": "trent@example.com", "role": "viewer"})
    token = mailed_path(database).rsplit("/", 1)[1]
    assert as_("mallory").api("POST", "/invitations", {"token": token}).status_code == 403
    joined = as_("trent").api("POST", "/invitations", {"token": token})
    assert (joined.status_code, joined.json()["name"]) == (201, "Alice Social")
    assert membership(database, cast.trent, cast.alice.workspace_id).role is Role.VIEWER
    again = as_("trent").api("POST", "/invitations", {"token": token})
    assert (again.status_code, again.json()["error"]) == (410, "invitation_gone")
    assert again.json()["detail"].startswith("This invitation was used already.")
    assert as_("trent").api("POST", "/invitations", {"token": "x"}).status_code == 404
    assert as_("trent").api("GET", "/workspace").json()["name"] == "Trent Trading", "the token stays where it was made"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_is_taken_meanwhile_is_not_withdrawn_too(as_, cast, database):
    as_("alice").post("/settings/members/invitations", {"email": "trent@example.com", "role": "viewer"})
    token = mailed_path(database).rsplit("/", 1)[1]
    with database.write() as late:
        open_one = late.scalars(select(Invitation)).one()
        with database.write() as db:
            members.join(db, token, by=viewer_of(db, "trent"))
        with pytest.raises(Conflict):
            members.revoke(late, open_one, by=viewer_of(late, "alice"))
    with database.read() as db:
        taken = db.scalars(select(Invitation)).one()
    assert (taken.accepted_at is not None, taken.revoked_at) == (True, None)


NEW = {"name": "Nguyễn Ánh", "password": "seven boats leave late"}


def invite_newcomer(as_, database, role="member") -> str:
    as_("alice").post("/settings/members/invitations", {"email": "anh@example.com", "role": role})
    return mailed_path(database)


def test_somebody_new_joins_without_a_workspace_of_their_own(as_, cast, database):
    path = invite_newcomer(as_, database)
    nobody = as_("")
    page = nobody.get(path)
    assert 'name="password"' in page.text
    assert nobody.post(f"{path}/account", NEW).headers["location"] == "/home"
    assert "Alice Social" in nobody.get("/settings/workspace").text
    with database.read() as db:
        anh = db.scalars(select(User).where(col(User.email) == "anh@example.com")).one()
        mine = db.scalars(select(Membership).where(col(Membership.user_id) == anh.id)).all()
    assert anh.email_verified_at is not None
    assert [(member.workspace_id, member.role) for member in mine] == [(cast.alice.workspace_id, Role.MEMBER)]
    again = as_("").post(f"{path}/account", NEW)
    assert again.status_code == 410, "the link works once"
    assert "was used already" in text_of(again)


@pytest.mark.parametrize(("field", "value"), [("name", ""), ("password", "lollipop1"), ("password", "x")])
def test_wrong_input_makes_no_account(as_, database, field, value):
    path = invite_newcomer(as_, database)
    answer = as_("").post(f"{path}/account", NEW | {field: value})
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    with database.read() as db:
        assert db.scalar(select(User).where(col(User.email) == "anh@example.com")) is None
    assert as_("").post(f"{path}/account", NEW).status_code == 303


def test_an_account_is_never_made_anew(as_, cast, database):
    as_("alice").post("/settings/members/invitations", {"email": "trent@example.com", "role": "member"})
    path = mailed_path(database)
    nobody = as_("")
    assert 'name="password"' not in nobody.get(path).text
    assert nobody.post(f"{path}/account", NEW).status_code == 422
    assert membership(database, cast.trent, cast.alice.workspace_id) is None
    assert nobody.get("/settings").status_code == 303


def test_somebody_new_joins_over_json(as_, cast, database):
    token = invite_newcomer(as_, database, "viewer").rsplit("/", 1)[1]
    nobody = as_("")
    assert nobody.api("POST", "/invitations/accounts", {**NEW, "token": "x"}).status_code == 404
    assert nobody.api("POST", "/invitations/accounts", {**NEW, "token": token}).status_code == 204
    wanted = {"email": "anh@example.com", "password": NEW["password"], "name": "R", "scopes": ["account:read"]}
    robot = as_("")
    robot.token = nobody.api("POST", "/tokens", wanted).json()["token"]
    assert robot.api("GET", "/me").json()["workspace"]["role"] == "viewer"
