"""The main job over JSON alone: two people who never met sign a scope and see the same meter."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal
from fastapi import FastAPI

from app.checks import broken
from app.worker import Worker
from core.clock import ManualClock
from core.db import Database
from tests.accounts.mailbox import newest_path
from tests.factories.briefs import LINES
from tests.factories.profiles import profile_values
from tests.people import Client

PASSWORD = "seven loaves before sunrise"
SCOPES = [f"{area}:{right}" for area in ("account", "marketplace", "crm") for right in ("read", "write")]


class Newcomer:
    """Somebody with nothing but an HTTP client."""

    def __init__(self, app: FastAPI, portal: BlockingPortal) -> None:
        self.http = Client(app, portal)
        self.token = ""

    def ask(self, method: str, path: str, expect: int, json: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        answer = self.http.request(method, f"/api/v1{path}", json=json, headers=headers)
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def arrive(self, database: Database, kind: str, name: str, workspace: str, email: str) -> None:
        """Sign up, confirm by the mailed link, get a token, name the party."""
        person = {"kind": kind, "name": name, "workspace_name": workspace, "email": email, "password": PASSWORD}
        self.ask("POST", "/sign-up", 202, person)
        link = newest_path(database, "confirm_email", email)
        self.ask("POST", "/confirmations", 204, {"token": link.rsplit("/", 1)[1]})
        wanted = {"email": email, "password": PASSWORD, "name": "Journey", "scopes": SCOPES}
        self.ask("POST", "/tokens", 422, {**wanted, "password": "wrong"})
        self.token = self.ask("POST", "/tokens", 201, wanted)["token"]
        party = {"name": workspace, "legal_name": f"{workspace} Ltd", "legal_address": "1 Quay, Riga, Latvia"}
        self.ask("PUT", "/workspace", 200, party)


@pytest.fixture
def clients(web: FastAPI, database: Database, portal: BlockingPortal) -> tuple[Newcomer, Newcomer]:
    nora, igor = Newcomer(web, portal), Newcomer(web, portal)
    nora.arrive(database, "specialist", "Nora Берг", "Nora Social", "nora@example.com")
    igor.arrive(database, "business", "Игорь Хлебов", "Пекарня Заря", "igor@example.com")
    return nora, igor


def test_from_sign_up_to_the_meter(
    clients: tuple[Newcomer, Newcomer], database: Database, clock: ManualClock, worker: Worker
):
    nora, igor = clients
    today = clock().date()

    nora.ask("PUT", "/profile", 200, profile_values(name="Nora Social"))
    nora.ask("POST", "/profile/publication", 200)
    found = igor.ask("GET", "/specialists?platform=IG&q=cafés", 200)
    assert "Nora Social" in str(found)

    brief = igor.ask("POST", "/my/briefs", 201, {
        "title": "Bakery wants its street back", "summary": "Warm bread at seven.", "platforms": ["IG"],
        "lines": LINES, "goal": "Twice a week.", "kpi": "leads", "kpi_target": "45", "currency": "EUR",
        "budget_min": 70_000, "budget_max": 90_000, "decision_on": str(today + timedelta(days=14)),
        "starts_on": str(today), "term_months": 3, "approval_hours": 48,
    })  # fmt: skip
    igor.ask("POST", f"/my/briefs/{brief['id']}/submission", 200)
    board = nora.ask("GET", "/briefs", 200)["rows"]
    assert [row["title"] for row in board] == ["Bakery wants its street back"]

    asked = nora.ask("GET", f"/briefs/{brief['id']}", 200)["lines"]
    rows = [{"brief_line_id": line["id"], "coverage": "covered", "limit": line["limit"]} for line in asked]
    terms = {
        "currency": "EUR", "lines": rows, "total": 86_000, "starts_on": str(today), "term_months": 3,
        "valid_until": str(today + timedelta(days=10)),
    }  # fmt: skip
    offer = nora.ask("POST", f"/briefs/{brief['id']}/offers", 201, {**terms, "message": "I live on that street."})
    assert offer["status"] == "sent"

    countered = igor.ask("POST", f"/offers/{offer['id']}/counter", 200, {**terms, "total": 80_000, "number": 1})
    assert countered["status"] == "countered"
    nora.ask("POST", f"/offers/{offer['id']}/acceptance", 409, {"number": 1})
    accepted = nora.ask("POST", f"/offers/{offer['id']}/acceptance", 200, {"number": 2})
    assert accepted["status"] == "accepted"

    deal = nora.ask("GET", "/deals", 200)["rows"][0]
    assert deal["stage_kind"] == "won_pending"
    contract = igor.ask("GET", "/contracts", 200)["rows"][0]
    path = f"/contracts/{contract['id']}"
    draft = nora.ask("GET", path, 200)
    sent = nora.ask("POST", f"{path}/send", 200, {"version": draft["version"]})
    assert sent["status"] == "sent"
    for person, name in ((nora, "Nora Берг"), (igor, "Игорь Хлебов")):
        shown = person.ask("GET", path, 200)
        signature = {"typed_name": name, "agree": True, "document_sha256": shown["documents"][-1]["sha256"]}
        person.ask("POST", f"{path}/sign", 201, signature)
    assert igor.ask("GET", path, 200)["status"] == "active"
    assert igor.ask("GET", f"/my/briefs/{brief['id']}", 200)["status"] == "filled"
    assert nora.ask("GET", f"/deals/{deal['id']}", 200)["stage_kind"] == "won"

    scope = nora.ask("GET", f"{path}/scope", 200)
    posts = next(line for line in scope["lines"] if line["responsibility"] == "C3")
    used = {"quantity": 2, "done_on": str(today), "evidence_url": "https://example.com/p/1", "note": "Two posts"}
    nora.ask("POST", f"{path}/lines/{posts['id']}/usage", 201, used)
    meters = [person.ask("GET", f"{path}/scope", 200)["lines"] for person in (nora, igor)]
    assert meters[0] == meters[1]
    assert next(line["used"] for line in meters[1] if line["responsibility"] == "C3") == 2
    worker.drain()
    assert "usage.logged" in str(igor.ask("GET", "/inbox", 200))
    assert broken(database) == []
