"""What comes in and goes out about notices and preferences."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from core.fields import Input, MaybeLine, Read
from notifications.inbox.kinds import KINDS


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise PydanticCustomError("kind", "Choose from the list.")
    return kind


KindName = Annotated[str, AfterValidator(_known)]


class PreferencesInput(Input):
    """The kinds of events wanted in the inbox and by mail; those left out are not wanted."""

    in_app: list[KindName] = Field(default_factory=list, max_length=100)
    email: list[KindName] = Field(default_factory=list, max_length=100)


class ReadingInput(Input):
    """``url``: the path of the page that was opened; without it, everything is meant."""

    url: MaybeLine = ""


class PreferenceRead(Read):
    kind: str
    group: str
    label: str
    in_app: bool
    email: bool


class NoticeRead(Read):
    """``text`` is in the language of the request; ``url`` is a path on this site."""

    id: UUID
    workspace_id: UUID
    kind: str
    text: str
    url: str
    created_at: datetime
    read_at: datetime | None


class NoticePage(Read):
    """``next`` is the ``after`` of the next page, null on the last."""

    rows: list[NoticeRead]
    next: str | None


class UnreadRead(Read):
    """How many notices are still unread."""

    unread: int
