"""Forms: read what was typed, check it with the same input model as JSON, and give both back to the page."""

from __future__ import annotations

import hashlib
import re
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Generic, TypeVar, Union, get_args, get_origin
from urllib.parse import parse_qsl

from fastapi import Request
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from starlette.datastructures import FormData, UploadFile

from core.db import Session
from core.errors import DomainError, Invalid
from core.fields import MinorUnits, Rows
from core.i18n import gettext as _
from core.money import CURRENCIES, amount_text, parse_money
from web.csrf import FIELD as CSRF_FIELD
from web.sentences import field_errors

M = TypeVar("M", bound=BaseModel)
R = TypeVar("R")
LARGEST_UPLOAD = 10 * 1024 * 1024
MOST_ROWS = 100
SEEN_FIELD = "_seen"
"""Says in a form what was stored when the page was made."""
SENT_FIELD = "_sent"
"""The form as the page sent it before without hearing what became of it; only pages that save by themselves say so."""
MOST_SENT = 3
_ROW_NAME = re.compile(r"^([a-z_]+)-(\d{1,3})-([a-z_]+)$")


@dataclass(frozen=True, slots=True)
class PostedFile:
    """An uploaded file, read into memory (at most 10 MiB)."""

    name: str
    content: bytes


@dataclass
class Submitted(Generic[M]):
    """A form on its way between person and page: ``values`` as typed, ``errors`` by field name, ``data`` if sound.

    Field names of repeated rows read ``lines-0-limit``; errors of a whole form have the name ``""``.
    """

    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    checked: M | None = None
    status: int = 422
    """What a page with errors is answered with."""
    seen: str = ""
    """Tells apart what was stored when the page was made; the page sends it back."""
    sent: list[Submitted[M]] = field(default_factory=list)
    """What the page sent before and may be what is stored now, at most three forms."""

    @property
    def data(self) -> M:
        """The checked input; only when there are no errors."""
        assert self.checked is not None
        assert not self.errors
        return self.checked

    def value(self, name: str, default: Any = "") -> Any:
        return self.values.get(name, default)

    def error(self, name: str) -> str:
        return self.errors.get(name, "")

    def rows(self, name: str) -> list[int]:
        """The numbers of the repeated rows typed under ``name``, in order."""
        found = {int(m.group(2)) for key in self.values if (m := _ROW_NAME.match(key)) and m.group(1) == name}
        return sorted(found)

    def attempt(
        self,
        db: Session,
        work: Callable[[M], R],
        *,
        keep: tuple[type[DomainError], ...] = (),
        over: Submitted[Any] | None = None,
    ) -> R | None:
        """``work(data)``; on errors, or if it raises ``Invalid``, ``None``: nothing is stored, the errors are shown.

        ``keep`` names further errors the page should say above what was typed, for long forms nobody types twice.
        ``over`` is the form as it is stored now. If the page showed something else, the person is told before it is
        replaced, once: sent again, the form is taken.
        """
        if self.errors or (over is not None and self._overtaken(over)):
            return None
        shown: tuple[type[DomainError], ...] = (Invalid, *keep)
        try:
            return work(self.data)
        except shown as error:
            db.rollback()
            self.refuse(error)
            return None

    def succeeds(
        self,
        db: Session,
        work: Callable[[M], object],
        *,
        keep: tuple[type[DomainError], ...] = (),
        over: Submitted[Any] | None = None,
    ) -> bool:
        """``attempt`` for work that returns nothing: whether it was done."""
        self.attempt(db, work, keep=keep, over=over)
        return not self.errors

    def refuse(self, error: DomainError) -> None:
        """Show what was wrong beside its fields, or above them."""
        fields = error.fields if isinstance(error, Invalid) else {}
        self.status = error.status
        self.errors = {name.replace(".", "-"): text for name, text in fields.items()} or {"": error.detail}

    def remember(self) -> None:
        """Take the values for what is stored now. In which order boxes were ticked says nothing."""
        given = {name: value for name, value in self.values.items() if value not in ("", [])}
        said = repr(sorted((n, sorted(map(str, v)) if isinstance(v, list) else v) for n, v in given.items()))
        self.seen = hashlib.sha256(said.encode()).hexdigest()[:32]

    def overtaken(self, stored: Submitted[Any]) -> bool:
        """Whether the page showed something else than what is stored now."""
        return bool(self.seen) and self.seen != stored.seen

    def _overtaken(self, stored: Submitted[Any]) -> bool:
        if not self.overtaken(stored):
            return False
        self.seen, self.status = stored.seen, 409
        self.errors = {"": _("This was changed after you opened it. Compare in another tab; saving again replaces it.")}
        return True


def form_of(model: type[M]) -> Callable[[Request], Any]:
    """A dependency that reads the request's form as ``model``: ``Annotated[Submitted[X], Depends(form_of(X))]``."""

    async def read(request: Request) -> Submitted[M]:
        return await check(model, await request.form())

    read.model = model  # type: ignore[attr-defined]
    return read


def query_of(model: type[M]) -> Callable[[Request], Any]:
    """The same for filters in an address: parameters the model does not know (of campaigns, say) are left out."""

    async def read(request: Request) -> Submitted[M]:
        sent: list[tuple[str, str | UploadFile]] = [*request.query_params.multi_items()]
        return await check(model, FormData([(name, text) for name, text in sent if name in model.model_fields]))

    read.model = model  # type: ignore[attr-defined]
    return read


