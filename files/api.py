"""Uploaded files over the API; they are uploaded through the features they belong to."""

from __future__ import annotations

from typing import Any

from fastapi import Response

from files.access import AppStorage, ReadableUpload
from files.answers import deliver
from web.deps import DB
from web.routing import api

router = api("crm", "/files", also="marketplace")


BYTES: dict[int | str, dict[str, Any]] = {200: {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}}


@router.get("/{upload_id}", response_class=Response, responses=BYTES)
def show(upload: ReadableUpload, db: DB, storage: AppStorage) -> Response:
    """The bytes of a file: public ones for anyone, others, mostly evidence, for the two sides they concern.

    With ``marketplace:read`` alone a token reads pictures.
    """
    return deliver(db, storage, upload)
