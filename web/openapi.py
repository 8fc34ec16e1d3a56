"""What the framework's description of the API does not know: who may call, the shape of problems, idempotency keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, params
from fastapi.routing import APIRoute

from web.routing import SAFE_METHODS, policies_of, routes_of

PROBLEM = {
    "type": "object",
    "description": "Every refusal. `error` is stable, `detail` is for people, `fields` maps dotted names to sentences.",
    "properties": {
        "error": {"type": "string", "examples": ["conflict"]},
        "detail": {"type": "string"},
        "fields": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "required": ["error", "detail", "fields"],
}
WORDS = {
    401: "No token, or one that means nothing any more.",
    403: "The token lacks the scope, or the person's role here does not allow it.",
    404: "Not there, or not for this caller.",
    409: "The state of things does not allow this now, or a request with this key is still running.",
    410: "The mailed link was used or withdrawn, or is too old.",
    413: "The body is too large.",
    415: "The body is of another kind than described here.",
    422: "Some fields need another look, a GET has a parameter that is not described here, or the Idempotency-Key was "
    "used for another request.",
    429: "Too many tries; Retry-After says when to come back.",
    503: "Busy; nothing was changed, Retry-After says when to come back.",
}
BOUNDS = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}
"""What pydantic calls the bounds of a number that is cleaned before it is checked, and what JSON Schema calls them."""
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key with the same body gets the first answer again, for 48 hours, and no second effect.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 120},
}


def describe(app: FastAPI) -> None:
    """Complete the app's ``/openapi.json``."""
    draft: Callable[[], dict[str, Any]] = app.openapi

    def whole() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(app, draft())
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = whole  # type: ignore[method-assign]


def _complete(app: FastAPI, document: dict[str, Any]) -> None:
    parts = document.setdefault("components", {})
    parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    schemas = parts.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = PROBLEM
    _name_bounds(document)
    for route in routes_of(app):
        for method in (route.methods or ()) if route.include_in_schema else ():
            _complete_one(route, method, document["paths"][route.path_format][method.lower()])


def _name_bounds(part: Any) -> None:
    """Call the bounds of numbers by the names JSON Schema knows, everywhere below ``part``."""
    if isinstance(part, dict):
        for name in BOUNDS.keys() & part.keys():
            if isinstance(part[name], int | float):
                part[BOUNDS[name]] = part.pop(name)
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        _name_bounds(inner)


def _complete_one(route: APIRoute, method: str, operation: dict[str, Any]) -> None:
    public = set(policies_of(route)) == {"anyone"}
    operation["security"] = [{}, {"token": []}] if public else [{"token": []}]
    said = operation.get("description", "")
    if not public:
        scope = f"{route.tags[0]}:{'read' if method in SAFE_METHODS else 'write'}"
        operation["description"] = f"{said}\n\nNeeds the scope `{scope}`.".strip()
        if method == "POST":
            operation.setdefault("parameters", []).append(KEY)
    elif method in SAFE_METHODS:
        scopes = " or ".join(f"`{area}:read`" for area in route.tags)
        operation["description"] = f"{said}\n\nA token without the scope {scopes} sees what everyone sees.".strip()
    for status in _refusals(route, method, public=public):
        problem = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        operation["responses"][str(status)] = {"description": WORDS[status], "content": problem}


def _refusals(route: APIRoute, method: str, *, public: bool) -> list[int]:
    changes, body = method not in SAFE_METHODS, route.body_field is not None
    limited = any(isinstance(dependency, params.Depends) for dependency in route.dependencies)
    found = {
        401: not public or not changes,
        403: not public,
        404: True,
        409: changes,
        410: changes and (public or 410 in route.responses),
        413: body,
        415: body,
        429: limited,
    }
    return [*(status for status, may in found.items() if may), 422, 503]
