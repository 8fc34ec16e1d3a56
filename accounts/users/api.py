"""One's own account over JSON."""

from __future__ import annotations

from typing import Any

from accounts.access import Person
from accounts.users import account, deletion, queries
from accounts.users.schemas import AccountInput, AccountRead
from accounts.viewers import Viewer
from core.db import Session
from web.deps import DB
from web.routing import api

router = api("account", "/me")


@router.get("", response_model=AccountRead)
def show(viewer: Person, db: DB) -> Any:
    """The person the token acts for, its workspace and its scopes."""
    return _read(db, viewer)


@router.put("", response_model=AccountRead)
def edit(viewer: Person, db: DB, data: AccountInput) -> Any:
    """Overwrite name, language and time zone."""
    account.edit(db, data, by=viewer)
    return _read(db, viewer)


def _read(db: Session, viewer: Viewer) -> dict[str, Any]:
    found = queries.account(db, viewer.user_id)
    return {
        **found._asdict(),
        "email_verified": found.email_verified_at is not None,
        "two_factor": found.totp_confirmed_at is not None,
        "deletion_requested": found.deletion_requested_at is not None,
        "deletion_on": deletion.due(found.deletion_requested_at),
        "workspace": viewer.place,
        "scopes": sorted(viewer.scopes or ()),
    }
