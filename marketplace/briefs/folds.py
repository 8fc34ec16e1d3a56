"""The lines of a scope form by group: each folds, so that a long scope can be looked over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.i18n import gettext as _
from core.i18n import ngettext
from marketplace.taxonomy.catalogue import load
from marketplace.taxonomy.entries import Responsibility
from web.forms import Submitted

FEW = 2
"""Lines of one group that need no folding."""
SHORT = 8
"""Lines in all that need none."""


@dataclass(frozen=True, slots=True)
class Fold:
    """A group with the rows of the form that belong to it, each by its number. ``code`` is the group's letter."""

    code: str
    rows: tuple[tuple[int, Responsibility], ...]
    open: bool

    @property
    def title(self) -> str:
        """``Reputation: 6 lines``."""
        text = ngettext("%(name)s: %(n)s line", "%(name)s: %(n)s lines", len(self.rows))
        return text % {"name": _(load().groups[self.code].name), "n": len(self.rows)}


def folds_of(form: Submitted[Any]) -> list[Fold]:
    """Groups that have lines, in the catalogue's order; short ones are open, and those with something to mend."""
    catalogue, numbers = load(), form.rows("lines")
    wrong = {int(name.split("-")[1]) for name in form.errors if name.startswith("lines-")}
    duties = {n: catalogue.responsibilities.get(str(form.value(f"lines-{n}-responsibility"))) for n in numbers}
    found = []
    for code in catalogue.groups:
        rows = tuple((n, duty) for n, duty in duties.items() if duty is not None and duty.group == code)
        is_open = len(rows) <= FEW or len(numbers) <= SHORT or any(n in wrong for n, _duty in rows)
        if rows:
            found.append(Fold(code, rows, is_open))
    return found
