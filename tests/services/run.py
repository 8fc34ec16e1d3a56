"""What the processes of one test run share: a folder in memory, a PostgreSQL server, SQLite templates."""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
from functools import cached_property
from pathlib import Path
from typing import IO

from tests.services.postgres import Postgres
from tests.services.sqlite import SQLite

FOLDER = "TEST_RUN_FOLDER"
SERVER = "TEST_DATABASE_URL"
PREFIX = "postwright-test-"
MEMORY = Path("/dev/shm")
MEMORY_NEEDED = 1 << 30  # bytes


class Run:
    """One test run. The first process owns it; those it starts join it through the environment."""

    def __init__(self) -> None:
        joined = os.environ.get(FOLDER)
        self.folder = Path(joined) if joined else _new_folder()
        self._lock = None if joined else _hold(self.folder)
        self._server: Postgres | None = None
        self._pid = os.getpid()
        os.environ[FOLDER] = str(self.folder)
        atexit.register(self.close)

    @cached_property
    def sqlite(self) -> SQLite:
        """SQLite files in the run's folder."""
        return SQLite(self.folder / "sqlite")

    @cached_property
    def postgres(self) -> Postgres:
        """The server at ``TEST_DATABASE_URL``; without one, a server is started and the variable set.

        Raises ``PostgresMissing``.
        """
        prefix = self.folder.name.removeprefix(PREFIX) + "_"
        if address := os.environ.get(SERVER):
            return Postgres(address, prefix=prefix)
        self._server = Postgres.start(self.folder, prefix=prefix)
        os.environ[SERVER] = self._server.admin_url
        return self._server

    def start_postgres(self) -> None:
        """Have the server running for the processes that join later. Raises ``PostgresMissing``."""
        _ = self.postgres

    def close(self) -> None:
        """Stop what this process started and, if it owns the run, delete the run's databases and folder.

        Harmless twice, and in a forked child.
        """
        if os.getpid() != self._pid:
            return
        if self._server:
            self._server.stop()
            self._server = None
            os.environ.pop(SERVER, None)
        elif self._lock and "postgres" in self.__dict__:
            self.postgres.stop()
        self.__dict__.pop("postgres", None)
        if self._lock:
            shutil.rmtree(self.folder, ignore_errors=True)
            self._lock.close()
            self._lock = None
            os.environ.pop(FOLDER, None)


def _new_folder() -> Path:
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= MEMORY_NEEDED
    parent = MEMORY if roomy else Path(tempfile.gettempdir())
    _sweep(parent)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    folder.chmod(0o711)  # the server's account passes through to its own folder
    return folder


def _hold(folder: Path) -> IO[str]:
    """Lock the folder for as long as this process lives."""
    lock = (folder / "owner").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def _sweep(parent: Path) -> None:
    """Delete folders left by runs that were killed: nobody holds their lock."""
    for folder in parent.glob(f"{PREFIX}*"):
        owner = folder / "owner"
        if not os.access(owner, os.W_OK):
            continue
        with owner.open("r+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            shutil.rmtree(folder, ignore_errors=True)
