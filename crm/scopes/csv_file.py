"""The scope as a CSV file that no spreadsheet mistakes for formulas."""

from __future__ import annotations

import csv
import io

from core.i18n import gettext as _
from core.money import major
from crm.contracts.words import owner_name
from crm.scopes.queries import MeteredLine
from marketplace.briefs.matching import OURS
from marketplace.taxonomy.words import platform_name, responsibility_name


def safe_cell(text: object) -> str:
    """A cell that starts like a formula gets an apostrophe in front."""
    shown = "" if text is None else str(text)
    return f"'{shown}" if shown.startswith(("=", "+", "-", "@", "\t", "\r")) else shown


def scope_csv(lines: list[MeteredLine], currency: str, platforms: str) -> str:
    """One row for each line; prices in the main unit of ``currency``. ``platforms``: of lines that name none."""
    out = io.StringIO()
    writer = csv.writer(out)
    heads = [_("Responsibility"), _("Platform"), _("Who"), _("Unit"), _("Limit"), _("Carried over")]
    prices = [_("Price"), _("Each one more"), _("Extras"), _("Currency")]
    writer.writerow([*heads, _("Period"), _("Used"), _("Revisions"), *prices])
    for item in lines:
        line = item.line
        amounts = (line.price, line.overage_price, item.charged or None)
        cells = [
            responsibility_name(line.responsibility),
            platform_name(line.platform) if line.platform else platforms,
            owner_name(line.owner),
            line.unit,
            line.limit,
            item.meter.carried or None,
            f"{item.period.first} – {item.period.last}",
            item.meter.used,
            line.revision_rounds if line.owner in OURS else None,
            *(None if amount is None else major(amount, currency) for amount in amounts),
            "" if amounts == (None, None, None) else currency,
        ]
        writer.writerow([safe_cell(cell) for cell in cells])
    return out.getvalue()
