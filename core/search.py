"""One normal form of text for searching, the same on SQLite FTS5 and PostgreSQL tsvector."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from uuid import UUID

import snowballstemmer
from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Integer,
    Select,
    Table,
    Text,
    Uuid,
    func,
    literal_column,
    select,
    text,
)
from sqlmodel import SQLModel

from core.db import Session

_WORD = re.compile(r"\w+")
_CYRILLIC = re.compile(r"[а-яё]")
_LATIN = re.compile(r"^[a-z]+$")


@lru_cache(maxsize=1)
def _stemmers() -> tuple[snowballstemmer.stemmer, snowballstemmer.stemmer]:
    return snowballstemmer.stemmer("english"), snowballstemmer.stemmer("russian")


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    english, russian = _stemmers()
    if _CYRILLIC.search(word):
        return str(russian.stemWord(word))
    if _LATIN.match(word):
        return str(english.stemWord(word))
    return word


def _plain(phrase: str) -> str:
    lowered = phrase.lower().replace("đ", "d").replace("ё", "е")
    kept = lowered.replace("й", "\ue000")
    stripped = "".join(c for c in unicodedata.normalize("NFKD", kept) if not unicodedata.combining(c))
    return stripped.replace("\ue000", "й")


def words(phrase: str) -> list[str]:
    """The stemmed words of ``phrase`` without marks: ``Quảng cáo Đà Nẵng`` → ``quang cao da nang``."""
    return [_stem(word) for word in _WORD.findall(_plain(phrase))]


def normal(*parts: str | None) -> str:
    """What is stored in a search column: the normal words of all parts."""
    return " ".join(" ".join(words(part)) for part in parts if part)


def fts5_query(phrase: str) -> str | None:
    """A MATCH expression: every word must occur, the last one may be a beginning. ``None`` if nothing is left."""
    found = words(phrase)[:12]
    return None if not found else " ".join(f'"{word}"' for word in found) + "*"


def tsquery(phrase: str) -> str | None:
    """The same for ``to_tsquery('simple', …)``."""
    found = words(phrase)[:12]
    return None if not found else " & ".join(f"'{word}'" for word in found) + ":*"


KINDS = ("profile", "case", "brief")
MOST_CANDIDATES = 1000
_tables = {
    kind: Table(
        f"{kind}_search",
        SQLModel.metadata,
        Column("n", Integer, primary_key=True, autoincrement=True),
        Column("subject_id", Uuid, ForeignKey(f"{kind}.id", ondelete="CASCADE"), unique=True, nullable=False),
        Column("text", Text, nullable=False),
    )
    for kind in KINDS
}


def put(db: Session, kind: str, subject_id: UUID, *parts: str | None) -> None:
    """Make a row findable by the words of ``parts``; replaces what was indexed of it before."""
    table = _tables[kind]
    body = normal(*parts)
    changed = db.execute(table.update().where(table.c.subject_id == subject_id).values(text=body).returning(table.c.n))
    if changed.first() is None:
        db.execute(table.insert().values(subject_id=subject_id, text=body))


def drop(db: Session, kind: str, subject_id: UUID) -> None:
    """Make a row unfindable."""
    table = _tables[kind]
    db.execute(table.delete().where(table.c.subject_id == subject_id))


def candidates(db: Session, kind: str, query: str) -> Select[tuple[UUID]] | None:
    """A select of the ids matching ``query`` (at most 1,000); ``None`` if the query has no word."""
    table = _tables[kind]
    if db.on_sqlite:
        expression = fts5_query(query)
        if expression is None:
            return None
        numbers = text(
            f"SELECT rowid FROM {kind}_search_fts WHERE {kind}_search_fts MATCH :words LIMIT {MOST_CANDIDATES}"
        )
        inner = numbers.bindparams(words=expression).columns(rowid=Integer).scalar_subquery()
        return select(table.c.subject_id).where(table.c.n.in_(inner))
    expression = tsquery(query)
    if expression is None:
        return None
    matches = func.to_tsvector(literal_column("'simple'"), table.c.text).op("@@")(
        func.to_tsquery(literal_column("'simple'"), expression)
    )
    return select(table.c.subject_id).where(matches).limit(MOST_CANDIDATES)


def create_index(connection: Connection, kind: str) -> None:
    """The full-text index over ``{kind}_search``; called by the migrations."""
    name = f"{kind}_search"
    if connection.dialect.name != "sqlite":
        connection.execute(text(f"CREATE INDEX ix_{name}_text ON {name} USING gin (to_tsvector('simple', text))"))
        return
    for statement in (
        f"CREATE VIRTUAL TABLE {name}_fts USING fts5(text, content='{name}', content_rowid='n', "
        "tokenize='unicode61 remove_diacritics 0')",
        f"CREATE TRIGGER {name}_put AFTER INSERT ON {name} "
        f"BEGIN INSERT INTO {name}_fts(rowid, text) VALUES (new.n, new.text); END",
        f"CREATE TRIGGER {name}_drop AFTER DELETE ON {name} "
        f"BEGIN INSERT INTO {name}_fts({name}_fts, rowid, text) VALUES ('delete', old.n, old.text); END",
        f"CREATE TRIGGER {name}_change AFTER UPDATE ON {name} BEGIN "
        f"INSERT INTO {name}_fts({name}_fts, rowid, text) VALUES ('delete', old.n, old.text); "
        f"INSERT INTO {name}_fts(rowid, text) VALUES (new.n, new.text); END",
    ):
        connection.execute(text(statement))


def drop_index(connection: Connection, kind: str) -> None:
    """Undo ``create_index``; for migrations down."""
    name = f"{kind}_search"
    if connection.dialect.name != "sqlite":
        connection.execute(text(f"DROP INDEX IF EXISTS ix_{name}_text"))
        return
    for trigger in ("put", "drop", "change"):
        connection.execute(text(f"DROP TRIGGER IF EXISTS {name}_{trigger}"))
    connection.execute(text(f"DROP TABLE IF EXISTS {name}_fts"))
