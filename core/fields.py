"""The types every input is made of: checked text, numbers and codes, the same for forms and JSON.

Text is NFC, without NUL, control, bidirectional-override or surrogate characters; both databases take it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from core.money import CURRENCIES, LARGEST, ungrouped
from core.paging import LARGEST_PAGE

_BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
_FORBIDDEN = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff{_BIDI}]")
_FORBIDDEN_IN_LINE = re.compile(r"[\t\n\r\u2028\u2029]")
_UNSEEN = "".join(filter(str.isspace, map(chr, range(0x3001)))) + (
    "\u00ad\u115f\u1160\u180e\u200b\u200c\u200d\u2060\u2800\u3164\ufeff\uffa0"
)
"""White space and characters without a picture: inside a word they have a use, around it they only hide."""
_STACKED = re.compile("[" + "".join(filter(unicodedata.combining, map(chr, range(0x300, 0x1F000)))) + "]{31}")
"""More marks on one letter than stream-safe texts hold (UAX 15): putting them in order takes time squared."""
_SLUG = re.compile(r"^[a-z0-9](?:[a-z0-9-]{0,70}[a-z0-9])?$")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
LATEST = date(2100, 1, 1)
EARLIEST = date(1990, 1, 1)
MOST_NAMES = 200


def _clean_text(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if _FORBIDDEN.search(value):
        raise PydanticCustomError("characters", "Remove the invisible or control characters.")
    if not value.isascii() and _STACKED.search(value):
        raise PydanticCustomError("marks", "Remove the accents stacked on one letter.")
    return unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")).strip(_UNSEEN)


def _clean_line(value: Any) -> Any:
    cleaned = _clean_text(value)
    if isinstance(cleaned, str) and _FORBIDDEN_IN_LINE.search(cleaned):
        raise PydanticCustomError("one_line", "Write this on one line.")
    return cleaned


def _slug(value: Any) -> Any:
    if isinstance(value, str) and not _SLUG.fullmatch(value):
        raise PydanticCustomError("slug", "Use small letters, digits and hyphens, 72 at most.")
    return value


def _whole_number(value: Any) -> Any:
    if isinstance(value, str):
        stripped = value.strip()
        if not re.fullmatch(r"[+-]?[0-9]{1,18}", stripped):
            raise PydanticCustomError("whole_number", "Enter a whole number.")
        return int(stripped)
    if isinstance(value, bool) or not isinstance(value, int):
        raise PydanticCustomError("whole_number", "Enter a whole number.")
    return value


def _thousandths(value: Any) -> Any:
    """A decimal number as an integer of thousandths, so that both databases keep it exactly."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        raise PydanticCustomError("number", "Enter a number.")
    text = ungrouped(str(value))
    if re.fullmatch(r"-?[1-9][0-9]{0,2},[0-9]{3}", text):
        raise PydanticCustomError("number", "Leave the comma out, or write a point for decimals.")
    text = text.replace(",", ".")
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]{1,3})?", text):
        raise PydanticCustomError("number", "Enter a number with at most three decimals.")
    if len(text) > 20 or abs(Decimal(text)) > LARGEST:
        raise PydanticCustomError("number", "Enter a smaller number.")
    try:
        return int(Decimal(text) * 1000)
    except InvalidOperation as error:  # pragma: no cover - the pattern leaves nothing for this
        raise PydanticCustomError("number", "Enter a number.") from error


def _currency(value: str) -> str:
    if value not in CURRENCIES:
        raise PydanticCustomError("currency", "Choose a currency from the list.")
    return value


def _written_date(value: Any) -> Any:
    """Only the written form: numbers would be read as seconds since 1970."""
    written = value.strip() if isinstance(value, str) else value
    if isinstance(written, date) or (isinstance(written, str) and _DAY.fullmatch(written)):
        return written
    raise PydanticCustomError("date", "Enter a date, for example 2026-11-30.")


