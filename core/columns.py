"""The base of every table and the column types both databases agree on."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, BigInteger, DateTime, MetaData, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from core.ids import new_id

SQLModel.metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
).naming_convention


class UTCDateTime(TypeDecorator[datetime]):
    """Aware UTC on both databases; SQLite would drop the zone, naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class EnumText(TypeDecorator[StrEnum]):
    """Stores a ``StrEnum`` by its value and gives the member back."""

    impl = String(32)
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.kind(value)


def Stored(kind: type[StrEnum], **options: Any) -> Any:
    """A field holding a member of ``kind``: ``status: BriefStatus = Stored(BriefStatus)``."""
    return Field(sa_type=EnumText(kind), **options)


def Moment(**options: Any) -> Any:
    """A field holding an aware UTC datetime."""
    return Field(sa_type=UTCDateTime, **options)


def Amount(**options: Any) -> Any:
    """A field holding money in minor units (or another large integer)."""
    return Field(sa_type=BigInteger, **options)


def Document(**options: Any) -> Any:
    """A field holding JSON (``JSONB`` on PostgreSQL)."""
    return Field(sa_type=JSON().with_variant(JSONB(), "postgresql"), **options)


class Row(SQLModel):
    """A table row with a UUIDv7 key. Table models do not validate: build them from checked inputs only."""

    model_config = {"defer_build": True}  # building validators nobody calls is 5 % of the start

    id: UUID = Field(default_factory=new_id, primary_key=True)


class Stateful(Row):
    """A row with a status that only ``core.states.move`` changes, guarded by ``version``."""

    TRANSITIONS: ClassVar[dict[Any, frozenset[Any]]] = {}
    STATUS: ClassVar[str] = "status"
    """The field that holds it."""

    version: int = 1
