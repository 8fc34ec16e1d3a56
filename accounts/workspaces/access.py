"""Loading members and invitations of the viewer's own workspace."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from accounts.access import Manager, Person
from accounts.workspaces import queries
from accounts.workspaces.models import Invitation, Membership
from web.deps import DB


def own_member(member_id: UUID, viewer: Manager, db: DB) -> Membership:
    return queries.find_member(db, viewer, member_id)


def any_member(member_id: UUID, viewer: Person, db: DB) -> Membership:
    """For removal: a plain member may load the own membership to leave."""
    return queries.find_member(db, viewer, member_id)


def own_invitation(invitation_id: UUID, viewer: Manager, db: DB) -> Invitation:
    return queries.find_invitation(db, viewer, invitation_id)


OwnMember = Annotated[Membership, Depends(own_member)]
AnyMember = Annotated[Membership, Depends(any_member)]
OwnInvitation = Annotated[Invitation, Depends(own_invitation)]