def _plausible_date(value: date) -> date:
    if not EARLIEST <= value <= LATEST:
        raise PydanticCustomError("years", "Enter a date between 1990 and 2100.")
    return value


def _none_if_blank(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip(_UNSEEN) else value


class MinorUnits:
    """Marks a field as money: forms convert what was typed by the input's ``currency``; JSON sends minor units."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Marks repeated rows: in a form, one where none of ``typed`` was filled in is no row. JSON sends what it means."""

    typed: tuple[str, ...]


Line = Annotated[str, BeforeValidator(_clean_line), StringConstraints(min_length=1, max_length=200)]
"""One line, 1 to 200 characters."""
ShortLine = Annotated[str, BeforeValidator(_clean_line), StringConstraints(min_length=1, max_length=80)]
"""One line, 1 to 80 characters."""
MaybeLine = Annotated[str, BeforeValidator(_clean_line), StringConstraints(max_length=200)]
"""One line, may be empty."""
Prose = Annotated[str, BeforeValidator(_clean_text), StringConstraints(max_length=20_000)]
"""Several lines, may be empty, at most 20,000 characters."""
Remark = Annotated[str, BeforeValidator(_clean_text), StringConstraints(max_length=2_000)]
"""A few lines, may be empty, at most 2,000 characters."""
Query = Annotated[str, BeforeValidator(_clean_line), StringConstraints(max_length=120)]
"""What is typed into a search box."""
PageSize = Annotated[int, Field(ge=1, le=LARGEST_PAGE)]
"""How many rows a page has at most."""
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,40}$"), BeforeValidator(_clean_line)]
"""A code of the trade's catalogue."""
SlugText = Annotated[str, StringConstraints(pattern=_SLUG.pattern), BeforeValidator(_slug)]
"""The readable part of an address."""
Url = Annotated[
    str,
    StringConstraints(max_length=500, pattern=r"^https?://[^\s/?#@:]+(:[0-9]{1,5})?([/?#][^\s]*)?$"),
    BeforeValidator(_clean_line),
]
"""An http or https address without credentials."""
CurrencyCode = Annotated[str, AfterValidator(_currency)]
Amount = Annotated[int, BeforeValidator(_whole_number), Field(ge=0, le=LARGEST), MinorUnits()]
"""Money in minor units, 0 to 10¹²."""
Price = Annotated[int, BeforeValidator(_whole_number), Field(ge=1, le=LARGEST), MinorUnits()]
"""Money in minor units, at least 1."""
Quantity = Annotated[int, BeforeValidator(_whole_number), Field(ge=1, le=100_000)]
"""How many units."""
SmallCount = Annotated[int, BeforeValidator(_whole_number), Field(ge=0, le=1_000)]
Whole = Annotated[int, BeforeValidator(_whole_number), Field(ge=-(10**9), le=10**9)]
Measure = Annotated[
    int, BeforeValidator(_thousandths), Field(ge=-(10**15), le=10**15), WithJsonSchema({"type": "number"})
]
"""A measured number with at most three decimals, kept in thousandths."""
Day = Annotated[date, BeforeValidator(_written_date), AfterValidator(_plausible_date)]
"""A calendar day between 1990 and 2100."""


class Input(BaseModel):
    """Base of what comes in: unknown fields are refused, blank optional fields become ``None``."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def refuse_a_flood(cls, sent: Any) -> Any:
        """Each unknown name would be an error of its own: a megabyte of them takes seconds and is answered in full."""
        if isinstance(sent, dict) and len(sent) > MOST_NAMES:
            raise PydanticCustomError("flood", "Send fewer fields.")
        return sent


class Read(BaseModel):
    """Base of what goes out over JSON; built from rows and named tuples."""

    model_config = ConfigDict(from_attributes=True)


Blank = BeforeValidator(_none_if_blank)
"""Put into an optional field's ``Annotated`` so that an empty form field means ``None``."""
