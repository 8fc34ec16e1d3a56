"""The five months of the demo: what happens on which day, in order, on a clock that is moved along."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from heapq import heappop, heappush

from core.clock import ManualClock
from core.db import Session

Action = Callable[[Session], None]
LONGEST = 152
"""Days before the end on which the clock starts."""
OPENS, CLOSES = 7, 17
"""Hours (UTC) between which the market is awake."""


class Calendar:
    """``at(3.5, …)`` happens three and a half days before ``until``: on that day, half-way through working hours."""

    def __init__(self, until: datetime) -> None:
        self.until = until - timedelta(minutes=2)
        self.clock = ManualClock(self.moment(LONGEST))
        self._due: list[tuple[datetime, int, Action]] = []
        self._numbers = itertools.count()

    def day(self, ago: float) -> date:
        """The day ``ago`` days before the last; days to come are negative."""
        return self.until.date() - timedelta(days=ago)

    def moment(self, ago: float) -> datetime:
        """The moment of something ``ago`` days before the end; later for smaller numbers, never after the end."""
        whole = int(ago)
        left = ago - whole + (1 - ago + whole) * _wobble(whole)
        midnight = datetime.combine(self.until.date(), time(), self.until.tzinfo)
        if whole:
            hours = OPENS + (1 - left) * (CLOSES - OPENS)
            return midnight - timedelta(days=whole) + timedelta(hours=hours)
        yesterday = midnight - timedelta(hours=24 - CLOSES)
        return self.until - ago * (self.until - yesterday)

    def at(self, ago: float, action: Action) -> None:
        """Have ``action`` done; something that would lie in the past is done next."""
        heappush(self._due, (max(self.moment(ago), self.clock.at), next(self._numbers), action))

    def run(self, db: Session) -> None:
        """Do everything in order; each action starts from what is stored, as a request would."""
        while self._due:
            self.clock.at, _number, action = heappop(self._due)
            action(db)
            db.flush()
            db.expunge_all()


def _wobble(day: int) -> float:
    """How much of a day, different from day to day, lies behind what the data files only give the day of."""
    return day * 37 % 61 / 90
