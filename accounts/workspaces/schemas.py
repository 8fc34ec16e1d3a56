"""What comes in and goes out about workspaces, members and invitations."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from accounts.users.schemas import Email, ZoneName
from accounts.workspaces.models import Role, WorkspaceKind
from core.fields import Blank, CurrencyCode, Input, MaybeLine, Read, Remark, ShortLine, Url

Place = Annotated[MaybeLine, Field(max_length=80)]


class NewWorkspaceInput(Input):
    kind: WorkspaceKind
    name: ShortLine


class WorkspaceInput(Input):
    """Legal name and address are what contracts name as a party."""

    name: ShortLine
    legal_name: MaybeLine = ""
    legal_address: Annotated[Remark, Field(max_length=300)] = ""
    country: Place = ""
    city: Place = ""
    website: Annotated[Url | None, Blank] = None
    time_zone: ZoneName = "UTC"
    currency: CurrencyCode = "EUR"


class InvitationInput(Input):
    email: Email
    role: Role


class RoleInput(Input):
    role: Role


class SwitchInput(Input):
    """``next``: the page that led here; it is opened in the other workspace."""

    workspace_id: UUID
    next: Annotated[str, StringConstraints(max_length=2000)] = "/home"


class WorkspaceRead(Read):
    id: UUID
    kind: WorkspaceKind
    name: str
    legal_name: str
    legal_address: str
    country: str
    city: str
    website: str
    time_zone: str
    currency: str


class MemberRead(Read):
    id: UUID
    user_id: UUID
    name: str
    email: str
    role: Role
    created_at: datetime


class InvitationRead(Read):
    id: UUID
    email: str
    role: Role
    expires_at: datetime
