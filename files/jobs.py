"""Tidying the storage after the database."""

from __future__ import annotations

from datetime import timedelta

import structlog

from core.db import Database
from core.jobs import Job
from files.queries import known_keys
from files.storage import Storage

log = structlog.get_logger()
GRACE = timedelta(days=1)
"""An object this young may belong to a request that has not committed yet."""


def remove(storage: Storage, job: Job) -> None:
    """Delete the object of a forgotten upload; doing it twice is no harm."""
    storage.delete(str(job.payload["key"]))


def sweep(database: Database, storage: Storage, _job: Job) -> None:
    """Delete objects older than a day that no row stands behind: failed requests, removed workspaces."""
    removed = 0
    for keys in storage.older_than(database.clock() - GRACE):
        with database.read() as db:
            known = known_keys(db, keys)
        for key in keys:
            if key not in known:
                storage.delete(key)
                removed += 1
    log.info("storage swept", removed=removed)
