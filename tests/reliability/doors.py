"""The doors wrong input comes through: which model a route reads, and the places in a body that can be wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData, UploadFile

from marketplace.briefs.schemas import STEPS
from tests.reliability.bodies import Body
from tests.reliability.corpus import LARGE, NEVER_SOUND, PARSED, TYPED
from tests.reliability.stage import Stage, caller_of
from web.forms import check, filled
from web.routing import routes_of
from web.sentences import field_errors

Place = tuple[str | int, ...]
NEVER_STORED = {"password", "current_password", "next", "action", "key"}
"""Only compared, hashed or gone to: these may hold what no stored text may."""
GROUPS: dict[str, tuple[str, ...]] = {
    "accounts": ("accounts", "app", "files", "notifications"),
    "specialists": (
        "marketplace.taxonomy",
        "marketplace.profiles",
        "marketplace.cases",
        "marketplace.directory",
    ),
    "briefs": ("marketplace.briefs",),
    "offers": ("marketplace.offers",),
    "pipeline": ("crm.companies", "crm.deals"),
    "contracts": ("crm.contracts", "crm.scopes"),
}


@dataclass(frozen=True)
class Door:
    """One way in: a route that reads ``model``, as JSON or as a form."""

    route: APIRoute
    model: type[BaseModel]
    is_form: bool
    path: str
    body: Body

    @property
    def who(self) -> str:
        return caller_of(self.route)

    @property
    def method(self) -> str:
        return min(self.route.methods or {"POST"})

    def __str__(self) -> str:
        return f"{self.method} {self.route.path} ({self.model.__name__})"


def group_of(route: APIRoute) -> str:
    """The group of tests a route belongs to; a new feature has to be put into one."""
    module = str(route.endpoint.__module__)
    found = [name for name, prefixes in GROUPS.items() if module.startswith(prefixes)]
    assert len(found) == 1, f"{module} is in {found}: put it into one group of tests/reliability/doors.py"
    return found[0]


def doors(app: FastAPI, stage: Stage, group: str, *, forms: bool) -> Iterator[Door]:
    """Every JSON body, or every form, of a group."""
    for route in routes_of(app):
        if group_of(route) == group:
            yield from (_forms(route, stage) if forms else _json(route, stage))


def _json(route: APIRoute, stage: Stage) -> Iterator[Door]:
    for parameter in route.dependant.body_params:
        model = parameter.field_info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            yield Door(route, model, False, stage.path(route), stage.body(route, model))


def _forms(route: APIRoute, stage: Stage) -> Iterator[Door]:
    if "POST" not in (route.methods or ()):
        return
    for call in _calls(route.dependant):
        if model := getattr(call, "model", None):
            yield Door(route, model, True, stage.path(route), stage.body(route, model))
        elif getattr(call, "__name__", "") == "read_step":
            for step, step_model in STEPS.items():
                path = stage.path(route).replace("/steps/scope", f"/steps/{step}")
                yield Door(route, step_model, True, path, stage.body(route, step_model))


def _calls(dependant: Dependant) -> Iterator[Any]:
    yield dependant.call
    for inner in dependant.dependencies:
        yield from _calls(inner)


def asked_of(route: APIRoute) -> list[str]:
    """The names of the query parameters a route reads."""
    names: list[str] = []
    for call in _calls(route.dependant):
        if (model := getattr(call, "model", None)) is not None:
            names += model.model_fields
    for dependant in _dependants(route.dependant):
        for parameter in dependant.query_params:
            kind = parameter.field_info.annotation
            is_model = isinstance(kind, type) and issubclass(kind, BaseModel)
            names += list(kind.model_fields) if is_model else [parameter.alias]  # type: ignore[union-attr]
    return sorted(set(names))


def _dependants(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for inner in dependant.dependencies:
        yield from _dependants(inner)


def places(door: Door) -> list[Place]:
    """Fields of the model, and fields of the first row and of the object in them; of a form, its names."""
    if door.is_form:
        rows = [
            f"{name}-0-{inner}"
            for name, info in door.model.model_fields.items()
            if _has_rows(door, name)
            for inner in _row_of(info.annotation).model_fields
        ]
        return [(name,) for name in [*(n for n in door.model.model_fields if not _has_rows(door, n)), *rows]]
    found: list[Place] = [(name,) for name in door.model.model_fields]
    for name in door.model.model_fields:
        value = door.body.get(name)
        if _has_rows(door, name):
            found += [(name, 0, inner) for inner in _row_of(door.model.model_fields[name].annotation).model_fields]
        elif isinstance(value, dict):
            found += [(name, inner) for inner in value]
    return found


def _row_of(annotation: Any) -> type[BaseModel]:
    """The model of the rows of a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(_row_of(part) for part in get_args(annotation))


