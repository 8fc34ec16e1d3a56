"""What the selects and ticks of brief pages offer: codes with their translated names."""

from __future__ import annotations

from collections.abc import Iterable

from core.i18n import gettext as _
from core.money import CURRENCIES
from marketplace.briefs.models import BriefStatus, CancelReason, LineOwner, LinePeriod, ReturnReason, Visibility
from marketplace.taxonomy.catalogue import load
from marketplace.taxonomy.words import responsibility_name

Pairs = list[tuple[str, str]]

STATUS_TONES = {
    BriefStatus.OPEN: "good",
    BriefStatus.IN_REVIEW: "info",
    BriefStatus.PAUSED: "warn",
    BriefStatus.CLOSED_TO_OFFERS: "warn",
    BriefStatus.AWARDED: "act",
    BriefStatus.FILLED: "act",
}


def statuses() -> dict[str, str]:
    return {
        "draft": _("Draft"),
        "in_review": _("Being checked"),
        "open": _("Open"),
        "paused": _("Paused"),
        "closed_to_offers": _("Closed to offers"),
        "awarded": _("Awarded"),
        "filled": _("Filled"),
        "cancelled": _("Cancelled"),
        "expired": _("Expired"),
    }


def owners() -> Pairs:
    return [
        (LineOwner.SPECIALIST, _("Specialist")),
        (LineOwner.CLIENT, _("Client")),
        (LineOwner.THIRD_PARTY, _("Somebody else")),
        (LineOwner.SHARED, _("Both together")),
    ]


def periods() -> Pairs:
    return [
        (LinePeriod.MONTH, _("a month")),
        (LinePeriod.QUARTER, _("a quarter")),
        (LinePeriod.ONCE, _("once")),
    ]


def reports() -> Pairs:
    return [("week", _("Every week")), ("month", _("Every month")), ("quarter", _("Every quarter"))]


def visibilities() -> list[tuple[str, str, str]]:
    return [
        (Visibility.PUBLIC, _("Everyone"), _("It stands on the board. You get the most offers.")),
        (Visibility.INVITED, _("Invited specialists"), _("Only those you invite see it.")),
        (Visibility.LINK, _("People with the link"), _("You get a private link to pass on.")),
    ]


def cancel_reasons() -> Pairs:
    return [
        (CancelReason.HIRED_ELSEWHERE, _("I found somebody elsewhere")),
        (CancelReason.BUDGET, _("The budget is gone")),
        (CancelReason.PLANS_CHANGED, _("Plans changed")),
        (CancelReason.NO_FIT, _("No offer fits")),
        (CancelReason.OTHER, _("Something else")),
    ]


def return_reasons() -> Pairs:
    return [
        (ReturnReason.UNCLEAR, _("It is not clear what is asked for")),
        (ReturnReason.UNPAID_WORK, _("It asks for unpaid work or a free test")),
        (ReturnReason.CONTACT_DETAILS, _("It holds phone numbers or addresses")),
        (ReturnReason.BANNED_PRACTICE, _("It asks for a banned practice")),
        (ReturnReason.OTHER, _("Something else")),
    ]


def platforms(chosen: Iterable[str] = ()) -> Pairs:
    """Networks for new work, and those chosen before they became legacy."""
    current = {platform.code for platform in load().current_platforms()} | set(chosen)
    return [(code, _(platform.name)) for code, platform in load().platforms.items() if code in current]


def niches() -> Pairs:
    return [(code, _(niche.name)) for code, niche in load().niches.items()]


def languages() -> Pairs:
    return [(code, _(language.name)) for code, language in load().languages.items()]


def kpis() -> Pairs:
    return [(code, _(kpi.name)) for code, kpi in load().kpis.items()]


def responsibilities() -> Pairs:
    return [(code, responsibility_name(code)) for code in load().responsibilities]


def presets() -> list[tuple[str, str, str]]:
    return [(code, _(preset.name), _(preset.description)) for code, preset in load().presets.items()]


def currencies() -> Pairs:
    return [(code, code) for code in CURRENCIES]
