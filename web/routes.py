"""Routes that tell at a glance that they are not meant, and API routes that read one kind of body."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response, params
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope

from core.errors import NotReadable
from core.i18n import gettext as _


class Route(APIRoute):
    """Compares the fixed beginning of its path before anything else: each request asks hundreds of routes in turn."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        self._beginning = path.partition("{")[0]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if not scope.get("root_path") and not scope.get("path", "").startswith(self._beginning):
            return Match.NONE, {}
        return super().matches(scope)


class ApiRoute(Route):
    """Reads JSON, or ``multipart/form-data`` where a file is sent; a body of another kind is answered with 415."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()
        if self.body_field is None:
            return inner
        takes_file = isinstance(self.body_field.field_info, params.Form)

        async def handle(request: Request) -> Response:
            kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            fits = kind == "multipart/form-data" if takes_file else kind == "application/json" or kind.endswith("+json")
            try:
                return await inner(request)
            except RequestValidationError as error:  # only now is it known that the caller may call at all
                if fits or not _brings_a_body(request):
                    raise
                wanted = "multipart/form-data" if takes_file else "application/json"
                raise NotReadable(_("Send the body as %(kind)s.") % {"kind": wanted}) from error

        return handle


def _brings_a_body(request: Request) -> bool:
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
