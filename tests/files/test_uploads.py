"""Keeping uploads, and who may read them."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from accounts.viewers import find_by_session
from accounts.workspaces.models import Workspace
from core.db import Database
from core.errors import Invalid, NotFound
from files import queries
from files import service as files
from files.jobs import sweep
from files.models import Upload, UploadKind
from files.storage import Storage
from tests.files.pictures import picture

PDF = b"%PDF-1.7\n" + b"x" * 100


@pytest.fixture
def storage(built_app) -> Storage:
    found: Storage = built_app.state.storage
    return found


@pytest.fixture
def viewer(database, cast):
    def of(name: str):
        with database.read() as db:
            return find_by_session(db, cast.members[name].session_token)

    return of


@pytest.fixture
def photo(database, storage, viewer):
    """An upload of alice's workspace."""

    def make(*, public: bool) -> Upload:
        with database.write() as db:
            return files.save_image(
                db, storage, content=picture(), name="портрет.png", public=public, by=viewer("alice")
            )

    return make


@pytest.fixture
def evidence(database, storage, viewer):
    """Evidence of alice's that bob's workspace may read too."""

    def make(other=None, content: bytes = PDF, name: str = "invoice.pdf") -> Upload:
        with database.write() as db:
            return files.save_file(db, storage, content=content, name=name, by=viewer("alice"), other=other)

    return make


def count(database: Database) -> int:
    with database.read() as db:
        return db.scalar(select(func.count()).select_from(Upload)) or 0


def test_a_picture_is_kept_as_our_own(photo, storage):
    upload = photo(public=False)
    assert (upload.kind, upload.mime, upload.name) == (UploadKind.IMAGE, "image/webp", "портрет.webp")
    content = storage.get(upload.storage_key)
    assert content is not None
    assert len(content) == upload.size
    assert "портрет" not in upload.storage_key


def test_a_public_picture_is_for_everyone(as_, photo):
    upload = photo(public=True)
    for name in ("", "alice", "trent", "sam"):
        answer = as_(name).get(f"/files/{upload.id}")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/webp"
        assert answer.headers["content-disposition"] == "inline"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "private, max-age=3600"
        assert "sandbox" in answer.headers["content-security-policy"]
        assert "set-cookie" not in answer.headers


def test_nothing_of_a_suspended_workspace_is_public(as_, database, cast, photo):
    upload = photo(public=True)
    with database.write() as db:
        db.get(Workspace, cast.alice.workspace_id).suspended_at = db.now()
    for name in ("", "bob", "mallory"):
        assert as_(name).get(f"/files/{upload.id}").status_code == 404


def test_a_private_picture_is_for_the_workspace(as_, photo):
    upload = photo(public=False)
    for name in ("alice", "anton", "amir", "agnes"):
        answer = as_(name).get(f"/files/{upload.id}")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert as_(name).api("GET", f"/files/{upload.id}").content == answer.content
    for name in ("", "bob", "dina", "mallory", "sam", "sofia"):
        assert as_(name).get(f"/files/{upload.id}").status_code == 404
        # A suspended person's token is dead, which is said before anything else.
        assert as_(name).api("GET", f"/files/{upload.id}").status_code == (401 if name == "sam" else 404)


def test_evidence_is_only_downloaded_and_by_both_sides(as_, cast, evidence):
    upload = evidence(other=cast.bob.workspace_id, name='../"отчёт"\r\nX: y.pdf')
    for name in ("alice", "bob", "carol"):
        answer = as_(name).get(f"/files/{upload.id}")
        assert answer.content == PDF
        assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
        assert "\n" not in answer.headers["content-disposition"]
        assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
        assert answer.headers["x-content-type-options"] == "nosniff"
    for name in ("", "mallory", "trent"):
        assert as_(name).get(f"/files/{upload.id}").status_code == 404


@pytest.mark.parametrize("path", ["nothing", "..%2f..%2fetc%2fpasswd", "0", "9177bbef-0859-4cb9-8648-8463257d599d"])
def test_there_is_nothing_else_there(as_, path):
    assert as_("alice").get(f"/files/{path}").status_code == 404


def test_a_lost_object_is_a_plain_404(as_, photo, storage):
    upload = photo(public=True)
    storage.delete(upload.storage_key)
    assert as_("alice").get(f"/files/{upload.id}").status_code == 404


