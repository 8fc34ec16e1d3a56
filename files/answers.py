"""An upload as an answer: pictures we drew are shown, everything else can only be saved."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Response

from core.db import Session
from core.errors import NotFound
from core.i18n import gettext as _
from files.models import Upload, UploadKind
from files.storage import Storage

SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


def deliver(db: Session, storage: Storage, upload: Upload) -> Response:
    """The bytes with headers that keep them harmless. Raises ``NotFound`` if the storage has lost them."""
    db.close()  # the storage may be slow; no connection waits for it
    content = storage.get(upload.storage_key)
    if content is None:
        raise NotFound(_("There is no such file here."))
    shown = "inline" if upload.kind is UploadKind.IMAGE else "attachment"
    headers = {
        "content-disposition": f"{shown}; filename*=UTF-8''{quote(upload.name, safe='')}",
        "content-security-policy": SANDBOX,
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "public, max-age=31536000, immutable" if upload.public else "no-store",
    }
    return Response(content, media_type=upload.mime, headers=headers)
