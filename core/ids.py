"""Identifiers: UUIDv7, so that newer rows sort after older ones."""

from __future__ import annotations

import secrets
from uuid import UUID

import uuid_utils


def new_id() -> UUID:
    """A fresh UUIDv7 as a standard ``UUID``."""
    return UUID(int=uuid_utils.uuid7().int)


def new_token() -> str:
    """256 random bits for links, cookies and API tokens, URL-safe."""
    return secrets.token_urlsafe(32)
