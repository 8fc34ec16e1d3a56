"""Wrong input in addresses: every query parameter and every part of a path, by those who may."""

from __future__ import annotations

import base64
import itertools
import json
import re
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from fastapi.routing import APIRoute

from core.db import Database
from core.ids import new_id
from tests.house.world import changes, dump
from tests.reliability.corpus import HOSTILE, TEXTS
from tests.reliability.doors import GROUPS, asked_of, doors, group_of
from tests.reliability.stage import Desk, Stage, caller_of, json_text
from tests.reliability.test_wrong_input import problem, report
from web.routing import routes_of

At = Callable[[Database], Desk]
NEVER_ENDS = {"/inbox/stream"}
BYTES = ("%ff%fe", "%ed%a0%80", "%00", "%c0%af", "%F4%90%80%80", "%")
"""No UTF-8: halves of a character, surrogates, overlong and too large ones."""
PARTS = ("x%00", "%ff", "..%2f..", "x" * 5_000, "0" * 32, "%F0%9F%A5%90%22%3C", str(new_id()))
"""What a path may hold in place of an id."""


def cursors() -> Iterator[str]:
    """Well-formed cursors of no page: strange keys of every length."""
    parts: tuple[object, ...] = (None, 0, -(2**62), 2**62, "", "x", "0001-01-01T00:00:00", str(new_id()), True, 1.5, [])
    for length in (1, 2, 3):
        keys = itertools.product(parts, repeat=length) if length < 3 else zip(parts, parts[1:], parts[2:], strict=False)
        for key in itertools.islice(keys, 0, None, 7 if length == 2 else 1):
            yield base64.urlsafe_b64encode(json.dumps(list(key)).encode()).decode().rstrip("=")
    yield from ("!", "AAAA", "eyJhIjoxfQ", "W10", "bnVsbA", "W1tbW1tdXV1d", "x" * 200)


def read(desk: Desk, route: APIRoute, path: str) -> str:
    """What is wrong with the answer to a GET; nothing if it is fine."""
    if not path.startswith("/api/"):
        answer = desk.page(caller_of(route), path)
        return f"{answer.status_code} {answer.text[:300]}" if answer.status_code >= 500 else ""
    answer = desk.api(caller_of(route), "GET", path)
    return problem(answer) if answer.status_code >= 300 else ""


@pytest.mark.parametrize("group", GROUPS)
def test_no_query_breaks_a_page(stage: Stage, at: At, real: Database, group: str) -> None:
    desk, faults = at(real), list[str]()
    values = [quote(text[:3_000]) for text in {**TEXTS, **HOSTILE}.values()] + list(BYTES)
    for route in routes_of(desk.app):
        names = asked_of(route)
        if group_of(route) != group or "GET" not in (route.methods or ()) or route.path in NEVER_ENDS or not names:
            continue
        for number in range(0 if real.sqlite else 1, len(values), 2):
            sent = [f"{name}={values[(number + 3 * index) % len(values)]}" for index, name in enumerate(names)]
            for query in {"&".join(sent), sent[number % len(sent)]} if number % 5 == 0 else {"&".join(sent)}:
                if fault := read(desk, route, f"{stage.path(route)}?{query}"):
                    faults.append(f"{route.path}?{query[:200]}: {fault}")
        for cursor in cursors() if "after" in names else ():
            if fault := read(desk, route, f"{stage.path(route)}?after={cursor}"):
                faults.append(f"{route.path} after {cursor}: {fault}")
    report(faults)


@pytest.mark.parametrize("group", GROUPS)
def test_only_pages_take_a_parameter_nobody_knows(stage: Stage, at: At, real: Database, group: str) -> None:
    """Pages are reached from campaigns, the API by programs."""
    desk, faults = at(real), list[str]()
    for route in routes_of(desk.app):
        if group_of(route) != group or "GET" not in (route.methods or ()) or route.path in NEVER_ENDS:
            continue
        who, path = caller_of(route), stage.path(route)
        if path.startswith("/api/"):
            plain, more = (desk.api(who, "GET", path + query) for query in ("", "?utm_source=letter"))
            refused = more.status_code == 422 and list(more.json()["fields"]) == ["utm_source"]
            fine = refused if plain.is_success else more.status_code == plain.status_code
        else:
            plain, more = (desk.page(who, path + query) for query in ("", "?utm_source=letter"))
            fine = more.status_code == plain.status_code
        if not fine:
            faults.append(f"{path}: {plain.status_code}, {more.status_code} {more.text[:200]}")
    report(faults)


@pytest.mark.parametrize("group", GROUPS)
def test_no_path_breaks_a_route(stage: Stage, at: At, real: Database, group: str) -> None:
    desk, before, faults = at(real), dump(real), list[str]()
    bodies = {door.route.path: door for forms in (False, True) for door in doors(desk.app, stage, group, forms=forms)}
    for route in routes_of(desk.app):
        if group_of(route) != group or route.path in NEVER_ENDS:
            continue
        names = re.findall(r"{(\w+)}", route.path)
        for name, part in itertools.product(names, PARTS):
            path = stage.path_with(route, name, part)
            method = min(route.methods or {"GET"})
            door = bodies.get(route.path)
            if route.path.startswith("/api/"):
                answer = desk.api(caller_of(route), method, path, json_text(door.body) if door else None)
                fault = problem(answer) if not route.path.endswith("{kind}") or answer.status_code >= 300 else ""
            elif method == "GET":
                answer = desk.page(caller_of(route), path)
                fault = "" if answer.status_code < 500 else answer.text[:300]
            else:
                answer = desk.form(caller_of(route), path, {})
                fault = "" if 400 <= answer.status_code < 500 else f"{answer.status_code} {answer.text[:300]}"
            if fault:
                faults.append(f"{method} {path[:160]}: {fault}")
    report(faults)
    assert changes(before, dump(real)) == []
