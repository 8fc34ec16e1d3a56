"""The meter of a line: what may be used, what is used. Pure; docs of the trade §3.0."""

from __future__ import annotations

from dataclasses import dataclass

NEAR = 0.8
"""From this share on a line is called near its limit (alerts at 80 and 100 %, §3.7)."""


@dataclass(frozen=True, slots=True)
class Meter:
    """Units of one line in one period. ``allowance`` is limit plus what carried over; ``None`` without a limit."""

    used: int
    allowance: int | None
    carried: int = 0

    @property
    def left(self) -> int | None:
        return None if self.allowance is None else self.allowance - self.used

    @property
    def state(self) -> str:
        """``over``, ``full``, ``near`` or empty."""
        if self.allowance is None:
            return ""
        if self.used > self.allowance:
            return "over"
        if self.used == self.allowance:
            return "full"
        return "near" if self.used >= self.allowance * NEAR else ""


def carried_over(limit: int | None, cap: int, used_before: int | None) -> int:
    """Units that carry over from the period before: what was left of the limit, at most ``cap``.

    What had carried over into that period itself goes no further. ``used_before`` is ``None`` when the line did not run
    in that period.
    """
    if limit is None or used_before is None:
        return 0
    return min(cap, max(0, limit - used_before))


def meter_of(limit: int | None, cap: int, used: int, used_before: int | None) -> Meter:
    """The meter of a line in a period."""
    carried = carried_over(limit, cap, used_before)
    return Meter(used, None if limit is None else limit + carried, carried)
