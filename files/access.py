"""The storage as a dependency, and loading an upload together with the right to read it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from accounts.access import Anyone
from files import queries
from files.models import Upload
from files.storage import Storage
from web.deps import DB


async def get_storage(request: Request) -> Storage:
    storage: Storage = request.app.state.storage
    return storage


AppStorage = Annotated[Storage, Depends(get_storage)]


def readable_upload(upload_id: UUID, viewer: Anyone, db: DB) -> Upload:
    return queries.find_readable(db, viewer, upload_id)


ReadableUpload = Annotated[Upload, Depends(readable_upload)]
