"""The cookies we set and how: ``__Host-`` and ``Secure`` on https, ``HttpOnly``, ``SameSite=Lax``."""

from __future__ import annotations

from fastapi import Response

from core.settings import Settings

SESSION_COOKIE = "postwright_session"
VISITOR_COOKIE = "postwright_visitor"
FLASH_COOKIE = "postwright_flash"
LOCALE_COOKIE = "postwright_locale"
THEME_COOKIE = "postwright_theme"
SENT_COOKIE = "postwright_sent"
"""Where a mail was sent to, as the form said that was sent last."""


def cookie_name(name: str, settings: Settings) -> str:
    """``__Host-name`` on https, so that no sub-domain can set it; the bare name on plain http."""
    return f"__Host-{name}" if settings.secure_cookies else name


def set_cookie(response: Response, name: str, value: str, settings: Settings, *, seconds: int | None = None) -> None:
    """Set a cookie for the whole site; without ``seconds`` it ends with the browser."""
    response.set_cookie(
        cookie_name(name, settings),
        value,
        max_age=seconds,
        path="/",
        secure=settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )


def drop_cookie(response: Response, name: str, settings: Settings) -> None:
    response.delete_cookie(
        cookie_name(name, settings), path="/", secure=settings.secure_cookies, httponly=True, samesite="lax"
    )
