"""Where a brief goes: every change of its status, by the client, by staff, by timers and by offers (§3.1)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col

from accounts.viewers import Viewer, require_verified
from core.db import Session
from core.errors import Conflict, Forbidden, Invalid
from core.events import record
from core.i18n import gettext as _
from core.jobs import enqueue
from core.states import amend, move
from marketplace.briefs import choices, index, queries
from marketplace.briefs.missing import missing_fields
from marketplace.briefs.models import OFFER_CAP, Brief, BriefStatus, CancelReason
from marketplace.briefs.schemas import CancellationInput, ReopeningInput, ReturnInput

REOPEN_DAYS = timedelta(days=14)


def lock(db: Session, brief_id: UUID) -> Brief:
    """The brief, so that nobody else changes it until this transaction ends. Raises ``NotFound``."""
    statement = select(Brief).where(col(Brief.id) == brief_id).with_for_update()
    brief = db.scalar(statement.execution_options(populate_existing=True))
    if brief is None:
        raise queries.not_here()
    return brief


def tell(db: Session, kind: str, brief: Brief, *, by: Viewer | None, other: UUID | None = None, **data: Any) -> None:
    """Record what happened to a brief, with its title and address."""
    record(db, kind, brief, by=by, other=other, **{"title": brief.title, "url": f"/briefs/{brief.id}", **data})


def _go(db: Session, brief: Brief, to: BriefStatus, **changes: Any) -> None:
    """Move, and bring the board in line."""
    move(db, brief, to, updated_at=db.now(), **changes)
    index.refresh(db, brief)


def _acted(db: Session) -> dict[str, Any]:
    """What every action of the client sets: the thirty days start anew."""
    return {"last_action_at": db.now(), "warnings_sent": 0}


def submit(db: Session, brief: Brief, *, by: Viewer) -> None:
    """Hand a complete draft in; it opens at once unless staff found fault with this client before.

    Raises ``Forbidden`` until the author's e-mail address is confirmed, ``Invalid`` naming what is missing.
    """
    if brief.status is not BriefStatus.DRAFT:
        move(db, brief, BriefStatus.IN_REVIEW)
    require_verified(by)
    missing = missing_fields(brief, queries.lines_of(db, brief.id), by.today(db.now()))
    if missing:
        raise Invalid(_("The brief is not complete yet."), missing)
    _go(db, brief, BriefStatus.IN_REVIEW, reason="", reason_note="", **_acted(db))
    tell(db, "brief.submitted", brief, by=by)
    if not queries.was_returned(db, brief.workspace_id):
        _open(db, brief)
        tell(db, "brief.opened", brief, by=None, other=brief.workspace_id)


def _open(db: Session, brief: Brief) -> None:
    _go(db, brief, BriefStatus.OPEN, opened_at=db.now(), closed_at=None, last_action_at=db.now(), warnings_sent=0)
    enqueue(db, "briefs.tell_matches", {"brief_id": str(brief.id)})


def approve(db: Session, brief: Brief, *, by: Viewer) -> None:
    """Staff let a brief onto the board. Raises ``Conflict`` unless it waits for them and its dates are to come."""
    _require(brief, BriefStatus.IN_REVIEW)
    if missing_fields(brief, queries.lines_of(db, brief.id), db.now().date()):
        raise Conflict(_("Its dates went by while it waited. Give it back, so that the client sets new ones."))
    _open(db, brief)
    tell(db, "brief.opened", brief, by=by, other=brief.workspace_id)


def give_back(db: Session, brief: Brief, data: ReturnInput, *, by: Viewer) -> None:
    """Staff give a brief back with a reason; this client's next ones wait for staff too."""
    _go(db, brief, BriefStatus.DRAFT, reason=data.reason.value, reason_note=data.note, returned_at=db.now())
    tell(db, "brief.returned", brief, by=by, other=brief.workspace_id, reason=data.reason.value, note=data.note)


def pause(db: Session, brief: Brief, *, by: Viewer) -> None:
    """Stop new offers and all clocks."""
    _go(db, brief, BriefStatus.PAUSED, **_acted(db))
    tell(db, "brief.paused", brief, by=by, decision_on=str(brief.decision_on or ""))


def resume(db: Session, brief: Brief, *, by: Viewer) -> None:
    """Take new offers again; a decision day nobody changed meanwhile moves by the days of the pause.

    Raises ``Conflict`` unless the brief is paused.
    """
    _require(brief, BriefStatus.PAUSED)
    changes, pause = _acted(db), queries.last_pause(db, brief.id)
    if pause is not None and brief.decision_on is not None and pause.data.get("decision_on") == str(brief.decision_on):
        changes["decision_on"] = brief.decision_on + (by.today(db.now()) - by.today(pause.at))
    _go(db, brief, BriefStatus.OPEN, **changes)
    tell(db, "brief.resumed", brief, by=by)


def close(db: Session, brief: Brief, *, by: Viewer | None) -> None:
    """Take no more offers; those that are there stay. ``by`` is ``None`` at the deadline and at the offer cap."""
    acted = _acted(db) if by else {}
    _go(db, brief, BriefStatus.CLOSED_TO_OFFERS, closed_at=db.now(), **acted)
    tell(db, "brief.closed", brief, by=by, other=None if by else brief.workspace_id)


