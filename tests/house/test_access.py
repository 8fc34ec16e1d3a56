"""Every route × every kind of caller: nothing leaks, nothing changes. A new route is walked by itself."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from accounts.access import Everyone
from accounts.workspaces.models import Role
from core.db import Database, Session
from tests.backdrop import Backdrop
from tests.cast import CAST
from tests.house.world import SECRET, World, build_world, changes, dump
from tests.people import Person
from web.routing import policies_of, require_policies, routes_of

pytestmark = pytest.mark.usefixtures("in_one_thread")

SAFE = {"GET", "HEAD"}
OPEN_TO_OTHERS = {
    "/briefs/{brief_id}/offers/new",
    "/briefs/{brief_id}/offers",
    "/briefs/{brief_id}/entry",
    "/invitations/{token}",
    "/my/briefs/{brief_id}/steps/{step}",
}
"""Routes with a parameter where a stranger of the right kind is no stranger: an open brief invites offers."""
NEVER_ENDS = {"/inbox/stream", "/readyz"}
ENDS_THE_LOG_IN = {"/log-out", "/api/v1/sessions"}
"""Verbs after which the caller of a long walk would be nobody."""
OWN = {"rate_count"}
"""Tables that count requests of anybody."""


_worlds: dict[bool, World] = {}
"""What ids this process knows of its backdrops, by whether they are on SQLite."""


def set_world(db: Session) -> None:
    _worlds[db.on_sqlite] = build_world(db)


@pytest.fixture(scope="session")
def backdrop() -> Backdrop:
    return Backdrop(f"world_{os.getpid()}", set_world)


@pytest.fixture
def world(database: Database) -> World:
    return _worlds[database.sqlite]


def walk(app: FastAPI, unsafe: bool) -> Iterator[tuple[APIRoute, str]]:
    """Routes and methods, reading first."""
    for route in routes_of(app):
        if route.path in NEVER_ENDS:
            continue
        for method in sorted(route.methods or ()):
            if (method not in SAFE) is unsafe:
                yield route, method


def call(person: Person, world: World, route: APIRoute, method: str):
    """One request of ``person`` with the owner's ids in it, and no body of use."""
    path = world.fill(route.path)
    if path.startswith("/api/"):
        return person.api(method, path.removeprefix("/api/v1"), {} if method not in SAFE else None)
    return person.get(path) if method in SAFE else person.post(path)


def private(route: APIRoute) -> bool:
    return "anyone" not in policies_of(route)


def check_leak(answer, route: APIRoute, method: str) -> None:
    assert answer.status_code < 500, f"{method} {route.path}: {answer.status_code}"
    assert SECRET not in answer.text, f"{method} {route.path} shows what is not for this caller"


def foreign_changes(before, after, *own: str) -> list[str]:
    """Changed rows that do not belong to the caller."""
    marks = [mark for value in own for mark in (value, value.replace("-", ""))]
    return [
        f"{table}: {row[:300]}"
        for table, row in changes(before, after)
        if table not in OWN and not any(mark in row for mark in marks)
    ]


@pytest.mark.parametrize("name", ["", "sam"])
def test_who_is_not_signed_in_gets_nowhere(web, database, world, as_, name):
    """Nobody, and a suspended person, whose log-in and token are dead."""
    before = dump(database)
    person = as_(name)
    for unsafe in (False, True):
        for route, method in walk(web, unsafe):
            answer = call(person, world, route, method)
            check_leak(answer, route, method)
            if not private(route):
                continue
            if route.path.startswith("/api/"):
                assert answer.status_code == 401, f"{method} {route.path}: {answer.status_code}"
            else:
                assert answer.status_code == 303, f"{method} {route.path}: {answer.status_code}"
                assert answer.headers["location"].startswith("/log-in"), f"{method} {route.path}"
    assert foreign_changes(before, dump(database), "nothing-is-theirs") == []


@pytest.mark.parametrize("name", ["mallory", "trent"])
def test_a_stranger_finds_nothing_of_others(web, database, world, as_, name):
    before = dump(database)
    person, part = as_(name), CAST.members[name]
    for unsafe in (False, True):
        for route, method in walk(web, unsafe):
            if route.path in ENDS_THE_LOG_IN:
                continue
            answer = call(person, world, route, method)
            check_leak(answer, route, method)
            asks_for_one = "{" in route.path and route.path.removeprefix("/api/v1") not in OPEN_TO_OTHERS
            if private(route) and asks_for_one:
                assert answer.status_code == 404, f"{method} {route.path}: {answer.status_code}"
    mine = (str(part.user_id), str(part.workspace_id), part.email)
    assert foreign_changes(before, dump(database), *mine) == []


