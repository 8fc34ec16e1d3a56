"""The trade's data files reach the database once, whoever loads them how often."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select, update
from sqlmodel import col

from app.cli import prepare
from app.console import load_settings
from core.db import Database
from marketplace.taxonomy.catalogue import load
from marketplace.taxonomy.models import CatalogueEntry
from marketplace.taxonomy.service import is_current, load_catalogue
from tests.people import text_of


def test_loading_twice_changes_nothing(database: Database):
    with database.write() as db:
        assert load_catalogue(db) > 150
    with database.write() as db:
        assert load_catalogue(db) == 0
    with database.read() as db:
        kinds = dict(db.execute(select(CatalogueEntry.kind, func.count()).group_by(CatalogueEntry.kind)).all())
    assert kinds["responsibility"] == 60
    assert kinds["group"] == 12


def test_an_entry_taken_out_of_the_files_is_taken_out_here(database: Database):
    with database.write() as db:
        load_catalogue(db)
        db.add(CatalogueEntry(kind="niche", code="gone", version=1, position=99, data={}))
    with database.write() as db:
        assert load_catalogue(db) == 1
        left = select(CatalogueEntry.code).where(col(CatalogueEntry.code) == "gone")
        assert db.scalar(left) is None


def test_a_new_version_is_written(database: Database):
    with database.write() as db:
        load_catalogue(db)
    newer = replace(load(), versions={**load().versions, "units": 2})
    with database.write() as db:
        assert load_catalogue(db, newer) == len(load().units)


def test_a_start_brings_what_an_older_release_stored_up_to_date(database: Database, monkeypatch: pytest.MonkeyPatch):
    with database.write() as db:
        load_catalogue(db)
        db.execute(update(CatalogueEntry).where(col(CatalogueEntry.kind) == "question").values(version=1, data={}))
    with database.read() as db:
        assert not is_current(db)
    monkeypatch.setenv("POSTWRIGHT_DATABASE_URL", database.url)
    prepare(load_settings(), demo=False)
    with database.read() as db:
        assert is_current(db)
        statement = select(CatalogueEntry).where(col(CatalogueEntry.kind) == "question")
        assert all(row.data["text"] for row in db.scalars(statement))


def test_anyone_may_read_what_the_job_is(as_):
    page = as_("").get("/responsibilities")
    words = text_of(page)
    assert page.status_code == 200
    for group in load().groups.values():
        assert group.name in words
    assert "Content plan" in words


def test_the_lists_are_there_over_json(as_, database):
    with database.write() as db:
        load_catalogue(db)
    nobody = as_("")
    listed = nobody.api("GET", "/catalogue/responsibility").json()
    assert len(listed) == 60
    said = nobody.client.get("/openapi.json").json()["paths"]["/api/v1/catalogue/{kind}"]["get"]["parameters"]
    kinds = said[0]["schema"]["enum"]
    assert all(nobody.api("GET", f"/catalogue/{kind}").json() for kind in kinds)
    assert "archetype" not in kinds
    assert nobody.api("GET", "/catalogue/archetype").status_code == 404
    assert nobody.api("GET", "/catalogue/nonsense").status_code == 404
