"""Letting a person in: the new log-in's row, its cookie, and where to go."""

from __future__ import annotations

from fastapi import Request, Response

from accounts.sessions import service as sessions
from accounts.users.models import User
from core.db import Session
from web.cookies import LOCALE_COOKIE, SESSION_COOKIE, cookie_name, set_cookie
from web.limits import client_address
from web.responses import redirect, start_session

YEAR = 365 * 24 * 3600


def admit(request: Request, db: Session, user: User, *, stay: bool, to: str, flash: str | None = None) -> Response:
    """Log in with a fresh token, whatever cookie the browser held before, and go to ``to`` (a path of ours)."""
    settings = request.app.state.settings
    token = sessions.open_session(
        db,
        user,
        stay=stay,
        address=client_address(request),
        agent=request.headers.get("user-agent", ""),
        replaced=request.cookies.get(cookie_name(SESSION_COOKIE, settings)),
    )
    response = redirect(request, to, flash=flash)
    start_session(response, request, token, seconds=int(sessions.LONG.total_seconds()) if stay else None)
    if cookie_name(LOCALE_COOKIE, settings) not in request.cookies:
        set_cookie(response, LOCALE_COOKIE, user.locale, settings, seconds=YEAR)
    return response
