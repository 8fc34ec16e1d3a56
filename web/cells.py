"""Between what people type and what an input model takes: names, rows, amounts, files."""

from __future__ import annotations

import re
import types
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from starlette.datastructures import FormData, UploadFile

from core.fields import MinorUnits, Rows
from core.i18n import gettext as _
from core.money import CURRENCIES, amount_text, parse_money
from web.csrf import FIELD as CSRF_FIELD

LARGEST_UPLOAD = 10 * 1024 * 1024
MOST_ROWS = 100
SEEN_FIELD = "_seen"
"""Says in a form what was stored when the page was made."""
SENT_FIELD = "_sent"
"""The form as the page sent it before without hearing what became of it; only pages that save by themselves say so."""
ROW_NAME = re.compile(r"^([a-z_]+)-(\d{1,3})-([a-z_]+)$")
"""A field of a repeated row: ``lines-0-limit``."""


@dataclass(frozen=True, slots=True)
class PostedFile:
    """An uploaded file, read into memory (at most 10 MiB)."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Cell:
    """What a form has to know of one field of its model."""

    is_list: bool
    is_money: bool
    required: bool
    rows: type[BaseModel] | None
    """The model of its repeated rows."""


@cache
def cells_of(model: type[BaseModel]) -> Mapping[str, Cell]:
    """What forms have to know of each field of ``model``, by its name; models never change."""
    return {name: _cell(info) for name, info in model.model_fields.items()}


def _cell(info: FieldInfo) -> Cell:
    item = _list_item(info)
    rows = item if isinstance(item, type) and issubclass(item, BaseModel) else None
    return Cell(item is not None, _is_money(info), info.is_required(), rows)


def shown(value: Any, cell: Cell | None, currency: str) -> Any:
    """A stored value as it is typed; money in major units of ``currency``."""
    if value is None:
        return ""
    if cell is not None and cell.is_money:
        return amount_text(value, currency)
    if isinstance(value, bool | list):
        return value
    return str(value)


def _parts(annotation: Any) -> tuple[Any, ...]:
    origin = get_origin(annotation)
    return get_args(annotation) if origin in (Union, types.UnionType) else (annotation,)


def _is_money(info: FieldInfo) -> bool:
    def marked(metadata: Any) -> bool:
        return any(isinstance(m, MinorUnits) for m in metadata)

    return marked(info.metadata) or any(marked(getattr(part, "__metadata__", ())) for part in _parts(info.annotation))


def _list_item(info: FieldInfo) -> Any | None:
    for part in _parts(info.annotation):
        if get_origin(part) in (list, set, tuple):
            return get_args(part)[0]
    return None


def _by_name(form: FormData) -> dict[str, list[str | UploadFile]]:
    """The parts of each name; the form itself goes through all it has for each."""
    found: dict[str, list[str | UploadFile]] = {}
    for name, part in form.multi_items():
        found.setdefault(name, []).append(part)
    return found


def _row_positions(model: type[BaseModel], parts: dict[str, list[str | UploadFile]]) -> dict[str, dict[int, int]]:
    """Typed number → position for the rows of each name: gaps are rows taken out or left blank."""
    typed: dict[str, dict[int, set[str]]] = {}
    for name, sent in parts.items():
        if (match := ROW_NAME.match(name)) and match.group(1) in model.model_fields:
            row = typed.setdefault(match.group(1), {}).setdefault(int(match.group(2)), set())
            if str(sent[-1] or "").strip():
                row.add(match.group(3))
    found: dict[str, dict[int, int]] = {}
    for parent, rows in typed.items():
        marks = [mark for mark in model.model_fields[parent].metadata if isinstance(mark, Rows)]
        kept = [number for number in sorted(rows) if all(rows[number] & set(mark.typed) for mark in marks)]
        found[parent] = {number: position for position, number in enumerate(kept)}
    return found


async def collect(model: type[BaseModel], form: FormData) -> tuple[dict[str, Any], dict[str, Any], dict[str, str]]:
    """What was typed (for the page), the same as the model wants it, and errors of amounts that are not numbers."""
    values: dict[str, Any] = {}
    raw: dict[str, Any] = {}
    errors: dict[str, str] = {}
    typed_currency = form.get("currency")
    currency = typed_currency if isinstance(typed_currency, str) and typed_currency in CURRENCIES else "EUR"
    rows: dict[str, dict[int, dict[str, Any]]] = {}
    named = _by_name(form)
    positions, cells = _row_positions(model, named), cells_of(model)
    for name, parts in named.items():
        if name in {CSRF_FIELD, SEEN_FIELD, SENT_FIELD}:
            continue
        match = ROW_NAME.match(name)
        if match and match.group(1) in cells:
            parent, key = match.group(1), match.group(3)
            number = positions[parent].get(int(match.group(2)))
            if number is None:
                continue
            inner = cells[parent].rows
            place = f"{parent}-{number}-{key}"
            values[place] = parts[-1]
            if inner is not None and number < MOST_ROWS:
                cell = _typed(cells_of(inner).get(key), parts, currency, place, errors)
                if cell is not None:
                    rows.setdefault(parent, {}).setdefault(number, {})[key] = cell
            continue
        known = cells.get(name)
        sent = [await _posted(part) if isinstance(part, UploadFile) else part for part in parts]
        last = sent[-1].name if isinstance(sent[-1], PostedFile) else sent[-1]
        values[name] = sent if known and known.is_list else last
        cell = _typed(known, sent, currency, name, errors)
        if cell is not None:
            raw[name] = cell
    for parent, numbered in rows.items():
        raw[parent] = [numbered[number] for number in sorted(numbered)]
    return values, raw, errors


def _typed(cell: Cell | None, sent: list[Any], currency: str, name: str, errors: dict[str, str]) -> Any:
    """One field's value for the model; ``None`` leaves the field out, so that its default holds."""
    if cell is not None and cell.is_list:
        return [part for part in sent if part != ""]
    value = sent[-1]
    if isinstance(value, str) and not value.strip() and cell is not None and not cell.required:
        return None
    if isinstance(value, PostedFile) and not value.name and not value.content:
        return None
    if cell is not None and isinstance(value, str) and value.strip() and cell.is_money:
        try:
            return parse_money(value, currency)
        except ValueError:
            errors[name] = _("Enter an amount, for example 860.00.")
            return None if not cell.required else 1
    return value


async def _posted(part: UploadFile) -> PostedFile:
    content = await part.read(LARGEST_UPLOAD + 1)
    return PostedFile(part.filename or "", content)
