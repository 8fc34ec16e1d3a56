"""The readable contract, written from facts: fixed sentences, with allow-listed values put in as plain text.

There is no template engine here: a value is never read as anything but text, whatever it looks like.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from core.i18n import gettext as _
from core.i18n import ngettext
from core.money import format_money
from core.templating import show_date
from crm.contracts import words
from crm.contracts.models import PlanKind, Side
from marketplace.briefs.matching import OURS
from marketplace.offers.models import Billing
from marketplace.taxonomy.catalogue import load
from marketplace.taxonomy.words import units

Facts = dict[str, Any]
Clause = dict[str, Any]


def write(facts: Facts) -> dict[str, Any]:
    """Everything a reader sees above the signatures: ``heading``, ``parties`` and ``clauses`` of heading, paragraphs,

    items and perhaps a table (``money``: its last column is amounts). Plain JSON in the current language.
    """
    clauses = (
        _scope(facts),
        _client(facts),
        _outside(facts),
        _price(facts),
        _accounts(),
        _practices(),
        _ending(facts),
        _law(facts),
        _notes(facts),
    )
    return {
        "heading": _("Agreement on social media services"),
        "intro": _("The client and the specialist agree as follows."),
        "parties": [_party(facts, Side.CLIENT), _party(facts, Side.SPECIALIST)],
        "clauses": [clause for clause in clauses if clause],
    }


def _clause(heading: str, *paragraphs: str, items: list[str] | None = None, table: Any = None) -> Clause:
    return {"heading": heading, "paragraphs": [*paragraphs], "items": items or [], "table": table}


def _party(facts: Facts, side: Side) -> dict[str, str]:
    party = facts["parties"][side]
    details = ", ".join(part for part in (party["address"], party["country"]) if part)
    return {
        "role": words.side_name(side),
        "name": party["legal_name"] or party["name"],
        "known_as": party["name"],
        "details": details,
    }


def _scope(facts: Facts) -> Clause:
    lines = facts["lines"]
    named = any(line["overage_price"] is not None for line in lines)
    beyond = _("Work beyond a limit is agreed before it is done.")
    if named:
        beyond = _("Work beyond a limit is agreed before it is done, unless its line names the price of each one more.")
    priced = any(line["price"] is not None for line in lines)
    columns = [_("Responsibility"), _("Done by"), _("How much")] + ([_("Price")] if priced else [])
    rows = []
    for line in lines:
        cells = [words.owner_name(line["owner"]), words.how_much(line["limit"], line["unit"], line["period"])]
        if priced:
            cells.append("–" if line["price"] is None else format_money(line["price"], facts["currency"]))
        rows.append(
            {
                "head": words.place(line["responsibility"], line["platform"]),
                "notes": _remarks(line, facts),
                "cells": cells,
            }
        )
    return _clause(
        _("Who does what"),
        _("A limit starts anew with each month or quarter, counted from the first day of the work."),
        beyond,
        *_platforms(facts),
        *_hours(facts),
        table={"columns": columns, "rows": rows, "money": priced},
    )


def _platforms(facts: Facts) -> list[str]:
    """What the lines without a platform are for, if there are any and it was agreed."""
    rule = words.platforms_rule(facts["terms"], [line["platform"] for line in facts["lines"]])
    return [rule] if rule else []


def _hours(facts: Facts) -> list[str]:
    """When the reaction times run, if there are any."""
    hours = words.reply_hours(facts["terms"])
    if not hours or not any(line["sla_minutes"] for line in facts["lines"]):
        return []
    return [_("Reaction times run: %(hours)s.") % {"hours": hours}]


def _remarks(line: dict[str, Any], facts: Facts) -> list[str]:
    """The small print of a line."""
    found = []
    if line["sla_minutes"]:
        found.append(_("Reaction within %(time)s") % {"time": words.duration(line["sla_minutes"])})
    if line["owner"] in OURS:
        rounds = line["revision_rounds"]
        found.append(ngettext("%(n)s round of changes", "%(n)s rounds of changes", rounds) % {"n": rounds})
        found.append(_("Proof: %(evidence)s") % {"evidence": words.evidence_name(line["evidence"])})
    if line["approver"]:
        found.append(_("Approved by %(name)s") % {"name": line["approver"]})
    if line["rollover_cap"]:
        amount = units(line["rollover_cap"], line["unit"])
        found.append(
            _("Up to %(amount)s of the limit, if unused, carry over into the next period") % {"amount": amount}
        )
    if line["overage_price"] is not None:
        price = format_money(line["overage_price"], facts["currency"])
        found.append(_("Each one above the limit: %(price)s") % {"price": price})
    if line["exclusions"]:
        found.append(_("Not included: %(what)s") % {"what": line["exclusions"]})
    if line["note"]:
        found.append(line["note"])
    return found


def _client(facts: Facts) -> Clause:
    return _clause(
        _("What the client does"),
        items=[
            _("Approves or comments within %(time)s. If that takes longer, the dates that depend on it move as long.")
            % {"time": words.hours(facts["terms"]["approval_hours"])},
            _("Supplies the materials and the guest access the work needs, in time."),
        ],
    )


def _outside(facts: Facts) -> Clause:
    rule = _("Work that is not listed under “%(clause)s” starts only when both sides have agreed its price in writing.")
    excluded = [words.place(responsibility, platform) for responsibility, platform in facts["terms"]["excluded"]]
    paragraphs = [rule % {"clause": _("Who does what")}]
    if excluded:
        paragraphs.append(_("Asked for and left out:"))
    return _clause(_("What is outside the scope"), *paragraphs, items=excluded)


def _price(facts: Facts) -> Clause:
    money = format_money(facts["total"], facts["currency"])
    first, last = (show_date(date.fromisoformat(facts[name])) for name in ("starts_on", "ends_on"))
    if facts["billing"] == Billing.RETAINER:
        price = _("%(price)s a month for %(months)s, from %(first)s to %(last)s.") % {
            "price": money,
            "months": words.months(facts["term_months"]),
            "first": first,
            "last": last,
        }
    else:
        price = _("%(price)s in milestones. The work runs from %(first)s to %(last)s.") % {
            "price": money,
            "first": first,
            "last": last,
        }
    days = facts["terms"]["payment_days"]
    paid = (
        _("An invoice is paid within %(time)s.") % {"time": words.days(days)}
        if days
        else _("An invoice is paid on receipt.")
    )
    rows = [
        {
            "head": words.plan_title(item),
            "notes": [],
            "cells": [
                show_date(date.fromisoformat(item["due_on"])),
                format_money(item["amount"], item["currency"]),
            ],
        }
        for item in facts["plan"]
    ]
    kind = _("Month") if facts["plan"] and facts["plan"][0]["kind"] == PlanKind.PERIOD else _("Milestone")
    table = {"columns": [kind, _("Invoiced on"), _("Amount")], "rows": rows, "money": True} if rows else None
    return _clause(_("Price and payment"), price, paid, table=table)


def _accounts() -> Clause:
    return _clause(
        _("Accounts and materials"),
        _("Accounts belong to the client. The specialist works with guest access and keeps no passwords."),
        _("Published materials belong to the client once they are paid for."),
    )


def _practices() -> Clause:
    clauses = [_(practice.clause) for practice in load().banned_practices.values()]
    return _clause(_("Practices that are not used"), items=clauses)


def _ending(facts: Facts) -> Clause:
    notice = facts["terms"]["notice_days"]
    return _clause(
        _("Ending"),
        _("Either side may end this agreement with a notice of %(time)s.") % {"time": words.days(notice)},
        _("Paid work that is not done is refunded."),
    )


def _law(facts: Facts) -> Clause | None:
    law = facts["terms"]["governing_law"]
    return _clause(_("Governing law"), law) if law else None


def _notes(facts: Facts) -> Clause | None:
    paragraphs = [part.strip() for part in facts["terms"]["notes"].split("\n") if part.strip()]
    return _clause(_("Further terms"), *paragraphs) if paragraphs else None
