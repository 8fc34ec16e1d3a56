"""Accounts and workspaces; some are signed in for the measurement."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from accounts.sessions.models import LoginSession
from accounts.tokens.models import SCOPES, ApiToken
from accounts.users.models import User
from accounts.workspaces.models import Membership, Role, Workspace, WorkspaceKind
from bench.bulk import Kind, id_of, put
from core.crypto import token_hash

SESSIONS = {"specialist": "bench-session-of-the-specialist", "business": "bench-session-of-the-business"}
API_TOKEN = "bench-token-of-the-business"
BUSINESSES = 10_000_000
"""Numbers of businesses begin here; those of specialists at 0."""


def businesses(size: int) -> int:
    """How many businesses post ``size`` briefs."""
    return max(1, size // 5)


def user_id(number: int) -> UUID:
    return id_of(Kind.USER, number)


def workspace_id(number: int) -> UUID:
    return id_of(Kind.WORKSPACE, number)


def seed_people(connection: Connection, size: int, now: datetime) -> None:
    """``size`` specialists and a fifth as many businesses, each with its owner; two log-ins and a token."""
    numbers = [*range(size), *range(BUSINESSES, BUSINESSES + businesses(size))]
    put(connection, User, (_user(number, now) for number in numbers))
    put(connection, Workspace, (_workspace(number, now) for number in numbers))
    put(connection, Membership, (_membership(number, now) for number in numbers))
    put(connection, LoginSession, _log_ins(now))
    token = {
        "id": id_of(Kind.TOKEN, 0),
        "user_id": user_id(BUSINESSES),
        "workspace_id": workspace_id(BUSINESSES),
        "name": "Bench",
        "token_hash": token_hash(API_TOKEN),
        "hint": "bench",
        "scopes": list(SCOPES),
        "created_at": now,
    }
    put(connection, ApiToken, [token])


def _user(number: int, now: datetime) -> dict[str, Any]:
    return {
        "id": user_id(number),
        "email": f"person-{number}@example.com",
        "email_verified_at": now,
        "name": f"Person {number}",
        "password_hash": "none",
        "password_changed_at": now,
        "created_at": now,
    }


def _workspace(number: int, now: datetime) -> dict[str, Any]:
    business = number >= BUSINESSES
    return {
        "id": workspace_id(number),
        "kind": WorkspaceKind.BUSINESS if business else WorkspaceKind.SPECIALIST,
        "name": f"{'Business' if business else 'Studio'} {number % BUSINESSES}",
        "legal_name": f"Company {number} Ltd",
        "legal_address": "1 Harbour Street, Riga",
        "city": "Riga",
        "country": "Latvia",
        "created_at": now,
    }


def _membership(number: int, now: datetime) -> dict[str, Any]:
    return {
        "id": id_of(Kind.MEMBERSHIP, number),
        "workspace_id": workspace_id(number),
        "user_id": user_id(number),
        "role": Role.OWNER,
        "created_at": now,
    }


def _log_ins(now: datetime) -> Iterator[dict[str, Any]]:
    for place, (who, number) in enumerate((("specialist", 0), ("business", BUSINESSES))):
        yield {
            "id": id_of(Kind.LOG_IN, place),
            "user_id": user_id(number),
            "workspace_id": workspace_id(number),
            "token_hash": token_hash(SESSIONS[who]),
            "created_at": now,
            "seen_at": now,
            "expires_at": now + timedelta(days=3650),
            "proven_at": now,
        }
