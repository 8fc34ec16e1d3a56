"""What offers do when something happens to their brief."""

from __future__ import annotations

from core.db import Session
from core.errors import Conflict
from core.events import Event
from core.i18n import gettext as _
from marketplace.briefs import queries as briefs
from marketplace.briefs.models import OFFER_CAP, Brief, Visibility
from marketplace.offers import counts, outcomes
from marketplace.offers.models import LIVE


def on_brief_over(db: Session, event: Event) -> None:
    """brief.cancelled, brief.expired, brief.filled: offers to it are void, with the reason."""
    outcomes.void_all(db, event.subject_id, event.kind.replace(".", "_"))


def on_workspace_closed(db: Session, event: Event) -> None:
    """workspace.closed, workspace.suspended: what it has on the table, made or received, is void."""
    outcomes.void_of(db, event.subject_id)


def on_terms_changed(db: Session, event: Event) -> None:
    """brief.terms_changed: bidders confirm or withdraw."""
    outcomes.ask_confirmation(db, event.subject_id)


def on_brief_edited(db: Session, event: Event) -> None:
    """brief.edited, brief.terms_changed: if not everybody sees the brief any more, bidders still do."""
    if db.get_one(Brief, event.subject_id).visibility is not Visibility.PUBLIC:
        outcomes.keep_bidders_in(db, event.subject_id)


def on_brief_paused(db: Session, event: Event) -> None:
    """brief.paused: bidders know why nothing moves."""
    outcomes.tell_bidders(db, event.subject_id, "offer.brief_paused")


def on_brief_reopened(db: Session, event: Event) -> None:
    """brief.reopened by its client: bidders know that rivals may come. Raises ``Conflict`` with a full table."""
    if event.workspace_id is None:
        return
    if counts.count_in(db, event.subject_id, *LIVE) >= OFFER_CAP:
        raise Conflict(_("Twenty offers are undecided, the most a brief takes. Decline some, then open it again."))
    outcomes.tell_bidders(db, event.subject_id, "offer.brief_reopened")


def on_brief_resumed(db: Session, event: Event) -> None:
    """brief.resumed: offers get back the time the brief was paused, and bidders know until when they hold now."""
    pause = briefs.last_pause(db, event.subject_id)
    if pause is not None:
        outcomes.give_back_time(db, event.subject_id, pause.at)
    outcomes.tell_bidders(db, event.subject_id, "offer.brief_resumed")
