"""Routes that tell at a glance that they are not meant, and API routes strict about what they are sent."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from fastapi import Request, Response, params
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.routing import Match
from starlette.types import Scope

from core.errors import NotReadable
from core.fields import MOST_NAMES
from core.i18n import gettext as _

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


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
    """A GET refuses parameters it does not know with 422, a body of another kind than it reads is refused with 415.

    Bodies are JSON, or ``multipart/form-data`` where a file is sent.
    """

    def get_route_handler(self) -> Handler:
        inner = super().get_route_handler()
        if "GET" in (self.methods or ()):
            return _refusing_unknown(inner, frozenset(_parameters_of(self.dependant)))
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


def _refusing_unknown(inner: Handler, known: frozenset[str]) -> Handler:
    """``inner``, which takes no parameters but ``known``."""

    async def handle(request: Request) -> Response:
        unknown = request.query_params.keys() - known if request.scope["query_string"] else ()
        if not unknown:
            return await inner(request)
        found: list[Any] = []
        try:
            await inner(request)  # who may not call at all is told so first
        except RequestValidationError as error:
            found += error.errors()
        for name in sorted(unknown)[:MOST_NAMES]:
            found.append({"type": "extra_forbidden", "loc": ("query", name), "msg": ""})
        raise RequestValidationError(found)

    return handle


def _parameters_of(dependant: Dependant) -> Iterator[str]:
    """The names of the query parameters a route and what it depends on read."""
    for parameter in dependant.query_params:
        kind = parameter.field_info.annotation
        yield from kind.model_fields if isinstance(kind, type) and issubclass(kind, BaseModel) else [parameter.alias]
    for inner in dependant.dependencies:
        yield from _parameters_of(inner)
