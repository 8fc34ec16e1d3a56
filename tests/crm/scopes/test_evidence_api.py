"""Evidence over JSON: the file first, then the usage that names it, each once however often it is sent."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from core.db import Database
from crm.contracts.models import ScopeLine
from files.models import Upload
from tests.factories.scopes import make_running_contract

FILE = {"file": ("итоги.txt", "Twelve posts, 40 000 просмотров".encode(), "text/plain")}


@pytest.fixture
def place(database: Database, clock) -> tuple[str, str, dict[str, object]]:
    """Contract, line, and a sound body."""
    with database.write() as db:
        contract = make_running_contract(db)
        line = db.scalars(select(col(ScopeLine.id)).where(col(ScopeLine.responsibility) == "C3")).one()
        return (
            f"/contracts/{contract.id}",
            f"/contracts/{contract.id}/lines/{line}/usage",
            {
                "quantity": 1,
                "done_on": str(clock().date()),
            },
        )


def test_both_sides_read_the_file(as_, place):
    contract, usage, body = place
    sent = as_("alice").api("POST", f"{contract}/evidence", files=FILE)
    assert sent.status_code == 201, sent.text
    upload = sent.json()["upload_id"]
    logged = as_("alice").api("POST", usage, {**body, "upload_id": upload})
    assert logged.json()["upload_id"] == upload
    assert as_("bob").api("GET", f"/files/{upload}").content == FILE["file"][1]
    assert as_("mallory").api("GET", f"/files/{upload}").status_code == 404


def test_a_key_keeps_a_file_from_being_stored_twice(as_, database, place):
    contract, _usage, _body = place
    key = {"Idempotency-Key": "report-may"}
    first = as_("alice").api("POST", f"{contract}/evidence", files=FILE, headers=key)
    again = as_("alice").api("POST", f"{contract}/evidence", files=FILE, headers=key)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    other = {"file": ("итоги.txt", b"Something else", "text/plain")}
    assert as_("alice").api("POST", f"{contract}/evidence", files=other, headers=key).status_code == 422
    with database.read() as db:
        assert db.scalar(select(func.count()).select_from(Upload)) == 1


def test_another_file_is_no_evidence(as_, place):
    contract, usage, body = place
    of_bob = as_("bob").api("POST", f"{contract}/evidence", files=FILE).json()["upload_id"]
    for upload in (str(uuid4()), of_bob):
        refused = as_("alice").api("POST", usage, {**body, "upload_id": upload})
        assert refused.status_code == 422
        assert list(refused.json()["fields"]) == ["upload_id"]
    assert as_("mallory").api("POST", f"{contract}/evidence", files=FILE).status_code == 404
    wrong = as_("alice").api("POST", f"{contract}/evidence", files={"file": ("x.exe", b"MZ\x00\x01", "a/b")})
    assert list(wrong.json()["fields"]) == ["file"]
