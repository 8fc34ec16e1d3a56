"""What protects an account, over JSON: every verb of the pages, and the password with each sensitive one."""

from __future__ import annotations

import pyotp
import pytest
from sqlalchemy import select
from sqlmodel import col

from accounts.users import jobs as users_jobs
from accounts.users.passwords import verify_password
from app.main import create_app
from core.db import Database
from core.jobs import Job
from tests.accounts.mailbox import newest_path, templates_to
from tests.accounts.users.test_account import stored
from tests.cast import PASSWORD
from tests.conftest import SETTINGS

NEW = "the harbour froze in march"
SENSITIVE = [
    ("/me/password", {"password": NEW}),
    ("/me/email", {"email": "new@example.com"}),
    ("/me/deletion", {}),
    ("/me/two-factor", {"code": "123456"}),
    ("/me/two-factor/secret", {}),
    ("/me/two-factor/codes", {}),
    ("/me/two-factor/disabled", {}),
]


def token_of(path: str) -> str:
    return path.rsplit("/", 1)[1]


@pytest.mark.parametrize(("path", "body"), SENSITIVE)
def test_a_token_alone_does_not_take_an_account_over(as_, database, cast, path, body):
    before = stored(database, cast.dina)
    dina = as_("dina")
    for sent, status in (({**body, "current_password": "not this one"}, 422), (body, 422)):
        answer = dina.api("PUT", path, sent)
        assert answer.status_code == status
        assert "current_password" in answer.json()["fields"]
    assert stored(database, cast.dina) == before
    assert templates_to(database, cast.dina.email) == []


def test_a_stolen_token_cannot_guess_the_password(as_, database, clock):
    settings = SETTINGS.model_copy(update={"rate_limits": True})
    dina = as_("dina", create_app(settings, database, clock))
    for number in range(10):
        dina.client.come_from(f"192.0.2.{number}")
        assert dina.api("PUT", "/me/deletion", {"current_password": "no"}).status_code == 422
    dina.client.come_from("192.0.2.99")
    assert dina.api("PUT", "/me/deletion", {"current_password": PASSWORD}).status_code == 429


def test_other_spellings_of_bearer_are_no_new_tries(as_, database, clock):
    dina = as_("dina", create_app(SETTINGS.model_copy(update={"rate_limits": True}), database, clock))
    spellings = ["Bearer", "bearer", "BEARER", "bEARER", "BeArEr"]
    for number in range(10):
        dina.client.come_from(f"192.0.2.{number}")
        header = {"Authorization": f"{spellings[number % 5]} {dina.token}"}
        assert dina.api("PUT", "/me/deletion", {"current_password": "no"}, headers=header).status_code == 422
    dina.client.come_from("192.0.2.99")
    header = {"Authorization": f"beareR {dina.token}"}
    assert dina.api("PUT", "/me/deletion", {"current_password": PASSWORD}, headers=header).status_code == 429


def test_password_and_address_change(as_, database, cast):
    bob = as_("bob")
    assert bob.api("PUT", "/me/password", {"current_password": PASSWORD, "password": NEW}).status_code == 204
    assert verify_password(NEW, stored(database, cast.bob).password_hash)
    assert bob.get("/settings").status_code == 303, "the browser has to log in again"
    weak = bob.api("PUT", "/me/password", {"current_password": NEW, "password": "lollipop1"})
    assert (weak.status_code, list(weak.json()["fields"])) == (422, ["password"])
    assert bob.api("PUT", "/me/email", {"current_password": NEW, "email": "b@example.com"}).status_code == 202
    link = newest_path(database, "change_email", "b@example.com")
    nobody = as_("")
    assert nobody.api("PUT", "/email-changes", {"token": token_of(link)}).status_code == 204
    assert stored(database, cast.bob).email == "b@example.com"
    assert nobody.api("PUT", "/email-changes", {"token": token_of(link)}).status_code == 410


def test_a_forgotten_password(as_, database, cast):
    nobody = as_("")
    known = nobody.api("POST", "/password-resets", {"email": cast.bob.email})
    unknown = nobody.api("POST", "/password-resets", {"email": "who@example.com"})
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content) == (202, known.content)
    with database.write() as db:
        for job in db.scalars(select(Job).where(col(Job.kind) == "users.send_reset").order_by(col(Job.id))):
            users_jobs.send_reset(db, job.payload)
    assert templates_to(database, "who@example.com") == []
    token = token_of(newest_path(database, "reset_password", cast.bob.email))
    assert nobody.api("PUT", "/password-resets", {"token": token, "password": "qwertyuiop"}).status_code == 422
    assert nobody.api("PUT", "/password-resets", {"token": token, "password": NEW}).status_code == 204
    assert nobody.api("PUT", "/password-resets", {"token": token, "password": NEW}).status_code == 410
    assert verify_password(NEW, stored(database, cast.bob).password_hash)


