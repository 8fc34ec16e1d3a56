"""Keyset paging: the next page starts after the last row, however deep it lies."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from core.errors import Invalid
from core.i18n import gettext as _

T = TypeVar("T")
PAGE_SIZE = 25
LARGEST_PAGE = 100


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows of one page and the cursor of the next, ``None`` on the last."""

    rows: Sequence[T]
    next: str | None


def encode_cursor(*key: Any) -> str:
    """The sort key of a page's last row as an opaque string."""
    return base64.urlsafe_b64encode(json.dumps(key, default=str).encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None, length: int) -> tuple[Any, ...] | None:
    """The key of ``encode_cursor``; ``None`` without a cursor. Raises ``Invalid`` on a made-up one."""
    if not cursor:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        key = None
    plain = isinstance(key, list) and len(key) == length and all(isinstance(part, str | int | None) for part in key)
    if not plain or any(isinstance(part, int) and abs(part) >= 2**63 for part in key):
        raise broken()
    if any(isinstance(part, str) and ("\x00" in part or not part.isprintable()) for part in key):
        raise broken()
    return tuple(key)


def broken() -> Invalid:
    """What is raised on a cursor that is none of this list."""
    sentence = _("This page address is broken. Start again from the first page.")
    return Invalid(sentence, {"after": sentence})


def cursor_id(part: Any) -> UUID:
    """The id in a cursor. Raises ``Invalid`` on a made-up one."""
    try:
        return UUID(str(part))
    except ValueError as error:
        raise broken() from error


def cursor_moment(part: Any) -> datetime:
    """The moment in a cursor, in UTC. Raises ``Invalid`` on a made-up one."""
    try:
        found = datetime.fromisoformat(str(part))
        if found.tzinfo is None:
            raise broken()
        return found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise broken() from error


def cursor_number(part: Any) -> int:
    """The number in a cursor. Raises ``Invalid`` on a made-up one."""
    if isinstance(part, bool) or not isinstance(part, int):
        raise broken()
    return part


def page_of(rows: Sequence[T], size: int, key: Callable[[T], tuple[Any, ...]]) -> Page[T]:
    """A page from ``size + 1`` fetched rows; the extra row only tells that there is more."""
    if len(rows) <= size:
        return Page(rows, None)
    return Page(rows[:size], encode_cursor(*key(rows[size - 1])))
