"""Files sent as evidence before the work they prove is logged; what nobody logs is let go."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from accounts.viewers import Viewer
from core.db import Session
from core.errors import Invalid, NotFound
from core.i18n import gettext as _
from crm.contracts.models import Contract
from crm.scopes.service import require_loggable
from files import queries as files
from files.models import Upload
from files.service import save_file
from files.storage import Storage

UNLOGGED = timedelta(days=1)
"""So long a file waits for the entry that names it."""


def send(db: Session, storage: Storage, contract: Contract, *, content: bytes, name: str, by: Viewer) -> Upload:
    """Keep a file that work on this contract will name; the other side may read it.

    Raises ``Conflict`` unless work is logged, ``Invalid`` for ``file``.
    """
    require_loggable(contract, db.now())
    return save_file(db, storage, content=content, name=name, by=by, other=contract.other_of(by.workspace_id))


def find(db: Session, contract: Contract, upload_id: UUID, *, by: Viewer) -> Upload:
    """The file sent before as evidence for this contract. Raises ``Invalid`` for any other."""
    unknown = Invalid(_("There is no such file here."), {"upload_id": _("Send the file to this contract first.")})
    try:
        upload = files.find_own(db, by, upload_id)
    except NotFound as error:
        raise unknown from error
    if upload.other_workspace_id != contract.other_of(by.workspace_id):
        raise unknown
    return upload
