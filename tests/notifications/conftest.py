"""Here events are made by hand; only what notifications make of them runs, in the order of the product's table."""

from __future__ import annotations

import pytest

from core.db import Database
from notifications.inbox import reactions


@pytest.fixture
def database(database: Database) -> Database:
    ours = reactions.__name__
    database.reactions = {
        kind: [react for react in follow if getattr(react, "__module__", "") == ours]
        for kind, follow in database.reactions.items()
    }
    return database
