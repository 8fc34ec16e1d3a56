"""A forgotten password: a link by mail, once, for an hour, and nobody learns who has an account."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from accounts.sessions import service as sessions
from accounts.sessions.models import LoginSession
from accounts.two_factor import service as two_factor
from accounts.users import account, deletion, jobs
from accounts.users import service as users
from accounts.users.models import LinkPurpose, MailLink, User
from accounts.users.passwords import hash_password, verify_password
from core.crypto import Keys
from core.db import Database
from core.errors import NotSignedIn
from core.events import Event
from core.jobs import Job
from tests.accounts.mailbox import mails, newest_path, templates_to
from tests.accounts.resets import FRESH, lost_password
from tests.cast import PASSWORD, viewer_of
from tests.conftest import SETTINGS
from tests.people import fields

NEW = "the harbour froze in march"


def run_asked(database: Database) -> None:
    """What the worker does with the asked resets."""
    with database.write() as db:
        for job in db.scalars(select(Job).where(col(Job.kind) == "users.send_reset")).all():
            jobs.send_reset(db, job.payload)
            db.delete(job)


def ask(as_, database: Database, email: str) -> str:
    as_("").post("/forgot-password", {"email": email})
    run_asked(database)
    return newest_path(database, "reset_password", email)


def stored(database: Database, part) -> User:
    with database.read() as db:
        return db.get_one(User, part.user_id)


def test_known_and_unknown_addresses_get_the_same_answer_after_the_same_work(as_, database, cast):
    nobody = as_("")
    known = nobody.post("/forgot-password", {"email": cast.bob.email.upper()})
    unknown = nobody.post("/forgot-password", {"email": "nobody@example.com"})
    typed = [answer.headers["set-cookie"].split("=")[0] for answer in (known, unknown)]
    assert typed == ["postwright_sent"] * 2  # the address as typed, for the next page
    headers = [{k: v for k, v in answer.headers.items() if k != "set-cookie"} for answer in (known, unknown)]
    assert (known.status_code, known.content, headers[0]) == (unknown.status_code, unknown.content, headers[1])
    with database.read() as db:
        assert db.scalar(select(func.count()).where(col(Job.kind) == "users.send_reset")) == 2
    run_asked(database)
    assert templates_to(database, cast.bob.email) == ["reset_password"]
    assert len(mails(database)) == 1


def test_the_next_page_names_the_address_whoever_has_it_and_sends_again(as_, database, cast):
    for email in ("nobody@example.com", cast.bob.email):
        person = as_("")
        assert "Send again" not in person.get("/forgot-password/sent").text
        person.post("/forgot-password", {"email": email})
        page = person.get("/forgot-password/sent").text
        assert f"If {email} has an account" in page
        again = fields(page, "/forgot-password")
        assert again["email"] == [email]
        assert person.post("/forgot-password", {"email": email}).status_code == 303
    run_asked(database)
    assert templates_to(database, cast.bob.email) == ["reset_password"] * 2


def test_the_link_sets_a_password_and_ends_every_session(as_, database, cast):
    path = ask(as_, database, cast.bob.email)
    nobody = as_("")
    assert cast.bob.email in nobody.get(path).text
    assert verify_password(PASSWORD, stored(database, cast.bob).password_hash)
    answer = nobody.post(path, {"password": NEW})
    assert (answer.status_code, answer.headers["location"]) == (303, "/log-in")
    assert verify_password(NEW, stored(database, cast.bob).password_hash)
    with database.read() as db:
        assert db.scalar(select(func.count()).where(col(LoginSession.user_id) == cast.bob.user_id)) == 0
        assert db.scalar(select(func.count()).where(col(Event.kind) == "user.password_reset")) == 1
    assert as_("bob").get("/settings").status_code == 303
    assert templates_to(database, cast.bob.email) == ["reset_password", "password_changed"]
    assert as_("bella").get("/settings").status_code == 200


def test_a_lost_password_takes_the_tokens_along(as_, database, cast):
    path = ask(as_, database, cast.bob.email)
    assert as_("bob").api("GET", "/inbox").status_code == 200
    as_("").post(path, {"password": NEW})
    assert as_("bob").api("GET", "/inbox").status_code == 401
    assert as_("bella").api("GET", "/inbox").status_code == 200


def test_the_link_works_once(as_, database, cast):
    path = ask(as_, database, cast.bob.email)
    as_("").post(path, {"password": NEW})
    assert as_("").get(path).status_code == 410
    assert as_("").post(path, {"password": "another long sentence"}).status_code == 410
    assert verify_password(NEW, stored(database, cast.bob).password_hash)


def test_a_refused_password_leaves_the_link_good(as_, database, cast):
    path = ask(as_, database, cast.bob.email)
    refused = as_("").post(path, {"password": "password1"})
    assert refused.status_code == 422
    assert 'id="f-password-error"' in refused.text
    assert as_("bob").get("/settings").status_code == 200
    assert as_("").post(path, {"password": NEW}).status_code == 303


def test_the_link_ends_after_an_hour(as_, database, cast, clock):
    path = ask(as_, database, cast.bob.email)
    clock.forward(minutes=60)
    assert as_("").post(path, {"password": NEW}).status_code == 410


def test_a_second_link_ends_the_first(as_, database, cast):
    first = ask(as_, database, cast.bob.email)
    second = ask(as_, database, cast.bob.email)
    assert as_("").post(first, {"password": NEW}).status_code == 410
    assert as_("").post(second, {"password": NEW}).status_code == 303


def test_the_link_dies_with_the_address_it_was_sent_to(as_, database, cast):
    path = ask(as_, database, cast.bob.email)
    with database.write() as db:
        db.get_one(User, cast.bob.user_id).email = "robert@example.com"
    assert as_("").post(path, {"password": NEW}).status_code == 410
    assert verify_password(PASSWORD, stored(database, cast.bob).password_hash)


def test_changing_the_password_ends_open_reset_links(as_, database, cast):
    path = ask(as_, database, cast.bob.email)
    assert as_("bob").post("/settings/password", {"password": NEW}).status_code == 303
    assert as_("").post(path, {"password": "another long sentence"}).status_code == 410


@pytest.mark.parametrize("way", ["reset", "change"])
def test_a_new_password_ends_a_change_of_address_asked_for_before(as_, database, cast, way):
    """A thief who had the password asked for it; whoever takes the account back keeps it."""
    thief = as_("bob")
    assert thief.api("PUT", "/me/email", {"current_password": PASSWORD, "email": "evil@example.net"}).status_code == 202
    link = newest_path(database, "change_email", "evil@example.net")
    if way == "reset":
        as_("").post(ask(as_, database, cast.bob.email), {"password": NEW})
    else:
        assert as_("bob").post("/settings/password", {"password": NEW}).status_code == 303
    assert as_("").client.put("/api/v1/email-changes", json={"token": link.rsplit("/", 1)[1]}).status_code == 410
    assert stored(database, cast.bob).email == cast.bob.email


def test_a_suspended_person_gets_no_mail_and_no_use_of_an_older_one(as_, database, cast):
    as_("").post("/forgot-password", {"email": cast.sam.email})
    run_asked(database)
    assert mails(database) == []
    path = ask(as_, database, cast.bob.email)
    with database.write() as db:
        db.get_one(User, cast.bob.user_id).suspended_at = db.now()
    assert as_("").post(path, {"password": NEW}).status_code == 410


def test_the_mail_proves_an_unconfirmed_address(as_, database, cast):
    path = ask(as_, database, cast.ursula.email)
    as_("").post(path, {"password": NEW})
    assert stored(database, cast.ursula).email_verified_at is not None


@pytest.mark.parametrize("email", ["", "x", "a@b\x00.com", "x" * 500])
def test_wrong_input_asks_for_nothing(as_, database, email):
    assert as_("").post("/forgot-password", {"email": email}).status_code == 422
    with database.read() as db:
        assert db.scalar(select(func.count()).select_from(Job)) == 0


THEFT = "the thief walks in again"
KEYS = Keys(SETTINGS)
GUARDED = {
    "password": lambda db, by: account.change_password(db, THEFT, by=by),
    "address": lambda db, by: account.ask_new_email(db, "thief@example.org", by=by),
    "deletion": lambda db, by: deletion.ask(db, by=by),
    "second factor": lambda db, by: two_factor.begin(db, KEYS, by=by),
    "first code": lambda db, by: two_factor.confirm(db, KEYS, "123456", by=by),
    "no second factor": lambda db, by: two_factor.disable(db, by=by),
    "recovery codes": lambda db, by: two_factor.renew_codes(db, by=by),
}


def in_use(database: Database, part, *, second_factor: bool) -> None:
    with database.write() as db:
        user = db.get_one(User, part.user_id)
        if second_factor:
            user.totp_sealed, user.totp_confirmed_at = "sealed", db.now()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)  # SQLite lets one write after the other
@pytest.mark.parametrize("verb", GUARDED)
def test_a_request_under_way_does_not_overtake_a_reset(database, cast, verb):
    """A thief's log-in is known already when the owner takes the account back."""
    in_use(database, cast.dina, second_factor=verb in {"no second factor", "recovery codes"})
    reset = lost_password(database, cast.dina)
    with database.write() as late:
        by = viewer_of(late, "dina")
        reset()
        with pytest.raises(NotSignedIn):
            GUARDED[verb](late, by)
    assert verify_password(FRESH, stored(database, cast.dina).password_hash)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("path", ["/me/password", "/me/email", "/me/deletion", "/me/two-factor/secret"])
