"""Every SELECT about API tokens: a person's own, in the current workspace."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlmodel import col

from accounts.tokens.models import ApiToken
from accounts.users.models import User
from accounts.viewers import Viewer
from accounts.workspaces.models import Membership, Workspace
from core.db import Session
from core.errors import NotFound
from core.i18n import gettext as _


def list_tokens(db: Session, viewer: Viewer) -> list[Any]:
    """The viewer's tokens for this workspace that work, newest first."""
    return db.rows(
        select(
            col(ApiToken.id),
            col(ApiToken.name),
            col(ApiToken.hint),
            col(ApiToken.scopes),
            col(ApiToken.expires_at),
            col(ApiToken.created_at),
        )
        .where(*_live(db, viewer.user_id, viewer.workspace_id))
        .order_by(col(ApiToken.id).desc())
    )


def count_tokens(db: Session, user_id: UUID, workspace_id: UUID) -> int:
    """How many working tokens the person has for the workspace."""
    return db.scalar(select(func.count()).select_from(ApiToken).where(*_live(db, user_id, workspace_id))) or 0


def find_places(db: Session, email: str) -> list[tuple[UUID, UUID]]:
    """Person and workspace for each workspace of the person with that address, the earliest joined first."""
    found = db.execute(
        select(col(User.id), col(Membership.workspace_id))
        .join(Membership, col(Membership.user_id) == User.id)
        .join(Workspace, col(Workspace.id) == Membership.workspace_id)
        .where(col(User.email) == email, col(User.suspended_at).is_(None), col(Workspace.suspended_at).is_(None))
        .order_by(col(Membership.id))
    )
    return [(user_id, workspace_id) for user_id, workspace_id in found]


def _live(db: Session, user_id: UUID, workspace_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        col(ApiToken.user_id) == user_id,
        col(ApiToken.workspace_id) == workspace_id,
        col(ApiToken.revoked_at).is_(None),
        col(ApiToken.expires_at).is_(None) | (col(ApiToken.expires_at) > db.now()),
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