def test_the_second_factor(as_, database: Database, cast, clock):
    bob = as_("bob")
    me = {"current_password": PASSWORD}
    secret = bob.api("PUT", "/me/two-factor/secret", me).json()["secret"]
    code = pyotp.TOTP(secret).at(clock())
    assert bob.api("PUT", "/me/two-factor", {**me, "code": "000000"}).status_code == 422
    codes = bob.api("PUT", "/me/two-factor", {**me, "code": code}).json()["codes"]
    assert len(set(codes)) == 10
    assert bob.api("GET", "/me").json()["two_factor"] is True
    wanted = {"email": cast.bob.email, "password": PASSWORD, "name": "Robot", "scopes": ["crm:read"]}
    nobody = as_("")
    assert nobody.api("POST", "/tokens", {**wanted, "code": code}).status_code == 422, "that code was used"
    assert nobody.api("POST", "/tokens", {**wanted, "code": codes[0]}).status_code == 201
    assert nobody.api("POST", "/tokens", {**wanted, "code": codes[0]}).status_code == 422, "each works once"
    fresh = bob.api("PUT", "/me/two-factor/codes", me).json()["codes"]
    assert nobody.api("POST", "/tokens", {**wanted, "code": codes[1]}).status_code == 422, "replaced"
    assert nobody.api("POST", "/tokens", {**wanted, "code": fresh[1]}).status_code == 201
    assert bob.api("PUT", "/me/two-factor/disabled", me).status_code == 204
    assert bob.api("GET", "/me").json()["two_factor"] is False


def test_codes_are_counted_at_both_doors_together(as_, database, clock, cast):
    """Knowing the password must not open a wider door to guessing the code than the page is."""
    app = create_app(SETTINGS.model_copy(update={"rate_limits": True}), database, clock)
    bob = as_("bob", app)
    me = {"current_password": PASSWORD}
    secret = bob.api("PUT", "/me/two-factor/secret", me).json()["secret"]
    assert bob.api("PUT", "/me/two-factor", {**me, "code": pyotp.TOTP(secret).at(clock())}).status_code == 200
    clock.forward(minutes=5)
    wanted = {"email": cast.bob.email, "password": PASSWORD, "name": "Robot", "scopes": ["crm:read"]}
    robot, browser = as_("", app), as_("", app)
    robot.client.come_from("192.0.2.1")
    browser.browser.come_from("192.0.2.2")
    for _number in range(3):
        assert robot.api("POST", "/tokens", {**wanted, "code": "000000"}).status_code == 422
    assert browser.post("/log-in", {"email": cast.bob.email, "password": PASSWORD}).status_code == 303
    for _number in range(2):
        assert browser.post("/log-in/code", {"code": "000000"}).status_code == 422
    right = pyotp.TOTP(secret).at(clock())
    assert browser.post("/log-in/code", {"code": right}).status_code == 429
    assert robot.api("POST", "/tokens", {**wanted, "code": right}).status_code == 429


KINDS = ["application/x+json", "application/json; charset=utf-8", "application/x-www-form-urlencoded=x+json; a=b"]


@pytest.mark.parametrize("kind", KINDS)
def test_another_name_for_json_does_not_hide_whose_password_is_tried(as_, database, clock, cast, kind):
    robot = as_("", create_app(SETTINGS.model_copy(update={"rate_limits": True}), database, clock))
    wanted = {"email": cast.bob.email, "password": "not my password", "name": "Robot", "scopes": ["crm:read"]}
    for number in range(10):
        robot.client.come_from(f"192.0.2.{number}")
        answer = robot.api("POST", "/tokens", wanted, headers={"Content-Type": kind})
        assert answer.status_code == 422
    robot.client.come_from("192.0.2.99")
    right = {**wanted, "password": PASSWORD}
    assert robot.api("POST", "/tokens", right, headers={"Content-Type": kind}).status_code == 429


@pytest.mark.parametrize("kind", KINDS)
def test_another_name_for_json_does_not_hide_whose_code_is_tried(as_, database, clock, cast, kind):
    app = create_app(SETTINGS.model_copy(update={"rate_limits": True}), database, clock)
    bob, robot = as_("bob", app), as_("", app)
    me = {"current_password": PASSWORD}
    secret = bob.api("PUT", "/me/two-factor/secret", me).json()["secret"]
    assert bob.api("PUT", "/me/two-factor", {**me, "code": pyotp.TOTP(secret).at(clock())}).status_code == 200
    clock.forward(minutes=5)
    wanted = {"email": cast.bob.email, "password": PASSWORD, "name": "Robot", "scopes": ["crm:read"]}
    for number in range(5):
        robot.client.come_from(f"192.0.2.{number}")
        answer = robot.api("POST", "/tokens", {**wanted, "code": "000000"}, headers={"Content-Type": kind})
        assert answer.status_code == 422
    robot.client.come_from("192.0.2.99")
    right = {**wanted, "code": pyotp.TOTP(secret).at(clock())}
    assert robot.api("POST", "/tokens", right, headers={"Content-Type": kind}).status_code == 429


def test_all_log_ins_are_ended(as_, database):
    alice = as_("alice")
    assert alice.get("/settings").status_code == 200
    assert alice.api("DELETE", "/sessions").status_code == 204
    assert alice.get("/settings").status_code == 303
    assert alice.api("GET", "/sessions").json() == []


def test_the_confirmation_is_sent_again(as_, database, cast):
    assert as_("ursula").api("POST", "/me/confirmation").status_code == 202
    assert templates_to(database, cast.ursula.email) == ["confirm_email"]
    assert as_("alice").api("POST", "/me/confirmation").status_code == 409
