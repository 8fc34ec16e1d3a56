"""Somebody signs up, and nobody learns which addresses have accounts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from accounts.users import jobs
from accounts.users.models import MailLink, User
from accounts.users.service import create_user
from accounts.workspaces.models import Membership, Role, Workspace
from core.db import Database
from core.errors import Invalid
from core.events import Event
from core.jobs import Job
from marketplace.profiles.models import Profile
from tests.accounts.mailbox import mails, newest_path, templates_to
from tests.counting import counted
from tests.people import fields, text_of
from web.cookies import SESSION_COOKIE

NINA = {
    "kind": "business",
    "name": "Nina Орлова",
    "workspace_name": "Orlova Café",
    "email": "nina@example.com",
    "password": "seven boats leave late",
}


def user_of(database: Database, email: str) -> User | None:
    with database.read() as db:
        return db.scalar(select(User).where(col(User.email) == email))


def count(database: Database, table: type) -> int:
    with database.read() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def test_signing_up_makes_person_workspace_and_membership(as_, database):
    answer = as_("").post("/sign-up", NINA | {"email": "Nina@Example.com"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-up/sent")
    nina = user_of(database, "nina@example.com")
    assert nina is not None
    assert nina.email_verified_at is None
    assert nina.password_hash.startswith("$argon2id$")
    with database.read() as db:
        place, role = db.execute(
            select(Workspace, col(Membership.role))
            .join(Membership, col(Membership.workspace_id) == Workspace.id)
            .where(col(Membership.user_id) == nina.id)
        ).one()
        kinds = list(db.scalars(select(col(Event.kind)).where(col(Event.actor_id) == nina.id).order_by(col(Event.id))))
    assert (place.name, place.kind, role) == ("Orlova Café", "business", Role.OWNER)
    assert kinds == ["user.signed_up", "workspace.created"]
    assert templates_to(database, "nina@example.com") == ["confirm_email"]


def test_the_next_page_names_the_address_whoever_has_it(as_, cast):
    for email in ("nina@example.com", cast.bob.email):
        person = as_("")
        before = text_of(person.get("/sign-up/sent"))
        assert "the address you gave" in before
        assert "Send again" not in before
        person.post("/sign-up", NINA | {"email": email})
        page = person.get("/sign-up/sent")
        assert f"We sent a link to {email}." in text_of(page)
        assert fields(page.text, "/sign-up/again")["email"] == [email]


def test_the_mail_is_sent_again_whoever_has_the_address(as_, database, cast):
    first = as_("")
    first.post("/sign-up", NINA | {"next": "/briefs/1"})
    old = newest_path(database, "confirm_email")
    answers = [
        first.post("/sign-up/again", {"email": email}) for email in (NINA["email"], cast.bob.email, "no@one.example")
    ]
    assert {(answer.status_code, answer.headers["location"]) for answer in answers} == {(303, "/sign-up/sent")}
    with database.write() as db:
        for job in db.scalars(
            select(Job).where(col(Job.kind) == "users.send_confirmation").order_by(col(Job.id))
        ).all():
            jobs.send_confirmation(db, job.payload)
            db.delete(job)
    assert templates_to(database, NINA["email"]) == ["confirm_email"] * 2
    assert templates_to(database, cast.bob.email) == ["already_registered"]
    assert templates_to(database, "no@one.example") == []
    new = newest_path(database, "confirm_email")
    assert first.get(old).status_code == 410
    assert first.post(new).headers["location"] == "/briefs/1"


def test_the_mail_holds_a_path_and_nothing_typed_by_strangers(as_, database):
    as_("").post("/sign-up", NINA | {"name": "Buy now at evil.example"})
    (mail,) = mails(database, "nina@example.com")
    assert set(mail) == {"to", "template", "locale", "params"}
    assert set(mail["params"]) == {"path"}


def test_a_known_address_gets_the_same_answer_and_only_its_owner_a_mail(as_, database, cast):
    before, users = user_of(database, cast.bob.email), count(database, User)
    nobody = as_("")
    unknown = nobody.post("/sign-up", NINA)
    known = nobody.post("/sign-up", NINA | {"email": cast.bob.email})
    typed = [answer.headers["set-cookie"].split("=")[0] for answer in (known, unknown)]
    assert typed == ["postwright_sent"] * 2  # the address as typed, for the next page
    headers = [{k: v for k, v in answer.headers.items() if k != "set-cookie"} for answer in (known, unknown)]
    assert (known.status_code, known.content, headers[0]) == (unknown.status_code, unknown.content, headers[1])
    assert count(database, User) == users + 1
    assert user_of(database, cast.bob.email) == before
    assert templates_to(database, cast.bob.email) == ["already_registered"]


def test_known_and_unknown_addresses_cost_one_hash_each(as_, monkeypatch, cast):
    import accounts.users.service as users

    hashed = []
    monkeypatch.setattr(users, "hash_password", lambda password: hashed.append(password) or "x")
    as_("").post("/sign-up", NINA | {"email": cast.bob.email})
    as_("").post("/sign-up", NINA)
    assert len(hashed) == 2


def test_known_and_unknown_addresses_cost_the_same_statements(as_, database, cast):
    nobody = as_("")
    nobody.csrf()
    with counted(database) as unknown:
        nobody.post("/sign-up", NINA)
    with counted(database) as known:
        nobody.post("/sign-up", NINA | {"email": cast.bob.email})
    assert len(unknown) > 10
    assert abs(len(known) - len(unknown)) <= 3, "a savepoint, its end and one mail"


def test_what_is_done_for_a_known_address_is_taken_back(as_, database, cast):
    before = [count(database, table) for table in (User, Workspace, Membership, MailLink, Event)]
    as_("").post("/sign-up", NINA | {"email": cast.bob.email})
    assert [count(database, table) for table in (User, Workspace, Membership, MailLink, Event)] == before


def test_of_several_sign_ups_at_once_one_makes_the_account(as_, database):
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _n: as_("").post("/sign-up", NINA), range(6)))
    assert {answer.status_code for answer in answers} == {303}
    with database.read() as db:
        assert db.scalar(select(func.count()).where(col(User.email) == "nina@example.com")) == 1
        assert db.scalar(select(func.count()).where(col(Workspace.name) == "Orlova Café")) == 1
    assert sorted(templates_to(database, "nina@example.com")) == ["already_registered"] * 5 + ["confirm_email"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", ""),
        ("email", "nina"),
        ("email", "nina@"),
        ("email", "nina\u202e@example.com"),
        ("email", "n" * 300 + "@example.com"),
        ("name", ""),
        ("name", "x" * 81),
        ("name", "a\x00b"),
        ("workspace_name", ""),
        ("kind", "staff"),
        ("kind", ""),
        ("password", ""),
        ("password", "short"),
        ("password", "x" * 129),
        ("password", "Password123!"),
        ("password", "aaaaaaaaaaaa"),
        ("password", "87654321"),
        ("password", "nina1987"),
        ("password", "tab\tinside it"),
    ],
)
def test_wrong_input_is_shown_beside_the_field_and_nothing_is_stored(as_, database, field, value):
    users = count(database, User)
    answer = as_("").post("/sign-up", NINA | {field: value})
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    assert "seven boats" not in answer.text
    assert (count(database, User), mails(database)) == (users, [])


@pytest.mark.parametrize(
    ("browser_says", "kept"), [("Asia/Tbilisi", "Asia/Tbilisi"), ("Moon/Base", "UTC"), ("", "UTC")]
)
def test_person_workspace_and_profile_begin_in_the_zone_of_the_browser(as_, database, browser_says, kept):
    as_("").post("/sign-up", NINA | {"kind": "specialist", "time_zone": browser_says})
    nina = user_of(database, NINA["email"])
    with database.read() as db:
        places = db.execute(
            select(col(Workspace.time_zone), col(Profile.time_zone))
            .join(Profile, col(Profile.workspace_id) == Workspace.id)
            .where(col(Workspace.name) == NINA["workspace_name"])
        ).all()
    assert (nina.time_zone, places) == (kept, [(kept, kept)])


def test_over_json_a_zone_nobody_knows_is_refused(as_, database):
    answer = as_("").client.post("/api/v1/sign-up", json=NINA | {"time_zone": "Moon/Base"})
    assert (answer.status_code, user_of(database, NINA["email"])) == (422, None)


def test_a_field_that_is_not_asked_for_is_refused(as_, database):
    users = count(database, User)
    assert as_("").post("/sign-up", NINA | {"is_staff": "true"}).status_code == 422
    assert count(database, User) == users


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_another_site_cannot_sign_people_up(as_, database, headers):
    users = count(database, User)
    assert as_("").post("/sign-up", NINA, headers=headers).status_code == 403
    assert count(database, User) == users


@pytest.mark.parametrize("token", [None, "wrong", "0" * 64])
def test_without_its_token_the_form_is_refused(as_, database, token):
    users = count(database, User)
    sent = NINA | ({"_csrf": token} if token else {})
    assert as_("").browser.post("/sign-up", data=sent).status_code == 403
    assert count(database, User) == users


def test_opening_the_link_shows_a_button_and_pressing_it_logs_in(as_, database):
    nobody = as_("")
    nobody.post("/sign-up", NINA)
    path = newest_path(database, "confirm_email")
    assert "nina@example.com" in text_of(nobody.get(path))
    assert nobody.get(path).status_code == 200
    assert user_of(database, NINA["email"]).email_verified_at is None
    answer = nobody.post(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/home")
    assert user_of(database, NINA["email"]).email_verified_at is not None
    assert nobody.get("/settings").status_code == 200
    with database.read() as db:
        assert db.scalar(select(func.count()).where(col(Event.kind) == "user.email_confirmed")) == 1


@pytest.mark.parametrize(
    ("came_from", "goes_on"),
    [("/briefs/1?key=a&b", "/briefs/1?key=a&b"), ("", "/home"), ("https://evil.example", "/"), ("//evil.example", "/")],
)
def test_who_came_for_something_goes_on_there_once_confirmed(as_, database, came_from, goes_on):
    nobody = as_("")
    assert nobody.post("/sign-up", NINA | {"next": came_from}).status_code == 303
    path = newest_path(database, "confirm_email", "nina@example.com")
    assert nobody.post(path).headers["location"] == goes_on


def test_the_way_in_remembers_what_one_came_for(as_):
    nobody = as_("")
    there = "?next=/specialists/alice-social"
    assert 'href="/log-in?next=/specialists/alice-social"' in nobody.get(f"/sign-up{there}").text
    assert 'href="/sign-up?next=/specialists/alice-social"' in nobody.get(f"/log-in{there}").text
    refused = nobody.post("/sign-up", {"next": "/specialists/alice-social"})
    assert 'name="next" value="/specialists/alice-social"' in refused.text


def test_a_confirmation_link_works_once(as_, database):
    nobody = as_("")
    nobody.post("/sign-up", NINA)
    path = newest_path(database, "confirm_email")
    assert nobody.post(path).status_code == 303
    assert as_("").get(path).status_code == 410
    again = as_("").post(path)
    assert again.status_code == 410
    assert SESSION_COOKIE not in again.cookies


def test_a_used_link_leads_on_who_is_logged_in(as_, database):
    nobody, bob = as_(""), as_("bob")
    nobody.post("/sign-up", NINA)
    path = newest_path(database, "confirm_email")
    assert nobody.post(path).status_code == 303
    answer = nobody.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/home")
    assert "Your address is confirmed" in nobody.get("/home").text
    reset = bob.get("/reset-password/nothing")
    assert reset.status_code == 410
    assert 'href="/home">Go to your workspace' in reset.text
    assert as_("ursula").get(path).status_code == 410


def test_of_many_confirmations_at_once_one_counts(as_, database):
    as_("").post("/sign-up", NINA)
    path = newest_path(database, "confirm_email")
    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(lambda _n: as_("").post(path).status_code, range(6)))
    assert sorted(statuses) == [303] + [410] * 5


def test_a_confirmation_link_ends_after_48_hours(as_, database, clock):
    as_("").post("/sign-up", NINA)
    path = newest_path(database, "confirm_email")
    clock.forward(hours=48)
    assert as_("").post(path).status_code == 410
    assert user_of(database, NINA["email"]).email_verified_at is None


def test_a_confirmation_link_is_no_reset_link(as_, database):
    as_("").post("/sign-up", NINA)
    token = newest_path(database, "confirm_email").rsplit("/", 1)[1]
    for other in ("/reset-password/", "/change-email/"):
        assert as_("").get(other + token).status_code == 410
        assert as_("").post(other + token, {"password": "another long sentence"}).status_code == 410


def test_only_the_hash_of_a_link_is_stored(as_, database):
    as_("").post("/sign-up", NINA)
    token = newest_path(database, "confirm_email").rsplit("/", 1)[1]
    with database.read() as db:
        link = db.scalars(select(MailLink)).one()
    assert token not in str(link.model_dump())


def test_an_unconfirmed_person_asks_for_the_link_again(as_, database, cast):
    ursula = as_("ursula")
    assert ursula.post("/settings/email/resend").status_code == 303
    first = newest_path(database, "confirm_email", cast.ursula.email)
    ursula.post("/settings/email/resend")
    second = newest_path(database, "confirm_email", cast.ursula.email)
    assert ursula.post(first).status_code == 410
    assert ursula.post(second).status_code == 303
    assert user_of(database, cast.ursula.email).email_verified_at is not None
    assert as_("alice").post("/settings/email/resend").status_code == 409


def test_people_made_by_hand(db, database):
    made = create_user(db, "Olga", "Olga@Example.com", "a boat on the lake", verified=True, staff=True)
    assert (made.email, made.is_staff, made.email_verified_at) == ("olga@example.com", True, db.now())
    with pytest.raises(Invalid):
        create_user(db, "Olga", "olga@example.com", "a boat on the lake")
    with pytest.raises(Invalid):
        create_user(db, "Oleg", "oleg@example.com", "12345678")
