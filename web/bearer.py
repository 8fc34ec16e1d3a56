"""The API token a request brings."""

from __future__ import annotations

from fastapi import Request


def bearer_token(request: Request) -> str:
    """The token of ``Authorization: Bearer``, empty without one. The word before it may be written in any case."""
    kind, _space, token = request.headers.get("authorization", "").partition(" ")
    return token if kind.lower() == "bearer" else ""
