"""What a process remembers of public data, so that it need not ask or draw it again."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from core.db import Session

V = TypeVar("V")


class Memory(Generic[V]):
    """At most ``most`` values of one database, each for ``lasts``; full, it forgets all and starts anew.

    Only for data anyone may see, derived from what is stored: several processes remember on their own.
    """

    def __init__(self, most: int, *, lasts: timedelta | None = None) -> None:
        self._most = most
        self._lasts = lasts
        self._of: WeakKeyDictionary[Engine, dict[Hashable, tuple[datetime, V]]] = WeakKeyDictionary()

    def get(self, db: Session, key: Hashable) -> V | None:
        """What was put under ``key``, unless it is too old."""
        return self.recall(db, (key,))[0]

    def recall(self, db: Session, keys: Iterable[Hashable]) -> list[V | None]:
        """``get`` for several keys at once."""
        room, oldest = self._room(db), self._oldest(db)
        return [found[1] if (found := room.get(key)) and found[0] > oldest else None for key in keys]

    def put(self, db: Session, key: Hashable, value: V) -> V:
        """Remember ``value`` and give it back."""
        room = self._room(db)
        if len(room) >= self._most:
            room.clear()
        room[key] = (db.now(), value)
        return value

    def forget(self) -> None:
        """Remember nothing any more, of any database."""
        self._of.clear()

    def _oldest(self, db: Session) -> datetime:
        """What was put by then is too old."""
        return datetime.min.replace(tzinfo=UTC) if self._lasts is None else db.now() - self._lasts

    def _room(self, db: Session) -> dict[Hashable, tuple[datetime, V]]:
        return self._of.setdefault(db.get_bind().engine, {})
