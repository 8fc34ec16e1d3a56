"""A person changes their own account; the sensitive parts ask for the password first."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from accounts.users.models import User
from accounts.users.passwords import verify_password
from accounts.workspaces.models import Membership
from core.db import Database
from core.events import Event
from core.i18n import LOCALES, NAMES
from tests.accounts.mailbox import mails, newest_path, templates_to
from tests.cast import PASSWORD
from tests.counting import counted
from tests.people import text_of
from web.cookies import LOCALE_COOKIE, THEME_COOKIE

NEW = "the harbour froze in march"
SENSITIVE = [
    ("GET", "/settings/password"),
    ("GET", "/settings/email"),
    ("GET", "/settings/two-factor"),
    ("GET", "/settings/two-factor/qr.svg"),
    ("POST", "/settings/password"),
    ("POST", "/settings/email"),
    ("POST", "/settings/deletion"),
    ("POST", "/settings/two-factor/begin"),
    ("POST", "/settings/two-factor/confirm"),
    ("POST", "/settings/two-factor/codes"),
    ("POST", "/settings/two-factor/disable"),
]


@pytest.fixture(autouse=True)
def translated(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the catalogues of all known languages were there."""
    for code, name in NAMES.items():
        monkeypatch.setitem(LOCALES, code, name)


def stored(database: Database, part) -> User:
    with database.read() as db:
        return db.get_one(User, part.user_id)


def kinds(database: Database, part) -> list[str]:
    with database.read() as db:
        found = select(col(Event.kind)).where(col(Event.subject_id) == part.user_id)
        return list(db.scalars(found.order_by(col(Event.id))))


def test_name_language_and_zone(as_, database, cast):
    alice = as_("alice")
    answer = alice.post("/settings", {"name": "Алиса", "locale": "ru", "time_zone": "Asia/Yerevan"})
    assert answer.status_code == 303
    assert answer.cookies[LOCALE_COOKIE] == "ru"
    found = stored(database, cast.alice)
    assert (found.name, found.locale, found.time_zone) == ("Алиса", "ru", "Asia/Yerevan")
    assert 'value="Алиса"' in alice.get("/settings").text
    assert kinds(database, cast.alice) == ["user.edited"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", "x" * 81), ("locale", "xx"), ("time_zone", "Mars/Base"), ("time_zone", "")],
)
def test_wrong_input_changes_nothing(as_, database, cast, field, value):
    sent = {"name": "Alice", "locale": "en", "time_zone": "UTC"} | {field: value}
    answer = as_("alice").post("/settings", sent)
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    assert stored(database, cast.alice).name == cast.alice.full_name


@pytest.mark.parametrize("path", ["/settings", "/settings/security", "/settings/sessions", "/settings/two-factor"])
def test_pages_ask_little(as_, database, path):
    alice = as_("alice")
    with counted(database) as statements:
        assert alice.get(path).status_code == 200
    assert len(statements) <= 4
    assert as_("").get(path).status_code == 303


def test_a_person_without_a_workspace_still_has_an_account(as_, database, cast):
    with database.write() as db:
        db.delete(db.scalars(select(Membership).where(col(Membership.user_id) == cast.amir.user_id)).one())
    amir = as_("amir")
    assert amir.get("/settings").status_code == 200
    assert amir.post("/settings/password", {"password": NEW}).status_code == 303


@pytest.mark.parametrize(("method", "path"), SENSITIVE)
def test_after_half_an_hour_the_password_is_asked_again(as_, clock, database, cast, method, path):
    clock.forward(minutes=31)
    alice = as_("alice")
    came_from = {"Referer": "http://testserver/settings/security"}
    answer = alice.get(path) if method == "GET" else alice.post(path, headers=came_from)
    back = path if method == "GET" else "/settings/security"
    assert (answer.status_code, answer.headers["location"]) == (303, f"/prove?next={back}")
    assert kinds(database, cast.alice) == []


def test_proof_leads_back_and_holds_half_an_hour(as_, clock):
    clock.forward(minutes=31)
    alice = as_("alice")
    wrong = alice.post("/prove", {"password": "not this one", "next": "/settings/password"})
    assert wrong.status_code == 422
    assert alice.get("/settings/password").status_code == 303
    right = alice.post("/prove", {"password": PASSWORD, "next": "/settings/password"})
    assert right.headers["location"] == "/settings/password"
    clock.forward(minutes=29)
    assert alice.get("/settings/password").status_code == 200
    clock.forward(minutes=2)
    assert alice.get("/settings/password").status_code == 303


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_proof_never_leads_outside(as_, target):
    answer = as_("alice").post("/prove", {"password": PASSWORD, "next": target})
    assert answer.headers["location"] == "/"


def test_a_new_password_ends_the_other_sessions_only(as_, database, cast):
    elsewhere = as_("")
    elsewhere.post("/log-in", {"email": cast.alice.email, "password": PASSWORD})
    assert elsewhere.get("/settings").status_code == 200
    alice = as_("alice")
    assert alice.post("/settings/password", {"password": NEW}).status_code == 303
    assert verify_password(NEW, stored(database, cast.alice).password_hash)
    assert alice.get("/settings").status_code == 200
    assert elsewhere.get("/settings").status_code == 303
    assert templates_to(database, cast.alice.email) == ["password_changed"]
    assert as_("mallory").get("/settings").status_code == 200