async def check(model: type[M], form: FormData) -> Submitted[M]:
    """What was typed, read as ``model``."""
    submitted = await _read(model, form)
    for text in [text for text in form.getlist(SENT_FIELD) if isinstance(text, str)][:MOST_SENT]:
        pairs: list[tuple[str, str | UploadFile]] = [*parse_qsl(text, keep_blank_values=True)]
        submitted.sent.append(await _read(model, FormData(pairs)))
    return submitted


async def _read(model: type[M], form: FormData) -> Submitted[M]:
    values, raw, errors = await _collect(model, form)
    submitted: Submitted[M] = Submitted(values=values, errors=errors, seen=str(form.get(SEEN_FIELD) or ""))
    try:
        submitted.checked = model.model_validate(raw)
    except ValidationError as error:
        submitted.errors = {**field_errors(error, "-"), **errors}
    return submitted


def blank(**values: Any) -> Submitted[Any]:
    """An empty form with starting values."""
    return Submitted(values=values)


def filled(source: Mapping[str, Any], model: type[BaseModel] | None = None) -> Submitted[Any]:
    """A form showing stored values: rows become ``name-0-field``, money fields of ``model`` are shown as typed."""
    currency = str(source.get("currency") or "EUR")
    values: dict[str, Any] = {}
    cells = _cells(model) if model else {}
    for name, value in source.items():
        cell = cells.get(name)
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            inner = _cells(cell.rows) if cell and cell.rows else {}
            for number, row in enumerate(value):
                for key, part in row.items():
                    values[f"{name}-{number}-{key}"] = _shown(part, inner.get(key), currency)
        else:
            values[name] = _shown(value, cell, currency)
    form: Submitted[Any] = Submitted(values=values)
    form.remember()
    return form


@dataclass(frozen=True, slots=True)
class _Cell:
    """What a form has to know of one field of its model."""

    is_list: bool
    is_money: bool
    required: bool
    rows: type[BaseModel] | None
    """The model of its repeated rows."""


@cache
def _cells(model: type[BaseModel]) -> Mapping[str, _Cell]:
    """By field name; models never change."""
    return {name: _cell(info) for name, info in model.model_fields.items()}


def _cell(info: FieldInfo) -> _Cell:
    item = _list_item(info)
    rows = item if isinstance(item, type) and issubclass(item, BaseModel) else None
    return _Cell(item is not None, _is_money(info), info.is_required(), rows)


def _shown(value: Any, cell: _Cell | None, currency: str) -> Any:
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


def _row_positions(model: type[BaseModel], form: FormData) -> dict[str, dict[int, int]]:
    """Typed number → position for the rows of each name: gaps are rows taken out or left blank."""
    typed: dict[str, dict[int, set[str]]] = {}
    for name in form:
        if (match := _ROW_NAME.match(name)) and match.group(1) in model.model_fields:
            row = typed.setdefault(match.group(1), {}).setdefault(int(match.group(2)), set())
            if str(form.get(name) or "").strip():
                row.add(match.group(3))
    found: dict[str, dict[int, int]] = {}
    for parent, rows in typed.items():
        marks = [mark for mark in model.model_fields[parent].metadata if isinstance(mark, Rows)]
        kept = [number for number in sorted(rows) if all(rows[number] & set(mark.typed) for mark in marks)]
        found[parent] = {number: position for position, number in enumerate(kept)}
    return found


async def _collect(model: type[BaseModel], form: FormData) -> tuple[dict[str, Any], dict[str, Any], dict[str, str]]:
    """What was typed (for the page), the same as the model wants it, and errors of amounts that are not numbers."""
    values: dict[str, Any] = {}
    raw: dict[str, Any] = {}
    errors: dict[str, str] = {}
    typed_currency = form.get("currency")
    currency = typed_currency if isinstance(typed_currency, str) and typed_currency in CURRENCIES else "EUR"
    rows: dict[str, dict[int, dict[str, Any]]] = {}
    positions, cells = _row_positions(model, form), _cells(model)
    for name in dict.fromkeys(form.keys()):
        if name in {CSRF_FIELD, SEEN_FIELD, SENT_FIELD}:
            continue
        match = _ROW_NAME.match(name)
        if match and match.group(1) in cells:
            parent, key = match.group(1), match.group(3)
            number = positions[parent].get(int(match.group(2)))
            if number is None:
                continue
            inner = cells[parent].rows
            shown = f"{parent}-{number}-{key}"
            values[shown] = form.get(name)
            if inner is not None and number < MOST_ROWS:
                cell = _typed(_cells(inner).get(key), form.getlist(name), currency, shown, errors)
                if cell is not None:
                    rows.setdefault(parent, {}).setdefault(number, {})[key] = cell
            continue
        known = cells.get(name)
        sent = [await _posted(part) if isinstance(part, UploadFile) else part for part in form.getlist(name)]
        values[name] = sent if known and known.is_list else (sent[-1] if not isinstance(sent[-1], PostedFile) else "")
        cell = _typed(known, sent, currency, name, errors)
        if cell is not None:
            raw[name] = cell
    for parent, numbered in rows.items():
        raw[parent] = [numbered[number] for number in sorted(numbered)]
    return values, raw, errors


def _typed(cell: _Cell | None, sent: list[Any], currency: str, name: str, errors: dict[str, str]) -> Any:
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
