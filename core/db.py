"""Engines and sessions for SQLite and PostgreSQL. Nothing else opens a connection.

Errors never tell the values of a statement: they end up in logs and in the job table.

SQLite: one writer slot per process, ``BEGIN IMMEDIATE``, WAL, ``synchronous=FULL``; readers run with
``query_only``. PostgreSQL: READ COMMITTED for writers, AUTOCOMMIT read-only connections for readers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlmodel
from sqlalchemy import Connection, Engine, Executable, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import QueuePool

from core.clock import Clock, system_clock

if TYPE_CHECKING:
    from core.events import Event

Reaction = Callable[["Session", "Event"], None]

SQLITE_READERS = 8
POSTGRES_POOL = 10
TRIES = 5
CROSSED = {"40P01", "55P03"}
"""PostgreSQL's codes of a deadlock and of a lock that was not given in time."""
POSTGRES_OPTIONS = "-c statement_timeout=5000 -c lock_timeout=2000 -c idle_in_transaction_session_timeout=10000"


class Session(sqlmodel.Session):
    """One unit of work: a transaction, the clock it reads and the reactions its events set off."""

    clock: Clock = staticmethod(system_clock)
    reactions: Mapping[str, Sequence[Reaction]] = {}

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._last: dict[Callable[[Session], None], None] = {}

    def now(self) -> datetime:
        """The present, aware, in UTC."""
        return self.clock()

    def at_commit(self, work: Callable[[Session], None]) -> None:
        """Run ``work`` once, right before the commit: for rows many transactions touch, locked late and in order.

        What it needs to know is collected in ``session.info``, which a rollback empties.
        """
        self._last.setdefault(work)

    def commit(self) -> None:
        while self._last:
            self._last.popitem()[0](self)
        super().commit()

    def rollback(self) -> None:
        self._last.clear()
        self.info.clear()
        super().rollback()

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A part that may fail alone: if it raises, its rows are taken back, and what it left for the commit too."""
        last, info = dict(self._last), deepcopy(self.info)
        try:
            with self.begin_nested():
                yield
        except BaseException:
            self._last, self.info = last, info
            raise

    @property
    def on_sqlite(self) -> bool:
        return self.get_bind().dialect.name == "sqlite"

    def rows(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> list[Any]:
        """All rows of a select of columns, as named tuples. There are no objects to build, so it goes past the ORM."""
        if self.autoflush:
            self.flush()
        return list(self.connection().execute(statement, parameters).all())


class Database:
    """The two engines of one database and the only ways to a session."""

    def __init__(
        self,
        url: str,
        *,
        clock: Clock = system_clock,
        reactions: Mapping[str, Sequence[Reaction]] | None = None,
        synchronous: str = "FULL",
    ) -> None:
        self.url = url
        self.clock = clock
        self.reactions = reactions or {}
        self.sqlite = url.startswith("sqlite")
        if self.sqlite:
            path = make_url(url).database
            if path:
                Path(path).parent.mkdir(parents=True, exist_ok=True)
            self.writer = _sqlite_engine(url, synchronous, write=True)
            self.reader = _sqlite_engine(url, synchronous, write=False)
        else:
            self.writer = _postgres_engine(url, write=True)
            self.reader = _postgres_engine(url, write=False)

    def session(self, *, write: bool) -> Session:
        """A session that opens its transaction with its first statement; the caller commits and closes it."""
        session = Session(self.writer if write else self.reader, expire_on_commit=False, autoflush=write)
        session.clock = self.clock
        session.reactions = self.reactions
        return session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that commits on return and rolls back when the block raises."""
        session = self.session(write=True)
        try:
            yield session
            session.commit()
        finally:
            session.close()

    def insist(self, work: Callable[[Session], None]) -> None:
        """``work`` in a transaction, from the start again when others crossed it: for verbs nobody sends again.

        Raises what the last of ``TRIES`` raised.
        """
        for left in reversed(range(TRIES)):
            try:
                with self.write() as db:
                    work(db)
                return
            except OperationalError as error:
                if not left or not is_crossed(error):
                    raise

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that cannot change anything."""
        session = self.session(write=False)
        try:
            yield session
        finally:
            session.close()

    def dispose(self) -> None:
        self.writer.dispose()
        self.reader.dispose()


def is_crossed(error: DBAPIError) -> bool:
    """Whether others held what the statement wanted: nothing was changed, and the same may work in a moment."""
    return getattr(error.orig, "sqlstate", None) in CROSSED


@contextmanager
def patience(connection: Connection) -> Iterator[None]:
    """Statements inside take as long as they need: migrations and bulk work, whose size grows with the data."""
    if connection.dialect.name == "sqlite":
        yield
        return
    connection.exec_driver_sql("SET statement_timeout = 0")
    connection.commit()
    try:
        yield
    finally:
        if not connection.closed and not connection.invalidated:
            connection.rollback()  # after a failure PostgreSQL takes nothing else
            connection.exec_driver_sql("RESET statement_timeout")
            connection.commit()


def _sqlite_engine(url: str, synchronous: str, *, write: bool) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "timeout": 5},
        pool_size=1 if write else SQLITE_READERS,
        max_overflow=0,
        pool_timeout=10,
        poolclass=QueuePool,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver's own BEGIN is always deferred; ours is not
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "busy_timeout=5000",
            "foreign_keys=ON",
            "cache_size=-16000",
            "temp_store=MEMORY",
            f"query_only={'OFF' if write else 'ON'}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _postgres_engine(url: str, *, write: bool) -> Engine:
    options = POSTGRES_OPTIONS if write else POSTGRES_OPTIONS + " -c default_transaction_read_only=on"
    settings: dict[str, Any] = {} if write else {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None}
    return create_engine(
        url,
        hide_parameters=True,
        connect_args={"options": options},
        pool_size=POSTGRES_POOL,
        max_overflow=5,
        pool_timeout=5,
        pool_pre_ping=write,
        **settings,
    )
