"""The load generator: a process of its own that keeps some connections busy for a while.

Reads one JSON order from standard input, writes one JSON result to standard output. Imports nothing of the product.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from itertools import cycle
from typing import Any, cast


class Run:
    """``times``: seconds of each answer that was asked for before the end."""

    def __init__(self, order: dict[str, Any]) -> None:
        texts: list[str] = order["requests"]
        self.requests = cycle([text.encode() for text in texts])
        self.least = int(order["least_bytes"])
        self.most = int(order.get("most_requests") or sys.maxsize)
        self.end = time.perf_counter() + float(order["seconds"])
        self.asked = 0
        self.times: list[float] = []
        self.bytes = 0
        self.statuses: dict[int, int] = {}
        self.short = 0

    def next(self) -> bytes | None:
        """The next request, or ``None`` when it is time to stop."""
        if self.asked >= self.most or time.perf_counter() >= self.end:
            return None
        self.asked += 1
        return next(self.requests)

    def note(self, seconds: float, status: int, length: int) -> None:
        self.times.append(seconds)
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self.bytes += length
        self.short += length < self.least


class Caller(asyncio.Protocol):
    """One connection: asks, reads the whole answer, asks again."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.buffer = bytearray()
        self.head = 0
        self.whole = 0
        self.asked_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.ask()

    def ask(self) -> None:
        request = self.run.next()
        if request is None:
            self.transport.close()
            return
        self.buffer.clear()
        self.whole = 0
        self.asked_at = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.whole:
            self.head = self.buffer.find(b"\r\n\r\n") + 4
            if self.head < 4:
                return
            self.whole = self.head + _length(bytes(self.buffer[: self.head]))
        if len(self.buffer) >= self.whole:
            self.run.note(time.perf_counter() - self.asked_at, int(self.buffer[9:12]), self.whole - self.head)
            self.ask()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.over.done():
            self.over.set_result(None)


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _colon, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise ValueError(f"an answer without a length: {head!r}")


async def drive(order: dict[str, Any]) -> dict[str, Any]:
    """Keep ``connections`` busy with ``requests`` in turn for ``seconds``; every answer is waited for."""
    loop = asyncio.get_running_loop()
    start = time.perf_counter()
    run = Run(order)
    callers = []
    for _number in range(order["connections"]):
        _transport, caller = await loop.create_connection(lambda: Caller(run), "127.0.0.1", order["port"])
        callers.append(caller)
    await asyncio.wait_for(asyncio.gather(*(caller.over for caller in callers)), float(order["seconds"]) + 20)
    return {
        "seconds": time.perf_counter() - start,
        "asked": run.asked,
        "statuses": run.statuses,
        "short": run.short,
        "bytes": run.bytes // max(1, len(run.times)),
        **_percentiles(sorted(run.times)),
    }


def _percentiles(times: list[float]) -> dict[str, float]:
    """``p50`` and ``p99`` in milliseconds."""
    if not times:
        return {"p50": 0.0, "p99": 0.0}
    return {f"p{part}": 1000 * times[min(len(times) - 1, len(times) * part // 100)] for part in (50, 99)}


if __name__ == "__main__":
    import uvloop

    print(json.dumps(uvloop.run(drive(json.load(sys.stdin)))))
