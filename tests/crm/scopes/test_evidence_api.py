"""Evidence over JSON: the file first, then the usage that names it, each once however often it is sent."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from app.checks import broken
from app.features import JOBS, SCHEDULE
from core.db import Database
from crm.contracts.models import ContractStatus, ScopeLine
from crm.scopes.jobs import forget_unlogged_files
from crm.scopes.models import UsageEntry
from files.models import Upload, UploadKind
from tests.cast import CAST
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


@pytest.mark.parametrize("status", [ContractStatus.DRAFT, ContractStatus.SENT, ContractStatus.PAUSED])
def test_a_contract_not_in_force_takes_no_file(as_, database, status):
    with database.write() as db:
        contract = make_running_contract(db, status=status)
    for name in ("alice", "bob"):
        refused = as_(name).api("POST", f"/contracts/{contract.id}/evidence", files=FILE)
        assert refused.status_code == 409
        assert "while the contract is in force" in refused.json()["detail"]
    assert stored(database) == set()


@pytest.mark.parametrize(("days", "status"), [(7, 201), (8, 409)])
def test_one_that_ended_takes_files_for_a_week(as_, database, clock, days, status):
    with database.write() as db:
        contract = make_running_contract(db, status=ContractStatus.ENDED)
        contract.ended_at = db.now()
        db.add(contract)
    clock.forward(days=days)
    assert as_("alice").api("POST", f"/contracts/{contract.id}/evidence", files=FILE).status_code == status


def stored(database: Database) -> set[UUID]:
    with database.read() as db:
        return set(db.scalars(select(col(Upload.id))))


def forget(database: Database) -> None:
    with database.write() as db:
        forget_unlogged_files(db, {})


def test_a_file_nobody_logged_is_let_go_after_a_day(as_, database, clock, built_app, worker, place):
    contract, usage, body = place
    alice, storage = as_("alice"), built_app.state.storage
    logged, left = (UUID(alice.api("POST", f"{contract}/evidence", files=FILE).json()["upload_id"]) for _ in range(2))
    assert alice.api("POST", usage, {**body, "upload_id": str(logged)}).status_code == 201
    with database.write() as db:
        facts = {"name": "a.webp", "mime": "image/webp", "size": 1, "sha256": "0" * 64, "created_at": db.now()}
        workspace = CAST.members["alice"].workspace_id
        picture = Upload(workspace_id=workspace, kind=UploadKind.IMAGE, storage_key="picture", **facts)
        db.add(picture)
        key = db.get_one(Upload, left).storage_key
    clock.forward(hours=24)
    forget(database)
    assert stored(database) == {logged, left, picture.id}
    assert storage.exists(key)
    clock.forward(seconds=1)
    forget(database)
    assert stored(database) == {logged, picture.id}
    worker.drain()
    assert not storage.exists(key)
    assert alice.api("GET", f"/files/{logged}").content == FILE["file"][1]
    late = alice.api("POST", usage, {**body, "upload_id": str(left)})
    assert (late.status_code, list(late.json()["fields"])) == (422, ["upload_id"])
    assert [fault for fault in broken(database) if "usage" in fault] == []


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_file_being_logged_at_that_moment_stays(as_, database, clock, place):
    contract, _usage, _body = place
    sent = UUID(as_("alice").api("POST", f"{contract}/evidence", files=FILE).json()["upload_id"])
    clock.forward(days=2)
    with database.write() as db:
        line = db.scalars(select(ScopeLine).where(col(ScopeLine.responsibility) == "C3")).one()
        day, here = clock().date(), line.contract_id
        db.add(
            UsageEntry(
                contract_id=here, line_id=line.id, period="x", quantity=0, done_on=day, upload_id=sent, at=clock()
            )
        )
        db.flush()
        forget(database)
    assert stored(database) == {sent}


def test_no_run_takes_more_than_it_should(as_, database, clock, monkeypatch, place):
    contract, _usage, _body = place
    monkeypatch.setattr("crm.scopes.jobs.MOST", 2)
    for _number in range(3):
        as_("alice").api("POST", f"{contract}/evidence", files=FILE)
    clock.forward(days=2)
    forget(database)
    assert len(stored(database)) == 1
    forget(database)
    assert stored(database) == set()


def test_the_worker_knows_it():
    assert JOBS["scopes.forget_unlogged_files"] is forget_unlogged_files
    assert SCHEDULE["scopes.forget_unlogged_files"] == timedelta(hours=1)
