"""Between password and code: a signed cookie, good for five minutes, that says whose log-in is half done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response

from accounts.users.models import User
from accounts.users.schemas import one_spelling
from core.crypto import token_hash
from core.errors import NotSignedIn
from core.i18n import gettext as _
from web.cookies import cookie_name, drop_cookie, set_cookie
from web.deps import DB
from web.limits import caller_network, enforce, typed_value
from web.responses import redirect

COOKIE = "postwright_second_step"
LASTS_SECONDS = 300
TRIES = ((5, 300), (20, 3600), (50, 86_400))
"""How many codes may be tried in how many seconds, per person and per address."""


@dataclass(frozen=True, slots=True)
class HalfWay:
    """A person whose password was right and whose code is still missing."""

    user: User
    stay: bool
    to: str


def ask_code(request: Request, user: User, *, stay: bool, to: str) -> Response:
    """Go to the page that asks for the code."""
    started = int(request.app.state.clock().timestamp())
    told = {"user": str(user.id), "email": user.email, "mark": _mark(user), "stay": stay, "to": to, "at": started}
    response = redirect(request, "/log-in/code")
    sealed = request.app.state.keys.sign("second step", told)
    set_cookie(response, COOKIE, sealed, request.app.state.settings, seconds=LASTS_SECONDS)
    return response


def forget(request: Request, response: Response) -> Response:
    """The log-in is complete."""
    drop_cookie(response, COOKIE, request.app.state.settings)
    return response


def half_way(request: Request, db: DB) -> HalfWay:
    """Whoever the cookie names. Raises ``NotSignedIn`` when it is too old or password or factor changed since."""
    told = _told(request)
    user = db.get(User, UUID(told["user"])) if told else None
    if told is None or user is None or user.suspended_at or not user.totp_confirmed_at or told["mark"] != _mark(user):
        raise NotSignedIn(_("Start again: that took too long."))
    return HalfWay(user, told["stay"], told["to"])


HalfWayIn = Annotated[HalfWay, Depends(half_way)]


async def few_tries(request: Request) -> None:
    """Refuse guessing: see ``TRIES``."""
    told = _told(request)
    await _count_try(request, told["email"] if told else None)


async def few_tries_over_json(request: Request) -> None:
    """The same for a body with ``email`` and ``code``: both doors share one count."""
    code, email = await typed_value(request, "code"), await typed_value(request, "email")
    if code and isinstance(email, str):
        await _count_try(request, one_spelling(email))


async def _count_try(request: Request, email: str | None) -> None:
    buckets = [f"code:{caller_network(request)}"] + ([f"code:email:{email}"] if email else [])
    for most, seconds in TRIES:
        await enforce(request, buckets, most=most, seconds=seconds)


def _told(request: Request) -> dict[str, Any] | None:
    sealed = request.cookies.get(cookie_name(COOKIE, request.app.state.settings))
    told = request.app.state.keys.unsign("second step", sealed) if sealed else None
    if not isinstance(told, dict):
        return None
    age = request.app.state.clock().timestamp() - told["at"]
    return told if age < LASTS_SECONDS else None


def _mark(user: User) -> str:
    """Changes with the password, so that an old half log-in dies with it."""
    return token_hash(user.password_hash)[:16]
