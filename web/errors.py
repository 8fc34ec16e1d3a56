"""Every error as a page, a toast or a problem answer of one shape: ``{"error", "detail", "fields"}``."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.routing import APIRoute
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException

from core.errors import Busy, Conflict, DomainError, Invalid, NotFound, NotSignedIn, ProofNeeded, TooLarge, TooMany
from core.i18n import gettext as _
from web.responses import is_htmx, page, page_before, redirect
from web.sentences import sentence

log = structlog.get_logger()
OWN_PAGE = frozenset({403, 404, 409, 410, 429})
"""The statuses with a page of their own."""
OVERTAKEN = frozenset(
    {
        "ForeignKeyViolation",
        "UniqueViolation",
        "SQLITE_CONSTRAINT_FOREIGNKEY",
        "SQLITE_CONSTRAINT_PRIMARYKEY",
        "SQLITE_CONSTRAINT_UNIQUE",
    }
)
"""What the two databases call a key that is gone or taken."""


def wants_json(request: Request) -> bool:
    """The API, and scripts that say so."""
    return f"{request.url.path}/".startswith("/api/") or request.headers.get("accept", "").startswith(
        "application/json"
    )


def problem(status: int, error: str, detail: str, fields: dict[str, str] | None = None) -> JSONResponse:
    """The one shape of a problem; ``fields`` maps dotted field names to sentences."""
    return JSONResponse({"error": error, "detail": detail, "fields": fields or {}}, status)


def answer(request: Request, error: DomainError) -> Response:
    """What the caller gets for a domain error."""
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if wants_json(request):
        fields = error.fields if isinstance(error, Invalid) else None
        response: Response = problem(error.status, error.code, error.detail, fields)
    elif isinstance(error, NotSignedIn):
        back = here if request.method == "GET" else page_before(request, "")
        flash = "" if request.method == "GET" else _("You are not logged in any more. What you sent was not saved.")
        response = redirect(request, "/log-in" + (f"?next={quote(back)}" if back else ""), flash=flash, kind="warn")
    elif isinstance(error, ProofNeeded):
        back = here if request.method == "GET" else page_before(request)
        response = redirect(request, f"/prove?next={quote(back)}")
    elif is_htmx(request):
        response = HTMLResponse(_toast(request, error.detail), error.status)
    else:
        template = f"errors/{error.status}.html" if error.status in OWN_PAGE else "errors/error.html"
        back = page_before(request, "") if request.method != "GET" else _page_above(request, error.status)
        facts = {"detail": error.detail, "status_code": error.status, "code": error.code, "back": back, "here": here}
        response = page(request, template, status=error.status, **facts)
    if isinstance(error, TooMany | Busy):
        response.headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, NotSignedIn) and wants_json(request):
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _toast(request: Request, text: str) -> str:
    return str(request.app.state.templates.get_template("ui/_toast.html").render(kind="bad", text=text))


async def on_domain_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, DomainError)
    return answer(request, error)


async def on_invalid_request(request: Request, error: Exception) -> Response:
    """422 without echoing what was sent; a malformed path is simply not there."""
    assert isinstance(error, RequestValidationError)
    items = error.errors()
    if any(item["loc"] and item["loc"][0] == "path" for item in items):
        return answer(request, NotFound(_("There is nothing here.")))
    fields: dict[str, str] = {}
    for item in items:
        name = ".".join(str(part) for part in item["loc"][1:] if not str(part).startswith("function-"))
        fields.setdefault(_safe(name), sentence(item["type"], item.get("ctx") or {}, item["msg"]))
    if items and items[0]["type"] == "json_invalid":
        return answer(request, _unreadable(request))
    if "" in fields and items[0]["loc"][0] == "body":
        return answer(request, Invalid(_("Send a JSON object.")))
    return answer(request, Invalid(_("Some fields need another look."), fields))


def _unreadable(request: Request) -> Invalid:
    form = request.headers.get("content-type", "").lower().startswith("multipart/")
    return Invalid(_("The body is no valid form.") if form else _("The body is not valid JSON."))


def _safe(name: str) -> str:
    """A field name fit to print; names of unknown fields come from outside."""
    return name.encode("ascii", "replace").decode()[:80]


def too_large() -> TooLarge:
    return TooLarge(_("That is too large: send at most 10 MB, and no more than 1 MB of text."))


async def on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    made: DomainError
    if error.status_code == 413:
        made = too_large()
    elif error.status_code == 400 and wants_json(request):
        made = _unreadable(request)
    else:
        details = {404: _("There is nothing here."), 405: _("This cannot be done here.")}
        made = DomainError(details.get(error.status_code, _("The request could not be read.")))
        made.status = error.status_code
        made.code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "bad_request")
    response = answer(request, made)
    for name, value in (error.headers or {}).items():
        response.headers.setdefault(name, value)
    if error.status_code == 405 and (methods := _methods_at(request, request.url.path)):
        response.headers["Allow"] = ", ".join(methods)
    return response


def _page_above(request: Request, status: int) -> str:
    """Where to go from an address that shows no page: the nearest page above.

    It is that of a verb, which a browser opens again after a refusal, or of a form whose time is over.
    """
    path = request.url.path if status in {405, 409} else ""
    while path:
        path = path.rpartition("/")[0]
        if "GET" in _methods_at(request, path):
            return path
    return ""


def _methods_at(request: Request, path: str) -> list[str]:
    """What can be done at this address: routes of one path are several, and the framework names only the first's."""
    found = [r.methods for r in request.app.routes if isinstance(r, APIRoute) and r.path_regex.match(path)]
    named = {method for methods in found for method in methods or ()}
    return sorted(named | ({"HEAD"} if "GET" in named else set()))


