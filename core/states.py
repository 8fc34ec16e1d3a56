"""The one way a status changes."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import Table, update
from sqlalchemy.orm.attributes import set_committed_value

from core.columns import Stateful
from core.db import Session
from core.errors import Conflict
from core.events import MOVED
from core.i18n import gettext as _


def move(db: Session, row: Stateful, to: StrEnum, **changes: Any) -> None:
    """Bring ``row`` into state ``to`` and write ``changes`` with it, or raise ``Conflict``.

    The UPDATE is conditional on the id, the state and the version that were read, so of twenty callers
    exactly one succeeds. ``row`` shows the new values afterwards; the event recorded next for it says from where to
    where it went, and to which version.
    """
    current = getattr(row, row.STATUS)
    if to not in row.TRANSITIONS.get(current, frozenset()):
        raise Conflict(_("This is no longer possible. Reload the page to see where it stands now."))
    amend(db, row, **{row.STATUS: to}, **changes)
    db.info.setdefault(MOVED, {})[row.id] = {"from": str(current), "to": str(to), "version": row.version}


def amend(db: Session, row: Stateful, **changes: Any) -> None:
    """Write ``changes`` to ``row`` if nobody else changed it since it was read; else raise ``Conflict``.

    The state must be unchanged too; ``version`` grows by one.
    """
    db.flush()
    table: Table = type(row).__table__  # type: ignore[attr-defined]
    values = {**changes, "version": row.version + 1}
    unchanged = {"id": row.id, "version": row.version, row.STATUS: getattr(row, row.STATUS)}
    statement = update(table).where(*(table.c[name] == value for name, value in unchanged.items())).values(values)
    result = db.connection().execute(statement)
    if result.rowcount != 1:
        raise Conflict(_("Someone else changed this a moment ago. Reload the page and try again."))
    for name, value in values.items():
        set_committed_value(row, name, value)
