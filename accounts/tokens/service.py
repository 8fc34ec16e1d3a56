"""Verbs on API tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from accounts.sessions import queries as log_ins
from accounts.tokens import queries
from accounts.tokens.models import SCOPES, ApiToken
from accounts.tokens.schemas import CredentialsInput, TokenInput
from accounts.users import queries as people
from accounts.users.actor import Oneself
from accounts.users.models import User
from accounts.viewers import Viewer
from accounts.workspaces import queries as workspaces
from accounts.workspaces.schemas import NewWorkspaceInput
from accounts.workspaces.service import create as make_workspace
from core.crypto import token_hash
from core.db import Session
from core.errors import Conflict, Invalid, NotFound
from core.events import record
from core.i18n import gettext as _
from core.ids import new_token

PREFIX = "pw_"
MOST_TOKENS = 20


def issue(db: Session, data: TokenInput, *, by: Viewer) -> tuple[ApiToken, str]:
    """A new token and its text, which is shown this once.

    Raises ``Conflict`` beyond 20 working ones and ``NotSignedIn`` when the log-in ended meanwhile: a reset of the
    password ends log-ins and tokens, and must find this one.
    """
    log_ins.hold_session(db, by)
    made, text = _make(db, by.user_id, by.workspace_id, data.name, data.scopes, _end(db, data))
    record(db, "token.issued", made, by=by)
    return made, text


def issue_by_password(db: Session, user: User, data: CredentialsInput) -> str:
    """A token for someone who just gave address and password: for the workspace asked for, or the first one.

    Who belongs to none may name one to make. Raises ``Invalid`` for a workspace the person does not belong to and for
    one to make beside others, ``NotFound`` without any, ``Conflict`` beyond 20 working ones, ``NotSignedIn`` when the
    password changed since ``user`` was read.
    """
    people.hold_as_checked(db, user)
    places = [place for _user, place in queries.find_places(db, user.email)]
    if data.workspace is not None:
        places = [_first_place(db, user, data.workspace, places)]
    if not places:
        raise NotFound(_("You do not belong to a workspace yet. Name one to make in “workspace”."))
    place = data.workspace_id or places[0]
    if place not in places:
        raise Invalid(_("There is no such workspace here."), {"workspace_id": _("Choose one of your workspaces.")})
    made, text = _make(db, user.id, place, data.name, data.scopes, _end(db, data))
    record(db, "token.issued", made, by=Oneself(user.id, place))
    return text


def issue_for(db: Session, email: str, *, name: str, scopes: Sequence[str] | None, expires_at: datetime | None) -> str:
    """A token for a person's first workspace, for the console. Raises ``NotFound`` and ``Conflict``."""
    if scopes and not set(scopes) <= set(SCOPES):
        raise Conflict(_("Known scopes: %(scopes)s") % {"scopes": ", ".join(SCOPES)})
    places = queries.find_places(db, email.strip().lower())
    if not places:
        raise NotFound(_("There is no person with this address and a workspace."))
    made, text = _make(db, *places[0], name, scopes or SCOPES, expires_at)
    record(db, "token.issued", made, by=None)
    return text


def revoke(db: Session, token: ApiToken, *, by: Viewer) -> None:
    """End a token at once."""
    token.revoked_at = db.now()
    record(db, "token.revoked", token, by=by)


def _first_place(db: Session, user: User, wanted: NewWorkspaceInput, places: list[UUID]) -> UUID:
    if places:
        sentence = _("You belong to a workspace already. Make another one with a token of that one.")
        raise Invalid(sentence, {"workspace": sentence})
    return make_workspace(db, kind=wanted.kind, name=wanted.name, owner=user).id


def _end(db: Session, data: TokenInput) -> datetime:
    return db.now() + timedelta(days=int(data.days))


def _make(
    db: Session, user_id: UUID, workspace_id: UUID, name: str, scopes: Sequence[str], expires_at: datetime | None
) -> tuple[ApiToken, str]:
    workspaces.hold_membership(db, user_id, workspace_id)
    if queries.count_tokens(db, user_id, workspace_id) >= MOST_TOKENS:
        raise Conflict(_("You have 20 tokens here. Revoke one first."))
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
