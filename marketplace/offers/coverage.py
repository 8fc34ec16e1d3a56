"""How much of a brief an offer covers. Stored is only whether a line is covered; how far is worked out from both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any
from uuid import UUID

from core.i18n import gettext as _
from marketplace.briefs.matching import OURS
from marketplace.offers.models import Coverage
from marketplace.offers.words import limit_text


class Reach(IntEnum):
    """How far an answer goes; more is better."""

    NONE = 0
    PART = 1
    FULL = 2


@dataclass(frozen=True, slots=True)
class Scope:
    """Of ``asked`` lines an offer covers so many whole, and so many more in part."""

    covered: int
    partial: int
    asked: int

    @property
    def text(self) -> str:
        """``9 of 12``; ``9 of 12, 2 in part``."""
        whole = _("%(covered)s of %(asked)s") % {"covered": self.covered, "asked": self.asked}
        return _("%(whole)s, %(n)s in part") % {"whole": whole, "n": self.partial} if self.partial else whole


@dataclass(frozen=True, slots=True)
class Answer:
    """A line of an offer beside the line it answers: whether it covers that in part only, its limit in words."""

    partial: bool
    limit: str


def for_specialists(lines: Sequence[Any]) -> list[Any]:
    """The lines of a brief an offer has to answer for."""
    return [line for line in lines if line.owner in OURS]


def answers_to(asked: Sequence[Any], lines: Sequence[Any]) -> dict[UUID, Any]:
    """The offer's line for each line of the brief; one whose origin was replaced is found by what it says."""
    known = {line.brief_line_id: line for line in lines if line.brief_line_id}
    loose = {(line.responsibility, line.platform): line for line in lines if line.brief_line_id is None}
    found = {line.id: known.get(line.id) or loose.get((line.responsibility, line.platform)) for line in asked}
    return {key: line for key, line in found.items() if line is not None}


def reach(asked: Any, line: Any | None) -> Reach:
    """How far ``line`` goes. Limits that count different things are not compared: it covers what it says."""
    if line is None or line.coverage is Coverage.EXCLUDED:
        return Reach.NONE
    if line.limit is None:
        return Reach.FULL
    if asked.limit is None:
        return Reach.PART
    return Reach.PART if alike(asked, line) and line.limit < asked.limit else Reach.FULL


def alike(asked: Any, line: Any) -> bool:
    """Whether both limits count the same thing in the same time."""
    return bool(asked.unit == line.unit and asked.period == line.period)


def answered_limit(asked: Any | None, line: Any) -> str:
    """``8 of 12 posts a month`` where it is less than asked; both as they are where they cannot be compared."""
    given = limit_text(line)
    if asked is None or line.limit is None:
        return given
    if asked.limit is None or not alike(asked, line):
        return _("%(limit)s, asked %(asked)s") % {"limit": given, "asked": limit_text(asked)}
    if line.limit >= asked.limit:
        return given
    return _("%(given)s of %(limit)s") % {"given": line.limit, "limit": limit_text(asked)}


def scope_of(asked: Sequence[Any], lines: Sequence[Any]) -> Scope:
    """What an offer with these ``lines`` covers of the ``asked`` ones."""
    found = answers_to(asked, lines)
    reached = [reach(line, found.get(line.id)) for line in asked]
    return Scope(reached.count(Reach.FULL), reached.count(Reach.PART), len(asked))


def answers_of(asked: Sequence[Any], lines: Sequence[Any]) -> Mapping[UUID, Answer]:
    """Each line of an offer beside what it answers, if it does, by the id of the offer's line."""
    origins = asked_by(asked, lines)
    return {
        line.id: Answer(
            partial=line.id in origins and reach(origins[line.id], line) is Reach.PART,
            limit=answered_limit(origins.get(line.id), line),
        )
        for line in lines
    }


def asked_by(asked: Sequence[Any], lines: Sequence[Any]) -> dict[UUID, Any]:
    """The brief's line each line of an offer answers, by the id of the offer's line; extras answer none."""
    known = {line.id: line for line in asked}
    return {line.id: known[key] for key, line in answers_to(asked, lines).items()}
