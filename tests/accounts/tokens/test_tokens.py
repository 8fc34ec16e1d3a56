"""API tokens are shown once, revocable, and never stronger than their person is now."""

from __future__ import annotations

import re
import threading
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from accounts.sessions import service as sessions
from accounts.tokens import service as tokens
from accounts.tokens.models import ApiToken
from accounts.tokens.schemas import TokenInput
from accounts.users.passwords import verify_password
from accounts.viewers import find_by_token
from accounts.workspaces.models import Membership, Role, Workspace
from core.errors import NotSignedIn
from tests.accounts.resets import lost_password
from tests.cast import PASSWORD, viewer_of
from tests.factories.briefs import make_draft
from tests.factories.scopes import make_running_contract
from tests.files.pictures import picture
from tests.people import text_of


def issue(person, **changes) -> str:
    answer = person.post(
        "/settings/tokens", {"name": "Robot", "scopes": ["crm:read", "crm:write"], "days": "30", **changes}
    )
    assert answer.status_code == 200, answer.text
    found = re.search(r"pw_[\w-]{43}", answer.text)
    assert found
    return found.group()


def test_a_token_is_shown_once_and_stored_hashed(as_, database):
    alice = as_("alice")
    token = issue(alice)
    assert token not in alice.get("/settings/tokens").text
    with database.read() as db:
        stored = db.scalars(select(ApiToken).where(col(ApiToken.name) == "Robot")).one()
    assert token not in str(stored.model_dump())
    alice.token = token
    assert alice.api("GET", "/companies").status_code == 200


def test_scopes_bind(as_):
    alice = as_("alice")
    alice.token = issue(alice, scopes=["crm:read"])
    assert alice.api("GET", "/companies").status_code == 200
    refused = alice.api("POST", "/companies", {"name": "No"})
    assert refused.status_code == 403
    assert refused.json()["error"] == "scope"
    assert alice.api("GET", "/workspace").status_code == 403


def test_where_anyone_may_look_a_token_without_the_scope_is_nobodys(as_, database):
    alice, bob = as_("alice"), as_("bob")
    with database.write() as db:
        contract_id = make_running_contract(db).id
        brief_id = make_draft(db, viewer_of(db, "bob"), title="Secret plan").id
    file = {"file": ("list.txt", b"salaries", "text/plain")}
    upload_id = alice.api("POST", f"/contracts/{contract_id}/evidence", files=file).json()["upload_id"]
    case_id = alice.api("POST", "/my/cases", {"title": "A draft"}).json()["id"]
    shown = {"picture": ("cup.png", picture(), "image/png")}
    case = alice.api("POST", f"/my/cases/{case_id}/images", files=shown).json()
    picture_id = case["images"][0]["upload_id"]
    alices, bobs = as_("alice"), as_("bob")
    alices.token = issue(alice, scopes=["account:read", "account:write", "marketplace:read"])
    bobs.token = issue(bob, scopes=["account:read", "account:write", "marketplace:write"])
    assert alices.api("GET", f"/files/{upload_id}").status_code == 404
    assert alices.api("GET", f"/files/{picture_id}").status_code == 200
    assert bobs.api("GET", f"/files/{upload_id}").status_code == 404
    assert bobs.api("GET", f"/briefs/{brief_id}").status_code == 404
    alices.token, bobs.token = issue(alice, scopes=["crm:read"]), issue(bob, scopes=["marketplace:read"])
    assert alices.api("GET", f"/files/{upload_id}").content == b"salaries"
    alices.token = issue(alice, scopes=["account:read"])
    assert alices.api("GET", f"/files/{picture_id}").status_code == 404
    assert bobs.api("GET", f"/briefs/{brief_id}").json()["title"] == "Secret plan"


def test_revoked_and_expired_tokens_are_dead(as_, database, clock):
    alice = as_("alice")
    token = issue(alice)
    with database.read() as db:
        made = db.scalars(select(ApiToken).where(col(ApiToken.name) == "Robot")).one()
    assert as_("mallory").post(f"/settings/tokens/{made.id}/revocation").status_code == 404
    assert as_("anton").post(f"/settings/tokens/{made.id}/revocation").status_code == 404
    robot = as_("alice")
    robot.token = token
    assert robot.api("GET", "/companies").status_code == 200
    alice.post(f"/settings/tokens/{made.id}/revocation")
    assert robot.api("GET", "/companies").status_code == 401
    robot.token = issue(alice, days="7")
    assert "Until 8 Jun 2026, 09:00" in text_of(alice.get("/settings/tokens"))
    clock.forward(days=8)
    assert robot.api("GET", "/companies").status_code == 401