async def on_database_trouble(request: Request, error: Exception) -> Response:
    """Locked, overloaded or away: the caller may come back. Anything else of the database is a fault of ours."""
    passing = isinstance(error, PoolTimeout) or _is_passing(error)
    if not passing:
        return await on_unexpected(request, error)
    log.warning("database busy", path=request.url.path, error=str(error)[:500])
    return answer(request, Busy(_("We are very busy just now and changed nothing. Try again in a moment.")))


def _is_passing(error: Exception) -> bool:
    """PostgreSQL tells faults of ours apart from operational ones; SQLite has only the words."""
    assert isinstance(error, OperationalError)
    words = str(error.orig)
    return type(error.orig).__module__.startswith("psycopg") or "locked" in words or "disk" in words


async def on_overtaken(request: Request, error: Exception) -> Response:
    """A row was gone, or taken, between the look and the write; nothing was changed."""
    if not isinstance(error, StaleDataError) and not _is_overtaken(error):
        return await on_unexpected(request, error)
    # Not the words of the error: PostgreSQL's tell the values of the key.
    log.warning("overtaken", path=request.url.path, kind=type(getattr(error, "orig", error)).__name__)
    return answer(request, Conflict(_("Someone else changed this a moment ago. Reload the page and try again.")))


def _is_overtaken(error: Exception) -> bool:
    """A key that is there twice, or one whose row is gone. Any other constraint is a fault of ours."""
    assert isinstance(error, IntegrityError)
    name = getattr(error.orig, "sqlite_errorname", type(error.orig).__name__)
    return name in OVERTAKEN


async def on_unexpected(request: Request, error: Exception) -> Response:
    """The last resort: logged, said plainly, nothing of the inside shown."""
    log.error("unexpected error", path=request.url.path, exc_info=error)
    if wants_json(request):
        return problem(500, "unexpected", _("Something broke on our side. Nothing was changed."))
    values: dict[str, Any] = {"detail": _("Something broke on our side. Nothing was changed."), "status_code": 500}
    return page(request, "errors/500.html", status=500, **values)


def install(app: FastAPI) -> None:
    app.add_exception_handler(DomainError, on_domain_error)
    app.add_exception_handler(RequestValidationError, on_invalid_request)
    app.add_exception_handler(HTTPException, on_http_exception)
    app.add_exception_handler(OperationalError, on_database_trouble)
    app.add_exception_handler(StaleDataError, on_overtaken)
    app.add_exception_handler(IntegrityError, on_overtaken)
    app.add_exception_handler(PoolTimeout, on_database_trouble)
    app.add_exception_handler(Exception, on_unexpected)
