"""Offers in words: states, whose turn it is, limits, what happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.i18n import gettext as _
from core.i18n import ngettext
from core.money import format_money
from marketplace.briefs.matching import OURS
from marketplace.briefs.models import LineOwner, LinePeriod
from marketplace.offers.models import LIVE, Billing, Coverage, DeclineReason, Offer, OfferStatus
from marketplace.taxonomy.catalogue import load
from marketplace.taxonomy.words import platform_name, responsibility_name, units


def limit_text(line: Any) -> str:
    """``12 posts a month``; ``without limit``."""
    if line.limit is None:
        return _("without limit")
    amount = units(line.limit, line.unit)
    match line.period:
        case LinePeriod.MONTH:
            return _("%(amount)s a month") % {"amount": amount}
        case LinePeriod.QUARTER:
            return _("%(amount)s a quarter") % {"amount": amount}
        case _:
            return _("%(amount)s, once") % {"amount": amount}


def conditions(line: Any, currency: str) -> list[str]:
    """What a line of an offer or a contract says besides limit and price: ``2 revisions``, ``each one more €15``.

    Revisions are of what the specialist does.
    """
    rounds, more = line.revision_rounds, line.overage_price
    told = [ngettext("%(n)s revision", "%(n)s revisions", rounds) % {"n": rounds}] if line.owner in OURS else []
    return told + ([_("each one more %(price)s") % {"price": format_money(more, currency)}] if more is not None else [])


def unit_name(code: str) -> str:
    """``post`` → ``posts``: what a limit counts."""
    found = load().units.get(code)
    return ngettext(found.one, found.other, 2) if found else code


def line_name(line: Any) -> str:
    """``Copywriting, Instagram``."""
    name = responsibility_name(line.responsibility)
    return f"{name}, {platform_name(line.platform)}" if line.platform else name


def coverage_name(coverage: Coverage) -> str:
    return {Coverage.COVERED: _("covered"), Coverage.EXCLUDED: _("excluded"), Coverage.EXTRA: _("extra")}[coverage]


def billing_name(billing: Billing) -> str:
    return {Billing.RETAINER: _("a month"), Billing.MILESTONES: _("by milestones")}[billing]


def owner_name(owner: LineOwner) -> str:
    """Who does a line."""
    return {
        LineOwner.SPECIALIST: _("Specialist"),
        LineOwner.CLIENT: _("Client"),
        LineOwner.THIRD_PARTY: _("Third party"),
        LineOwner.SHARED: _("Both"),
    }[owner]


def period_name(period: LinePeriod) -> str:
    return {LinePeriod.MONTH: _("a month"), LinePeriod.QUARTER: _("a quarter"), LinePeriod.ONCE: _("once")}[period]


def decline_reason_name(reason: DeclineReason) -> str:
    return {
        DeclineReason.PRICE: _("Price"),
        DeclineReason.SCOPE: _("Scope"),
        DeclineReason.TIMING: _("Timing"),
        DeclineReason.CHOSE_OTHER: _("Chose somebody else"),
    }[reason]


_STATUS: dict[OfferStatus, tuple[Callable[[], str], str]] = {
    OfferStatus.DRAFT: (lambda: _("Draft"), ""),
    OfferStatus.SENT: (lambda: _("Sent"), "info"),
    OfferStatus.VIEWED: (lambda: _("Opened by them"), "info"),
    OfferStatus.COUNTERED: (lambda: _("Counter-offer"), "warn"),
    OfferStatus.ACCEPTED: (lambda: _("Accepted"), "good"),
    OfferStatus.CONVERTED: (lambda: _("Contract signed"), "good"),
    OfferStatus.LAPSED: (lambda: _("Lapsed"), "bad"),
    OfferStatus.DECLINED: (lambda: _("Declined"), "bad"),
    OfferStatus.WITHDRAWN: (lambda: _("Withdrawn"), ""),
    OfferStatus.EXPIRED: (lambda: _("Expired"), ""),
    OfferStatus.VOIDED: (lambda: _("Void"), ""),
}


def offer_status_name(offer: Any, mine: Any) -> str:
    """The status of an offer as it stands to the reader, whose workspace id is ``mine``.

    What was sent to the reader is new until opened; an offer is opened by the side whose turn it is.
    """
    if offer.turn_id == mine and offer.status is OfferStatus.SENT:
        return _("New")
    if offer.turn_id == mine and offer.status is OfferStatus.VIEWED:
        return _("Opened by you")
    return _STATUS[offer.status][0]()


def offer_status_tone(status: OfferStatus) -> str:
    """Tone of the status badge."""
    return _STATUS[status][1]


_VOID_REASONS: dict[str, Callable[[], str]] = {
    "brief_cancelled": lambda: _("the brief was cancelled"),
    "brief_expired": lambda: _("the brief expired"),
    "brief_filled": lambda: _("the brief was filled by another offer"),
    "suspended": lambda: _("one side is suspended or gone"),
    "unsigned": lambda: _("the contract was not signed in time"),
    "declined": lambda: _("the contract was declined"),
    "void": lambda: _("the contract was called off"),
    "unpaid": lambda: _("the deposit was not paid in time"),
}


def void_reason_name(code: str) -> str:
    """Why an offer is void or lapsed; a reason typed by a person stays as it is."""
    return _VOID_REASONS[code]() if code in _VOID_REASONS else code


_HAPPENED: dict[str, Callable[[], str]] = {
    "offer.drafted": lambda: _("Draft saved"),
    "offer.sent": lambda: _("Sent"),
    "offer.viewed": lambda: _("Opened"),
    "offer.countered": lambda: _("Counter-offer"),
    "offer.revised": lambda: _("New version"),
    "offer.accepted": lambda: _("Accepted"),
    "offer.declined": lambda: _("Declined"),
    "offer.withdrawn": lambda: _("Withdrawn"),
    "offer.expiring": lambda: _("Expires soon: both sides were told"),
    "offer.expired": lambda: _("Expired"),
    "offer.voided": lambda: _("Void"),
    "offer.stood_by": lambda: _("On standby: another offer was chosen"),
    "offer.revived": lambda: _("Live again"),
    "offer.lapsed": lambda: _("Lapsed"),
    "offer.converted": lambda: _("Contract signed by both"),
    "offer.confirmation_asked": lambda: _("The brief changed: to be confirmed"),
    "offer.confirmed": lambda: _("Confirmed after the brief changed"),
    "offer.brief_paused": lambda: _("The client paused the brief: the clock stands still"),
    "offer.brief_resumed": lambda: _("The brief goes on: the time of the pause was added"),
    "offer.brief_reopened": lambda: _("The brief takes new offers again"),
}


def happened(kind: str) -> str:
    """An event of an offer in words."""
    return _HAPPENED[kind]() if kind in _HAPPENED else kind


def whose_turn(offer: Offer, sides: Any, mine: Any) -> str:
    """One sentence: what is waited for, or how it ended. ``mine``: the reader's workspace id."""
    if offer.status is OfferStatus.DRAFT:
        return _("Only you see this draft.")
    if offer.status in LIVE:
        return _live_sentence(offer, sides, mine)
    ended = {
        OfferStatus.ACCEPTED: _("Accepted. The contract has yet to be signed by both sides."),
        OfferStatus.CONVERTED: _("Both sides signed. The work is under contract."),
        OfferStatus.LAPSED: _("It was accepted, but the contract was not signed."),
        OfferStatus.DECLINED: _("It was declined."),
        OfferStatus.WITHDRAWN: _("Its author took it back."),
        OfferStatus.EXPIRED: _("Nobody decided in time."),
        OfferStatus.VOIDED: _("It no longer holds. This says nothing about the offer."),
    }
    return ended[offer.status]


def _live_sentence(offer: Offer, sides: Any, mine: Any) -> str:
    if offer.on_standby:
        return _("On standby. It lives again if the chosen contract is not signed.")
    if offer.needs_confirmation:
        return _("The brief changed. The author confirms the offer or withdraws it.")
    if offer.turn_id is None:
        return _("On the board. The first qualified specialist can take it up.")
    if offer.turn_id == mine:
        return _("Waits for you.")
    name = sides.business_name if offer.turn_id == offer.business_id else sides.specialist_name
    return _("Waits for %(name)s.") % {"name": name}


FILTERS: dict[str, Callable[..., Any]] = {
    "offer_limit": limit_text,
    "offer_line": line_name,
    "offer_conditions": conditions,
    "offer_unit": unit_name,
    "offer_coverage": coverage_name,
    "offer_billing": billing_name,
    "offer_owner": owner_name,
    "offer_period": period_name,
    "offer_status": offer_status_name,
    "offer_tone": offer_status_tone,
    "offer_happened": happened,
    "void_reason": void_reason_name,
    "decline_reason": decline_reason_name,
}
