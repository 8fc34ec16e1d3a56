"""Idempotency keys on the API's POST: a repeated request gets the first answer and no second effect.

The key's row is written in the transaction of the effect, so that both exist or neither does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

from anyio import to_thread
from fastapi import Request, Response
from sqlalchemy import UniqueConstraint, delete, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, col
from starlette.datastructures import UploadFile

from core.columns import Moment, Row
from core.crypto import token_hash
from core.db import Session
from core.errors import Conflict, Invalid
from core.i18n import gettext as _
from web.bearer import bearer_token
from web.routes import ApiRoute

KEPT = timedelta(hours=48)
HEADER = "idempotency-key"


class IdempotencyKey(Row, table=True):
    """The answer given under a key: ``caller`` is a hash of the token, ``request_hash`` of method, path and body."""

    __tablename__ = "idempotency_key"
    __table_args__ = (UniqueConstraint("caller", "key"),)

    caller: str = Field(max_length=64)
    key: str = Field(max_length=120)
    request_hash: str = Field(max_length=64)
    status: int | None = None
    body: str | None = None
    created_at: datetime = Moment(index=True)


class Replay(Exception):
    """The request was answered before."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__("answered before")
        self.status = status
        self.body = body


class IdempotentRoute(ApiRoute):
    """Keeps the answer of a keyed POST beside its effect."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                response = await inner(request)
            except Replay as replay:
                return Response(
                    replay.body, replay.status, {"idempotent-replayed": "true"}, media_type="application/json"
                )
            pending: IdempotencyKey | None = getattr(request.state, "idempotency", None)
            if pending is not None:
                pending.status = response.status_code
                pending.body = bytes(response.body).decode()
            return response

        return handle


async def reserve(request: Request, db: Session) -> None:
    """Take the request's key, if it has one. Called when the caller is known, inside the request's transaction.

    Once taken it stays: a route may name two policies.

    Raises ``Replay`` when it was answered before, ``Invalid`` when the key was used for another request and
    ``Conflict`` when the first one is still running.
    """
    key = request.headers.get(HEADER)
    if request.method != "POST" or key is None or hasattr(request.state, "idempotency"):
        return
    if not (1 <= len(key) <= 120 and key.isascii() and key.isprintable()):
        raise _refused(_("The Idempotency-Key header takes 1 to 120 printable characters."))
    body = await _content(request)
    asked = hashlib.sha256(b"\n".join([request.method.encode(), request.url.path.encode(), body])).hexdigest()
    caller = token_hash(bearer_token(request))
    await to_thread.run_sync(_take, request, db, caller, key, asked)


def _refused(sentence: str) -> Invalid:
    return Invalid(sentence, {HEADER: sentence})


async def _content(request: Request) -> bytes:
    """What was sent; of a form its parts, for the framework has read it by now."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/"):
        return await request.body()
    digest = hashlib.sha256()
    for name, part in (await request.form()).multi_items():
        digest.update(f"{name}\n".encode())
        if isinstance(part, UploadFile):
            digest.update(f"{part.filename}\n".encode() + await part.read())
            await part.seek(0)
        else:
            digest.update(part.encode())
    return digest.digest()


def _take(request: Request, db: Session, caller: str, key: str, asked: str) -> None:
    known = db.scalar(
        select(IdempotencyKey).where(col(IdempotencyKey.caller) == caller, col(IdempotencyKey.key) == key)
    )
    if known is None:
        known = IdempotencyKey(caller=caller, key=key, request_hash=asked, created_at=db.now())
        db.add(known)
        try:
            db.flush()
        except IntegrityError as error:
            raise Conflict(_("A request with this key is still running."), code="in_flight") from error
        request.state.idempotency = known
        return
    if known.request_hash != asked:
        raise _refused(_("This Idempotency-Key was used for another request."))
    if known.status is None or known.body is None:
        raise Conflict(_("A request with this key is still running."), code="in_flight")
    raise Replay(known.status, known.body)


def sweep(db: Session) -> None:
    """Forget keys after 48 hours; run by the worker's schedule."""
    db.execute(delete(IdempotencyKey).where(col(IdempotencyKey.created_at) < db.now() - KEPT))
