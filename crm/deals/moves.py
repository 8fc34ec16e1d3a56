"""Moving a deal: by its owner under the guards of the trade (§3.3), by the product when an offer moves."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from accounts.viewers import Viewer
from core.db import Session
from core.errors import Conflict, Invalid
from core.events import record
from core.i18n import gettext as _
from core.search import normal
from core.states import amend
from core.states import move as change_state
from crm.deals import queries, stages, ways
from crm.deals.models import Deal, LostReason, Stage, StageChange, StageKind
from crm.deals.schemas import MoveInput
from crm.deals.words import Step

ASK_AGAIN = timedelta(days=90)
TAKES = {
    StageKind.LOST: {"reason", "note"},
    StageKind.ON_HOLD: {"resume_on", "next_step", "next_step_on"},
    StageKind.WON: {"note"},
}
"""What can be said on the way into a stage; into the others it is the next step and its day."""


def move(db: Session, deal: Deal, data: MoveInput, *, by: Viewer) -> Deal:
    """Move a deal to another stage by hand.

    Raises ``Conflict`` if the deal changed since ``data.version``, is there already, or ``ways`` keeps it from there;
    ``Invalid`` naming the field if something the stage asks for is missing.
    """
    stage = stages.find_stage(db, deal.workspace_id, data.stage_id)
    require_version(deal, data.version)
    if stage.id == deal.stage_id:
        raise Conflict(_("The deal is in this stage already."))
    changes = _checked(db, deal, stage.kind, data, today=by.today(db.now()))
    _go(db, deal, stage, by=by, **changes)
    return deal


def require_used(deal: Deal, data: MoveInput) -> None:
    """Raise ``Invalid`` naming what was sent along with a move and the deal's stage has no use for.

    Asked of who chooses what to send; the form of the page always sends all its fields.
    """
    taken = TAKES.get(deal.stage_kind, {"next_step", "next_step_on"})
    unused = [name for name, sent in data if sent and name not in {"stage_id", "version", *taken}]
    if unused:
        sentence = _("This stage does not take this. Leave it out.")
        raise Invalid(sentence, dict.fromkeys(unused, sentence))


def put(db: Session, deal: Deal, kind: StageKind, **changes: Any) -> None:
    """Bring a deal to the stage of ``kind`` because its offer moved; ``changes`` are written either way.

    Raises ``Conflict`` on a won deal.
    """
    if deal.stage_kind is kind:
        rewrite(db, deal, **changes)
        return
    stage = stages.find_kind(db, deal.workspace_id, kind)
    _go(db, deal, stage, by=None, **{**leaving(deal), **changes})


def rewrite(db: Session, deal: Deal, **changes: Any) -> None:
    """Change facts of a deal where it stands, if nobody else did since it was read; else raise ``Conflict``."""
    amend(db, deal, updated_at=db.now(), search_text=_findable(deal, changes), **changes)


def require_version(deal: Deal, version: int) -> None:
    """Raise ``Conflict`` if the page the version came from is no longer true."""
    if version != deal.version:
        raise Conflict(_("The deal changed in the meantime. Reload the page and try again."))


def lost(db: Session, reason: LostReason, note: str = "", *, today: date) -> dict[str, Any]:
    """What a lost deal says of itself; in 90 days it is time to ask again."""
    return {
        "lost_reason": reason,
        "lost_note": note,
        "closed_at": db.now(),
        "next_step": Step.ASK_AGAIN.value,
        "next_step_on": today + ASK_AGAIN,
    }


def won(db: Session, note: str = "") -> dict[str, Any]:
    """What a won deal says of itself: nothing is left to do in the pipeline."""
    return {"external_note": note, "closed_at": db.now(), "next_step": "", "next_step_on": None}


def leaving(deal: Deal) -> dict[str, Any]:
    """What no longer holds once a deal leaves its stage."""
    return {"lost_reason": None, "lost_note": "", "closed_at": None, "resume_on": None, "external_note": ""}


def _checked(db: Session, deal: Deal, to: StageKind, data: MoveInput, *, today: date) -> dict[str, Any]:
    """The guards; what to write if all of them hold."""
    gone = ways.is_gone(deal.stage_kind, deal.closed_at, db.now())
    bar = ways.why_not(deal.stage_kind, to, queries.offer_status(db, deal), gone=gone)
    if bar is not None:
        raise Conflict(ways.sentence(bar))
    if to is StageKind.LOST:
        if data.reason is None:
            raise _missing("reason", _("Say why the deal was lost."))
        return {**leaving(deal), **lost(db, data.reason, data.note, today=today)}
    if to is StageKind.ON_HOLD:
        if data.resume_on is None or data.resume_on <= today:
            raise _missing("resume_on", _("Set the day to resume, after today."))
        text, day = data.next_step or deal.next_step or Step.RESUME.value, data.next_step_on or data.resume_on
        return {**leaving(deal), "next_step": text, "next_step_on": day, "resume_on": data.resume_on}
    if to is StageKind.WON:
        if not data.note:
            raise _missing("note", _("Won by hand needs a note: where is the contract that was signed elsewhere?"))
        return {**leaving(deal), **won(db, data.note)}
    return {**leaving(deal), **_next_step(deal, data)}


def _next_step(deal: Deal, data: MoveInput) -> dict[str, Any]:
    """What is sent, completed by what is stored."""
    text, day = data.next_step or deal.next_step, data.next_step_on or deal.next_step_on
    if day is None:
        raise _missing("next_step_on", _("Set the next step and its date first."))
    if not text:
        raise _missing("next_step", _("Say what the next step is."))
    return {"next_step": text, "next_step_on": day}


def _missing(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, {field: sentence})


def _go(db: Session, deal: Deal, stage: Stage, *, by: Viewer | None, **changes: Any) -> None:
    before, now, left = deal.stage_kind, db.now(), db.get_one(Stage, deal.stage_id)
    changes |= {
        "stage_id": stage.id,
        "rank": arrival(db),
        "entered_at": now,
        "updated_at": now,
        "search_text": _findable(deal, changes),
    }
    if stage.kind is before:
        amend(db, deal, **changes)
    else:
        change_state(db, deal, stage.kind, **changes)
    note_change(db, deal, before, stage, by=by)
    moved: dict[str, Any] = {"from": before.value, "to": stage.kind.value}
    moved |= {"from_name": left.name, "to_name": stage.name}
    record(db, "deal.moved", deal, by=by, title=deal.title, url=f"/deals/{deal.id}", **moved)


def note_change(db: Session, deal: Deal, before: StageKind | None, stage: Stage, *, by: Viewer | None) -> None:
    """Add a line to the stage history, with what the deal says of itself now."""
    db.add(
        StageChange(
            deal_id=deal.id,
            from_kind=before,
            to_kind=deal.stage_kind,
            to_name=stage.name,
            by_user_id=by.user_id if by else None,
            reason=deal.lost_reason.value if deal.lost_reason else "",
            note=deal.lost_note or deal.external_note,
            at=db.now(),
        )
    )


def arrival(db: Session) -> int:
    """The rank of a deal that comes into a column now: above all that came before."""
    return -int(db.now().timestamp() * 1000)


def _findable(deal: Deal, changes: dict[str, Any]) -> str:
    return normal(changes.get("title", deal.title), changes.get("next_step", deal.next_step))
