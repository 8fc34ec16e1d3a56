"""Logging in and out: fresh tokens, one answer for every failure, limits that count across processes."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from accounts.sessions import service as sessions
from accounts.sessions.models import LoginSession
from accounts.users import queries as people
from accounts.users import service as users
from accounts.users.models import LinkPurpose, User
from accounts.users.passwords import verify_password
from app.main import create_app
from core.crypto import token_hash
from core.db import Database
from core.events import Event
from tests.accounts.mailbox import newest_path
from tests.cast import PASSWORD
from tests.conftest import SETTINGS
from tests.people import Person, text_of
from web.cookies import SESSION_COOKIE


def sessions_of(database: Database, part) -> list[LoginSession]:
    with database.read() as db:
        statement = select(LoginSession).where(col(LoginSession.user_id) == part.user_id)
        return list(db.scalars(statement.order_by(col(LoginSession.id))))


def log_in(person: Person, email: str, password: str = PASSWORD, **more):
    return person.post("/log-in", {"email": email, "password": password, **more})


def test_what_is_sent_after_the_session_ended_says_so_and_leads_back(as_):
    nobody = as_("")
    answer = nobody.post("/companies", {"name": "X"}, headers={"Referer": "http://testserver/companies/new?a=1"})
    assert answer.headers["location"] == "/log-in?next=/companies/new%3Fa%3D1"
    assert "What you sent was not saved." in text_of(nobody.get(answer.headers["location"]))


def test_right_address_and_password(as_, database, cast):
    nobody = as_("")
    answer = log_in(nobody, " Bob@Example.com ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/home")
    header = answer.headers["set-cookie"].lower()
    assert "httponly" in header
    assert "samesite=lax" in header
    token = nobody.browser.cookies[SESSION_COOKIE]
    newest = sessions_of(database, cast.bob)[-1]
    assert newest.token_hash == token_hash(token)
    assert nobody.get("/settings").status_code == 200
    with database.read() as db:
        assert db.scalar(select(func.count()).where(col(Event.kind) == "user.logged_in")) == 1


@pytest.mark.parametrize(("stay", "lasts"), [({}, timedelta(hours=12)), ({"stay": "on"}, timedelta(days=30))])
def test_how_long_it_lasts(as_, database, cast, clock, stay, lasts):
    nobody = as_("")
    answer = log_in(nobody, cast.bob.email, **stay)
    (cookie,) = (c for c in answer.headers.get_list("set-cookie") if c.startswith(SESSION_COOKIE))
    assert ("Max-Age" in cookie) == bool(stay)
    assert sessions_of(database, cast.bob)[-1].expires_at == clock() + lasts
    clock.forward(seconds=lasts.total_seconds() - 1)
    assert nobody.get("/settings").status_code == 200
    clock.forward(seconds=1)
    assert nobody.get("/settings").status_code == 303


def test_every_failure_looks_the_same(as_, database, cast):
    nobody = as_("")
    wrong = log_in(nobody, cast.bob.email, "not my password")
    unknown = log_in(nobody, "who@example.com", "not my password")
    suspended = log_in(nobody, cast.sam.email, PASSWORD)
    unconfirmed = log_in(nobody, cast.ursula.email, PASSWORD)
    bodies = {
        answer.text.replace(email, "E")
        for answer, email in (
            (wrong, cast.bob.email),
            (unknown, "who@example.com"),
            (suspended, cast.sam.email),
            (unconfirmed, cast.ursula.email),
        )
    }
    assert [answer.status_code for answer in (wrong, unknown, suspended, unconfirmed)] == [422] * 4
    assert len(bodies) == 1
    assert all(SESSION_COOKIE not in answer.cookies for answer in (wrong, unknown, suspended, unconfirmed))
    assert "not my password" not in wrong.text


def test_an_unknown_address_costs_a_verification_too(as_, monkeypatch, cast):
    checked = []
    monkeypatch.setattr(sessions, "verify_password", lambda _password, stored: checked.append(stored) or False)
    log_in(as_(""), "who@example.com")
    log_in(as_(""), cast.bob.email)
    assert len(checked) == 2
    assert all(stored.startswith("$argon2id$") for stored in checked)


def test_a_suspended_person_is_out_at_once(as_, database, cast):
    bob = as_("bob")
    assert bob.get("/settings").status_code == 200
    with database.write() as db:
        db.get_one(User, cast.bob.user_id).suspended_at = db.now()
    assert bob.get("/settings").status_code == 303
    assert bob.post("/settings", {"name": "B", "locale": "en", "time_zone": "UTC"}).status_code == 303
    assert bob.api("GET", "/me").status_code == 401


def test_a_planted_cookie_is_never_taken_over(as_, database, cast):
    nobody = as_("")
    nobody.browser.cookies.set(SESSION_COOKIE, "planted-by-mallory")
    log_in(nobody, cast.bob.email)
    tokens = {session.token_hash for session in sessions_of(database, cast.bob)}
    assert token_hash("planted-by-mallory") not in tokens
    thief = as_("")
    thief.browser.cookies.set(SESSION_COOKIE, "planted-by-mallory")
    assert thief.get("/settings").status_code == 303


def test_logging_in_ends_what_the_browser_held_before(as_, database, cast):
    mallory = as_("mallory")
    log_in(mallory, cast.bob.email)
    assert sessions_of(database, cast.mallory) == []
    thief = as_("")
    thief.browser.cookies.set(SESSION_COOKIE, cast.mallory.session_token)
    assert thief.get("/settings").status_code == 303


def test_logging_out_ends_the_session_everywhere_it_was_copied(as_, database, cast):
    bob, copy = as_("bob"), as_("bob")
    answer = bob.post("/log-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/log-in")
    assert f'{SESSION_COOKIE}=""; ' in answer.headers["set-cookie"]
    assert copy.get("/settings").status_code == 303
    assert sessions_of(database, cast.bob) == []
    assert as_("").post("/log-out").status_code == 303


@pytest.mark.parametrize(("to", "led"), [("/invitations/abc", "/invitations/abc"), ("https://evil.example/", "/")])
def test_logging_out_leads_on_within_this_site(as_, to, led):
    assert as_("bob").post(f"/log-out?next={quote(to)}").headers["location"] == led


def test_logging_out_is_a_post_with_a_token(as_, database, cast):
    bob = as_("bob")
    assert bob.get("/log-out").status_code == 405
    assert bob.browser.post("/log-out").status_code == 403
    assert bob.post("/log-out", headers={"Origin": "https://evil.example"}).status_code == 403
    assert len(sessions_of(database, cast.bob)) == 1


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_another_site_cannot_log_people_in(as_, database, cast, headers):
    before = len(sessions_of(database, cast.mallory))
    answer = as_("").post("/log-in", {"email": cast.mallory.email, "password": PASSWORD}, headers=headers)
    assert answer.status_code == 403
    assert len(sessions_of(database, cast.mallory)) == before


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/offers?box=sent", "/offers?box=sent"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_it_leads_back_but_never_outside(as_, cast, wanted, reached):
    assert log_in(as_(""), cast.bob.email, next=wanted).headers["location"] == reached
    assert as_("bob").get("/log-in", params={"next": wanted}).headers["location"] == reached


def test_it_leads_back_to_a_path_in_any_script(as_):
    bob = as_("bob")
    proof = {"password": PASSWORD, "next": "/briefs?q=кафе"}
    plain, scripted = bob.post("/prove", proof), bob.post("/prove", proof, htmx=True)
    assert (plain.status_code, scripted.status_code) == (303, 204)
    there = "/briefs?q=%D0%BA%D0%B0%D1%84%D0%B5"
    assert plain.headers["location"] == scripted.headers["hx-redirect"] == there


def test_a_stranger_is_sent_to_log_in_and_back(as_):
    assert as_("").get("/settings/security").headers["location"] == "/log-in?next=/settings/security"


@pytest.mark.parametrize("password", ["", "x" * 129, "a\x00b"])
def test_wrong_input_is_a_422(as_, cast, password):
    assert log_in(as_(""), cast.bob.email, password).status_code == 422


def limited_apps(as_, database: Database, clock) -> tuple[Person, Person]:
    """Two processes' worth of the app on one database, with the limits on."""
    settings = SETTINGS.model_copy(update={"rate_limits": True})
    return tuple(as_("", create_app(settings, database, clock)) for _number in range(2))


