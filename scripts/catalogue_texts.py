"""Texts of the trade's data files for Babel: ``./dev messages`` calls ``extract`` on each TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from typing import IO, Any

TEXT_KEYS = {
    "clause",
    "description",
    "explanation",
    "formula",
    "hint",
    "intro",
    "listen_for",
    "name",
    "options",
    "quiz",
    "suggestion",
    "text",
    "why",
}
Message = tuple[int, str, str | tuple[str, str], list[str]]


def extract(
    file: IO[bytes], keywords: Collection[str], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[Message]:
    """Every text in the file; a unit's ``one`` and ``other`` are the two forms of one message."""
    return _texts(tomllib.load(file))


def _texts(table: Mapping[str, Any]) -> Iterator[Message]:
    if isinstance(table.get("one"), str):
        yield 1, "ngettext", (table["one"], table["other"]), []
    for key, value in table.items():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                yield from _texts(item)
            elif isinstance(item, str) and key in TEXT_KEYS:
                yield 1, "gettext", item, []
