"""The page of API tokens. Making one asks for a recent proof of the password."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response

from accounts.access import Member, Person
from accounts.sessions.access import require_proof
from accounts.tokens import queries
from accounts.tokens import service as tokens
from accounts.tokens.models import SCOPES
from accounts.tokens.schemas import TokenInput
from accounts.viewers import Viewer
from core.db import Session
from core.i18n import gettext as _
from web.deps import DB
from web.forms import Submitted, blank, form_of
from web.limits import Limit
from web.responses import page, redirect
from web.routing import pages

router = pages("/settings/tokens")

TokenForm = Annotated[Submitted[TokenInput], Depends(form_of(TokenInput))]


def scope_names() -> list[tuple[str, str]]:
    """Scopes in words; whoever writes for a program knows them by code, so the code stays beside."""
    words = (
        _("See your account, this workspace and its members"),
        _("Change your account and this workspace"),
        _("See profiles, briefs and offers"),
        _("Change profile, briefs and offers, and accept them"),
        _("See companies, deals, contracts and scopes"),
        _("Change companies and deals, sign contracts, log work"),
    )
    return [(scope, f"{name} ({scope})") for scope, name in zip(SCOPES, words, strict=True)]


@router.get("")
def index(request: Request, viewer: Member, db: DB) -> Response:
    return _tokens_page(request, viewer, db, blank(scopes=["account:read"], days="90"))


@router.post("", dependencies=[Limit("token", most=30, seconds=3600)])
def issue(request: Request, viewer: Person, db: DB, form: TokenForm) -> Response:
    require_proof(viewer, db.now())
    if form.errors:
        return _tokens_page(request, viewer, db, form, status=422)
    _made, text = tokens.issue(db, form.data, by=viewer)
    return _tokens_page(request, viewer, db, blank(scopes=["account:read"], days="90"), fresh=text)


@router.post("/{token_id}/revocation")
def revoke(request: Request, token_id: UUID, viewer: Person, db: DB) -> Response:
    tokens.revoke(db, queries.find_token(db, viewer, token_id), by=viewer)
    return redirect(request, "/settings/tokens", flash=_("Token revoked"))


def _tokens_page(
    request: Request, viewer: Viewer, db: Session, form: Submitted[Any], *, fresh: str = "", status: int = 200
) -> Response:
    return page(
        request,
        "accounts/tokens/index.html",
        status=status,
        form=form,
        fresh=fresh,
        tokens=queries.list_tokens(db, viewer),
        scopes=scope_names(),
        days=[("7", _("7 days")), ("30", _("30 days")), ("90", _("90 days")), ("365", _("1 year"))],
    )
