"""Pure ASGI middleware: size limits, security headers, the locale of the request, HEAD."""

from __future__ import annotations

import re
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request, cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.i18n import best_locale, set_locale
from core.settings import Settings
from web.cookies import LOCALE_COOKIE, cookie_name
from web.errors import answer, too_large

HEAD = "postwright.head"
"""Set in the scope of a HEAD request, which handlers see as a GET: a stream then ends after its first line."""
LARGEST_BODY = 1024 * 1024
LARGEST_UPLOAD_BODY = 10 * 1024 * 1024 + 64 * 1024

_LENGTH = re.compile("[0-9]{1,12}")
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    )
)


class Overflow(HTTPException):
    """The body grew beyond its limit while it was read. The framework hands on only errors of this kind from there."""

    def __init__(self) -> None:
        super().__init__(413, headers={"Connection": "close"})


class BodyLimit:
    """Refuses bodies beyond 1 MiB (10 MiB for ``multipart`` uploads) by what is announced and by what arrives."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        upload = headers.get("content-type", "").lower().startswith("multipart/form-data")
        most = LARGEST_UPLOAD_BODY if upload else LARGEST_BODY
        announced = headers.get("content-length", "0")
        if not _LENGTH.fullmatch(announced) or int(announced) > most:
            await _refuse(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most:
                raise Overflow
            return message

        await self.app(scope, counted, send)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    response = answer(Request(scope), too_large())
    response.headers["Connection"] = "close"
    await response(scope, receive, send)


class AnswerHeaders:
    """Security headers on every answer, the locale of the request, and HEAD as GET without the body."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        set_locale(self._locale(scope))
        static = scope["path"].startswith("/static/")
        head = scope["method"] == "HEAD"

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("content-security-policy", CONTENT_SECURITY_POLICY)
                headers.setdefault("x-content-type-options", "nosniff")
                headers.setdefault("referrer-policy", "same-origin")
                headers.setdefault("cross-origin-opener-policy", "same-origin")
                headers.setdefault("permissions-policy", "camera=(), geolocation=(), microphone=()")
                if not static:
                    headers.setdefault("cache-control", "no-store")
                if self.settings.secure_cookies:
                    headers.setdefault("strict-transport-security", "max-age=31536000; includeSubDomains")
            if head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self.app({**scope, "method": "GET", HEAD: True} if head else scope, receive, dressed)

    def _locale(self, scope: Scope) -> str:
        headers = Headers(scope=scope)
        cookies: dict[str, Any] = cookie_parser(headers.get("cookie", ""))
        chosen = cookies.get(cookie_name(LOCALE_COOKIE, self.settings))
        return chosen if isinstance(chosen, str) and chosen else best_locale(headers.get("accept-language", ""))
