"""The order of the routes is free: none hides another, and the signpost leads to each."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Match

from core.ids import new_id
from web.routing import Signpost, routes_of


def address_of(route: APIRoute) -> str:
    """An address made from a route's own path."""
    return re.sub(r"{\w+}", lambda found: str(new_id()) if found[0].endswith("_id}") else "a-word", route.path)


def test_no_route_hides_another(built_app: FastAPI) -> None:
    """A route's own address reaches that route, whatever stands before it."""
    routes = list(routes_of(built_app))
    hidden = []
    for route in routes:
        path = address_of(route)
        for method in route.methods or ():
            first = next(r for r in routes if method in (r.methods or ()) and r.path_regex.match(path))
            if first is not route:
                hidden.append(f"{method} {route.path} is hidden by {first.path}")
    assert hidden == []


def test_the_signpost_leads_to_each_route(built_app: FastAPI) -> None:
    signpost = built_app.router.routes[0]
    assert isinstance(signpost, Signpost)
    for route in routes_of(built_app):
        for method in route.methods or ():
            match, found = signpost.matches({"type": "http", "path": address_of(route), "method": method})
            assert (match, found.get("route")) == (Match.FULL, route), f"{method} {route.path}"


@pytest.mark.parametrize(
    ("path", "root", "status"), [("/log-in", "", 200), ("/below/log-in", "/below", 200), ("/log-in/nowhere", "", 404)]
)
def test_what_the_signpost_does_not_know_is_looked_for_in_the_list(
    built_app: FastAPI, as_, monkeypatch: pytest.MonkeyPatch, path: str, root: str, status: int
) -> None:
    monkeypatch.setattr(built_app, "root_path", root)
    assert as_("").get(path).status_code == status
    assert as_("").browser.put(path).status_code == (405 if status == 200 else 404)


def test_addresses_are_made_past_the_signpost(built_app: FastAPI) -> None:
    assert built_app.url_path_for("static", path="app.css") == "/static/app.css"
