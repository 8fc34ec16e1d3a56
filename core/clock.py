"""Time as a dependency: aware UTC, so that tests can set it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The present, aware, in UTC."""
    return datetime.now(UTC)


def over_everywhere(now: datetime) -> date:
    """The earliest day that is not over in every time zone yet: the last to end one is twelve hours behind UTC."""
    return (now - timedelta(hours=12)).date()


def begun_somewhere(now: datetime) -> date:
    """The latest day that has begun in some time zone: the first to begin one is fourteen hours ahead of UTC."""
    return (now + timedelta(hours=14)).date()


class ManualClock:
    """A clock that stands still until it is moved; for tests and the demo market."""

    def __init__(self, at: datetime) -> None:
        self.at = at.astimezone(UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **amount: float) -> datetime:
        """Move on by ``timedelta(**amount)`` and return the new present."""
        self.at += timedelta(**amount)
        return self.at
