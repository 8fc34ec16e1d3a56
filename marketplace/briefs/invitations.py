"""Who may see a brief that is not on the board: invited specialists and those who hold its private link."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from accounts.viewers import Viewer
from core.crypto import token_hash
from core.db import Session
from core.errors import Conflict, Invalid
from core.i18n import gettext as _
from core.ids import new_token
from core.states import amend
from marketplace.briefs import queries
from marketplace.briefs.models import Brief, BriefInvitation, BriefStatus, Visibility
from marketplace.briefs.schemas import BriefInvitationInput
from marketplace.briefs.service import tell
from marketplace.profiles import queries as profiles

MOST_INVITED = 50


def invite(db: Session, brief: Brief, data: BriefInvitationInput, *, by: Viewer) -> BriefInvitation:
    """Ask a specialist for an offer; only while the brief is open.

    Raises ``Invalid`` for an address without a published profile, ``Conflict`` for a second time and beyond fifty.
    """
    if brief.status is not BriefStatus.OPEN:
        raise Conflict(_("Specialists can be invited while the brief is open."))
    profile = profiles.find_published(db, data.profile)
    if profile is None:
        text = _("There is no published profile at this address.")
        raise Invalid(text, {"profile": text})
    if _is_invited(db, brief.id, profile.workspace_id):
        raise Conflict(_("%(name)s is invited already.") % {"name": profile.name})
    many = db.scalar(select(func.count()).select_from(BriefInvitation).where(col(BriefInvitation.brief_id) == brief.id))
    if (many or 0) >= MOST_INVITED:
        raise Conflict(_("Fifty specialists are invited already. Wait for their answers."))
    amend(db, brief, last_action_at=db.now(), warnings_sent=0)
    invitation = _let_in(db, brief.id, profile.workspace_id)
    tell(db, "brief.invited", brief, by=by, other=profile.workspace_id)
    return invitation


def renew_link(db: Session, brief: Brief, *, by: Viewer) -> str:
    """A fresh private link; the one before stops working. Returns its secret part, of which only the hash is kept."""
    if brief.visibility is not Visibility.LINK:
        raise Conflict(_("This brief is not shown by link. Change who sees it first."))
    token = new_token()
    amend(db, brief, link_hash=token_hash(token))
    tell(db, "brief.link_renewed", brief, by=by)
    return token


def enter(db: Session, brief: Brief, *, by: Viewer) -> None:
    """Keep a brief one came to by its link: it stays visible to this workspace. Coming again changes nothing."""
    if not _is_invited(db, brief.id, by.workspace_id):
        _let_in(db, brief.id, by.workspace_id)
        tell(db, "brief.entered", brief, by=by, other=brief.workspace_id)


def keep_in(db: Session, brief_id: UUID, workspace_id: UUID) -> None:
    """Let a workspace that deals with the brief go on seeing it, whoever else may; nobody is told."""
    if not _is_invited(db, brief_id, workspace_id):
        _let_in(db, brief_id, workspace_id)


def _is_invited(db: Session, brief_id: UUID, workspace_id: UUID) -> bool:
    found = select(col(BriefInvitation.id)).where(
        col(BriefInvitation.brief_id) == brief_id, col(BriefInvitation.workspace_id) == workspace_id
    )
    return db.scalar(found) is not None


def _let_in(db: Session, brief_id: UUID, workspace_id: UUID) -> BriefInvitation:
    invitation = BriefInvitation(brief_id=brief_id, workspace_id=workspace_id, created_at=db.now())
    db.add(invitation)
    db.flush()
    return invitation


def find_by_key(db: Session, brief_id: UUID, key: str) -> Brief:
    """The open brief behind a private link, locked. Raises ``NotFound`` for any other key."""
    statement = select(Brief).where(col(Brief.id) == brief_id).with_for_update()
    brief = db.scalar(statement.execution_options(populate_existing=True))
    if brief is None or brief.status is not BriefStatus.OPEN or not queries.opens(brief, key):
        raise queries.not_here()
    return brief