def test_tries_are_counted_across_processes(as_, database, clock, cast):
    here, there = limited_apps(as_, database, clock)
    for number in range(10):
        assert log_in((here, there)[number % 2], cast.bob.email, "not my password").status_code == 422
    refused = log_in(there, cast.bob.email)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 300
    assert log_in(here, cast.bob.email).status_code == 429
    clock.forward(minutes=5)
    assert log_in(here, cast.bob.email).status_code == 303


def test_other_spellings_of_an_address_are_no_new_tries(as_, database, clock, cast):
    here, _there = limited_apps(as_, database, clock)
    spellings = [
        cast.bob.email,
        "BOB@example.com",
        " bob@example.com",
        "\u200bbob@example.com",
        "bob@EXAMPLE.com\u2060",
    ]
    for number in range(10):
        here.browser.come_from(f"192.0.2.{number}")
        assert log_in(here, spellings[number % 5], "not my password").status_code == 422
    here.browser.come_from("192.0.2.99")
    assert log_in(here, "\u3164bob@example.com").status_code == 429


SIGN_UP = {"kind": "business", "name": "N", "workspace_name": "W", "password": "x"}


@pytest.mark.parametrize(
    ("mine", "anothers"),
    [
        (["2001:db8:1:2::1", "2001:db8:1:2:ffff:1:2:3", "2001:db8:1:2::1%eth0"], "2001:db8:1:3::1"),
        (["192.0.2.1", "::ffff:192.0.2.1"], "192.0.2.2"),
        (["::ffff:192.0.2.1"], "::ffff:192.0.2.2"),
    ],
)
def test_addresses_one_holder_has_are_counted_together(as_, database, clock, mine, anothers):
    """Whoever rents one machine gets 2^64 IPv6 addresses with it."""
    here, _there = limited_apps(as_, database, clock)
    for number in range(10):
        here.browser.come_from(mine[number % len(mine)])
        assert here.post("/sign-up", {**SIGN_UP, "email": f"p{number}@example.org"}).status_code == 422
    here.browser.come_from(mine[-1])
    assert here.post("/sign-up", {**SIGN_UP, "email": "q@example.org"}).status_code == 429
    here.browser.come_from(anothers)
    assert here.post("/sign-up", {**SIGN_UP, "email": "r@example.org"}).status_code == 422


