"""PostgreSQL for tests: one server per run, a database cloned from a template for whoever wants one."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from tests.services.cluster import Cluster
from tests.services.rewind import Rewind

LOANS = 100
"""Loans of one copy: rows that are gone still lie in its files."""


class Postgres:
    """Databases on one server. All their names start with ``prefix``, so that runs may share a server.

    ``cluster`` is the server to stop in the end, when it is ours.
    """

    def __init__(self, address: str, *, prefix: str, cluster: Cluster | None = None) -> None:
        self._address: URL = make_url(address).set(drivername="postgresql+psycopg")
        self._prefix = prefix
        self._cluster = cluster
        self._admin: psycopg.Connection | None = None
        self._built: set[str] = set()
        self._dropper: ThreadPoolExecutor | None = None
        self._lent: dict[str, _Loan] = {}
        self._numbers = itertools.count()

    @classmethod
    def start(cls, parent: Path, *, prefix: str) -> Postgres:
        """A server of our own, its files in a new folder under ``parent``. Raises ``PostgresMissing``."""
        cluster = Cluster(parent)
        return cls(cluster.url, prefix=prefix, cluster=cluster)

    @property
    def admin_url(self) -> str:
        """The address of the server's own database, with the right to create others."""
        return self._address.render_as_string(hide_password=False)

    def url(self, name: str) -> str:
        """The address of the database ``name``, for SQLAlchemy with psycopg."""
        return self._address.set(database=self._prefix + name).render_as_string(hide_password=False)

    def template(self, name: str, build: Callable[[str], None], base: str = "") -> None:
        """Have the database ``name`` built by ``build(url)``, once however many processes ask at a time.

        It begins empty or as a copy of the template ``base``. Nobody can connect to it afterwards: a template in use
        cannot be cloned.
        """
        if name in self._built:
            return
        with self._connect() as connection:  # its own: the lock lives as long as the connection
            connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [self._prefix + name])
            if not self._exists(connection, name):
                self._build(connection, name, build, base)
        self._built.add(name)

    def clone(self, template: str, name: str) -> str:
        """Create the database ``name`` as a copy of ``template``; its address."""
        command = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        self._execute(command.format(self._name(name), self._name(template)))
        return self.url(name)

    def lend(self, template: str) -> str:
        """The address of a copy of ``template`` until the next loan of it: the same copy put back, where that works."""
        loan = self._lent.get(template)
        if loan and loan.again():
            return self.url(loan.name)
        if loan:
            self.drop_soon(loan.name)
        name = f"t{os.getpid()}_{next(self._numbers)}"
        url = self.clone(template, name)
        self._lent[template] = _Loan(name, Rewind(self._plain(name)) if self.may_rewind else None)
        return url

    @cached_property
    def may_rewind(self) -> bool:
        """Whether a copy can be put back here: only a superuser gets past triggers that protect rows."""
        with self._connect() as connection:
            found = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
        return bool(found and found[0])

    def drop(self, name: str) -> None:
        """Delete the database ``name``, if there is one, whoever is connected to it."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(self._name(name)))

    def drop_soon(self, name: str) -> None:
        """``drop`` beside the work that follows: the server takes longer for it than for most tests."""
        if self._dropper is None:
            self._dropper = ThreadPoolExecutor(1, thread_name_prefix="drop")
        self._dropper.submit(self._drop_beside, self._name(name))

    def _drop_beside(self, name: sql.Identifier) -> None:
        with self._connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    def stop(self) -> None:
        """End our server; on a server that is not ours, delete this run's databases."""
        for loan in self._lent.values():
            loan.close()
        self._lent.clear()
        if self._dropper is not None:
            self._dropper.shutdown()
            self._dropper = None
        if self._cluster is None:
            for name in self._mine():
                self.drop(name)
        if self._admin:
            self._admin.close()
            self._admin = None
        if self._cluster:
            self._cluster.stop()

    def _build(self, connection: psycopg.Connection, name: str, build: Callable[[str], None], base: str) -> None:
        draft = f"{name}_draft"
        old, new = self._name(draft), self._name(name)
        self.drop(draft)
        if base:
            self.clone(base, draft)
        else:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(old))
        build(self.url(draft))
        connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(old, new))
        connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(new))

    def _mine(self) -> list[str]:
        with self._connect() as connection:
            rows = connection.execute("SELECT datname FROM pg_database").fetchall()
        return [name.removeprefix(self._prefix) for (name,) in rows if name.startswith(self._prefix)]

    def _exists(self, connection: psycopg.Connection, name: str) -> bool:
        query = "SELECT 1 FROM pg_database WHERE datname = %s"
        return connection.execute(query, [self._prefix + name]).fetchone() is not None

    def _name(self, name: str) -> sql.Identifier:
        return sql.Identifier(self._prefix + name)

    def _plain(self, name: str) -> str:
        """The address of the database ``name``, for psycopg alone."""
        address = self._address.set(drivername="postgresql", database=self._prefix + name)
        return address.render_as_string(hide_password=False)

    def _connect(self) -> psycopg.Connection:
        address = self._address.set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(address, autocommit=True)

    def _execute(self, command: sql.Composed) -> None:
        if self._admin is None:
            self._admin = self._connect()
        self._admin.execute(command)


class _Loan:
    """A copy of a template in the hands of one test after another."""

    def __init__(self, name: str, rewind: Rewind | None) -> None:
        self.name = name
        self._rewind = rewind
        self._left = LOANS

    def again(self) -> bool:
        """Whether the copy is as new for one more test. If not, it is closed."""
        self._left -= 1
        if self._rewind and self._left and self._rewind.back():
            return True
        self.close()
        return False

    def close(self) -> None:
        if self._rewind:
            self._rewind.close()
