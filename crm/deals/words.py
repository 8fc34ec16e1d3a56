"""Words of the pipeline: names of stages, reasons and the next steps the product itself proposes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from babel.dates import format_date

from core.i18n import babel_locale, current_locale
from core.i18n import gettext as _
from core.money import format_money
from core.templating import show_time, zone
from crm.deals.models import LostReason, StageKind


def N_(text: str) -> str:
    """Marks a text for translation where it is shown."""
    return text


STAGE_NAMES = {
    StageKind.LEAD: N_("Lead"),
    StageKind.CONTACTED: N_("Contacted"),
    StageKind.QUALIFIED: N_("Qualified"),
    StageKind.PROPOSAL: N_("Proposal"),
    StageKind.NEGOTIATION: N_("Negotiation"),
    StageKind.WON_PENDING: N_("Won – waiting for signatures"),
    StageKind.WON: N_("Won"),
    StageKind.ON_HOLD: N_("On hold"),
    StageKind.LOST: N_("Lost"),
}


class Step(StrEnum):
    """Next steps set by the product. Stored as they read in English, shown in the reader's language."""

    FOLLOW_UP = N_("Follow up on the offer")
    ANSWER = N_("Answer their offer")
    ANSWER_COUNTER = N_("Answer their counter-offer")
    WAIT_COUNTER = N_("Follow up on your counter-offer")
    CONFIRM = N_("The brief changed: confirm or withdraw your offer")
    SIGN = N_("Get the contract signed")
    LAPSED = N_("Contract was not signed: talk to them")
    STANDBY = N_("They accepted another offer: ask where they stand")
    EXPIRED = N_("The offer expired: ask whether to send a new one")
    WITHDRAWN = N_("The offer was withdrawn: decide what comes next")
    ASK_AGAIN = N_("Ask again")
    RESUME = N_("Take it up again")


_STEPS = frozenset(Step)


def stage_name(kind: StageKind, name: str) -> str:
    """The owner's name of a stage; the usual name, translated, while nobody changed it."""
    return _(name) if name == STAGE_NAMES[kind] else name


def meaning_of(kind: StageKind) -> str:
    """What stages of a kind mean, whatever their owner calls them."""
    return _(STAGE_NAMES[kind])


def is_proposed(text: str) -> bool:
    """Whether the product itself proposed a next step; else somebody typed it."""
    return text in _STEPS


def step_text(text: str) -> str:
    """A next step as typed; translated if the product proposed it."""
    return _(text) if is_proposed(text) else text


def reason_name(reason: LostReason | None) -> str:
    """Why a deal was lost."""
    names = {
        LostReason.PRICE: _("Price"),
        LostReason.SCOPE: _("Scope did not fit"),
        LostReason.TIMING: _("Wrong time"),
        LostReason.CHOSE_OTHER: _("Chose someone else"),
        LostReason.NO_ANSWER: _("No answer"),
        LostReason.NOT_A_FIT: _("Not a fit"),
    }
    return names[reason] if reason else ""


@lru_cache(maxsize=2048)
def _day(value: date, today: date, locale: str) -> str:
    pattern = "EEE d MMM" if value.year == today.year else "d MMM y"
    return format_date(value, pattern, locale=babel_locale(locale))


def near_day(value: date | datetime, today: date, zone_name: str | None = None) -> str:
    """``Today``, ``Tomorrow``, ``Mon 8 Jun``, ``3 Feb 2027``; of a moment its day in the given zone."""
    if isinstance(value, datetime):
        value = value.astimezone(zone(zone_name)).date()
    distance = (value - today).days
    if distance in (0, 1):
        return _("Tomorrow") if distance else _("Today")
    return _day(value, today, current_locale())


def near_time(value: datetime, today: date, zone_name: str) -> str:
    """``Today, 09:12``, ``Mon 8 Jun, 09:12``, ``3 Feb 2027, 09:12`` in the reader's own zone."""
    return f"{near_day(value, today, zone_name)}, {show_time(value, zone_name)}"


@lru_cache(maxsize=4096)
def _money(amount: int, currency: str, locale: str) -> str:
    return format_money(amount, currency, locale)


def quick_money(amount: int, currency: str) -> str:
    """``format_money`` that remembers: a board shows the same amounts again and again."""
    return _money(amount, currency, current_locale())


FILTERS: dict[str, Callable[..., Any]] = {
    "step_text": step_text,
    "reason_name": reason_name,
    "near_day": near_day,
    "near_time": near_time,
    "quick_money": quick_money,
}
