"""Both kinds of databases, for tests of what they have in common."""

from __future__ import annotations

import pytest

from tests.services.postgres import Postgres
from tests.services.sqlite import SQLite


@pytest.fixture(params=["sqlite", "postgres"])
def databases(request: pytest.FixtureRequest) -> Postgres | SQLite:
    found: Postgres | SQLite = request.getfixturevalue(request.param)
    return found
