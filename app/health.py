"""/healthz says the process answers, /readyz that it can do its work."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from sqlalchemy.exc import SQLAlchemyError

from accounts.access import Everyone
from app import schema
from core import dead_letters
from core.db import Database
from core.jobs import count_waiting

router = APIRouter(include_in_schema=False, dependencies=[Everyone])
SAFE_SQLITE = (3, 51, 3)
LEAST_FREE = 200 * 1024 * 1024
MOST_WAITING = 10_000


@router.get("/healthz")
async def healthz() -> PlainTextResponse:
    """The process answers; asks nothing else."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
def readyz(request: Request) -> JSONResponse:
    """Database, schema, queue and disk: 200 when all are well, else 503. Warnings do not stop anything.

    Nor do jobs that were given up, ``dead`` of the queue: ``postwright jobs list`` says which and why.
    """
    checks = _checks(request.app.state.database)
    ready = all(check["ok"] for check in checks.values())
    return JSONResponse(
        {"ready": ready, "checks": checks, "warnings": _warnings(request.app.state.database)}, 200 if ready else 503
    )


def _checks(database: Database) -> dict[str, dict[str, Any]]:
    try:
        revision = schema.current(database)
        with database.read() as db:
            waiting, dead = count_waiting(db), dead_letters.count(db)
    except SQLAlchemyError:
        return {"database": {"ok": False}}
    free = shutil.disk_usage(Path.cwd()).free
    return {
        "database": {"ok": True},
        "schema": {"ok": revision == schema.head(), "revision": revision},
        "queue": {"ok": waiting < MOST_WAITING, "waiting": waiting, "dead": dead},
        "disk": {"ok": free > LEAST_FREE},
    }


def _warnings(database: Database) -> list[str]:
    if database.sqlite and sqlite3.sqlite_version_info < SAFE_SQLITE:
        return [f"SQLite {sqlite3.sqlite_version} is older than 3.51.3, which mends a fault of its log"]
    return []
