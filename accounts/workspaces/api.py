"""The workspace, its members and invitations over JSON."""

from __future__ import annotations

from typing import Any

from accounts.access import Anyone, Manager, Member, Person
from accounts.users.models import User
from accounts.users.schemas import InvitedInput, LinkInput, PlaceRead
from accounts.workspaces import members, queries
from accounts.workspaces import service as workspaces
from accounts.workspaces.access import AnyMember, OwnInvitation, OwnMember
from accounts.workspaces.schemas import (
    InvitationInput,
    InvitationRead,
    MemberRead,
    NewWorkspaceInput,
    RoleInput,
    WorkspaceInput,
    WorkspaceRead,
)
from web.deps import DB
from web.limits import Limit
from web.routing import api

router = api("account", "/workspace")
everyones = api("account")
"""Doors that lead to workspaces other than the token's."""


@router.get("", response_model=WorkspaceRead)
def show(viewer: Member, db: DB) -> Any:
    return queries.find_workspace(db, viewer)


@router.put("", response_model=WorkspaceRead)
def edit(viewer: Manager, db: DB, data: WorkspaceInput) -> Any:
    workspace = queries.find_workspace(db, viewer)
    workspaces.edit(db, workspace, data, by=viewer)
    return workspace


@everyones.get("/workspaces", response_model=list[PlaceRead])
def places(viewer: Person, db: DB) -> Any:
    """The workspaces of the person, also those other than the token's; each takes a token of its own."""
    return queries.list_places(db, viewer.user_id)


@everyones.post(
    "/workspaces",
    response_model=WorkspaceRead,
    status_code=201,
    dependencies=[Limit("workspaces", most=10, seconds=3600)],
)
def create(viewer: Person, db: DB, data: NewWorkspaceInput) -> Any:
    """A workspace of one's own. The token stays with the one it was made in."""
    return workspaces.create(db, kind=data.kind, name=data.name, owner=db.get_one(User, viewer.user_id))


@everyones.post("/invitations", response_model=WorkspaceRead, status_code=201, responses={410: {}})
def join(viewer: Person, db: DB, data: LinkInput) -> Any:
    """Take an invitation sent to one's own address. The token stays with the workspace it was made in."""
    return members.join(db, data.token, by=viewer)


@everyones.post("/invitations/accounts", status_code=204, dependencies=[Limit("sign_up", most=10, seconds=3600)])
def join_as_newcomer(viewer: Anyone, db: DB, data: InvitedInput) -> None:
    """Take an invitation and make the account for its address; afterwards get a token with the password."""
    members.join_as_newcomer(db, data.token, data)


@router.get("/members", response_model=list[MemberRead])
def index(viewer: Member, db: DB) -> Any:
    return queries.list_members(db, viewer)


@router.put("/members/{member_id}/role", status_code=204)
def change_role(viewer: Manager, member: OwnMember, db: DB, data: RoleInput) -> None:
    members.change_role(db, member, data.role, by=viewer)


@router.delete("/members/{member_id}", status_code=204)
def remove(viewer: Person, member: AnyMember, db: DB) -> None:
    members.remove(db, member, by=viewer)


@router.get("/invitations", response_model=list[InvitationRead])
def invitations(viewer: Manager, db: DB) -> Any:
    return queries.list_invitations(db, viewer)


@router.post(
    "/invitations",
    response_model=InvitationRead,
    status_code=201,
    dependencies=[Limit("invite", most=30, seconds=3600)],
)
def invite(viewer: Manager, db: DB, data: InvitationInput) -> Any:
    return members.invite(db, data, by=viewer)


@router.delete("/invitations/{invitation_id}", status_code=204)
def revoke(viewer: Manager, invitation: OwnInvitation, db: DB) -> None:
    members.revoke(db, invitation, by=viewer)
