"""A throw-away PostgreSQL server: its folder, its account, its process."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.services import programs
from tests.services.programs import PostgresMissing

ACCOUNTS = ("postgres", "nobody")
SECONDS_TO_START = 30
# Speed over safety: the data is thrown away with the run.
OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "autovacuum": "off",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_parallel_workers_per_gather": "0",
    "timezone": "UTC",
}
PR_SET_PDEATHSIG = 1


class Cluster:
    """One server in its own new folder, reachable by a Unix socket there and by nothing else.

    Raises ``PostgresMissing`` when it cannot be found or started.
    """

    def __init__(self, parent: Path) -> None:
        self._account = _account()
        self._folders = [Path(tempfile.mkdtemp(prefix="pg-", dir=parent))]
        self.folder = self._folders[0]
        self._log = self.folder / "log"
        self._programs = programs.system() or self._wheel()
        if self._account:
            os.chown(self.folder, self._account.pw_uid, self._account.pw_gid)
        self._initialise()
        self._process = self._start()

    @property
    def url(self) -> str:
        """The server's address as superuser, database ``postgres``."""
        return f"postgresql+psycopg://postgres@/postgres?host={self.folder}"

    @property
    def pid(self) -> int:
        """The server's process."""
        return self._process.pid

    def stop(self) -> None:
        """End the server at once and delete its files. A second call does nothing."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(timeout=20)
        for folder in self._folders:
            shutil.rmtree(folder, ignore_errors=True)

    def _wheel(self) -> Path:
        site = programs.wheel()
        if self._account:
            copy = Path(tempfile.mkdtemp(prefix="postwright-pg-"))
            self._folders.append(copy)
            programs.copy_wheel(site, copy)
            site = copy
        return programs.in_wheel(site)

    def _initialise(self) -> None:
        command = [
            str(self._programs / "initdb"), "--pgdata=data", "--username=postgres", "--auth=trust",
            "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False, **self._as_account())
        if done.returncode != 0:
            raise PostgresMissing(f"initdb failed:\n{done.stdout}{done.stderr}")

    def _start(self) -> subprocess.Popen[bytes]:
        settings = [f"--{name}={value}" for name, value in OPTIONS.items()]
        with self._log.open("wb") as log:
            process = subprocess.Popen(
                [self._programs / "postgres", "-D", "data", "-k", str(self.folder), *settings],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the tests; they stop the server when they are done
                preexec_fn=_end_with_parent,
                **self._as_account(),
            )
        deadline = time.monotonic() + SECONDS_TO_START
        while b"ready to accept connections" not in self._log.read_bytes():
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                raise PostgresMissing(f"PostgreSQL did not start:\n{self._log.read_text(errors='replace')}")
            time.sleep(0.01)
        return process

    def _as_account(self) -> dict[str, Any]:
        if self._account is None:
            return {"cwd": self.folder}
        uid, gid = self._account.pw_uid, self._account.pw_gid
        return {"cwd": self.folder, "user": uid, "group": gid, "extra_groups": []}


def _end_with_parent() -> None:
    """Have Linux stop the server when the test run is killed. Runs in the child after it changed account."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


def _account() -> pwd.struct_passwd | None:
    """The account to run as: our own, unless we are root, whom PostgreSQL refuses."""
    if os.geteuid() != 0:
        return None
    accounts = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in ACCOUNTS:
        if name in accounts:
            return accounts[name]
    raise PostgresMissing(f"PostgreSQL does not run as root, and there is no account {' or '.join(ACCOUNTS)}.")
