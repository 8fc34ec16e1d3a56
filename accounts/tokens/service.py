"""Verbs on API tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from accounts.tokens import queries
from accounts.tokens.models import SCOPES, ApiToken
from accounts.tokens.schemas import TokenInput
from accounts.users.models import User
from accounts.viewers import Viewer
from accounts.workspaces.models import Membership
from core.crypto import token_hash
from core.db import Session
from core.errors import Conflict, NotFound
from core.events import record
from core.i18n import gettext as _
from core.ids import new_token

PREFIX = "pw_"
MOST_TOKENS = 20


def issue(db: Session, data: TokenInput, *, by: Viewer) -> tuple[ApiToken, str]:
    """A new token and its text, which is shown this once. Raises ``Conflict`` beyond 20 live ones."""
    if len(queries.list_tokens(db, by)) >= MOST_TOKENS:
        raise Conflict(_("You have 20 tokens here. Revoke one first."))
    expires_at = db.now() + timedelta(days=int(data.days))
    made, text = _make(db, by.user_id, by.workspace_id, data.name, data.scopes, expires_at)
    record(db, "token.issued", made, by=by)
    return made, text


def issue_for(db: Session, email: str, *, name: str, scopes: Sequence[str] | None, expires_at: datetime | None) -> str:
    """A token for a person's first workspace, for the console. Raises ``NotFound`` and ``Conflict``."""
    if scopes and not set(scopes) <= set(SCOPES):
        raise Conflict(_("Known scopes: %(scopes)s") % {"scopes": ", ".join(SCOPES)})
    found = db.execute(
        select(col(User.id), col(Membership.workspace_id))
        .join(Membership, col(Membership.user_id) == User.id)
        .where(col(User.email) == email.strip().lower())
        .order_by(col(Membership.id))
    ).first()
    if found is None:
        raise NotFound(_("There is no person with this address and a workspace."))
    made, text = _make(db, found[0], found[1], name, scopes or SCOPES, expires_at)
    record(db, "token.issued", made, by=None)
    return text


def issue_for_days(db: Session, email: str, name: str, scopes: Sequence[str], days: int) -> str:
    """``issue_for`` with an end in days."""
    return issue_for(db, email, name=name, scopes=scopes, expires_at=db.now() + timedelta(days=days))


def revoke(db: Session, token: ApiToken, *, by: Viewer) -> None:
    """End a token at once."""
    token.revoked_at = db.now()
    record(db, "token.revoked", token, by=by)


def _make(
    db: Session, user_id: UUID, workspace_id: UUID, name: str, scopes: Sequence[str], expires_at: datetime | None
) -> tuple[ApiToken, str]:
    text = PREFIX + new_token()
    made = ApiToken(
        user_id=user_id,
        workspace_id=workspace_id,
        name=name,
        token_hash=token_hash(text),
        hint=text[:8],
        scopes=list(dict.fromkeys(scopes)),
        expires_at=expires_at,
        created_at=db.now(),
    )
    db.add(made)
    db.flush()
    return made, text
