"""The directory's question in the form the queries take it."""

from __future__ import annotations

from dataclasses import dataclass

from core.search import words
from marketplace.directory.schemas import DirectoryInput, Sort
from marketplace.taxonomy.rates import euro_cents

KINDS = ("platform", "responsibility", "niche", "language", "free")
"""Kinds of ``profile_facet``, in the order of the page."""


@dataclass(frozen=True, slots=True)
class Filters:
    """``chosen``: kind and its values; any of them matches. ``low``/``high``: the lower rate in euro cents.

    ``currency`` is the one whose round budgets are counted.
    """

    q: str = ""
    chosen: tuple[tuple[str, tuple[str, ...]], ...] = ()
    low: int | None = None
    high: int | None = None
    currency: str = "EUR"

    @property
    def priced(self) -> bool:
        return self.low is not None or self.high is not None

    @property
    def parts(self) -> tuple[str, ...]:
        """What is asked for: ``q``, kinds, ``price``."""
        kinds = tuple(kind for kind, _values in self.chosen)
        return (("q",) if self.q else ()) + kinds + (("price",) if self.priced else ())

    def without(self, part: str) -> Filters:
        """The same question with nothing asked about ``part``."""
        return Filters(
            "" if part == "q" else self.q,
            tuple(asked for asked in self.chosen if asked[0] != part),
            None if part == "price" else self.low,
            None if part == "price" else self.high,
            self.currency,
        )


EVERYONE = Filters()


def filters_of(data: DirectoryInput) -> Filters:
    """What ``data`` asks for; a text without a word asks for nothing."""
    values: dict[str, list[str]] = {
        "platform": data.platform,
        "responsibility": data.responsibility,
        "niche": data.niche,
        "language": data.language,
        "free": [data.free] if data.free else [],
    }
    return Filters(
        q=data.q if words(data.q) else "",
        chosen=tuple((kind, tuple(sorted(values[kind]))) for kind in KINDS if values[kind]),
        low=None if data.budget_from is None else euro_cents(data.budget_from, data.currency),
        high=None if data.budget_to is None else euro_cents(data.budget_to, data.currency),
        currency=data.currency,
    )


__all__ = ["EVERYONE", "KINDS", "Filters", "Sort", "filters_of"]