@pytest.mark.parametrize("content", [b"", b"MZ\x90\x00", b"<svg/>", b"x" * (10 * 1024 * 1024 + 1)])
def test_a_wrong_file_stores_nothing(database, storage, viewer, content):
    before = sum(len(keys) for keys in storage.older_than(database.clock() + timedelta(days=36500)))
    for save in (files.save_file, lambda *a, **k: files.save_image(*a, public=True, **k)):
        with database.write() as db, pytest.raises(Invalid) as refused:
            save(db, storage, content=content, name="x.pdf", by=viewer("alice"), field="evidence")
        assert list(refused.value.fields) == ["evidence"]
    assert count(database) == 0
    after = sum(len(keys) for keys in storage.older_than(database.clock() + timedelta(days=36500)))
    assert after == before


def test_a_full_workspace_takes_no_more_and_leaves_others_alone(
    database, storage, viewer, evidence, photo, monkeypatch
):
    monkeypatch.setattr(files, "QUOTA", 2 * len(PDF))
    evidence()
    evidence()
    with pytest.raises(Invalid, match=r"full.* Give a link instead"):
        evidence()
    with pytest.raises(Invalid, match=r"full.* Remove pictures first"):
        photo(public=False)
    with database.write() as db:
        files.save_file(db, storage, content=PDF, name="a.pdf", by=viewer("bob"))
    assert count(database) == 3


def test_the_last_place_is_given_once(database, storage, viewer, monkeypatch):
    monkeypatch.setattr(files, "QUOTA", 3 * len(PDF))
    alice = viewer("alice")
    start = threading.Barrier(8)
    refused = []

    def upload() -> None:
        start.wait()
        try:
            with database.write() as db:
                files.save_file(db, storage, content=PDF, name="a.pdf", by=alice)
        except Invalid as error:
            refused.append(error)

    threads = [threading.Thread(target=upload) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(database) == 3
    assert len(refused) == 5


def test_a_removed_upload_takes_its_object_along(database, storage, viewer, evidence, worker):
    upload, alice = evidence(), viewer("alice")
    with database.write() as db:
        files.remove(db, queries.find_own(db, alice, upload.id))
        assert storage.exists(upload.storage_key)
    worker.drain()
    assert not storage.exists(upload.storage_key)
    assert count(database) == 0


def test_an_id_out_of_a_body_must_be_ones_own(database, viewer, evidence, cast):
    upload = evidence(other=cast.bob.workspace_id)
    with database.read() as db:
        assert queries.find_own(db, viewer("anton"), upload.id).id == upload.id
        with pytest.raises(NotFound):
            queries.find_own(db, viewer("bob"), upload.id)


def test_pictures_are_shown_and_hidden_by_their_owner(as_, database, cast, photo, evidence):
    upload, paper = photo(public=False), evidence()
    with database.write() as db:
        files.set_public(db, [upload.id, paper.id], public=True, workspace_id=cast.mallory.workspace_id)
    assert as_("").get(f"/files/{upload.id}").status_code == 404
    with database.write() as db:
        files.set_public(db, [upload.id, paper.id], public=True, workspace_id=cast.alice.workspace_id)
    assert as_("").get(f"/files/{upload.id}").status_code == 200
    assert as_("").get(f"/files/{paper.id}").status_code == 404


def test_the_sweep_removes_what_no_row_stands_behind(database, clock, evidence):
    storage = Storage("memory:")
    upload = evidence()
    for key in (upload.storage_key, "left/behind"):
        storage.put(key, PDF, "application/pdf")
    sweep_at(database, clock, storage, hours=0)
    assert storage.exists("left/behind")
    sweep_at(database, clock, storage, hours=48)
    assert not storage.exists("left/behind")
    assert storage.exists(upload.storage_key)


def sweep_at(database, clock, storage, *, hours: int) -> None:
    """Sweep as if it were so many hours from now; objects carry the machine's time."""
    from core.clock import system_clock
    from core.jobs import Job

    clock.at = system_clock() + timedelta(hours=hours)
    sweep(database, storage, Job(kind="files.sweep", run_at=clock(), created_at=clock()))


def test_a_failed_request_leaves_no_row(database, storage, viewer):
    with database.write() as db:
        files.save_file(db, storage, content=PDF, name="a.pdf", by=viewer("alice"))
        db.rollback()
    assert count(database) == 0


def test_rows_name_their_makers(database, photo, cast):
    upload = photo(public=False)
    with database.read() as db:
        row = db.execute(
            select(col(Upload.created_by), col(Upload.workspace_id)).where(col(Upload.id) == upload.id)
        ).one()
    assert tuple(row) == (cast.alice.user_id, cast.alice.workspace_id)
