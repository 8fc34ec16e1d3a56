"""Keeping and letting go of uploads.

The object is written before the row commits: a failed request leaves an object without a row, never a row
without an object. The sweep removes such leftovers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from accounts.viewers import Viewer
from core.db import Session
from core.errors import Invalid
from core.i18n import gettext as _
from core.ids import new_token
from core.jobs import enqueue
from files import images
from files.kinds import plain_name, recognise
from files.models import Upload, UploadKind
from files.queries import used_by
from files.storage import Storage

LARGEST = 10 * 1024 * 1024
QUOTA = 200 * 1024 * 1024
MOST_FILES = 2000


def save_image(
    db: Session, storage: Storage, *, content: bytes, name: str, public: bool, by: Viewer, field: str = "file"
) -> Upload:
    """Keep a picture of the viewer's workspace, redrawn as WebP. Raises ``Invalid`` for ``field``, storing nothing."""
    _check_size(content, field)
    picture = images.redraw(content, field)
    upload = Upload(
        workspace_id=by.workspace_id,
        kind=UploadKind.IMAGE,
        name=plain_name(name, ".webp"),
        mime=images.MIME,
        width=picture.width,
        height=picture.height,
        public=public,
        **_facts(db, by, picture.content),
    )
    return _keep(db, storage, upload, picture.content, field)


def save_file(
    db: Session,
    storage: Storage,
    *,
    content: bytes,
    name: str,
    by: Viewer,
    other: UUID | None = None,
    field: str = "file",
) -> Upload:
    """Keep evidence byte for byte: PDF, picture, text, CSV, docx or xlsx; it is only ever downloaded.

    ``other``: the workspace across the table, which may read it too. Raises ``Invalid`` for ``field``.
    """
    _check_size(content, field)
    found = recognise(content, name)
    if found is None:
        raise _invalid(field, _("Upload a PDF, a picture, a text or CSV file, or a Word or Excel file without macros."))
    mime, extension = found
    upload = Upload(
        workspace_id=by.workspace_id,
        other_workspace_id=other,
        kind=UploadKind.FILE,
        name=plain_name(name, extension),
        mime=mime,
        **_facts(db, by, content),
    )
    return _keep(db, storage, upload, content, field)


def set_public(db: Session, upload_ids: Sequence[UUID], *, public: bool, workspace_id: UUID) -> None:
    """Show or hide pictures of this workspace, as its profile or case is published or taken back."""
    db.flush()
    db.execute(
        update(Upload)
        .where(col(Upload.id).in_(upload_ids), col(Upload.workspace_id) == workspace_id)
        .where(col(Upload.kind) == UploadKind.IMAGE)
        .values(public=public)
    )


def remove(db: Session, upload: Upload) -> None:
    """Forget an upload; its object goes after the commit."""
    enqueue(db, "files.remove", {"key": upload.storage_key})
    db.delete(upload)
    db.flush()


def _facts(db: Session, by: Viewer, content: bytes) -> dict[str, Any]:
    return {
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "storage_key": f"{by.workspace_id}/{new_token()}",
        "created_by": by.user_id,
        "created_at": db.now(),
    }


def _check_size(content: bytes, field: str) -> None:
    if not content:
        raise _invalid(field, _("This file is empty."))
    if len(content) > LARGEST:
        raise _invalid(field, _("This file is larger than 10 MB."))


def _keep(db: Session, storage: Storage, upload: Upload, content: bytes, field: str) -> Upload:
    used = used_by(db, upload.workspace_id)
    if used.size + len(content) > QUOTA or used.files >= MOST_FILES:
        raise _invalid(field, _full(upload.kind))
    storage.put(upload.storage_key, content, upload.mime)
    db.add(upload)
    db.flush()
    return upload


def _full(kind: UploadKind) -> str:
    """Files prove work that was logged and stay with it; pictures may go."""
    if kind is UploadKind.FILE:
        return _("Your workspace is full: 200 MB or 2,000 files. Give a link instead, or remove pictures first.")
    return _("Your workspace is full: 200 MB or 2,000 files. Remove pictures first.")


def _invalid(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, {field: sentence})
