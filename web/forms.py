"""Forms: read what was typed, check it with the same input model as JSON, and give both back to the page."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData, UploadFile

from core.db import Session
from core.errors import DomainError, Invalid
from core.i18n import gettext as _
from web.cells import ROW_NAME, SEEN_FIELD, SENT_FIELD, cells_of, collect, shown
from web.csrf import MOST_FIELDS
from web.sentences import field_errors

M = TypeVar("M", bound=BaseModel)
R = TypeVar("R")
MOST_SENT = 3


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
        found = {int(m.group(2)) for key in self.values if (m := ROW_NAME.match(key)) and m.group(1) == name}
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
        with suppress(ValueError):  # more fields than any form has: nobody's page sent this
            pairs: list[tuple[str, str | UploadFile]] = [
                *parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
            ]
            submitted.sent.append(await _read(model, FormData(pairs)))
    return submitted


async def _read(model: type[M], form: FormData) -> Submitted[M]:
    values, raw, errors = await collect(model, form)
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
    cells = cells_of(model) if model else {}
    for name, value in source.items():
        cell = cells.get(name)
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            inner = cells_of(cell.rows) if cell and cell.rows else {}
            for number, row in enumerate(value):
                for key, part in row.items():
                    values[f"{name}-{number}-{key}"] = shown(part, inner.get(key), currency)
        else:
            values[name] = shown(value, cell, currency)
    form: Submitted[Any] = Submitted(values=values)
    form.remember()
    return form
