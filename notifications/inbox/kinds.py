"""Which events become notices, in which words, and how they reach people who have chosen nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.i18n import gettext as _
from core.i18n import isolated
from core.money import format_money
from core.templating import show_date, show_moment


def N_(message: str) -> str:
    """Mark a text for the catalogue; it is translated when it is shown."""
    return message


@dataclass(frozen=True, slots=True)
class Kind:
    """``sentence`` is filled with ``title`` (what it is about), ``who`` (the workspace that did it) and ``line``
    (the line of the scope, in ``usage`` events). ``paper``: which PDF of the event's subject the mail carries.
    """

    label: str
    sentence: str
    in_app: bool = True
    email: bool = True
    paper: str = ""


GROUPS: Mapping[str, tuple[str, Mapping[str, Kind]]] = {
    "offers": (
        N_("Offers"),
        {
            "offer.sent": Kind(N_("An offer arrives"), N_("%(who)s sent an offer: %(title)s")),
            "offer.viewed": Kind(N_("Your offer is opened"), N_("%(who)s opened your offer: %(title)s"), email=False),
            "offer.countered": Kind(N_("A counter-offer arrives"), N_("%(who)s made a counter-offer: %(title)s")),
            "offer.revised": Kind(N_("An offer is changed"), N_("%(who)s changed the offer: %(title)s")),
            "offer.accepted": Kind(N_("An offer is accepted"), N_("%(who)s accepted the offer: %(title)s")),
            "offer.declined": Kind(N_("An offer is declined"), N_("%(who)s declined the offer: %(title)s")),
            "offer.withdrawn": Kind(N_("An offer is withdrawn"), N_("%(who)s withdrew the offer: %(title)s")),
            "offer.confirmation_asked": Kind(
                N_("Your offer needs a look"),
                N_("The brief has changed, confirm or withdraw your offer: %(title)s"),
            ),
            "offer.confirmed": Kind(
                N_("An offer is confirmed"), N_("%(who)s confirmed the offer as it is: %(title)s"), email=False
            ),
            "offer.brief_paused": Kind(
                N_("The brief of your offer pauses"),
                N_("The client paused the brief, your offer waits: %(title)s"),
                email=False,
            ),
            "offer.brief_resumed": Kind(
                N_("The brief of your offer goes on"),
                N_("The brief goes on, your offer got the time back: %(title)s"),
                email=False,
            ),
            "offer.brief_reopened": Kind(
                N_("The brief of your offer reopens"),
                N_("The brief takes new offers beside yours again: %(title)s"),
                email=False,
            ),
            "offer.expiring": Kind(N_("An offer runs out soon"), N_("The offer runs out soon: %(title)s")),
            "offer.expired": Kind(N_("An offer runs out"), N_("The offer ran out: %(title)s")),
            "offer.voided": Kind(N_("An offer no longer holds"), N_("The offer no longer holds: %(title)s")),
            "offer.stood_by": Kind(
                N_("Your offer is kept in reserve"),
                N_("Another offer was accepted, yours is kept in reserve: %(title)s"),
            ),
            "offer.revived": Kind(N_("Your offer counts again"), N_("Your offer counts again: %(title)s")),
            "offer.lapsed": Kind(
                N_("An accepted offer comes to nothing"),
                N_("The accepted offer did not become a contract: %(title)s"),
            ),
            "offer.converted": Kind(
                N_("An offer becomes a contract"), N_("The offer became a contract: %(title)s"), email=False
            ),
        },
    ),
    "contracts": (
        N_("Contracts"),
        {
            "contract.drafted": Kind(N_("A contract is drafted"), N_("The contract is drafted: %(title)s")),
            "contract.sent": Kind(
                N_("A contract arrives to be signed"), N_("%(who)s sent the contract to sign: %(title)s")
            ),
            "contract.recalled": Kind(
                N_("A contract is taken back"), N_("%(who)s took the contract back to change it: %(title)s")
            ),
            "contract.signed": Kind(N_("The other side signs"), N_("%(who)s signed the contract: %(title)s")),
            "contract.activated": Kind(
                N_("A contract starts"), N_("Both sides signed, the contract is in force: %(title)s"), paper="contract"
            ),
            "contract.declined": Kind(N_("A contract is declined"), N_("%(who)s declined the contract: %(title)s")),
            "contract.expired": Kind(
                N_("A contract is not signed in time"), N_("The contract was not signed in time: %(title)s")
            ),
            "contract.void_asked": Kind(
                N_("The other side wants to call a contract off"),
                N_("%(who)s asks to call the contract off: %(title)s"),
            ),
            "contract.voided": Kind(N_("A contract is called off"), N_("The contract was called off: %(title)s")),
            "contract.notice_given": Kind(
                N_("The other side gives notice"), N_("%(who)s gave notice for the contract: %(title)s")
            ),
            "contract.keep_asked": Kind(
                N_("The other side wants to go on after notice"),
                N_("%(who)s asks to go on with the contract: %(title)s"),
            ),
            "contract.kept": Kind(
                N_("A contract goes on after notice"), N_("Both sides agreed, the contract goes on: %(title)s")
            ),
            "contract.terminated": Kind(
                N_("The other side ends a contract because of a breach"),
                N_("%(who)s ended the contract because of a breach: %(title)s"),
            ),
            "contract.ended": Kind(N_("A contract ends"), N_("The contract has had its last day: %(title)s")),
            "contract.reminded": Kind(
                N_("A contract waits for you"), N_("The contract waits for your signature: %(title)s")
            ),
        },
    ),
    "usage": (
        N_("Work"),
        {
            "usage.logged": Kind(N_("Work is logged"), N_("%(who)s logged work, %(line)s: %(title)s"), email=False),
            "usage.extra": Kind(
                N_("Work beyond the limit is logged at its price"),
                N_("%(who)s logged an extra beyond the limit at the agreed price, %(line)s: %(title)s"),
            ),
            "usage.corrected": Kind(
                N_("Logged work is corrected"), N_("%(who)s corrected logged work, %(line)s: %(title)s"), email=False
            ),
            "usage.near": Kind(
                N_("Most of what is agreed is used"), N_("80%% of what is agreed is used, %(line)s: %(title)s")
            ),
            "usage.full": Kind(
                N_("All of what is agreed is used"), N_("All of what is agreed is used, %(line)s: %(title)s")
            ),
        },
    ),
    "briefs": (
        N_("Briefs"),
        {
            "brief.opened": Kind(N_("A brief opens"), N_("The brief is open for offers: %(title)s")),
            "brief.returned": Kind(
                N_("A brief comes back for changes"), N_("The brief needs changes before it opens: %(title)s")
            ),
            "brief.invited": Kind(N_("You are asked for an offer"), N_("%(who)s asks for your offer: %(title)s")),
            "brief.matched": Kind(
                N_("A new brief fits your profile"), N_("A new brief fits your profile: %(title)s"), email=False
            ),
            "brief.terms_changed": Kind(
                N_("The terms of a brief change"), N_("%(who)s changed the terms of the brief: %(title)s")
            ),
            "brief.paused": Kind(N_("A brief pauses"), N_("The brief is paused: %(title)s"), email=False),
            "brief.resumed": Kind(N_("A brief goes on"), N_("The brief goes on: %(title)s"), email=False),
            "brief.closed": Kind(
                N_("A brief closes to offers"), N_("The brief takes no more offers: %(title)s"), email=False
            ),
            "brief.reopened": Kind(N_("A brief reopens"), N_("The brief is open again: %(title)s")),
            "brief.awarded": Kind(N_("A brief is awarded"), N_("The brief is awarded: %(title)s"), email=False),
            "brief.filled": Kind(N_("A brief is filled"), N_("The brief is filled: %(title)s"), email=False),
            "brief.cancelled": Kind(N_("A brief is cancelled"), N_("The brief was cancelled: %(title)s")),
            "brief.expiring": Kind(N_("A brief runs out soon"), N_("The brief runs out soon: %(title)s")),
            "brief.expired": Kind(N_("A brief runs out"), N_("The brief ran out: %(title)s")),
        },
    ),
    "team": (
        N_("Team"),
        {"member.joined": Kind(N_("Someone joins"), N_("%(title)s joined the workspace"))},
    ),
}

_TOTALS = {
    "retainer": N_("Total: %(price)s a month."),
    "milestones": N_("Total: %(price)s by milestones."),
}
"""What an event's price is for, by its ``billing``, as offers are listed; events of before say nothing of it."""
_DAYS = {
    "valid_until": N_("Valid until %(day)s."),
    "last_day": N_("Last day: %(day)s."),
}
"""Days an event may name, and how its mail tells them."""

