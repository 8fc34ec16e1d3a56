"""Where a deal may be moved by hand (§3.3): one rule for the move itself, for the form and for the board."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from core.i18n import gettext as _
from crm.deals.models import StageKind
from marketplace.offers.models import OfferStatus

COMES_BACK = timedelta(days=180)
"""So long a lost deal can be taken up again."""
GIVES_WAY = frozenset({StageKind.WON_PENDING, StageKind.ON_HOLD, StageKind.LOST})
"""Where a deal may go while the contract of its accepted offer waits for signatures."""


class Bar(StrEnum):
    """What keeps a deal out of a stage."""

    WON = "won"
    LOST = "lost"
    GONE = "gone"
    DRAFT = "draft"
    OPEN = "open"
    SIGNING = "signing"
    WAITS = "waits"


def is_gone(now: StageKind, closed_at: datetime | None, moment: datetime) -> bool:
    """Whether a deal was lost too long ago to come back."""
    return now is StageKind.LOST and closed_at is not None and moment - closed_at > COMES_BACK


def why_not(now: StageKind, to: StageKind, offer: OfferStatus | None, *, gone: bool = False) -> Bar | None:
    """What keeps a deal from being moved by hand; ``None`` if nothing does, though the stage may ask for something.

    ``offer`` is what became of the deal's offer. Where there is none the client may have one all the same, made
    elsewhere: only its owner can say so. ``gone`` is what ``is_gone`` says.
    """
    if now is StageKind.WON:
        return Bar.WON
    if gone:
        return Bar.GONE
    if now is StageKind.LOST:
        return None if to is StageKind.QUALIFIED else Bar.LOST
    if offer is OfferStatus.ACCEPTED:
        return None if to in GIVES_WAY else Bar.WAITS if to is StageKind.WON else Bar.SIGNING
    if to is StageKind.WON_PENDING:
        return Bar.OPEN
    return Bar.DRAFT if to is StageKind.PROPOSAL and offer is OfferStatus.DRAFT else None


def sentence(bar: Bar) -> str:
    """Why a deal does not go there, and what would bring it there."""
    return {
        Bar.WON: _("A won deal stays won. Add a new deal for new work."),
        Bar.LOST: _("A lost deal comes back to the stage Qualified first."),
        Bar.GONE: _("This deal was lost more than 180 days ago. Add a new one."),
        Bar.DRAFT: _("Your offer to them is a draft. Send it: the deal then moves to Proposal by itself."),
        Bar.OPEN: _("An accepted offer brings a deal here by itself."),
        Bar.SIGNING: _("The offer is accepted and the contract waits for signatures. Settle that first."),
        Bar.WAITS: _("The contract waits for signatures. The second one wins the deal by itself."),
    }[bar]


def advice(now: StageKind, offer: OfferStatus | None, *, gone: bool = False) -> str:
    """How a deal comes to Proposal, while it is not there and that is worth saying; why a gone one stays."""
    if gone:
        return sentence(Bar.GONE)
    bar = why_not(now, StageKind.PROPOSAL, offer)
    if bar is Bar.DRAFT:
        return sentence(bar)
    if offer is not None or bar is not None or now is StageKind.PROPOSAL:
        return ""
    return _(
        "An offer sent here moves the deal to Proposal by itself. "
        "Made one elsewhere? Move the deal there yourself and enter its value under Edit."
    )


def may_follow(deal: Any, stage: Any, offer: OfferStatus | None, moment: datetime) -> bool:
    """Whether ``stage`` is worth offering for a move of ``deal`` by hand."""
    gone = is_gone(deal.stage_kind, deal.closed_at, moment)
    return bool(stage.id != deal.stage_id) and why_not(deal.stage_kind, stage.kind, offer, gone=gone) is None


@lru_cache(maxsize=256)
def barred(now: StageKind, offer: OfferStatus | None, *, gone: bool = False) -> str:
    """Kinds of stages a deal is kept out of, each with what keeps it: ``proposal:draft won_pending:open``."""
    bars = {to: why_not(now, to, offer, gone=gone) for to in StageKind}
    return " ".join(f"{to}:{bar}" for to, bar in bars.items() if bar is not None)
