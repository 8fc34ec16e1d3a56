"""Mails as text: ``templates/emails/<name>/{subject.txt,body.txt,body.html}`` in the reader's language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jinja2

from core.i18n import current_locale, gettext, isolated, ngettext, speaking
from core.templating import environment, show_number

LONGEST_SUBJECT = 180
_NAME = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's words. ``subject`` is one line."""

    subject: str
    text: str
    html: str


def render(name: str, locale: str, params: dict[str, Any], base_url: str) -> Letter:
    """Fill the templates of mail ``name``. ``params["path"]`` is where its link leads on this site.

    Raises ``ValueError`` for a name that cannot be one, ``TemplateNotFound`` for an unknown mail.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"no mail is called {name!r}")
    base = base_url.rstrip("/")
    values = {**params, "base_url": base, "link": base + _path(params.get("path", "/"))}
    with speaking(locale):
        values["locale"] = current_locale()
        subject = _plain().get_template(f"emails/{name}/subject.txt").render(values)
        text = _plain().get_template(f"emails/{name}/body.txt").render(values)
        html = _marked_up().get_template(f"emails/{name}/body.html").render(values)
    return Letter(_one_line(subject), text.strip() + "\n", html)


@lru_cache(maxsize=1)
def _marked_up() -> jinja2.Environment:
    return environment()


@lru_cache(maxsize=1)
def _plain() -> jinja2.Environment:
    """The environment for text: nothing is escaped, translations are filled as they are."""
    made = environment()
    made.autoescape = False
    made.globals.update(_=_translated, ngettext=_translated_plural)
    return made


def _translated(message: str, **values: Any) -> str:
    return gettext(message) % isolated(values) if values else gettext(message)


def _translated_plural(one: str, other: str, number: int, **values: Any) -> str:
    return ngettext(one, other, number) % {"n": show_number(number), **isolated(values)}


def _one_line(text: str) -> str:
    """No line break may enter a header."""
    visible = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(visible.split())[:LONGEST_SUBJECT]


def _path(path: object) -> str:
    text = str(path)
    if not text.startswith("/") or text.startswith("//") or not text.isprintable() or " " in text:
        raise ValueError("a mail's link must be a path on this site")
    return text
