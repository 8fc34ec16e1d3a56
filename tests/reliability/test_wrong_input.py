"""Wrong input in every field of every door: a clear 4xx beside the field, nothing stored, never a 5xx."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Mapping

import pytest
from httpx2 import Response

from core.db import Database
from tests.house.world import changes, dump
from tests.reliability.corpus import JSON_VALUES, LARGE, NEVER_SOUND, TYPED
from tests.reliability.doors import GROUPS, Door, Place, doors, form_fields, judge, named, rounds, with_values
from tests.reliability.stage import Desk, Raw, Stage, json_text

At = Callable[[Database], Desk]
Values = Mapping[Place, str]
TEXT_OF = {**JSON_VALUES, **NEVER_SOUND}
ROUNDS = 4
AUTOSAVE = "/my/briefs/{brief_id}/steps/{step}/draft"
"""Keeps what is typed, sound or not; its own tests say what."""
OTHERWISE = {
    "/briefs/{brief_id}/entry": 404,
    "/language": 303,
    "/log-in/code": 303,
    "/my/briefs/{brief_id}/steps/{step}/estimate": 200,
    "/theme": 303,
    "/workspaces/switch": 404,
}
"""Buttons and links rather than forms: there is no page with fields to come back to."""
NOT_SHOWN_AGAIN = {"password", "owner"}
"""Passwords; and what a form only shows, as its brief says it."""
WITHOUT_A_FORM = {"/staff/briefs/{brief_id}/cancellation"}


def report(faults: list[str]) -> None:
    """Fail with every fault in full."""
    if faults:
        pytest.fail(f"{len(faults)} faults\n" + "\n".join(dict.fromkeys(faults)), pytrace=False)


def say_json(desk: Desk, door: Door, values: Values) -> Response:
    """The sound body with those values in it."""
    body = with_values(door.body, {place: Raw(TEXT_OF[name]) for place, name in values.items()})
    return desk.api(door.who, door.method, door.path, json_text(body))


def say_form(desk: Desk, door: Door, values: Values) -> Response:
    """The sound form with those values in it."""
    fields = {**form_fields(door), **{str(place[0]): TYPED[name] for place, name in values.items()}}
    return desk.form(door.who, door.path, fields)


def problem(answer: Response) -> str:
    """What is wrong with a refusal over JSON; nothing if it is of the one shape."""
    if not 400 <= answer.status_code < 500:
        return f"{answer.status_code} {answer.text[:400]}"
    body = answer.json()
    return "" if set(body) == {"error", "detail", "fields"} and body["detail"] else answer.text[:300]


def levels(values: Values) -> Iterator[Values]:
    """Fields of the body, then fields within its rows: they cannot be wrong in one request."""
    for deep in (False, True):
        if found := {place: name for place, name in values.items() if (len(place) > 1) is deep}:
            yield found


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("forms", [False, True], ids=["json", "forms"])
def test_every_field_takes_a_value_or_refuses_it_by_name(stage: Stage, desk: Desk, group: str, forms: bool) -> None:
    report([fault for door in doors(desk.app, stage, group, forms=forms) for fault in judge(door).faults])


@pytest.mark.parametrize("group", GROUPS)
def test_wrong_json_is_refused_and_stores_nothing(stage: Stage, at: At, real: Database, group: str) -> None:
    desk, before, faults = at(real), dump(real), list[str]()
    for door in doors(desk.app, stage, group, forms=False):
        for values in rounds(judge(door).wrong, ROUNDS):
            short = {place: name for place, name in values.items() if len(TEXT_OF[name]) < 20_000}
            for wrong in levels(short):
                answer = say_json(desk, door, wrong)
                fault = problem(answer)
                if not fault and answer.status_code == 422:
                    fields = answer.json()["fields"]
                    fault = ", ".join(f"{place} is not named" for place in wrong if not named(place, fields, "."))
                if fault or answer.status_code != 422:
                    faults.append(f"{door} {wrong}: {answer.status_code} {fault} {answer.text[:200]}")
    report(faults)
    assert changes(before, dump(real)) == []


@pytest.mark.parametrize("group", GROUPS)
def test_json_that_looks_sound_is_stored_or_refused(stage: Stage, at: At, rehearsal: Database, group: str) -> None:
    desk, faults = at(rehearsal), list[str]()
    for door in doors(desk.app, stage, group, forms=False):
        sound = judge(door).sound
        for values in [*extremes(sound), *(part for each in rounds(sound, ROUNDS) for part in levels(each))]:
            answer = say_json(desk, door, values)
            if answer.status_code >= 300 and (fault := problem(answer)):
                faults.append(f"{door} {values}: {fault}")
    report(faults)


def extremes(sound: Mapping[Place, list[str]]) -> Iterator[Values]:
    """For each place alone: the longest text, the largest and the smallest number it takes."""
    numbers = [name for name in JSON_VALUES if name.startswith("number")]
    for place, names in sound.items():
        long = next((name for name in LARGE if name in names), None)
        taken = [name for name in numbers if name in names]
        for name in {long, *taken[-1:], *taken[:1]} - {None}:
            yield {place: str(name)}


@pytest.mark.parametrize("group", GROUPS)
def test_a_form_with_wrong_fields_comes_back(stage: Stage, at: At, real: Database, group: str) -> None:
    desk, before, faults = at(real), dump(real), list[str]()
    for door in doors(desk.app, stage, group, forms=True):
        if door.route.path == AUTOSAVE:
            continue
        verdict, status = judge(door), OTHERWISE.get(door.route.path, 422)
        for values in rounds(verdict.wrong, ROUNDS):
            answer = say_form(desk, door, values)
            if answer.status_code != status:
                faults.append(f"{door} {values}: {answer.status_code} {answer.text[:200]}")
        if status == 422 and door.route.path not in WITHOUT_A_FORM:
            faults += forgotten(desk, door, verdict.wrong)
    report(faults)
    assert changes(before, dump(real)) == []


def forgotten(desk: Desk, door: Door, wrong: Mapping[Place, list[str]]) -> list[str]:
    """What was typed into the other fields and is gone when one is wrong."""
    place = next((place for place, names in wrong.items() if names), None)
    if place is None:
        return []
    answer = say_form(desk, door, {place: wrong[place][0]})
    shown = html.unescape(answer.text)
    return [
        f"{door} forgets {name} when {place} is wrong"
        for name, text in form_fields(door).items()
        if name != place[0] and name.rpartition("-")[2] not in NOT_SHOWN_AGAIN
        if isinstance(text, str) and text != "on" and text not in shown
    ]


@pytest.mark.parametrize("group", GROUPS)
def test_a_form_that_looks_sound_is_taken_or_comes_back(stage: Stage, at: At, rehearsal: Database, group: str) -> None:
    desk, faults = at(rehearsal), list[str]()
    for door in doors(desk.app, stage, group, forms=True):
        verdict = judge(door)
        autosaved = rounds(verdict.wrong, ROUNDS) if door.route.path == AUTOSAVE else []
        for values in [*rounds(verdict.sound, ROUNDS), *autosaved]:
            answer = say_form(desk, door, values)
            if answer.status_code >= 500:
                faults.append(f"{door} {values}: {answer.status_code} {answer.text[:300]}")
    report(faults)
