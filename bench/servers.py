"""The databases to measure on, the app as it runs in production, and what its processes cost."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from tests.services import cluster
from tests.services.postgres import Postgres
from tests.services.sqlite import SQLite

SAFE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "shared_buffers": "256MB"}
"""Tests trade safety for speed; a measurement must not."""
TICKS = os.sysconf("SC_CLK_TCK")
SECRET = "bench-only-secret-of-more-than-thirty-two-letters"


@dataclass(frozen=True)
class Engine:
    """A kind of database: where its databases are made, and the process whose children do its work."""

    name: str
    server: SQLite | Postgres
    processes: int
    pid: int | None = None

    def create(self, name: str) -> str:
        """The address of a new empty database."""
        self.server.drop(name)
        url = self.server.url(name)
        if isinstance(self.server, Postgres):
            address = make_url(self.server.admin_url).set(drivername="postgresql").render_as_string(hide_password=False)
            with psycopg.connect(address, autocommit=True) as admin:
                database = sql.Identifier(str(make_url(url).database))
                admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(database))
        return url


@contextmanager
def engines(names: list[str], folder: Path, processes: int | None = None) -> Iterator[list[Engine]]:
    """The engines asked for, the app with so many web processes, or as deployed: one on SQLite, two on PostgreSQL.

    PostgreSQL is ``TEST_DATABASE_URL``, or a server of our own that writes safely.
    """
    made: list[Engine] = []
    try:
        if "sqlite" in names:
            made.append(Engine("sqlite", SQLite(folder / "sqlite"), processes or 1))
        if "postgresql" in names:
            made.append(_postgres(folder, processes or 2))
        yield made
    finally:
        for engine in made:
            engine.server.stop()


def _postgres(folder: Path, processes: int) -> Engine:
    prefix = f"bench_{os.getpid()}_"
    if address := os.environ.get("TEST_DATABASE_URL"):
        return Engine("postgresql", Postgres(address, prefix=prefix), processes)
    cluster.OPTIONS.update(SAFE)
    own = cluster.Cluster(folder)
    return Engine("postgresql", Postgres(own.url, prefix=prefix, cluster=own), processes, pid=own.pid)


class App:
    """The web processes on one database: uvicorn with uvloop and httptools, started by the console command."""

    def __init__(self, engine: Engine, url: str, log: Path) -> None:
        self.engine = engine
        self.port = _free_port()
        command = [sys.executable, "-m", "app", "serve", "--port", str(self.port), "--workers", str(engine.processes)]
        self._log = log.open("wb")
        self._process = subprocess.Popen(command, env=settings(url), stdout=self._log, stderr=self._log)
        self._wait(log)

    def cpu(self) -> float:
        """CPU seconds of the app's processes so far."""
        return sum(_cpu(pid) for pid in _family(self._process.pid))

    def database_cpu(self) -> float | None:
        """The same of the database server's processes; ``None`` where they cannot be seen."""
        if self.engine.name == "sqlite":
            return 0.0
        return sum(_cpu(pid) for pid in _family(self.engine.pid)) if self.engine.pid else None

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def _wait(self, log: Path) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5):
                    return
            except OSError:
                if self._process.poll() is not None:
                    break
                time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"the app did not start:\n{log.read_text(errors='replace')[-2000:]}")


def settings(url: str) -> dict[str, str]:
    """The environment of the app: a developer's own settings are left out."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POSTWRIGHT_")}
    return {
        **kept,
        "POSTWRIGHT_DATABASE_URL": url,
        "POSTWRIGHT_SECRET_KEY": SECRET,
        "POSTWRIGHT_STORAGE_URL": "memory:",
        "POSTWRIGHT_LOG_LEVEL": "warning",
        "POSTWRIGHT_TRUSTED_PROXIES": "127.0.0.1",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _family(pid: int) -> list[int]:
    """A process and all its descendants."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += parents.get(one, [])
    return found


def _cpu(pid: int) -> float:
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / TICKS if fields else 0.0


def _stat(pid: int) -> list[str]:
    """What ``/proc`` tells of a process after its name; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
