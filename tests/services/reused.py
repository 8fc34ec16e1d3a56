"""One ``Database`` for many tests: its connections lead to whatever database it was last pointed at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError

from core.clock import Clock
from core.db import Database, Reaction, Session
from tests.backdrop import Backdrop


class ReusedDatabase(Database):
    """Its engines stay, and with them the statements they have compiled: a tenth of a test's time."""

    _lend: Callable[[Backdrop], str]
    _backdrop: Backdrop
    _written = True

    def __init__(self, url: str, *, reactions: Mapping[str, Sequence[Reaction]]) -> None:
        super().__init__(url, reactions=reactions, synchronous="OFF")
        self._all_reactions = self.reactions
        for engine in (self.writer, self.reader):
            event.listen(engine, "do_connect", self._redirect)
            event.listen(engine, "checkout", self._still_leads_there)
        event.listen(self.writer, "begin", self._note_writing)

    def begin(self, backdrop: Backdrop, lend: Callable[[Backdrop], str], clock: Clock) -> None:
        """Use a copy of ``backdrop``, lent by the same kind of server, and nothing a test has kept or set."""
        self._lend, self._backdrop = lend, backdrop
        self._point_at(lend(backdrop))
        self._written = False
        self._began = clock()
        self.clock = clock
        self.reactions = self._all_reactions

    def stage(self, work: Callable[[Session], object]) -> bool:
        """Do ``work``, a named function, before the test's own first change: from a copy where others asked for it too.

        No, and nothing is done, once something was written or time has passed, or while somebody reads.
        """
        if self._written or self._in_use() or self.clock() != self._began:
            return False
        self._point_at(self._lend(self._backdrop.then(work)))
        self._written = True
        return True

    def _point_at(self, url: str) -> None:
        if self._in_use():
            self.dispose()
        self.url = url

    def _in_use(self) -> bool:
        pools: list[Any] = [self.writer.pool, self.reader.pool]
        return any(pool.checkedout() for pool in pools)

    def _redirect(self, _dialect: Any, record: Any, given: list[Any], named: dict[str, Any]) -> None:
        record.info["leads_to"] = self.url
        name = make_url(self.url).database
        if self.sqlite:
            given[0] = name
        else:
            named["dbname"] = name

    def _still_leads_there(self, _connection: Any, record: Any, _proxy: Any) -> None:
        if record.info["leads_to"] != self.url:
            raise DisconnectionError  # the pool opens another in its place

    def _note_writing(self, _connection: Any) -> None:
        self._written = True
