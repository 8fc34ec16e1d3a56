"""Who may deal with whom, and when: the guards of §3.2 that need stored rows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from accounts.viewers import Viewer
from accounts.workspaces.models import Membership, Role, Workspace
from core.db import Session
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.i18n import gettext as _
from core.search import words
from marketplace.briefs.models import Brief, BriefStatus
from marketplace.offers.models import LIVE, Offer, OfferKind, OfferStatus, OfferVersion
from marketplace.profiles import queries as profiles
from marketplace.profiles.models import Profile, ProfileStatus

MOST_TRIES = 3
"""Proposals one specialist may send to one brief."""
SAME_MESSAGE_BRIEFS = 3
"""As many briefs may get one message within a week; the next one asks to write about this brief."""
SAME_MESSAGE_DAYS = timedelta(days=7)
ALIKE = 0.8
"""Share of common words from which two messages are one."""


def require_stranger(db: Session, by: Viewer, other_id: UUID) -> None:
    """No self-dealing, no dealing with the suspended.

    Raises ``Forbidden`` if ``by`` belongs to the other side too or both sides have one owner, ``Conflict`` if that
    side is suspended.
    """
    inside = exists().where(col(Membership.workspace_id) == other_id, col(Membership.user_id) == by.user_id)
    here = aliased(Membership)
    shared = exists().where(
        col(Membership.workspace_id) == other_id,
        col(Membership.role) == Role.OWNER,
        col(here.user_id) == Membership.user_id,
        col(here.workspace_id) == by.workspace_id,
        col(here.role) == Role.OWNER,
    )
    row = db.execute(
        select(col(Workspace.suspended_at), inside.label("inside"), shared.label("shared")).where(
            col(Workspace.id) == other_id
        )
    ).one()
    if row.inside or by.workspace_id == other_id:
        raise Forbidden(_("You belong to both sides. Somebody else has to make this deal."), code="self_dealing")
    if row.shared:
        text = _("Both sides belong to the same owner. No deal can be made between them.")
        raise Forbidden(text, code="self_dealing")
    if row.suspended_at is not None:
        raise Conflict(_("The other side is suspended. No deal can be made with it now."))


def require_manager(by: Viewer) -> None:
    """Accepting binds the workspace: raise ``Forbidden`` below the role manager."""
    if not by.may(Role.MANAGER):
        raise Forbidden(_("Only owners and managers accept offers. Ask one of them."), code="role")


def require_profile(db: Session, workspace_id: UUID) -> Profile:
    """The specialist's published profile. Raises ``Conflict`` while there is none."""
    profile = profiles.profile_of(db, workspace_id)
    if profile is None or profile.status is not ProfileStatus.PUBLISHED:
        raise Conflict(_("Publish your profile first: clients look at it before they answer."), code="profile")
    return profile


def require_turn(offer: Offer, by: Viewer, number: int) -> None:
    """It is ``by``'s turn on version ``number``. Raises ``NotFound`` for strangers, else ``Conflict``."""
    if by.workspace_id not in (offer.author_id, offer.specialist_id, offer.business_id):
        raise NotFound(_("There is no such offer here."))
    if offer.status is OfferStatus.DRAFT:
        raise Conflict(_("This offer was not sent yet."))
    require_live(offer)
    if offer.turn_id != by.workspace_id:
        raise Conflict(_("It is the other side’s turn now."))
    require_newest(offer, number)


def require_newest(offer: Offer, number: int) -> None:
    """Raise ``Conflict`` unless version ``number`` is the one on the table."""
    if number > offer.number:
        raise Conflict(_("There is no such version of this offer. Read it first."))
    if number < offer.number:
        raise Conflict(_("There is a newer version of this offer. Read it first."))


def require_live(offer: Offer) -> None:
    """Raise ``Conflict`` once an offer is decided."""
    if offer.status not in LIVE:
        raise Conflict(_("This offer was decided already. Open it to see how."))


def require_running(offer: Offer) -> None:
    """Raise ``Conflict`` while a chosen rival may still sign."""
    if offer.on_standby:
        text = _("Another offer was chosen. This one is on standby until that contract is signed or falls.")
        raise Conflict(text, code="standby")


def require_time(db: Session, offer: Offer, brief: Brief | None) -> None:
    """Raise ``Conflict`` once the validity is over: the clock decides, not the job that ends what is over.

    While the brief is paused the clock stands still.
    """
    paused = brief is not None and brief.status is BriefStatus.PAUSED
    if offer.valid_until < db.now() and not paused:
        raise Conflict(_("This offer has expired. A new one is needed to go on."), code="expired")


def require_start(offer: Offer, version: OfferVersion, today: date) -> None:
    """Raise ``Conflict`` once the first day of the work is over: what was agreed could not be kept any more."""
    if version.starts_on < today:
        text = _("Its start is past. Ask for a new version with a later start, or make a counter-offer.")
        if offer.on_board:
            text = _("Its start is past, so it cannot be taken up any more.")
        raise Conflict(text, code="start_passed")


def require_author(offer: Offer, by: Viewer) -> None:
    """Raise ``Conflict`` unless ``by`` wrote the first version."""
    if offer.author_id != by.workspace_id:
        raise Conflict(_("Only the side that made the offer can do this."))


def require_first(db: Session, brief_id: UUID, author_id: UUID) -> None:
    """One live offer per author and brief, and three in all, however many were withdrawn: else raise ``Conflict``.

    Asked under the brief's lock. Each offer is a mail to the client.
    """
    open_states = (OfferStatus.DRAFT, OfferStatus.ACCEPTED, *LIVE)
    made = db.scalars(
        select(col(Offer.status))
        .where(col(Offer.brief_id) == brief_id, col(Offer.author_id) == author_id)
        .where(col(Offer.kind) == OfferKind.PROPOSAL)
        .where(col(Offer.status).in_(open_states) | col(Offer.sent_at).is_not(None))
        .limit(MOST_TRIES)
    ).all()
    if any(status in open_states for status in made):
        raise Conflict(_("You already have an offer to this brief. Open it under Offers."), code="second_offer")
    if len(made) == MOST_TRIES:
        text = _("You made %(n)s offers to this brief already. It takes no further one from you.") % {"n": MOST_TRIES}
        raise Conflict(text, code="many_offers")


def require_own_words(db: Session, author_id: UUID, brief_id: UUID, message: str) -> None:
    """Raise ``Invalid`` if this text, or nearly this text, went to three other briefs within seven days."""
    typed = words(message)
    if not typed:
        return
    sent: list[Any] = db.rows(
        select(col(OfferVersion.message), col(Offer.brief_id))
        .join(Offer, col(Offer.id) == OfferVersion.offer_id)
        .where(col(Offer.author_id) == author_id, col(Offer.kind) == OfferKind.PROPOSAL)
        .where(col(Offer.sent_at) > db.now() - SAME_MESSAGE_DAYS, col(OfferVersion.number) == 1)
        .order_by(col(Offer.sent_at).desc())
        .limit(200)
    )
    alike = {row.brief_id for row in sent if row.brief_id != brief_id and _alike(typed, words(row.message))}
    if len(alike) >= SAME_MESSAGE_BRIEFS:
        text = _("You sent this message to other briefs this week. Write about this brief: what you would do first.")
        raise Invalid(text, {"message": text})


def _alike(one: list[str], other: list[str]) -> bool:
    if one == other:
        return True
    first, second = set(one), set(other)
    return bool(second) and len(first & second) / len(first | second) >= ALIKE
