"""Answers of the page doors: whole pages, fragments, redirects with a flash."""

from __future__ import annotations

from typing import Any, TypeVar
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from core.i18n import current_locale
from web.cookies import (
    FLASH_COOKIE,
    SESSION_COOKIE,
    THEME_COOKIE,
    VISITOR_COOKIE,
    cookie_name,
    drop_cookie,
    set_cookie,
)
from web.csrf import csrf_token

R = TypeVar("R", bound=Response)


def is_htmx(request: Request) -> bool:
    """Whether htmx asked and can take a fragment."""
    return request.headers.get("hx-request") == "true"


def _flashes(request: Request) -> list[dict[str, str]]:
    sealed = request.cookies.get(cookie_name(FLASH_COOKIE, request.app.state.settings))
    found = request.app.state.keys.unsign("flash", sealed) if sealed else None
    return found if isinstance(found, list) else []


def context(request: Request, **values: Any) -> dict[str, Any]:
    """What every template may use, besides ``values``."""
    viewer = getattr(request.state, "viewer", None)
    theme = request.cookies.get(cookie_name(THEME_COOKIE, request.app.state.settings), "")
    return {
        "viewer": viewer,
        "has_session": cookie_name(SESSION_COOKIE, request.app.state.settings) in request.cookies,
        "unread": viewer.unread if viewer else 0,
        "locale": current_locale(),
        "theme": theme if theme in {"light", "dark"} else "",
        "csrf_token": csrf_token(request),
        "flashes": _flashes(request),
        "now": request.app.state.clock(),
        **values,
    }


def render(request: Request, template: str, **values: Any) -> str:
    """A template as text."""
    return str(request.app.state.templates.get_template(template).render(context(request, **values)))


def draw(request: Request, template: str, **values: Any) -> bytes:
    """A template as it goes out.

    Encoded piece by piece: most are plain ASCII, and one foreign letter would make the whole page slow to encode.
    """
    pieces = request.app.state.templates.get_template(template).generate(context(request, **values))
    return b"".join([piece.encode() for piece in pieces])


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A whole page. Shown flashes are used up."""
    response = HTMLResponse(draw(request, template, **values), status)
    settings = request.app.state.settings
    if cookie_name(FLASH_COOKIE, settings) in request.cookies:
        drop_cookie(response, FLASH_COOKIE, settings)
    return keep_visitor(request, response)


def keep_visitor(request: Request, response: R) -> R:
    """Give a new visitor the cookie the form's token is bound to."""
    visitor = getattr(request.state, "visitor", None)
    if visitor is not None:
        set_cookie(response, VISITOR_COOKIE, visitor, request.app.state.settings)
    return response


def redirect(request: Request, to: str, *, flash: str | None = None, kind: str = "good", undo: str = "") -> Response:
    """303 to a path of ours, with a sentence to show there. With htmx the browser is told to go there.

    ``undo`` is the path an "Undo" button beside the sentence posts to.
    """
    response: Response = RedirectResponse(local_path(to), 303)
    if is_htmx(request):
        response = Response(status_code=204, headers={"HX-Redirect": response.headers["location"]})
    if flash:
        sealed = request.app.state.keys.sign("flash", [{"kind": kind, "text": flash, "undo": undo}])
        set_cookie(response, FLASH_COOKIE, sealed, request.app.state.settings, seconds=120)
    return response


def fragments(
    request: Request, *parts: tuple[str, dict[str, Any]], otherwise: str, flash: str | None = None
) -> Response:
    """The parts of the page that changed, for htmx; without it the same POST redirects to ``otherwise``."""
    if not is_htmx(request):
        return redirect(request, otherwise, flash=flash)
    body = "\n".join(render(request, template, **values) for template, values in parts)
    return HTMLResponse(body)


def local_path(to: str) -> str:
    """``to`` if it is a path of this site, else ``/``: an address from outside is never redirected to."""
    parts = urlsplit(to)
    safe = to.startswith("/") and not to.startswith("//") and not parts.scheme and not parts.netloc and "\\" not in to
    return to if safe and to.isprintable() else "/"


def page_before(request: Request, otherwise: str = "/settings") -> str:
    """The path of the page of ours that the request came from, for going back to it."""
    try:
        parts = urlsplit(request.headers.get("referer", ""))
    except ValueError:  # no address at all
        return otherwise
    if parts.netloc != request.headers.get("host"):
        return otherwise
    return local_path(parts.path + (f"?{parts.query}" if parts.query else ""))


def start_session(response: Response, request: Request, token: str, *, seconds: int | None) -> None:
    """Put a fresh log-in's token into the browser."""
    set_cookie(response, SESSION_COOKIE, token, request.app.state.settings, seconds=seconds)


def end_session(response: Response, request: Request) -> None:
    drop_cookie(response, SESSION_COOKIE, request.app.state.settings)