def test_a_refused_password_changes_nothing(as_, database, cast):
    assert as_("alice").post("/settings/password", {"password": "qwertyuiop"}).status_code == 422
    assert verify_password(PASSWORD, stored(database, cast.alice).password_hash)


def test_a_new_address_counts_once_its_link_is_used(as_, database, cast):
    alice = as_("alice")
    assert alice.post("/settings/email", {"email": "New@Example.com"}).status_code == 303
    path = newest_path(database, "change_email", "new@example.com")
    assert stored(database, cast.alice).email == cast.alice.email
    assert "new@example.com" in text_of(as_("").get(path))
    assert stored(database, cast.alice).email == cast.alice.email
    assert as_("").post(path).status_code == 303
    assert stored(database, cast.alice).email == "new@example.com"
    assert templates_to(database, cast.alice.email) == ["email_changed"]
    assert as_("").post(path).status_code == 410
    assert kinds(database, cast.alice) == ["user.email_change_asked", "user.email_changed"]


def test_a_taken_address_gets_the_same_answer(as_, database, cast):
    alice = as_("alice")
    free = alice.post("/settings/email", {"email": "free@example.com"})
    taken = alice.post("/settings/email", {"email": cast.bob.email})
    assert (taken.status_code, taken.content, dict(taken.headers)) == (
        free.status_code,
        free.content,
        dict(free.headers),
    )
    assert templates_to(database, cast.bob.email) == ["already_registered"]
    assert alice.post("/settings/email", {"email": cast.alice.email}).status_code == 422


def test_an_address_taken_in_the_meantime_is_not_taken_over(as_, database, cast):
    as_("alice").post("/settings/email", {"email": "new@example.com"})
    as_("mallory").post("/settings/email", {"email": "new@example.com"})
    first, second = (mail["params"]["path"] for mail in mails(database))
    assert as_("").post(first).status_code == 303
    assert as_("").post(second).status_code == 410
    assert stored(database, cast.mallory).email == cast.mallory.email


def test_anybody_chooses_a_language_and_stays_on_the_page(as_, database, cast):
    answer = as_("").post("/language", {"locale": "vi"}, headers={"Referer": "http://testserver/log-in?next=/offers"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/log-in?next=/offers")
    assert answer.cookies[LOCALE_COOKIE] == "vi"
    as_("alice").post("/language", {"locale": "ru"})
    assert stored(database, cast.alice).locale == "ru"


@pytest.mark.parametrize("referer", ["https://evil.example/x", "", "http://testserver//evil.example"])
def test_choosing_never_leads_outside(as_, referer):
    answer = as_("").post("/language", {"locale": "vi"}, headers={"Referer": referer} if referer else {})
    assert answer.headers["location"] == "/"


def test_a_language_we_do_not_speak_is_not_kept(as_):
    answer = as_("").post("/language", {"locale": "xx"})
    assert LOCALE_COOKIE not in answer.cookies


def test_the_theme_is_kept_in_the_browser(as_):
    nobody = as_("")
    nobody.post("/theme", {"theme": "dark"})
    assert 'data-theme="dark"' in nobody.get("/log-in").text
    nobody.post("/theme", {"theme": "system"})
    assert THEME_COOKIE not in nobody.browser.cookies
    nobody.post("/theme", {"theme": "pink"})
    assert "data-theme" not in nobody.get("/log-in").text


def test_the_account_over_json(as_, database, cast):
    alice = as_("alice")
    me = alice.api("GET", "/me").json()
    assert (me["id"], me["email"], me["workspace"]["name"]) == (
        str(cast.alice.user_id),
        cast.alice.email,
        "Alice Social",
    )
    assert me["workspace"]["role"] == "owner"
    assert "password_hash" not in me
    changed = alice.api("PUT", "/me", {"name": "Alisa", "locale": "vi", "time_zone": "Asia/Ho_Chi_Minh"})
    assert (changed.status_code, changed.json()["locale"]) == (200, "vi")
    bad = alice.api("PUT", "/me", {"name": "Alisa", "locale": "vi", "time_zone": "UTC", "is_staff": True})
    assert (bad.status_code, stored(database, cast.alice).is_staff) == (422, False)
    assert alice.client.get("/api/v1/me").status_code == 401
    reader = {"Authorization": f"Bearer {cast.alice.read_only_token}"}
    assert alice.client.get("/api/v1/me", headers=reader).status_code == 200
    assert alice.client.put("/api/v1/me", headers=reader, json={}).status_code == 403


def test_a_session_cookie_does_not_open_the_api(as_):
    assert as_("alice").get("/api/v1/me").status_code == 401


def test_the_events_of_an_account_stay_out_of_workspaces(as_, database):
    as_("alice").post("/settings/password", {"password": NEW})
    with database.read() as db:
        kind = col(Event.kind) == "user.password_changed"
        assert db.scalar(select(func.count()).where(kind, col(Event.workspace_id).is_(None))) == 1
