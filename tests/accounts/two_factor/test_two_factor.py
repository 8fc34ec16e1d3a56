"""The second factor: turned on with a code, asked at log-in, each code good for one use."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest
from httpx2 import Response
from sqlalchemy import func, select
from sqlmodel import col

from accounts.two_factor.models import RecoveryCode
from accounts.two_factor.service import STEP_SECONDS
from accounts.users.models import User
from app.main import create_app
from core.db import Database
from tests.accounts.mailbox import newest_path, templates_to
from tests.cast import PASSWORD
from tests.conftest import SETTINGS
from tests.people import Person, text_of
from web.cookies import SESSION_COOKIE


def stored(database: Database, part) -> User:
    with database.read() as db:
        return db.get_one(User, part.user_id)


def codes_in(page: Response) -> list[str]:
    """The recovery codes a page shows."""
    return re.search(r'id="recovery-codes">([^<]+)<', page.text).group(1).split()


def begin(person: Person) -> pyotp.TOTP:
    """Start the set-up and give what the app on the phone would know."""
    assert person.post("/settings/two-factor/begin").status_code == 303
    shown = re.search(r'id="totp-secret">([A-Z2-7 ]+)<', person.get("/settings/two-factor").text)
    return pyotp.TOTP(shown.group(1).replace(" ", ""))


def enable(person: Person, clock) -> tuple[pyotp.TOTP, list[str]]:
    """Turn it on; gives the app and the recovery codes. The clock then stands two steps later."""
    app = begin(person)
    page = person.post("/settings/two-factor/confirm", {"code": app.at(clock())})
    assert page.status_code == 200
    clock.forward(seconds=2 * STEP_SECONDS)
    return app, codes_in(page)


def test_who_just_gave_the_password_comes_from_security_straight_to_the_code(as_, clock):
    alice, begin_at = as_("alice"), 'action="/settings/two-factor/begin"'
    clock.forward(minutes=31)
    assert begin_at not in alice.get("/settings/security").text  # the password is asked for first
    alice.post("/prove", {"password": PASSWORD, "next": "/settings/security"})
    assert begin_at in alice.get("/settings/security").text
    begin(alice)
    page = alice.get("/settings/security").text
    assert begin_at not in page  # what the phone has scanned already goes on
    assert 'href="/settings/two-factor"' in page


def half_way(as_, part) -> Person:
    """Someone who has given the password and sees the question for the code."""
    person = as_("")
    answer = person.post("/log-in", {"email": part.email, "password": PASSWORD, "next": "/offers"})
    assert answer.headers["location"] == "/log-in/code"
    assert SESSION_COOKIE not in person.browser.cookies
    return person


def test_turning_on_shows_ten_codes_once(as_, database, cast, clock):
    alice = as_("alice")
    _app, codes = enable(alice, clock)
    assert len(set(codes)) == 10
    found = stored(database, cast.alice)
    assert found.totp_confirmed_at is not None
    later = alice.get("/settings/two-factor").text
    assert not any(code in later for code in codes)
    with database.read() as db:
        hashes = list(db.scalars(select(col(RecoveryCode.code_hash))))
    assert len(hashes) == 10
    assert not set(codes) & set(hashes)
    assert templates_to(database, cast.alice.email) == ["two_factor_on"]


def test_the_secret_is_stored_sealed_and_no_longer_shown_once_on(as_, database, cast, clock):
    alice = as_("alice")
    app = begin(alice)
    picture = alice.get("/settings/two-factor/qr.svg")
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert picture.text.startswith("<svg")
    assert "style=" not in picture.text
    assert picture.headers["cache-control"] == "no-store"
    assert app.secret not in stored(database, cast.alice).totp_sealed
    alice.post("/settings/two-factor/confirm", {"code": app.at(clock())})
    assert alice.get("/settings/two-factor/qr.svg").status_code == 404
    assert app.secret[:4] not in text_of(alice.get("/settings/two-factor"))


def test_begun_but_not_confirmed_asks_for_nothing(as_, database, cast):
    begin(as_("alice"))
    answer = as_("").post("/log-in", {"email": cast.alice.email, "password": PASSWORD})
    assert answer.headers["location"] == "/home"


@pytest.mark.parametrize("code", ["", "000000x", "12345", "абвгде", "x" * 21, "１２３４５６"])
def test_a_wrong_first_code_turns_nothing_on(as_, database, cast, code):
    alice = as_("alice")
    begin(alice)
    assert alice.post("/settings/two-factor/confirm", {"code": code}).status_code == 422
    assert stored(database, cast.alice).totp_confirmed_at is None


def test_without_beginning_there_is_nothing_to_confirm(as_, clock):
    alice = as_("alice")
    assert alice.post("/settings/two-factor/confirm", {"code": "123456"}).status_code == 409
    assert alice.post("/settings/two-factor/codes").status_code == 409
    assert alice.post("/settings/two-factor/disable").status_code == 409
    enable(alice, clock)
    assert alice.post("/settings/two-factor/begin").status_code == 409


def test_log_in_takes_password_and_code(as_, database, cast, clock):
    app, _codes = enable(as_("alice"), clock)
    person = half_way(as_, cast.alice)
    assert person.get("/settings").status_code == 303
    assert person.get("/log-in/code").status_code == 200
    assert person.post("/log-in/code", {"code": "000000"}).status_code == 422
    answer = person.post("/log-in/code", {"code": app.at(clock())})
    assert (answer.status_code, answer.headers["location"]) == (303, "/offers")
    assert person.get("/settings").status_code == 200


def test_a_wrong_password_never_shows_that_a_code_is_needed(as_, cast, clock):
    enable(as_("alice"), clock)
    nobody = as_("")
    wrong = nobody.post("/log-in", {"email": cast.alice.email, "password": "no"})
    without = nobody.post("/log-in", {"email": cast.bob.email, "password": "no"})
    assert wrong.text.replace(cast.alice.email, "E") == without.text.replace(cast.bob.email, "E")


def test_a_code_is_taken_once(as_, database, cast, clock):
    app, _codes = enable(as_("alice"), clock)
    code = app.at(clock())
    assert half_way(as_, cast.alice).post("/log-in/code", {"code": code}).status_code == 303
    assert half_way(as_, cast.alice).post("/log-in/code", {"code": code}).status_code == 422
    earlier = app.at(clock().timestamp() - STEP_SECONDS)
    assert half_way(as_, cast.alice).post("/log-in/code", {"code": earlier}).status_code == 422
    clock.forward(seconds=STEP_SECONDS)
    assert half_way(as_, cast.alice).post("/log-in/code", {"code": app.at(clock())}).status_code == 303


def test_of_two_at_once_with_one_code_one_gets_in(as_, cast, clock):
    app, _codes = enable(as_("alice"), clock)
    people = [half_way(as_, cast.alice) for _number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda p: p.post("/log-in/code", {"code": app.at(clock())}).status_code, people))
    assert sorted(answers) == [303] + [422] * 5


@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (-1, 303), (0, 303), (1, 303), (2, 422)])
def test_clocks_may_differ_by_one_step(as_, cast, clock, steps, status):
    app, _codes = enable(as_("alice"), clock)
    code = app.at(clock().timestamp() + steps * STEP_SECONDS)
    clock_later = half_way(as_, cast.alice)
    assert clock_later.post("/log-in/code", {"code": code}).status_code == status


def test_a_recovery_code_works_once(as_, database, cast, clock):
    _app, codes = enable(as_("alice"), clock)
    assert half_way(as_, cast.alice).post("/log-in/code", {"code": codes[0].upper()}).status_code == 303
    assert half_way(as_, cast.alice).post("/log-in/code", {"code": codes[0]}).status_code == 422
    with database.read() as db:
        assert db.scalar(select(func.count()).where(col(RecoveryCode.used_at).is_(None))) == 9


def test_nobody_elses_recovery_code_works(as_, cast, clock):
    _app, of_alice = enable(as_("alice"), clock)
    enable(as_("bob"), clock)
    assert half_way(as_, cast.bob).post("/log-in/code", {"code": of_alice[0]}).status_code == 422


def test_new_codes_void_the_old(as_, cast, clock):
    alice = as_("alice")
    _app, old = enable(alice, clock)
    new = codes_in(alice.post("/settings/two-factor/codes"))
    assert len(new) == 10
    assert half_way(as_, cast.alice).post("/log-in/code", {"code": old[0]}).status_code == 422
    assert half_way(as_, cast.alice).post("/log-in/code", {"code": new[0]}).status_code == 303


def test_half_a_log_in_lasts_five_minutes(as_, cast, clock):
    app, _codes = enable(as_("alice"), clock)
    person = half_way(as_, cast.alice)
    clock.forward(minutes=5)
    answer = person.post("/log-in/code", {"code": app.at(clock())})
    assert (answer.status_code, answer.headers["location"]) == (303, "/log-in")
    assert as_("").get("/log-in/code").headers["location"].startswith("/log-in")


def test_half_a_log_in_dies_with_the_password(as_, cast, clock):
    alice = as_("alice")
    app, _codes = enable(alice, clock)
    person = half_way(as_, cast.alice)
    alice.post("/settings/password", {"password": "the harbour froze in march"})
    person.post("/log-in/code", {"code": app.at(clock())})
    assert person.get("/settings").status_code == 303


def test_a_forged_half_log_in_is_nothing(as_):
    person = as_("")
    person.browser.cookies.set("postwright_second_step", '{"user": "x"}.forged')
    assert person.get("/log-in/code").status_code == 303


def test_turning_off_needs_no_code_afterwards(as_, database, cast, clock):
    alice = as_("alice")
    enable(alice, clock)
    assert alice.post("/settings/two-factor/disable").status_code == 303
    assert stored(database, cast.alice).totp_sealed is None
    answer = as_("").post("/log-in", {"email": cast.alice.email, "password": PASSWORD})
    assert answer.headers["location"] == "/home"
    assert templates_to(database, cast.alice.email) == ["two_factor_on", "two_factor_off"]


def test_a_confirmation_link_does_not_go_around_it(as_, database, cast, clock):
    ursula = as_("ursula")
    enable(ursula, clock)
    ursula.post("/settings/email/resend")
    stranger = as_("")
    stranger.post(newest_path(database, "confirm_email"))
    assert stored(database, cast.ursula).email_verified_at is not None
    assert stranger.get("/settings").status_code == 303


def test_five_codes_in_five_minutes_across_processes(as_, database, cast, clock):
    app, _codes = enable(as_("alice"), clock)
    clock.at = clock.at.replace(minute=10, second=0)
    settings = SETTINGS.model_copy(update={"rate_limits": True})
    people = [as_("", create_app(settings, database, clock)) for _number in range(2)]
    for person in people:
        person.post("/log-in", {"email": cast.alice.email, "password": PASSWORD})
    for number in range(5):
        assert people[number % 2].post("/log-in/code", {"code": "000000"}).status_code == 422
    assert people[1].post("/log-in/code", {"code": app.at(clock())}).status_code == 429
