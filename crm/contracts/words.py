"""Words for the codes of a contract, in the current language."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from core.i18n import gettext as _
from core.i18n import ngettext
from core.money import format_money
from core.templating import show_date
from crm.contracts.models import ContractStatus, EvidenceType, PlanKind, ReplyHours, Side
from marketplace.briefs.models import LineOwner, LinePeriod
from marketplace.offers.models import Billing
from marketplace.taxonomy.words import platform_name, responsibility_name, units


def side_name(side: Side | str) -> str:
    return _("Specialist") if side == Side.SPECIALIST else _("Client")


def status_name(status: ContractStatus) -> str:
    return {
        ContractStatus.DRAFT: _("Draft"),
        ContractStatus.SENT: _("Sent"),
        ContractStatus.PARTIALLY_SIGNED: _("Signed by one side"),
        ContractStatus.SIGNED: _("Signed"),
        ContractStatus.ACTIVE: _("In force"),
        ContractStatus.PAUSED: _("Paused"),
        ContractStatus.ENDING: _("Ending"),
        ContractStatus.ENDED: _("Ended"),
        ContractStatus.TERMINATED: _("Ended because of a breach"),
        ContractStatus.DECLINED: _("Declined"),
        ContractStatus.EXPIRED: _("Expired"),
        ContractStatus.VOID: _("Called off"),
    }[status]


def whose_turn(row: Any) -> str:
    """Whose signature is waited for: ``Waits for you``; of a row without one the text is empty."""
    if row.status not in (ContractStatus.SENT, ContractStatus.PARTIALLY_SIGNED):
        return ""
    return _("Waits for %(name)s") % {"name": row.other_name} if row.signed_here else _("Waits for you")


def owner_name(owner: LineOwner | str) -> str:
    """Who does a line."""
    return {
        LineOwner.SPECIALIST: _("Specialist"),
        LineOwner.CLIENT: _("Client"),
        LineOwner.THIRD_PARTY: _("Third party"),
        LineOwner.SHARED: _("Both"),
    }[LineOwner(owner)]


def evidence_name(evidence: EvidenceType | str) -> str:
    """How a unit of work is shown to be done."""
    return {
        EvidenceType.POST_URL: _("link to the post"),
        EvidenceType.REPLY_LOG: _("log of replies"),
        EvidenceType.REPORT: _("report"),
        EvidenceType.FILE: _("file"),
        EvidenceType.MANUAL: _("note in the scope"),
    }[EvidenceType(evidence)]


def duration(minutes: int) -> str:
    """``240`` → ``4 hours``; what is no whole hour stays in minutes."""
    if minutes % 60:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    return hours(minutes // 60)


def reply_hours(terms: dict[str, Any]) -> str:
    """When reaction times run by the terms of a contract; empty where those say nothing of it."""
    if "reply_hours" not in terms:
        return ""
    values = {"zone": terms["reply_zone"].replace("_", " ")}
    match ReplyHours(terms["reply_hours"]):
        case ReplyHours.ALWAYS:
            return _("around the clock")
        case ReplyHours.WEEKDAYS:
            return _("Monday to Friday, 9:00 to 18:00, time zone %(zone)s") % values
        case ReplyHours.DAILY:
            return _("every day, 9:00 to 21:00, time zone %(zone)s") % values


def reply_choice(choice: ReplyHours) -> str:
    """The same to choose from."""
    return {
        ReplyHours.ALWAYS: _("Around the clock"),
        ReplyHours.WEEKDAYS: _("Monday to Friday, 9:00 to 18:00"),
        ReplyHours.DAILY: _("Every day, 9:00 to 21:00"),
    }[choice]


def hours(number: int) -> str:
    return ngettext("%(n)s hour", "%(n)s hours", number) % {"n": number}


def days(number: int) -> str:
    return ngettext("%(n)s day", "%(n)s days", number) % {"n": number}


def months(number: int) -> str:
    return ngettext("%(n)s month", "%(n)s months", number) % {"n": number}


def how_much(limit: int | None, unit: str, period: LinePeriod | str) -> str:
    """``8 posts a month``; ``no limit``."""
    if limit is None:
        return _("no limit")
    amount = {"amount": units(limit, unit)}
    match LinePeriod(period):
        case LinePeriod.MONTH:
            return _("%(amount)s a month") % amount
        case LinePeriod.QUARTER:
            return _("%(amount)s a quarter") % amount
        case LinePeriod.ONCE:
            return _("%(amount)s once") % amount


def place(responsibility: str, platform: str) -> str:
    """``Content plan, Instagram``."""
    name = responsibility_name(responsibility)
    return f"{name}, {platform_name(platform)}" if platform else name


def platforms(terms: dict[str, Any]) -> str:
    """What a line that names no platform is for: ``Instagram, Facebook``; empty where the terms say nothing of it."""
    return ", ".join(map(platform_name, terms.get("platforms", ())))


def platforms_rule(terms: dict[str, Any], lines: Iterable[str]) -> str:
    """The same as a sentence; empty if all ``lines``, of which these are the platforms, name one."""
    names = platforms(terms)
    if not names or all(lines):
        return ""
    return ngettext(
        "A line that names no platform is for %(names)s and no other.",
        "A line that names no platform is for these together and no others: %(names)s.",
        len(terms["platforms"]),
    ) % {"names": names}


def plan_title(item: dict[str, Any]) -> str:
    """A milestone's title; of a period its number and days."""
    if item["kind"] == PlanKind.MILESTONE:
        return str(item["title"])
    return _("Month %(n)s: %(first)s to %(last)s") % {
        "n": item["position"],
        "first": show_date(date.fromisoformat(item["period_from"])),
        "last": show_date(date.fromisoformat(item["period_to"])),
    }


def status_tone(status: ContractStatus) -> str:
    """The colour of a status: what waits for somebody, what holds."""
    return {
        ContractStatus.SENT: "warn",
        ContractStatus.PARTIALLY_SIGNED: "warn",
        ContractStatus.SIGNED: "info",
        ContractStatus.ACTIVE: "good",
        ContractStatus.PAUSED: "info",
        ContractStatus.ENDING: "info",
    }.get(status, "")


def event_title(kind: str) -> str:
    """What happened, in a few words; an event of a later kind keeps its name."""
    return {
        "contract.drafted": _("Drafted from the accepted offer"),
        "contract.edited": _("Draft edited"),
        "contract.sent": _("Sent for signing"),
        "contract.recalled": _("Taken back to edit"),
        "contract.signed": _("Signed"),
        "contract.activated": _("In force"),
        "contract.declined": _("Declined"),
        "contract.expired": _("Expired unsigned"),
        "contract.void_asked": _("Asked to call it off"),
        "contract.voided": _("Called off"),
        "contract.reminded": _("Reminder to sign"),
        "contract.notice_given": _("Notice given"),
        "contract.keep_asked": _("Asked to go on after all"),
        "contract.kept": _("Notice taken back"),
        "contract.terminated": _("Ended because of a breach"),
        "contract.ended": _("Last day over, ended"),
    }.get(kind, kind)


def price(total: int, currency: str, billing: Billing) -> str:
    """``€1,050 a month``; of milestones the sum."""
    money = format_money(total, currency)
    return _("%(price)s a month") % {"price": money} if billing is Billing.RETAINER else money


FILTERS: dict[str, Callable[..., Any]] = {"contract_turn": whose_turn}