@pytest.mark.parametrize(
    ("path", "data", "most", "window"),
    [
        ("/forgot-password", {"email": "bob@example.com"}, 5, timedelta(days=1)),
        ("/sign-up", {"email": "x"}, 10, timedelta(hours=1)),
    ],
)
def test_the_other_doors_are_limited_too(as_, database, clock, path, data, most, window):
    here, there = limited_apps(as_, database, clock)
    for number in range(most):
        assert (here, there)[number % 2].post(path, data).status_code in {303, 422}
    assert there.post(path, data).status_code == 429
    clock.forward(seconds=window.total_seconds())
    assert there.post(path, data).status_code in {303, 422}


def test_a_stolen_cookie_cannot_guess_the_password(as_, database, clock, cast):
    here, there = limited_apps(as_, database, clock)
    for person in (here, there):
        person.browser.cookies.set(SESSION_COOKIE, cast.bob.session_token)
    for number in range(10):
        assert (here, there)[number % 2].post("/prove", {"password": "no"}).status_code == 422
    assert here.post("/prove", {"password": PASSWORD}).status_code == 429


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("what", ["reset", "suspension"])
def test_a_log_in_under_way_does_not_outlive_what_would_end_it(as_, database, cast, monkeypatch, what):
    """The old password is being checked while its owner takes the account back."""
    with database.write() as db:
        users.send_reset(db, cast.bob.email)
    token = newest_path(database, "reset_password", cast.bob.email).rsplit("/", 1)[1]

    def check_and_be_overtaken(password: str, stored: str) -> bool:
        right = verify_password(password, stored)
        with database.write() as db:
            if what == "suspension":
                users.suspend(db, cast.bob.email)
            else:
                users.reset_password(db, people.find_link(db, LinkPurpose.RESET_PASSWORD, token), "a quiet evening")
        return right

    monkeypatch.setattr(sessions, "verify_password", check_and_be_overtaken)
    thief = as_("")
    answer = log_in(thief, cast.bob.email)
    assert (answer.status_code, answer.headers["location"]) == (303, "/log-in")
    assert thief.get("/settings").status_code == 303
    assert sessions_of(database, cast.bob) == []
