"""What happened to a deal, its offer and its contract, read from the event rows in one query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from accounts.users.models import User
from core.db import Session
from core.events import Event
from core.i18n import gettext as _
from core.paging import PAGE_SIZE, Page, cursor_id, decode_cursor, page_of
from core.templating import show_date
from crm.deals import queries
from crm.deals.models import StageKind
from crm.deals.words import N_, stage_name, step_text


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. ``by`` is empty when the product did it; ``note`` is what a person wrote.

    ``id`` is that of the event or the note: newer ones sort after older ones. ``writer_id`` is that of a note.
    """

    id: UUID
    kind: str
    text: str
    by: str
    at: datetime
    note: str = ""
    writer_id: UUID | None = None


_events = (
    select(col(Event.id), col(Event.kind), col(Event.at), col(Event.data), col(User.name).label("by"))
    .join(User, col(User.id) == Event.actor_id, isouter=True)
    .order_by(col(Event.id).desc())
)

_SAID = {
    "deal.created": N_("Deal added"),
    "deal.edited": N_("Facts changed"),
    "offer.sent": N_("Offer sent"),
    "offer.viewed": N_("Offer opened"),
    "offer.countered": N_("Counter-offer made"),
    "offer.revised": N_("New version of the offer sent"),
    "offer.accepted": N_("Offer accepted"),
    "offer.declined": N_("Offer declined"),
    "offer.withdrawn": N_("Offer withdrawn"),
    "offer.expired": N_("Offer expired"),
    "offer.voided": N_("Offer closed: the brief is no longer open"),
    "offer.stood_by": N_("Another offer was accepted; this one waits"),
    "offer.revived": N_("Offer is live again"),
    "offer.lapsed": N_("Accepted offer lapsed: the contract was not signed"),
    "offer.converted": N_("Contract signed by both, deal won"),
    "contract.drafted": N_("Contract drafted"),
    "contract.sent": N_("Contract sent for signing"),
    "contract.recalled": N_("Contract taken back for changes"),
    "contract.signed": N_("Contract signed by one side"),
    "contract.activated": N_("Contract in force"),
    "contract.declined": N_("Contract declined"),
    "contract.expired": N_("Contract expired unsigned"),
    "contract.voided": N_("Contract called off"),
    "contract.notice_given": N_("Notice given for the contract"),
    "contract.keep_asked": N_("One side asks to go on with the contract"),
    "contract.kept": N_("Notice taken back, the contract goes on"),
    "contract.terminated": N_("Contract ended because of a breach"),
    "contract.ended": N_("Contract ended"),
    "contract.reminded": N_("Reminder to sign sent"),
}
"""Kinds left out here (a note has its own line) are not shown."""
_SHOWN = ("deal.moved", *_SAID)


def read(db: Session, deal: Any, *, after: str | None = None, size: int = PAGE_SIZE) -> Page[Entry]:
    """Events and notes, newest first; stages by the names they had. Raises ``Invalid`` on a made-up ``after``.

    The caller has made sure that the deal is the viewer's.
    """
    subjects = [subject for subject in (deal.id, deal.offer_id, deal.contract_id) if subject]
    happened = _events.where(col(Event.subject_id).in_(subjects), col(Event.kind).in_(_SHOWN))
    cursor = decode_cursor(after, 1)
    if cursor is not None:
        happened = happened.where(col(Event.id) < cursor_id(cursor[0]))
    events = (
        Entry(row.id, row.kind, _text(row.kind, row.data), row.by or "", row.at)
        for row in db.rows(happened.limit(size + 1))
    )
    notes = (
        Entry(row.id, "note", _("Note"), row.by or "", row.at, row.text, row.by_user_id)
        for row in queries.list_notes(db, deal.id, after=after, size=size + 1).rows
    )
    entries = sorted([*events, *notes], key=lambda entry: entry.id, reverse=True)[: size + 1]
    return page_of(entries, size, lambda entry: (str(entry.id),))


def _text(kind: str, data: dict[str, Any]) -> str:
    if kind == "deal.moved":
        before, after = (stage_name(StageKind(data[key]), data[f"{key}_name"]) for key in ("from", "to"))
        return _("Moved from %(before)s to %(after)s") % {"before": before, "after": after}
    if kind == "deal.edited" and "next_step_on" in data:
        return _next_step(data)
    return _(_SAID[kind])


def _next_step(data: dict[str, Any]) -> str:
    """``Next step: Call them, 8 June 2026``; older events do not tell which."""
    if "next_step" not in data:
        return _("Next step set")
    day = show_date(date.fromisoformat(data["next_step_on"]))
    return _("Next step: %(step)s, %(day)s") % {"step": step_text(data["next_step"]), "day": day}