@pytest.mark.parametrize("name", ["agnes", "carol"])
def test_a_reader_changes_nothing(web, database, world, as_, name):
    """The role viewer: may look at most of it, may change nothing but the own account."""
    before = dump(database)
    person, part = as_(name), CAST.members[name]
    for route, method in walk(web, unsafe=False):
        assert call(person, world, route, method).status_code < 500
    for route, method in walk(web, unsafe=True):
        if route.path in ENDS_THE_LOG_IN:
            continue
        answer = call(person, world, route, method)
        needs_role = any(" " in policy for policy in policies_of(route))
        if needs_role:
            assert answer.status_code in {403, 404}, f"{method} {route.path}: {answer.status_code}"
        assert answer.status_code < 500
    assert foreign_changes(before, dump(database), str(part.user_id), part.email) == []


@pytest.mark.parametrize("name", ["amir", "boris", "anton", "bella"])
def test_a_role_is_not_enough_for_what_a_higher_one_does(web, database, world, as_, name):
    """Members and managers, by page and by JSON: what asks for a higher role is refused and changes nothing."""
    before = dump(database)
    person, part = as_(name), CAST.members[name]
    refused = 0
    for route, method in walk(web, unsafe=True):
        needed = [Role(word) for policy in policies_of(route) if (word := policy.partition(" ")[2])]
        if all(part.role.reaches(role) for role in needed):
            continue
        answer = call(person, world, route, method)
        refused += 1
        assert answer.status_code in {403, 404}, f"{method} {route.path}: {answer.status_code}"
    assert refused or part.role is Role.MANAGER
    assert changes(before, dump(database)) == []


@pytest.mark.parametrize("name", ["ursula"])
def test_an_unconfirmed_person_makes_nothing_public(web, database, world, as_, name):
    """Whoever has not confirmed the address is a stranger like others, and never breaks anything."""
    before = dump(database)
    person, part = as_(name), CAST.members[name]
    for unsafe in (False, True):
        for route, method in walk(web, unsafe):
            if route.path in ENDS_THE_LOG_IN:
                continue
            check_leak(call(person, world, route, method), route, method)
    mine = (str(part.user_id), str(part.workspace_id), part.email)
    assert foreign_changes(before, dump(database), *mine) == []


@pytest.mark.parametrize("name", ["alice", "bob"])
def test_a_read_only_token_changes_nothing(web, database, world, as_, name):
    before = dump(database)
    person = as_(name)
    person.token = CAST.members[name].read_only_token
    for unsafe in (False, True):
        for route, method in walk(web, unsafe):
            if not route.path.startswith("/api/") or not private(route):
                continue
            answer = call(person, world, route, method)
            assert answer.status_code < 500
            if unsafe:
                assert answer.status_code in {403, 404}, f"{method} {route.path}: {answer.status_code}"
                assert answer.status_code == 404 or answer.json()["error"] == "scope"
    assert changes(before, dump(database)) == []


@pytest.mark.parametrize("name", ["alice", "anton", "bob", "boris", "sofia"])
def test_looking_changes_nothing_and_never_breaks(web, database, world, as_, name):
    """Every GET of every member of the two sides, and of staff: below 500, and pure."""
    before = dump(database)
    person = as_(name)
    for route, method in walk(web, unsafe=False):
        answer = call(person, world, route, method)
        assert answer.status_code < 500, f"{method} {route.path}: {answer.status_code}"
    assert changes(before, dump(database)) == []


@pytest.mark.parametrize("name", ["alice", "bob", "sofia"])
def test_an_empty_request_never_breaks(web, database, world, as_, name):
    """Every unsafe verb without a body, by those who may: answered below 500, by page and by JSON."""
    person = as_(name)
    for route, method in walk(web, unsafe=True):
        if route.path in ENDS_THE_LOG_IN:
            continue
        answer = call(person, world, route, method)
        assert answer.status_code < 500, f"{method} {route.path}: {answer.status_code}"


@pytest.mark.parametrize("change", ["no token", "wrong token", "cross-site", "other origin"])
def test_no_page_takes_a_form_from_elsewhere(web, database, world, as_, change):
    before = dump(database)
    alice = as_("alice")
    token, headers = alice.csrf(), {}
    if change == "cross-site":
        headers = {"Sec-Fetch-Site": "cross-site"}
    elif change == "other origin":
        headers = {"Origin": "https://evil.example"}
    for route, method in walk(web, unsafe=True):
        if route.path.startswith("/api/"):
            continue
        data = {"no token": {}, "wrong token": {"_csrf": "x" * 64}}.get(change, {"_csrf": token})
        answer = alice.browser.post(world.fill(route.path), data=data, headers=headers)
        assert answer.status_code == 403, f"{method} {route.path}: {answer.status_code}"
    assert foreign_changes(before, dump(database), "nothing-is-theirs") == []


def test_the_app_refuses_a_route_that_does_not_say_who_may_call_it():
    app = FastAPI()

    @app.get("/open")
    def forgotten() -> None: ...

    with pytest.raises(RuntimeError, match="/open"):
        require_policies(app)

    app = FastAPI()

    @app.get("/said", dependencies=[Everyone])
    def said() -> None: ...

    require_policies(app)
