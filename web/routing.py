"""Routers and policies: every route states who may call it, or the app refuses to start."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from fastapi import APIRouter, Depends, FastAPI, params
from fastapi.dependencies.models import Dependant
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from starlette.datastructures import URLPath
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send

from web.csrf import check_csrf
from web.idempotency import IdempotentRoute
from web.routes import Route

F = TypeVar("F", bound=Callable[..., Any])
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
API = "/api/v1/"


def policy(name: str) -> Callable[[F], F]:
    """Mark a dependency as one that decides who may call: ``@policy("member of the business")``."""

    def mark(function: F) -> F:
        function.policy = name  # type: ignore[attr-defined]
        return function

    return mark


class PageRoute(Route):
    """What changes something is checked for cross-site forgery before anything else."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        methods: set[str] | list[str] | None = None,
        dependencies: Sequence[params.Depends] | None = None,
        **options: Any,
    ) -> None:
        if not SAFE_METHODS.issuperset(methods or ()):
            dependencies = [Depends(check_csrf), *(dependencies or ())]
        super().__init__(path, endpoint, methods=methods, dependencies=dependencies, **options)


def pages(prefix: str = "") -> APIRouter:
    """A router of HTML pages."""
    return APIRouter(
        prefix=prefix,
        route_class=PageRoute,
        default_response_class=HTMLResponse,
        include_in_schema=False,
    )


def api(area: str, prefix: str = "", *, also: str | None = None) -> APIRouter:
    """A router of the JSON API. ``area`` names the token scopes ``<area>:read`` and ``<area>:write``.

    Where anyone may look, a token with ``<also>:read`` is known too.
    """
    return APIRouter(
        prefix=f"/api/v1{prefix}",
        route_class=IdempotentRoute,
        tags=[area, also] if also else [area],
        generate_unique_id_function=operation_id,
    )


def operation_id(route: APIRoute) -> str:
    """A name for generated clients that changes only with the function: ``companies_add_contact``."""
    parts = route.endpoint.__module__.split(".")
    door = parts[-1].removesuffix("api").rstrip("_")
    return "_".join(part for part in (*(parts[1:-1] or parts[:1]), door, route.endpoint.__name__) if part)


def attach(app: FastAPI, router: APIRouter) -> None:
    """Put a router's routes straight into the app's list.

    ``include_router`` would keep them as a branch, and each request would walk it twice. Our routers are whole: prefix,
    dependencies and answers are their own, so there is nothing to hand down.
    """
    app.router.routes.extend(router.routes)


class Signpost(BaseRoute):
    """Stands before the routes and asks only those that begin like the address; to ask all of them was a tenth of
    a small request.

    Where none of these fits, the app's list is asked as ever. The order of our routes is free: none hides another.
    """

    def __init__(self, routes: Iterable[APIRoute]) -> None:
        self._near: dict[str, list[APIRoute]] = {}
        for route in routes:
            self._near.setdefault(_beginning(route.path), []).append(route)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] == "http" and not scope.get("root_path"):
            for route in self._near.get(_beginning(scope["path"]), ()):
                match, found = route.matches(scope)
                if match is Match.FULL:
                    return match, found
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope["route"].handle(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        raise NoMatchFound(name, path_params)  # the list knows


def _beginning(path: str) -> str:
    """The part of an address that is the same for all routes of a feature: ``/companies``, ``/api/v1/companies``."""
    start = len(API) if path.startswith(API) else 1
    return path[:start] + path[start:].partition("/")[0]


def put_signpost(app: FastAPI) -> None:
    """To be called when all routes are attached."""
    app.router.routes.insert(0, Signpost(routes_of(app)))


def _walk(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for inner in dependant.dependencies:
        yield from _walk(inner)


def routes_of(app: FastAPI) -> Iterator[APIRoute]:
    """Every route of our own, flat; the framework keeps included routers as branches."""
    yield from _flat(app.routes)


def _flat(routes: Iterable[BaseRoute]) -> Iterator[APIRoute]:
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif (branch := getattr(route, "original_router", None)) is not None:
            yield from _flat(branch.routes)


def policies_of(route: APIRoute) -> list[str]:
    """The names of the policies a route's dependencies carry, outermost last."""
    calls = (inner.call for inner in _walk(route.dependant))
    return [str(name) for call in calls if (name := getattr(call, "policy", None))]


def require_policies(app: FastAPI) -> None:
    """Raise ``RuntimeError`` naming every route that does not say who may call it."""
    open_routes = [f"{sorted(route.methods or ())} {route.path}" for route in routes_of(app) if not policies_of(route)]
    if open_routes:
        raise RuntimeError("routes without a policy: " + "; ".join(open_routes))