KINDS: Mapping[str, Kind] = {name: kind for _label, kinds in GROUPS.values() for name, kind in kinds.items()}


def sentence(kind_name: str, params: Mapping[str, Any]) -> str:
    """The words of a notice in the current locale; plain text, to be escaped where it is shown."""
    values = {
        "title": params.get("title") or "",
        "who": params.get("who") or "Postwright",
        "line": params.get("line") or "",
    }
    kind = KINDS.get(kind_name)
    return _(kind.sentence) % isolated(values) if kind else str(values["title"])


def fact(data: Mapping[str, Any], zone: str) -> str:
    """What one wants to know before opening a mail, of what the event names: the price, and until when.

    A moment is told in the reader's time ``zone``.
    """
    told = []
    if data.get("total") is not None and data.get("currency"):
        total = _TOTALS.get(str(data.get("billing")), N_("Total: %(price)s."))
        told.append(_(total) % {"price": format_money(data["total"], data["currency"])})
    for name, words in _DAYS.items():
        if name in data:
            told.append(_(words) % {"day": show_date(datetime.fromisoformat(data[name]))})
    if "expires_at" in data:
        moment = show_moment(datetime.fromisoformat(data["expires_at"]), zone)
        told.append(_("To be signed by %(time)s.") % {"time": moment})
    return " ".join(told)
