"""Languages: catalogues, the locale of the running request, and the gettext functions everything uses."""

from __future__ import annotations

import gettext as stdlib_gettext
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import Locale

DEFAULT_LOCALE = "en"
CATALOGUES = Path(__file__).parent.parent / "locale"
NAMES = {"en": "English", "ru": "Русский", "vi": "Tiếng Việt"}
LOCALES = {
    code: name
    for code, name in NAMES.items()
    if code == DEFAULT_LOCALE or (CATALOGUES / code / "LC_MESSAGES" / "postwright.mo").is_file()
}
"""Languages offered: English, and those whose catalogue is there. A half-translated page helps nobody."""

_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")
"""The blocks of Hebrew, Arabic and the other scripts written from right to left."""

_locale: ContextVar[str] = ContextVar("locale", default=DEFAULT_LOCALE)


@lru_cache
def _catalogue(locale: str) -> stdlib_gettext.NullTranslations:
    return stdlib_gettext.translation("postwright", CATALOGUES, languages=[locale], fallback=True)


def current_locale() -> str:
    """The locale code of the running request or mail."""
    return _locale.get()


def set_locale(code: str) -> None:
    """Make ``code`` the locale of the running request; unknown codes mean English."""
    _locale.set(code if code in LOCALES else DEFAULT_LOCALE)


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Translate to ``code`` inside the block."""
    token = _locale.set(code if code in LOCALES else DEFAULT_LOCALE)
    try:
        yield
    finally:
        _locale.reset(token)


@lru_cache
def babel_locale(code: str) -> Locale:
    return Locale.parse(code)


def best_locale(accept_language: str) -> str:
    """The first of our locales a browser's ``Accept-Language`` names."""
    for part in accept_language.split(","):
        code = part.split(";")[0].strip().lower()[:2]
        if code in LOCALES:
            return code
    return DEFAULT_LOCALE


def gettext(message: str) -> str:
    """``message`` in the current locale."""
    return _catalogue(_locale.get()).gettext(message)


def ngettext(one: str, other: str, number: int) -> str:
    """The plural form for ``number`` in the current locale, with ``%(n)s`` left to fill."""
    return _catalogue(_locale.get()).ngettext(one, other, number)


def isolated(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """``values`` to fill a sentence with: one written from right to left must not turn round the words beside it.

    It is put between the signs U+2068 and U+2069, which are not seen (Unicode Annex 9, first strong isolate).
    """
    if all(not isinstance(value, str) or value.isascii() for value in values.values()):
        return values
    return {
        name: type(value)(f"\u2068{value}\u2069") if isinstance(value, str) and _RIGHT_TO_LEFT.search(value) else value
        for name, value in values.items()
    }
