"""The policies every route names one of.

``Anyone`` · ``Person`` (signed in; own account things) · ``Member`` (of the current workspace; unsafe methods need the
role member) · ``Manager`` · ``Owner`` · ``SpecialistMember``/``SpecialistManager`` · ``BusinessMember``/
``BusinessManager`` · ``Staff``. On pages the caller is known by cookie, on ``/api`` by bearer token.

They call each other as functions: each further dependency of a dependency is solved again for every route and request.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from anyio import to_thread
from fastapi import Depends, Request

from accounts.viewers import Viewer, find_by_session, find_by_token
from accounts.workspaces.models import Role, WorkspaceKind
from core.db import Session
from core.errors import Forbidden, NotFound, NotSignedIn
from core.i18n import gettext as _
from web import idempotency
from web.bearer import bearer_token
from web.cookies import SESSION_COOKIE, cookie_name
from web.deps import DB
from web.routing import SAFE_METHODS, policy


async def _caller(request: Request, db: Session) -> Viewer | None:
    """By bearer token on the API, by cookie on pages, looked up once. Who brings neither costs no look-up."""
    if not hasattr(request.state, "viewer"):
        request.state.viewer = await _look_up(request, db)
    viewer: Viewer | None = request.state.viewer
    return viewer


async def _look_up(request: Request, db: Session) -> Viewer | None:
    if request.url.path.startswith("/api/"):
        token = bearer_token(request)
        return await to_thread.run_sync(find_by_token, db, token) if token else None
    cookie = request.cookies.get(cookie_name(SESSION_COOKIE, request.app.state.settings))
    return await to_thread.run_sync(find_by_session, db, cookie) if cookie else None


async def _signed_in(request: Request, db: Session) -> Viewer:
    viewer = await _caller(request, db)
    if viewer is None:
        raise NotSignedIn(_("Log in first."))
    if viewer.scopes is not None:
        needed = f"{_areas(request)[0]}:{'read' if request.method in SAFE_METHODS else 'write'}"
        if needed not in viewer.scopes:
            raise Forbidden(_("This token lacks the scope %(scope)s.") % {"scope": needed}, code="scope")
        await idempotency.reserve(request, db)
    return viewer


def _areas(request: Request) -> list[str]:
    """What the token scopes of the route begin with; the first is needed, any is enough where anyone may look."""
    areas: list[str] = request.scope["route"].tags
    return areas


@policy("anyone")
async def anyone(request: Request, db: DB) -> Viewer | None:
    """A token that may not read here is nobody's: it sees what everyone sees.

    One that means nothing any more is refused even so: whoever sends it would take what is hidden for gone.
    """
    viewer = await _caller(request, db)
    if viewer is None and request.url.path.startswith("/api/") and bearer_token(request):
        raise NotSignedIn(_("This token means nothing any more."))
    if viewer is None or viewer.scopes is None or any(f"{area}:read" in viewer.scopes for area in _areas(request)):
        return viewer
    return None


@policy("anyone")
async def everyone() -> None:
    """For routes that do not care who calls and need no database."""


@policy("person")
async def person(request: Request, db: DB) -> Viewer:
    return await _signed_in(request, db)


Person = Annotated[Viewer, Depends(person)]


def _needs(role: Role, kind: WorkspaceKind | None = None) -> Callable[..., Any]:
    """Reading needs membership, changing needs ``role``; the wrong kind of workspace sees nothing here."""
    name = f"{kind.value if kind else 'workspace'} {role.value}"

    @policy(name)
    async def check(request: Request, db: DB) -> Viewer:
        viewer = await _signed_in(request, db)
        if viewer.place is None:
            raise NotFound(_("You do not belong to a workspace yet."))
        if kind is not None and viewer.place.kind is not kind:
            raise NotFound(_("This is not part of your workspace. Switch to another one in the menu."))
        if request.method not in SAFE_METHODS and not viewer.may(role):
            raise Forbidden(_("Your role here does not allow this. Ask an owner of the workspace."), code="role")
        return viewer

    return check


@policy("staff")
async def _staff(request: Request, db: DB) -> Viewer:
    viewer = await _signed_in(request, db)
    if not viewer.is_staff or viewer.scopes is not None:
        raise NotFound(_("There is nothing here."))
    return viewer


Anyone = Annotated[Viewer | None, Depends(anyone)]
Everyone = Depends(everyone)
Member = Annotated[Viewer, Depends(_needs(Role.MEMBER))]
Manager = Annotated[Viewer, Depends(_needs(Role.MANAGER))]
Owner = Annotated[Viewer, Depends(_needs(Role.OWNER))]
SpecialistMember = Annotated[Viewer, Depends(_needs(Role.MEMBER, WorkspaceKind.SPECIALIST))]
SpecialistManager = Annotated[Viewer, Depends(_needs(Role.MANAGER, WorkspaceKind.SPECIALIST))]
BusinessMember = Annotated[Viewer, Depends(_needs(Role.MEMBER, WorkspaceKind.BUSINESS))]
BusinessManager = Annotated[Viewer, Depends(_needs(Role.MANAGER, WorkspaceKind.BUSINESS))]
Staff = Annotated[Viewer, Depends(_staff)]