def _has_rows(door: Door, name: str) -> bool:
    value = door.body.get(name)
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def form_fields(door: Door) -> dict[str, Any]:
    """The sound body as a browser would send it."""
    shown = filled(door.body, door.model).values
    return {name: "on" if value is True else value for name, value in shown.items() if value is not False}


def with_values(body: Body, values: Mapping[Place, Any]) -> Body:
    """The body with a value in each of those places; a place inside another goes in last."""
    changed = dict(body)
    for place, value in sorted(values.items(), key=lambda item: len(item[0])):
        if len(place) == 1:
            changed[str(place[0])] = value
        elif len(place) == 2:
            changed[str(place[0])] = {**changed[str(place[0])], place[1]: value}
        else:
            first, *rest = changed[str(place[0])]
            changed[str(place[0])] = [{**first, place[2]: value}, *rest]
    return changed


def named(place: Place, fields: Iterable[str], separator: str) -> bool:
    """Whether an answer names the field, or a part of it."""
    name = separator.join(str(part) for part in place)
    return any(key == name or key.startswith(name + separator) for key in fields)


@dataclass
class Verdict:
    """What a model says of each value of the corpus in each place."""

    sound: dict[Place, list[str]] = field(default_factory=dict)
    wrong: dict[Place, list[str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


_known: dict[tuple[type[BaseModel], bool], Verdict] = {}


def judge(door: Door) -> Verdict:
    """Put every value into every place, one at a time: the model takes it or refuses it by name."""
    key = door.model, door.is_form
    if key not in _known:
        _known[key] = _judge(door)
    return _known[key]


def _judge(door: Door) -> Verdict:
    verdict = Verdict()
    sound_form = form_fields(door) if door.is_form else {}
    for place in places(door):
        sound, wrong = verdict.sound.setdefault(place, []), verdict.wrong.setdefault(place, [])
        for name, value in (TYPED if door.is_form else PARSED).items():
            if door.is_form:
                errors = form_errors(door, {**sound_form, str(place[0]): value})
            else:
                errors = json_errors(door, with_values(door.body, {place: value}))
            if not errors:
                sound.append(name)
                if name in NEVER_SOUND and place[-1] not in NEVER_STORED:
                    verdict.faults.append(f"{door.model.__name__} takes {name} as {place}")
                continue
            wrong.append(name)
            if name in LARGE and any(sentence.startswith("Choose at most") for sentence in errors.values()):
                verdict.faults.append(f"{door.model.__name__} counts the letters of {name} in {place} as choices")
            if not named(place, errors, "-" if door.is_form else "."):
                verdict.faults.append(f"{door.model.__name__} refuses {name} as {place} by naming {errors}")
        if "invisible" in sound and "blank" not in sound and place[-1] not in NEVER_STORED:
            verdict.faults.append(f"{door.model.__name__} takes what nobody sees as a text in {place}")
        if "seconds since 1970" in sound and "one" not in sound:
            verdict.faults.append(f"{door.model.__name__} takes a number as a date in {place}")
    return verdict


def json_errors(door: Door, body: Body) -> dict[str, str]:
    """What is wrong with a JSON body; anything but a refusal is raised."""
    try:
        door.model.model_validate(body)
    except ValidationError as error:
        return field_errors(error, ".")
    return {}


def form_errors(door: Door, fields: dict[str, Any]) -> dict[str, str]:
    """What is wrong with a form."""
    sent: list[tuple[str, str | UploadFile]] = [
        (n, part) for n, value in fields.items() for part in (value if isinstance(value, list) else [value])
    ]
    reading = check(door.model, FormData(sent))
    try:
        reading.send(None)
    except StopIteration as done:
        errors: dict[str, str] = done.value.errors
        return errors
    raise AssertionError("reading a form without files waits for nothing")


def rounds(table: Mapping[Place, list[str]], many: int) -> Iterator[dict[Place, str]]:
    """Requests that put another value into each place each time."""
    for number in range(many):
        yield {
            place: names[(number + index * 5) % len(names)]
            for index, (place, names) in enumerate(table.items())
            if names
        }