def reopen(db: Session, brief: Brief, data: ReopeningInput, *, by: Viewer) -> None:
    """Open again: within 14 days of closing, or once after expiry with everything confirmed.

    Raises ``Conflict`` outside of that, ``Invalid`` without a decision date to come or without the confirmation.
    """
    _require(brief, BriefStatus.CLOSED_TO_OFFERS, BriefStatus.EXPIRED)
    expired = brief.status is BriefStatus.EXPIRED
    if expired and brief.reopened_after_expiry:
        raise Conflict(_("This brief was reopened once already. Write a new one."))
    if not expired and (brief.closed_at is None or db.now() - brief.closed_at > REOPEN_DAYS):
        raise Conflict(_("It has been closed for more than 14 days. Write a new brief."))
    faults = _reopening_faults(brief, data, by.today(db.now()))
    if faults:
        raise Invalid(_("Some fields need another look."), faults)
    changes: dict[str, Any] = {"closed_at": None, "decision_on": data.decision_on or brief.decision_on, **_acted(db)}
    if expired:
        start = data.starts_on or brief.starts_on
        changes |= {"reopened_after_expiry": True, "opened_at": db.now(), "starts_on": start}
    _go(db, brief, BriefStatus.OPEN, **changes)
    tell(db, "brief.reopened", brief, by=by)


def _reopening_faults(brief: Brief, data: ReopeningInput, today: date) -> dict[str, str]:
    faults: dict[str, str] = {}
    decision = data.decision_on or (None if brief.status is BriefStatus.EXPIRED else brief.decision_on)
    if decision is None or decision <= today:
        faults["decision_on"] = _("Choose a day after today.")
    if brief.status is not BriefStatus.EXPIRED:
        return faults
    start = data.starts_on or brief.starts_on
    if start is not None and start < today:
        faults["starts_on"] = _("Choose a start that is not past.")
    if not data.confirmed:
        faults["confirmed"] = _("Confirm that scope, budget and dates still hold.")
    return faults


def cancel(db: Session, brief: Brief, data: CancellationInput, *, by: Viewer) -> None:
    """Call the brief off, by its client or by staff; a contract of it that is not in force becomes void.

    Raises ``Invalid`` without a reason, except for a draft; ``Forbidden`` for whoever may not void that contract.
    """
    draft = brief.status is BriefStatus.DRAFT
    if brief.status is BriefStatus.AWARDED and not (by.can_manage or by.is_staff):
        raise Forbidden(_("An offer was accepted. Only owners and managers cancel the brief now."), code="role")
    if BriefStatus.CANCELLED not in Brief.TRANSITIONS.get(brief.status, frozenset()):
        move(db, brief, BriefStatus.CANCELLED)
    if data.reason is None and not draft:
        raise Invalid(_("Say why."), {"reason": _("Choose one of the list.")})
    reason = (data.reason or CancelReason.OTHER).value
    _go(db, brief, BriefStatus.CANCELLED, reason=reason, reason_note=data.note)
    other = brief.workspace_id if by.place is None or by.place.id != brief.workspace_id else None
    tell(db, "brief.cancelled", brief, by=by, other=other, reason=reason)


def confirm(db: Session, brief: Brief, *, by: Viewer) -> None:
    """The client still looks: the thirty days start anew."""
    _require(brief, BriefStatus.OPEN, BriefStatus.CLOSED_TO_OFFERS)
    amend(db, brief, **_acted(db))
    tell(db, "brief.confirmed", brief, by=by)


def _require(brief: Brief, *states: BriefStatus) -> None:
    if brief.status not in states:
        name = choices.statuses()[brief.status]
        raise Conflict(_("This is no longer possible: the status is now “%(status)s”.") % {"status": name})


# What offers do to a brief they hold the lock of. These act by the system's right.


def note_action(db: Session, brief_id: UUID) -> None:
    """The client dealt with offers of this brief: the thirty days start anew. Changes nothing else."""
    db.execute(update(Brief).where(col(Brief.id) == brief_id).values(**_acted(db)))


def note_offer(db: Session, brief: Brief, *, on_table: int, bidders: int) -> None:
    """A new offer is one of ``on_table`` undecided ones; the twentieth of these closes the brief to more.

    ``bidders``: how many specialists have sent one now. Raises ``Conflict`` unless the brief is open.
    """
    _require(brief, BriefStatus.OPEN)
    amend(db, brief, offer_count=bidders)
    if on_table >= OFFER_CAP:
        close(db, brief, by=None)


def note_withdrawal(db: Session, brief: Brief, *, bidders: int) -> None:
    """An offer was taken back; ``bidders`` are left, and the brief says so."""
    amend(db, brief, offer_count=bidders)


def award(db: Session, brief: Brief) -> None:
    """The seats are filled by accepted offers."""
    _go(db, brief, BriefStatus.AWARDED, **_acted(db))
    tell(db, "brief.awarded", brief, by=None, other=brief.workspace_id)


def reopen_after_lapse(db: Session, brief: Brief) -> None:
    """The accepted offer fell through: the brief is open again and its other offers live."""
    _require(brief, BriefStatus.AWARDED)
    _go(db, brief, BriefStatus.OPEN, closed_at=None, **_acted(db))
    tell(db, "brief.reopened", brief, by=None, other=brief.workspace_id)


def fall_with_client(db: Session, workspace_id: UUID) -> None:
    """The client's workspace is closed: its briefs that are out are called off. Drafts stay, nobody sees them."""
    for brief_id in queries.list_out(db, workspace_id):
        brief = lock(db, brief_id)
        _go(db, brief, BriefStatus.CANCELLED, reason=CancelReason.OTHER.value)
        tell(db, "brief.cancelled", brief, by=None, reason=CancelReason.OTHER.value)


def refresh_board(db: Session, workspace_id: UUID) -> None:
    """Bring the board in line with the client's briefs that are out."""
    for brief_id in queries.list_out(db, workspace_id):
        index.refresh(db, lock(db, brief_id))


def fill(db: Session, brief: Brief) -> None:
    """The contract runs: nothing more happens here."""
    _go(db, brief, BriefStatus.FILLED)
    tell(db, "brief.filled", brief, by=None, other=brief.workspace_id)
