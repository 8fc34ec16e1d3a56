"""Pages an anonymous reader has seen before: the same mark, no body."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from fastapi import Request, Response

from core.i18n import current_locale
from core.templating import STATIC, TEMPLATES
from web.cookies import FLASH_COOKIE, THEME_COOKIE, cookie_name
from web.csrf import csrf_token


@lru_cache(maxsize=1)
def _release() -> str:
    """A mark of everything pages are drawn with."""
    mark = hashlib.sha256()
    for folder in (TEMPLATES, STATIC / "css", STATIC / "js", STATIC / "img"):
        for file in sorted(folder.rglob("*.*")):
            mark.update(file.read_bytes())
    return mark.hexdigest()


def mark(request: Request, *parts: object) -> str | None:
    """The entity tag of a public page made of ``parts`` for this browser; ``None`` where a page is personal.

    Ask only for readers who are not signed in. The tag covers language, theme, the day and the form's token.
    """
    settings = request.app.state.settings
    if cookie_name(FLASH_COOKIE, settings) in request.cookies:
        return None
    theme = request.cookies.get(cookie_name(THEME_COOKIE, settings), "")
    day = request.app.state.clock().date()
    whole = (_release(), current_locale(), theme, day, csrf_token(request), *parts)
    return f'W/"{hashlib.sha256(repr(whole).encode()).hexdigest()[:32]}"'


def unchanged(request: Request, tag: str | None) -> Response | None:
    """A 304 if the reader has the page with this tag."""
    if tag is None or tag not in request.headers.get("if-none-match", "").split(", "):
        return None
    return Response(status_code=304, headers=_headers(tag))


def tagged(response: Response, tag: str | None) -> Response:
    """Let the browser keep the page, and ask before it shows it again."""
    if tag is not None:
        response.headers.update(_headers(tag))
    return response


def _headers(tag: str) -> dict[str, str]:
    return {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Cookie, Accept-Language"}
