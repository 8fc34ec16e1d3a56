"""One ``Database`` for many tests: its connections lead to whatever database it was last pointed at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import make_url

from core.clock import Clock
from core.db import Database, Reaction


class ReusedDatabase(Database):
    """Its engines stay, and with them the statements they have compiled: a tenth of a test's time."""

    def __init__(self, url: str, *, reactions: Mapping[str, Sequence[Reaction]]) -> None:
        super().__init__(url, reactions=reactions, synchronous="OFF")
        self._all_reactions = self.reactions
        for engine in (self.writer, self.reader):
            event.listen(engine, "do_connect", self._redirect)

    def point_at(self, url: str, clock: Clock) -> None:
        """Use the database at ``url``, on the same kind of server, and nothing a test has kept or set."""
        pools: list[Any] = [self.writer.pool, self.reader.pool]
        if url != self.url or any(pool.checkedout() for pool in pools):
            self.dispose()
        self.url = url
        self.clock = clock
        self.reactions = self._all_reactions

    def _redirect(self, _dialect: Any, _record: Any, given: list[Any], named: dict[str, Any]) -> None:
        name = make_url(self.url).database
        if self.sqlite:
            given[0] = name
        else:
            named["dbname"] = name
