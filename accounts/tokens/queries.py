"""Every SELECT about API tokens: a person's own, in the current workspace."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from accounts.tokens.models import ApiToken
from accounts.viewers import Viewer
from core.db import Session
from core.errors import NotFound
from core.i18n import gettext as _


def list_tokens(db: Session, viewer: Viewer) -> list[Any]:
    """The viewer's tokens for this workspace that are not revoked, newest first."""
    return db.rows(
        select(
            col(ApiToken.id),
            col(ApiToken.name),
            col(ApiToken.hint),
            col(ApiToken.scopes),
            col(ApiToken.expires_at),
            col(ApiToken.created_at),
        )
        .where(
            col(ApiToken.user_id) == viewer.user_id,
            col(ApiToken.workspace_id) == viewer.workspace_id,
            col(ApiToken.revoked_at).is_(None),
        )
        .order_by(col(ApiToken.id).desc())
    )


def find_token(db: Session, viewer: Viewer, token_id: UUID) -> ApiToken:
    """One of the viewer's live tokens. Raises ``NotFound``."""
    found = db.scalar(
        select(ApiToken).where(
            col(ApiToken.id) == token_id,
            col(ApiToken.user_id) == viewer.user_id,
            col(ApiToken.workspace_id) == viewer.workspace_id,
            col(ApiToken.revoked_at).is_(None),
        )
    )
    if found is None:
        raise NotFound(_("There is no such token here."))
    return found