def test_over_json_the_old_password_does_not_overtake_a_reset(as_, database, cast, monkeypatch, path):
    reset = lost_password(database, cast.dina)

    def check_and_be_overtaken(password: str, known: str) -> bool:
        right = verify_password(password, known)
        reset()
        return right

    monkeypatch.setattr(sessions, "verify_password", check_and_be_overtaken)
    sent = {"current_password": PASSWORD}
    sent |= {"/me/password": {"password": THEFT}, "/me/email": {"email": "thief@example.org"}}.get(path, {})
    assert as_("dina").api("PUT", path, sent).status_code == 401
    dina = stored(database, cast.dina)
    assert verify_password(FRESH, dina.password_hash)
    assert (dina.deletion_requested_at, dina.totp_sealed) == (None, None)
    assert mails(database, "thief@example.org") == []


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_reset_waits_for_a_change_of_address_being_asked_for_and_ends_it(database, cast):
    reset = threading.Thread(target=lost_password(database, cast.dina))
    with database.write() as db:
        account.ask_new_email(db, "thief@example.org", by=viewer_of(db, "dina"))
        reset.start()
        reset.join(0.5)
        assert reset.is_alive()
    reset.join()
    with database.read() as db:
        asked = db.scalars(select(MailLink).where(col(MailLink.purpose) == LinkPurpose.CHANGE_EMAIL)).one()
    assert asked.used_at is not None


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_change_of_the_password_waits_for_a_reset_and_does_not_stand_in_its_way(database, cast, monkeypatch):
    reset, refused = lost_password(database, cast.dina), []
    with database.read() as db:
        by = viewer_of(db, "dina")

    def change() -> None:
        try:
            with database.write() as db:
                account.change_password(db, THEFT, by=by)
        except NotSignedIn as error:
            refused.append(error)

    thief = threading.Thread(target=change)

    def hash_meanwhile(password: str) -> str:
        if password == FRESH:  # the link is used by now, the password not yet stored
            thief.start()
            thief.join(0.5)
            assert thief.is_alive()
        return hash_password(password)

    monkeypatch.setattr(users, "hash_password", hash_meanwhile)
    reset()
    thief.join()
    assert refused
    assert verify_password(FRESH, stored(database, cast.dina).password_hash)
