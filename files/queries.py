"""Every SELECT about uploads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from accounts.viewers import Viewer
from accounts.workspaces.models import Workspace
from core.db import Session
from core.errors import NotFound
from core.i18n import gettext as _
from files.models import Upload, UploadKind


class Used(NamedTuple):
    """What a workspace stores: bytes and number of files."""

    size: int
    files: int


def find_readable(db: Session, viewer: Viewer | None, upload_id: UUID) -> Upload:
    """The upload, if it is of the viewer's side of a contract or public. Raises ``NotFound``.

    Nothing of a suspended workspace is public. Evidence is of the CRM: other tokens do not reach it.
    """
    statement = select(Upload, col(Workspace.suspended_at)).join(Workspace, col(Workspace.id) == Upload.workspace_id)
    row = db.execute(statement.where(col(Upload.id) == upload_id)).first()
    if row is not None:
        found: Upload = row[0]
        if _is_party(viewer, found) or (found.public and row.suspended_at is None):
            return found
    raise NotFound(_("There is no such file here."))


def find_own(db: Session, viewer: Viewer, upload_id: UUID) -> Upload:
    """An upload of the viewer's own workspace; ids that come in a body are looked up here. Raises ``NotFound``."""
    found = db.scalar(
        select(Upload).where(col(Upload.id) == upload_id, col(Upload.workspace_id) == viewer.workspace_id)
    )
    if found is None:
        raise NotFound(_("There is no such file here."))
    return found


def used_by(db: Session, workspace_id: UUID) -> Used:
    """What the workspace stores. Locks its row, so that two uploads at once cannot both take the last place."""
    db.scalar(select(col(Workspace.id)).where(col(Workspace.id) == workspace_id).with_for_update(key_share=True))
    row = db.execute(
        select(func.coalesce(func.sum(Upload.size), 0), func.count()).where(col(Upload.workspace_id) == workspace_id)
    ).one()
    return Used(int(row[0]), int(row[1]))


def known_keys(db: Session, keys: Sequence[str]) -> set[str]:
    """Those of ``keys`` that an upload row stands behind."""
    return set(db.scalars(select(col(Upload.storage_key)).where(col(Upload.storage_key).in_(keys))))


def list_stored(db: Session) -> list[tuple[str, str]]:
    """Storage key and type of every upload, for backups."""
    return [(row.storage_key, row.mime) for row in db.execute(select(col(Upload.storage_key), col(Upload.mime)))]


def _is_party(viewer: Viewer | None, upload: Upload) -> bool:
    if viewer is None or viewer.place is None:
        return False
    if upload.kind is UploadKind.FILE and viewer.scopes is not None and "crm:read" not in viewer.scopes:
        return False
    return viewer.place.id in {upload.workspace_id, upload.other_workspace_id}
