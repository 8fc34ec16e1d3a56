"""The address of an uploaded file."""

from __future__ import annotations

from fastapi import Response

from files.access import AppStorage, ReadableUpload
from files.answers import deliver
from web.deps import DB
from web.routing import pages

router = pages("/files")


@router.get("/{upload_id}", response_class=Response)
def show(upload: ReadableUpload, db: DB, storage: AppStorage) -> Response:
    return deliver(db, storage, upload)
