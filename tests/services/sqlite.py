"""SQLite for tests: files copied from a template file. The same verbs as ``Postgres``."""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path


class SQLite:
    """Databases as files in one folder, which several processes may share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._lent = ""
        self._numbers = itertools.count()

    def url(self, name: str) -> str:
        """The address of the database ``name``, for SQLAlchemy."""
        return f"sqlite:///{self._file(name)}"

    def template(self, name: str, build: Callable[[str], None], base: str = "") -> None:
        """Have the database ``name`` built by ``build(url)``, once however many processes ask at a time.

        It begins empty or as a copy of the template ``base``.
        """
        with (self._folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self._file(name).exists():
                return
            draft = f"{name}_draft"
            self.drop(draft)
            if base:
                self.clone(base, draft)
            build(self.url(draft))
            connection = sqlite3.connect(self._file(draft))
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # a copy takes the main file alone
            connection.close()
            self._file(draft).rename(self._file(name))

    def clone(self, template: str, name: str) -> str:
        """Create the database ``name`` as a copy of ``template``; its address."""
        shutil.copyfile(self._file(template), self._file(name))
        return self.url(name)

    def drop(self, name: str) -> None:
        """Delete the database ``name``, if there is one."""
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(f"{self._file(name)}{suffix}").unlink(missing_ok=True)

    def lend(self, template: str) -> str:
        """The address of a copy of ``template`` until the next loan: another copy each time."""
        self.drop(self._lent)
        self._lent = f"t{os.getpid()}_{next(self._numbers)}"
        return self.clone(template, self._lent)

    def stop(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.db"
