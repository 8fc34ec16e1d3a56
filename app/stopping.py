"""Hearing early that the server is to stop.

The server's own shutdown hook comes only after the open answers have ended, and a stream never ends by itself.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def when_stopping(work: Callable[[], None]) -> Iterator[None]:
    """Inside the block, run ``work`` in the event loop on SIGTERM or SIGINT, then what was set before."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def hear(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(work)
        earlier = before[signal.Signals(number)]
        if callable(earlier):
            earlier(number, frame)

    for number in SIGNALS:
        signal.signal(number, hear)
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
