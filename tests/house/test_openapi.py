"""``/openapi.json`` tells the truth: who may call what, what comes back, and the one shape of problems."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from fastapi import FastAPI

from web.routing import policies_of, routes_of


@pytest.fixture(scope="module")
def document(built_app: FastAPI) -> dict[str, Any]:
    found: dict[str, Any] = built_app.openapi()
    return found


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(method, path, said) for path, methods in document["paths"].items() for method, said in methods.items()]


def test_every_route_of_the_api_is_described(built_app: FastAPI, document: dict[str, Any]) -> None:
    routes = {
        (method.lower(), route.path)
        for route in routes_of(built_app)
        if route.path.startswith("/api/")
        for method in route.methods or ()
    }
    assert {(method, path) for method, path, _said in operations(document)} == routes


def test_names_are_unique_and_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    names = [said["operationId"] for _method, _path, said in operations(document)]
    assert len(names) == len(set(names))
    for name in set(re.findall(r"#/components/schemas/([\w.]+)", json.dumps(document))):
        assert name in document["components"]["schemas"]


def test_schemas_have_names_of_the_trade(document: dict[str, Any]) -> None:
    """Two classes of one name would be told apart by where they lie in the code."""
    found = document["components"]["schemas"]
    assert {"BriefLineRead", "OfferLineRead", "ScopeLineRead", "MeteredLineRead"} <= found.keys()
    assert [name for name in found if "__" in name] == []


def test_limits_have_the_names_of_json_schema(document: dict[str, Any]) -> None:
    found = document["components"]["schemas"]
    assert {"minimum": 1, "maximum": 60}.items() <= found["HireInput"]["properties"]["term_months"].items()
    assert found["HireInput"]["properties"]["to"]["anyOf"][0]["pattern"]
    assert found["CompanyInput"]["properties"]["website"]["anyOf"][0]["pattern"].startswith("^https?://")
    assert re.findall(r'"(ge|le|gt|lt)": [-0-9]', json.dumps(document)) == []


def test_who_may_call_is_said(built_app: FastAPI, document: dict[str, Any]) -> None:
    public = {
        (method.lower(), route.path)
        for route in routes_of(built_app)
        if set(policies_of(route)) == {"anyone"}
        for method in route.methods or ()
    }
    assert ("get", "/api/v1/briefs/{brief_id}") in public
    assert ("get", "/api/v1/briefs/{brief_id}/match") not in public, "it asks for a member beside a visible brief"
    for method, path, said in operations(document):
        assert ({} in said["security"]) == ((method, path) in public)
        if {} not in said["security"]:
            assert {"401", "403", "404"} <= said["responses"].keys(), (method, path)
    assert document["components"]["securitySchemes"]["token"] == {"type": "http", "scheme": "bearer"}


def test_refusals_have_one_shape(document: dict[str, Any]) -> None:
    for method, path, said in operations(document):
        for status, answer in said["responses"].items():
            if status >= "400":
                found = answer["content"]["application/json"]["schema"]
                assert found == {"$ref": "#/components/schemas/Problem"}, (method, path, status)


def test_a_dead_link_is_answered_as_described(as_, document: dict[str, Any]) -> None:
    answer = as_("").client.post("/api/v1/confirmations", json={"token": "no-such-token"})
    assert answer.status_code == 410
    for path in ("confirmations", "invitations", "invitations/accounts"):
        assert "410" in document["paths"][f"/api/v1/{path}"]["post"]["responses"]


def test_every_post_of_a_token_takes_an_idempotency_key(document: dict[str, Any]) -> None:
    for method, path, said in operations(document):
        named = [each["name"] for each in said.get("parameters", [])]
        assert ("Idempotency-Key" in named) == (method == "post" and {} not in said["security"]), path


def test_files_are_described_as_such(document: dict[str, Any]) -> None:
    for path, kind in (("files/{upload_id}", "*/*"), ("contracts/{contract_id}/document.pdf", "application/pdf")):
        answer = document["paths"][f"/api/v1/{path}"]["get"]["responses"]["200"]
        assert answer["content"][kind]["schema"]["format"] == "binary"
