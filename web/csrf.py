"""Cross-site request forgery: the origin must be ours and the token must belong to this browser."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from fastapi import Request

from core.errors import Forbidden
from core.i18n import gettext as _
from core.ids import new_token
from web.cookies import SESSION_COOKIE, VISITOR_COOKIE, cookie_name

FIELD = "_csrf"
HEADER = "x-csrf-token"
MOST_FIELDS = 2_000
"""Fields of a form; each name is looked for among all of them."""


def _binding(request: Request) -> str | None:
    """What the token is bound to: the log-in, or the visitor cookie of someone not signed in."""
    settings = request.app.state.settings
    session = request.cookies.get(cookie_name(SESSION_COOKIE, settings))
    if session:
        return "session:" + session
    visitor = request.cookies.get(cookie_name(VISITOR_COOKIE, settings)) or getattr(request.state, "visitor", None)
    return "visitor:" + visitor if visitor else None


def csrf_token(request: Request) -> str:
    """The token for forms of this answer; gives a new visitor a cookie through ``request.state.visitor``."""
    binding = _binding(request)
    if binding is None:
        request.state.visitor = new_token()
        binding = "visitor:" + request.state.visitor
    return str(request.app.state.keys.mac("csrf", binding))


async def check_csrf(request: Request) -> AsyncIterator[None]:
    """Refuse an unsafe request from elsewhere. Also reads the form, before any transaction is open."""
    form = await request.form(max_files=12, max_fields=MOST_FIELDS, max_part_size=1_100_000)
    try:
        _refuse_others(request, form.get(FIELD))
        yield
    finally:
        await form.close()


def _refuse_others(request: Request, field: object) -> None:
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        raise Forbidden(_("This form came from another site. Open the page here and try again."), code="cross_site")
    origin = request.headers.get("origin")
    if origin is not None and origin != "null":
        sent = urlsplit(origin).netloc
        if sent != request.headers.get("host") and sent != urlsplit(request.app.state.settings.base_url).netloc:
            raise Forbidden(_("This form came from another site. Open the page here and try again."), code="cross_site")
    token = request.headers.get(HEADER) or field
    binding = _binding(request)
    expected = request.app.state.keys.mac("csrf", binding) if binding else None
    if not isinstance(token, str) or expected is None or not hmac.compare_digest(token.encode(), expected.encode()):
        raise Forbidden(_("This page was open for too long. Reload it and send the form again."), code="csrf")
