"""An upload as an answer: pictures we drew are shown, everything else can only be saved."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Response

from core.db import Session
from core.errors import NotFound
from core.i18n import gettext as _
from files.models import Upload, UploadKind
from files.storage import Storage

SHOWN_AGAIN = "private, max-age=3600"
"""A picture that is taken back stays in no shared cache, and in a browser that had it for an hour at most."""
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


def deliver(db: Session, storage: Storage, upload: Upload) -> Response:
    """The bytes with headers that keep them harmless. Raises ``NotFound`` if the storage has lost them."""
    db.close()  # the storage may be slow; no connection waits for it
    content = storage.get(upload.storage_key)
    if content is None:
        raise NotFound(_("There is no such file here."))
    picture = upload.kind is UploadKind.IMAGE  # its name is private: it may tell a client under NDA
    headers = {
        "content-disposition": "inline" if picture else f"attachment; filename*=UTF-8''{quote(upload.name, safe='')}",
        "content-security-policy": SANDBOX,
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": SHOWN_AGAIN if upload.public else "no-store",
    }
    return Response(content, media_type=upload.mime, headers=headers)
