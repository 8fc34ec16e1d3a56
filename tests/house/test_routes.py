"""The order of the routes is free: none hides another."""

from __future__ import annotations

import re

from fastapi import FastAPI

from core.ids import new_id
from web.routing import routes_of


def test_no_route_hides_another(built_app: FastAPI) -> None:
    """An address made from a route's own path reaches that route, whatever stands before it."""
    routes = list(routes_of(built_app))
    hidden = []
    for route in routes:
        path = re.sub(r"{\w+}", lambda found: str(new_id()) if found[0].endswith("_id}") else "a-word", route.path)
        for method in route.methods or ():
            first = next(r for r in routes if method in (r.methods or ()) and r.path_regex.match(path))
            if first is not route:
                hidden.append(f"{method} {route.path} is hidden by {first.path}")
    assert hidden == []
