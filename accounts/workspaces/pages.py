"""Pages of the workspace: its facts, members, invitations, switching."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request, Response

from accounts.access import Anyone, Manager, Member, Person
from accounts.sessions.admission import admit
from accounts.users import queries as people
from accounts.users.models import User
from accounts.users.schemas import GuessedZone, NewcomerInput, time_zones
from accounts.viewers import Viewer
from accounts.workspaces import members, queries
from accounts.workspaces import service as workspaces
from accounts.workspaces.access import AnyMember, OwnInvitation, OwnMember
from accounts.workspaces.models import Role
from accounts.workspaces.schemas import (
    InvitationInput,
    NewWorkspaceInput,
    RoleInput,
    SwitchInput,
    WorkspaceInput,
)
from core.db import Session
from core.errors import NotFound
from core.i18n import gettext as _
from core.money import CURRENCIES
from web.deps import DB
from web.forms import Submitted, blank, filled, form_of
from web.limits import Limit
from web.responses import page, redirect
from web.routing import pages

router = pages()

WorkspaceForm = Annotated[Submitted[WorkspaceInput], Depends(form_of(WorkspaceInput))]
NewWorkspaceForm = Annotated[Submitted[NewWorkspaceInput], Depends(form_of(NewWorkspaceInput))]
InvitationForm = Annotated[Submitted[InvitationInput], Depends(form_of(InvitationInput))]
RoleForm = Annotated[Submitted[RoleInput], Depends(form_of(RoleInput))]


class NewcomerSubmission(NewcomerInput):
    time_zone: GuessedZone = "UTC"


NewcomerForm = Annotated[Submitted[NewcomerSubmission], Depends(form_of(NewcomerSubmission))]
SwitchForm = Annotated[Submitted[SwitchInput], Depends(form_of(SwitchInput))]


def roles() -> list[tuple[str, str, str]]:
    """Role, its name and what it may do, for selects and cards."""
    return [
        (Role.OWNER.value, _("Owner"), _("Everything, members and the workspace too")),
        (Role.MANAGER.value, _("Manager"), _("Accepts offers, signs contracts, invites people")),
        (Role.MEMBER.value, _("Member"), _("Does the daily work")),
        (Role.VIEWER.value, _("Viewer"), _("Looks, changes nothing")),
    ]


@router.post("/workspaces/switch")
def switch(request: Request, viewer: Person, db: DB, form: SwitchForm) -> Response:
    if form.errors or form.data.workspace_id not in {place.id for place in viewer.places}:
        raise NotFound(_("There is no such workspace here."))
    members.switch(db, form.data.workspace_id, by=viewer)
    return redirect(request, form.data.next)


@router.get("/workspaces/new")
def new(request: Request, viewer: Person) -> Response:
    return page(request, "accounts/workspaces/new.html", form=blank(kind="specialist"))


@router.post("/workspaces", dependencies=[Limit("workspaces", most=10, seconds=3600)])
def create(request: Request, viewer: Person, db: DB, form: NewWorkspaceForm) -> Response:
    if form.errors:
        return page(request, "accounts/workspaces/new.html", status=422, form=form)
    owner = db.get_one(User, viewer.user_id)
    made = workspaces.create(db, kind=form.data.kind, name=form.data.name, owner=owner)
    members.switch(db, made.id, by=viewer)
    return redirect(request, "/home", flash=_("Workspace made"))


@router.get("/settings/workspace")
def show(request: Request, viewer: Member, db: DB) -> Response:
    return page(request, "accounts/workspaces/edit.html", form=_stored(db, viewer), **_choices())


@router.post("/settings/workspace")
def edit(request: Request, viewer: Manager, db: DB, form: WorkspaceForm) -> Response:
    def save(data: WorkspaceInput) -> None:
        workspaces.edit(db, queries.find_workspace(db, viewer), data, by=viewer)

    if not form.succeeds(db, save, over=_stored(db, viewer)):
        return page(request, "accounts/workspaces/edit.html", status=form.status, form=form, **_choices())
    return redirect(request, "/settings/workspace", flash=_("Saved"))


@router.get("/settings/members")
def index(request: Request, viewer: Member, db: DB) -> Response:
    return _members_page(request, viewer, db, blank(role="member"))


@router.post("/settings/members/invitations", dependencies=[Limit("invite", most=30, seconds=3600)])
def invite(request: Request, viewer: Manager, db: DB, form: InvitationForm) -> Response:
    if form.attempt(db, lambda data: members.invite(db, data, by=viewer)) is None:
        return _members_page(request, viewer, db, form, status=422)
    return redirect(request, "/settings/members", flash=_("Invitation sent"))


@router.post("/settings/members/invitations/{invitation_id}/revocation")
def revoke(request: Request, viewer: Manager, invitation: OwnInvitation, db: DB) -> Response:
    members.revoke(db, invitation, by=viewer)
    return redirect(request, "/settings/members", flash=_("Invitation withdrawn"))


@router.post("/settings/members/{member_id}/role")
def change_role(request: Request, viewer: Manager, member: OwnMember, db: DB, form: RoleForm) -> Response:
    if form.errors:
        return _members_page(request, viewer, db, blank(role="member"), status=422)
    members.change_role(db, member, form.data.role, by=viewer)
    return redirect(request, "/settings/members", flash=_("Role changed"))


@router.post("/settings/members/{member_id}/removal")
def remove(request: Request, viewer: Person, member: AnyMember, db: DB) -> Response:
    members.remove(db, member, by=viewer)
    leaving = member.user_id == viewer.user_id
    if leaving:
        return redirect(request, "/home", flash=_("You left %(name)s") % {"name": viewer.workspace_name})
    return redirect(request, "/settings/members", flash=_("Member removed"))


@router.get("/invitations/{token}")
def invitation(request: Request, token: str, viewer: Anyone, db: DB) -> Response:
    try:
        return _invitation_page(request, db, token, blank())
    except queries.InvitationGone as gone:
        return _lead_on(request, viewer, gone)


@router.post("/invitations/{token}")
def join(request: Request, token: str, viewer: Person, db: DB) -> Response:
    try:
        workspace = members.join(db, token, by=viewer)
    except queries.InvitationGone as gone:
        return _lead_on(request, viewer, gone)
    return redirect(request, "/home", flash=_("Welcome to %(name)s") % {"name": workspace.name})


@router.post("/invitations/{token}/account", dependencies=[Limit("sign_up", most=10, seconds=3600)])
def join_as_newcomer(request: Request, token: str, viewer: Anyone, db: DB, form: NewcomerForm) -> Response:
    user = form.attempt(db, lambda data: members.join_as_newcomer(db, token, data))
    if user is None:
        return _invitation_page(request, db, token, form, status=422)
    return admit(request, db, user, stay=False, to="/home", flash=_("Welcome to Postwright"))


def _invitation_page(request: Request, db: Session, token: str, form: Submitted[Any], status: int = 200) -> Response:
    found, workspace = queries.find_invitation_by_token(db, token)
    names = {value: name for value, name, _note in roles()}
    return page(
        request,
        "accounts/workspaces/invitation.html",
        status=status,
        token=token,
        invitation=found,
        workspace=workspace,
        role_name=names[found.role],
        form=form,
        has_account=people.find_by_email(db, found.email) is not None,
    )


def _lead_on(request: Request, viewer: Viewer | None, gone: queries.InvitationGone) -> Response:
    """Who is in the workspace already goes there; anybody else is told why the link opens nothing."""
    place = next((place for place in viewer.places if place.id == gone.workspace_id), None) if viewer else None
    if viewer is None or place is None:
        raise gone
    if place == viewer.place:
        return redirect(request, "/home", flash=_("You belong to %(name)s already") % {"name": place.name})
    return page(request, "accounts/workspaces/belonging.html", place=place)


def _members_page(request: Request, viewer: Viewer, db: Session, form: Submitted[Any], status: int = 200) -> Response:
    return page(
        request,
        "accounts/workspaces/members.html",
        status=status,
        form=form,
        members=queries.list_members(db, viewer),
        invitations=queries.list_invitations(db, viewer),
        roles=[role for role in roles() if viewer.may(Role(role[0]))],
        role_names={value: name for value, name, _note in roles()},
    )


def _stored(db: Session, viewer: Viewer) -> Submitted[Any]:
    """The form with what is stored."""
    workspace = queries.find_workspace(db, viewer)
    return filled(workspace.model_dump(include=set(WorkspaceInput.model_fields)))


def _choices() -> dict[str, Any]:
    return {
        "zones": [(zone, zone.replace("_", " ")) for zone in time_zones()],
        "currencies": [(code, code) for code in CURRENCIES],
    }
