"""Most tests of contracts begin with the same proposal on the table: it stands there already."""

from __future__ import annotations

import pytest

from core.db import Session
from tests.backdrop import Backdrop
from tests.factories.contracts import propose


def put_proposal(db: Session) -> None:
    propose(db, "alice", "bob", {})


@pytest.fixture(scope="session")
def backdrop() -> Backdrop:
    return Backdrop("proposal", put_proposal)