def test_a_dead_token_is_refused_where_anyone_may_look_too(as_, clock):
    robot = as_("alice")
    robot.token = issue(robot, scopes=["marketplace:read"], days="7")
    for path in ("/specialists", "/briefs", "/cases"):
        assert robot.api("GET", path).status_code == 200
    clock.forward(days=8)
    for path in ("/specialists", "/briefs", "/cases", f"/files/{uuid4()}"):
        assert robot.api("GET", path).json()["error"] == "not_signed_in"


def test_a_token_follows_its_persons_role(as_, database, cast):
    amir = as_("amir")
    assert amir.api("POST", "/companies", {"name": "Before"}).status_code == 201
    with database.write() as db:
        db.execute(update(Membership).where(col(Membership.user_id) == cast.amir.user_id).values(role=Role.VIEWER))
    assert amir.api("POST", "/companies", {"name": "After"}).status_code == 403


def test_a_token_needs_a_recent_proof_of_the_password(as_, clock):
    clock.forward(minutes=31)
    answer = as_("alice").post("/settings/tokens", {"name": "Robot", "scopes": ["crm:read"], "days": "30"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/prove")


@pytest.mark.parametrize("wrong", [{"name": ""}, {"scopes": []}, {"scopes": ["root"]}, {"days": "3650"}])
def test_wrong_input_makes_no_token(as_, database, wrong):
    answer = as_("alice").post("/settings/tokens", {"name": "Robot", "scopes": ["crm:read"], "days": "30", **wrong})
    assert answer.status_code == 422
    with database.read() as db:
        assert db.scalar(select(col(ApiToken.id)).where(col(ApiToken.name) != "Test")) is None


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic x", "Bearer pw_nonsense", "bearer é"])
def test_nonsense_is_not_signed_in(as_, header):
    answer = as_("").client.get("/api/v1/companies", headers={"Authorization": header.encode()})
    assert answer.status_code == 401
    assert set(answer.json()) == {"error", "detail", "fields"}


def test_a_repeated_request_is_known_by_its_token_however_bearer_is_written(as_):
    alice = as_("alice")
    made = [
        alice.api(
            "POST",
            "/workspaces",
            {"kind": "business", "name": "Alice buys"},
            headers={"Authorization": f"{word} {alice.token}", "Idempotency-Key": "k1"},
        ).json()["id"]
        for word in ("Bearer", "bearer")
    ]
    assert made[0] == made[1]


def wanted(part, **more):
    return {"email": part.email, "password": PASSWORD, "name": "Robot", "scopes": ["crm:read"], **more}


def test_a_reader_has_tokens_of_their_own(as_, database):
    """A token does no more than its person; whoever was made a viewer can still end one that leaked."""
    agnes = as_("agnes")
    token = issue(agnes)
    with database.read() as db:
        made = db.scalars(select(ApiToken).where(col(ApiToken.name) == "Robot")).one()
    robot = as_("agnes")
    robot.token = token
    assert robot.api("GET", "/companies").status_code == 200
    assert robot.api("POST", "/companies", {"name": "No"}).status_code == 403
    assert agnes.post(f"/settings/tokens/{made.id}/revocation").status_code == 303
    assert robot.api("GET", "/companies").status_code == 401


def test_password_and_address_give_a_token_for_a_chosen_workspace(as_, cast):
    alice = as_("alice")
    made = alice.api("POST", "/workspaces", {"kind": "business", "name": "Alice buys"})
    assert made.status_code == 201
    nobody = as_("")
    first = nobody.api("POST", "/tokens", wanted(cast.alice, scopes=["account:read"]))
    alice.token = first.json()["token"]
    assert alice.api("GET", "/workspace").json()["name"] == "Alice Social"
    other = nobody.api("POST", "/tokens", wanted(cast.alice, scopes=["account:read"], workspace_id=made.json()["id"]))
    alice.token = other.json()["token"]
    assert alice.api("GET", "/workspace").json()["name"] == "Alice buys"
    foreign = nobody.api("POST", "/tokens", wanted(cast.alice, workspace_id=str(cast.bob.workspace_id)))
    assert (foreign.status_code, list(foreign.json()["fields"])) == (422, ["workspace_id"])


NEW_PLACE = {"kind": "specialist", "name": "Amir alone"}


def test_who_belongs_to_no_workspace_makes_one_with_the_token(as_, database, cast):
    amir, nobody = as_("amir"), as_("")
    asked = wanted(cast.amir, scopes=["account:read"])
    beside = nobody.api("POST", "/tokens", {**asked, "workspace": NEW_PLACE})
    assert (beside.status_code, list(beside.json()["fields"])) == (422, ["workspace"])
    with database.read() as db:
        mine = db.scalars(select(col(Membership.id)).where(col(Membership.user_id) == cast.amir.user_id)).one()
    assert amir.api("DELETE", f"/workspace/members/{mine}").status_code == 204
    told = nobody.api("POST", "/tokens", asked)
    assert told.status_code == 404
    assert "workspace" in told.json()["detail"]
    wrong = nobody.api("POST", "/tokens", {**asked, "workspace": {**NEW_PLACE, "name": ""}})
    assert (wrong.status_code, list(wrong.json()["fields"])) == (422, ["workspace.name"])
    foreign = {**asked, "workspace": NEW_PLACE, "workspace_id": str(cast.bob.workspace_id)}
    assert nobody.api("POST", "/tokens", foreign).status_code == 422
    amir.token = nobody.api("POST", "/tokens", {**asked, "workspace": NEW_PLACE}).json()["token"]
    place = amir.api("GET", "/me").json()["workspace"]
    assert (place["name"], place["kind"], place["role"]) == ("Amir alone", "specialist", "owner")
    assert amir.api("GET", "/workspaces").json() == [place]


def test_a_suspended_workspace_gives_no_token(as_, database, cast):
    with database.write() as db:
        db.get_one(Workspace, cast.dina.workspace_id).suspended_at = db.now()
    assert as_("").api("POST", "/tokens", wanted(cast.dina)).status_code == 404


def test_twenty_working_tokens_are_enough(as_, database, cast, clock):
    nobody = as_("")
    statuses = [nobody.api("POST", "/tokens", wanted(cast.dina, days="7")).status_code for _number in range(19)]
    assert statuses == [201] * 18 + [409], "two of the cast's own count too"
    assert as_("dina").post("/settings/tokens", {"name": "R", "scopes": ["crm:read"], "days": "7"}).status_code == 409
    clock.forward(days=8)
    dina = as_("dina")
    assert [token["name"] for token in dina.api("GET", "/tokens").json()] == ["Test", "Test"], "the others ran out"
    assert nobody.api("POST", "/tokens", wanted(cast.dina)).status_code == 201


def test_an_unconfirmed_person_gets_no_token(as_, cast):
    assert as_("").api("POST", "/tokens", wanted(cast.ursula)).status_code == 422


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("way", ["password", "page"])
def test_a_token_in_the_making_does_not_outlive_a_reset(as_, database, cast, monkeypatch, way):
    reset = lost_password(database, cast.bob)

    def check_and_be_overtaken(password: str, stored: str) -> bool:
        right = verify_password(password, stored)
        reset()
        return right

    if way == "password":
        monkeypatch.setattr(sessions, "verify_password", check_and_be_overtaken)
        assert as_("").api("POST", "/tokens", wanted(cast.bob)).status_code == 401
    else:
        with database.read() as db:
            by = viewer_of(db, "bob")
        reset()
        with database.write() as db, pytest.raises(NotSignedIn):
            tokens.issue(db, TokenInput(name="Robot", scopes=["crm:read"]), by=by)
    with database.read() as db:
        assert db.scalar(select(col(ApiToken.id)).where(col(ApiToken.name) == "Robot")) is None


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_reset_waits_for_the_token_in_the_making_and_ends_it(database, cast):
    reset = threading.Thread(target=lost_password(database, cast.bob))
    with database.write() as db:
        _made, text = tokens.issue(db, TokenInput(name="Robot", scopes=["crm:read"]), by=viewer_of(db, "bob"))
        reset.start()
        reset.join(0.5)
        assert reset.is_alive()
    reset.join()
    with database.read() as db:
        assert find_by_token(db, text) is None
