"""What comes in and goes out about API tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from accounts.users.schemas import Email, Password
from accounts.workspaces.schemas import NewWorkspaceInput
from core.fields import Input, MaybeLine, Read, ShortLine

Scope = Literal["account:read", "account:write", "marketplace:read", "marketplace:write", "crm:read", "crm:write"]


class TokenInput(Input):
    """``days``: 7, 30, 90 or 365 until it expires."""

    name: ShortLine
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=6)]
    days: Literal["7", "30", "90", "365"] = "90"


class CredentialsInput(TokenInput):
    """Address and password, the code of the second factor where it is on, and what the token shall be.

    ``workspace`` is for who belongs to none (any more): the one to make, to which the token then belongs.
    """

    email: Email
    password: Password
    code: MaybeLine = ""
    workspace_id: UUID | None = None
    workspace: NewWorkspaceInput | None = None


class TokenText(Read):
    """``token`` is shown this once."""

    token: str


class TokenRead(Read):
    id: UUID
    name: str
    hint: str
    scopes: list[str]
    expires_at: datetime | None
    created_at: datetime
