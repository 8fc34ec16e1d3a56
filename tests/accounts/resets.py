"""A lost password, taken back by its owner."""

from __future__ import annotations

from collections.abc import Callable

from accounts.users import queries as people
from accounts.users import service as users
from accounts.users.models import LinkPurpose
from core.db import Database
from tests.accounts.mailbox import newest_path
from tests.cast import Part

FRESH = "a quiet evening"


def lost_password(database: Database, part: Part) -> Callable[[], None]:
    """What the owner does who opens the link of a reset."""
    with database.write() as db:
        users.send_reset(db, part.email)
    token = newest_path(database, "reset_password", part.email).rsplit("/", 1)[1]

    def reset() -> None:
        with database.write() as db:
            users.reset_password(db, people.find_link(db, LinkPurpose.RESET_PASSWORD, token), FRESH)

    return reset
