"""Rate limits kept in the database, so that several processes count together."""

from __future__ import annotations

import json
import math
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address

from fastapi import Request, params
from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, SQLModel, col

from core.columns import Moment
from core.crypto import token_hash
from core.db import Session
from core.errors import TooMany
from core.i18n import gettext as _
from web.deps import in_write


class RateCount(SQLModel, table=True):
    """How often ``bucket`` was hit in the window that ends at ``expires_at``."""

    __tablename__ = "rate_count"

    bucket: str = Field(primary_key=True, max_length=160)
    hits: int = 0
    expires_at: datetime = Moment(index=True)


def client_address(request: Request) -> str:
    """The caller's address; a forwarded one only from a trusted proxy (uvicorn has resolved it by then)."""
    host = request.client.host if request.client else "unknown"
    try:
        return str(ip_address(host))
    except ValueError:
        return "unknown"


def caller_network(request: Request) -> str:
    """Whom limits count as one caller: an IPv4 address, or the /64 of an IPv6 one, all of which one holder has."""
    host = client_address(request)
    if ":" not in host:
        return host
    address = IPv6Address(host)
    return str(address.ipv4_mapped or IPv6Network((int(address), 64), strict=False))


def hit(db: Session, bucket: str, *, most: int, seconds: int) -> None:
    """Count one hit of ``bucket``; raise ``TooMany`` beyond ``most`` in a window of ``seconds``."""
    now = db.now()
    start = math.floor(now.timestamp() / seconds) * seconds
    end = datetime.fromtimestamp(start + seconds, UTC)
    name = f"{token_hash(bucket)}:{seconds}:{start}"
    insert = sqlite.insert if db.on_sqlite else postgresql.insert
    statement = insert(RateCount).values(bucket=name, hits=1, expires_at=end)
    statement = statement.on_conflict_do_update(
        index_elements=["bucket"],
        set_={"hits": RateCount.__table__.c.hits + 1},  # type: ignore[attr-defined]
    )
    hits = db.scalar(statement.returning(RateCount.__table__.c.hits))  # type: ignore[attr-defined]
    if hits is not None and hits > most:
        raise TooManyHits(max(1, int((end - now).total_seconds())))


class TooManyHits(Exception):
    """Raised inside the counting transaction's caller; carries the seconds to wait."""

    def __init__(self, wait: int) -> None:
        super().__init__("too many")
        self.wait = wait


def _plain(text: str) -> str:
    return text.strip().lower()


def limited(
    name: str, *, most: int, seconds: int, field: str | None = None, spelling: Callable[[str], str] = _plain
) -> Callable[[Request], Awaitable[None]]:
    """A route dependency: at most ``most`` requests per ``seconds`` and address, and per ``field`` of form or JSON too.

    ``spelling`` gives what was typed the one spelling the rules know it by, so that variants share a count.
    Put it into the route's ``dependencies=[Depends(limited(...))]``: it must run before the request's transaction.
    """

    async def check(request: Request) -> None:
        buckets = [f"{name}:{caller_network(request)}"]
        if field is not None:
            typed = await typed_value(request, field)
            if isinstance(typed, str):
                buckets.append(f"{name}:{field}:{spelling(typed)[:260]}")
        await enforce(request, buckets, most=most, seconds=seconds)

    return check


async def typed_value(request: Request, field: str) -> object:
    """What a page's form or the API's JSON body says for ``field``; nothing if the body cannot be read.

    Not asked is what the body calls itself: there are more names for either than one would think of.
    """
    if not request.url.path.startswith("/api/"):
        return (await request.form()).get(field)
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        return None
    return body.get(field) if isinstance(body, dict) else None


async def enforce(request: Request, buckets: Sequence[str], *, most: int, seconds: int) -> None:
    """Count the request in each bucket; raise ``TooMany`` when one holds more than ``most`` per ``seconds``."""
    if not request.app.state.settings.rate_limits:
        return

    def count(db: Session) -> int:
        wait = 0
        for bucket in buckets:
            try:
                hit(db, bucket, most=most, seconds=seconds)
            except TooManyHits as reached:
                wait = max(wait, reached.wait)
        return wait

    wait = await in_write(request, count)
    if wait:
        minutes = math.ceil(wait / 60)
        raise TooMany(_("Too many tries. Wait %(minutes)s min and try again.") % {"minutes": minutes}, retry_after=wait)


def Limit(
    name: str, *, most: int, seconds: int, field: str | None = None, spelling: Callable[[str], str] = _plain
) -> params.Depends:
    """``dependencies=[Limit("log_in", most=10, seconds=300, field="email", spelling=one_spelling)]``."""
    return params.Depends(limited(name, most=most, seconds=seconds, field=field, spelling=spelling))


def sweep(db: Session) -> None:
    """Forget windows that ended an hour ago; run by the worker's schedule."""
    db.execute(delete(RateCount).where(col(RateCount.expires_at) < db.now() - timedelta(hours=1)))
