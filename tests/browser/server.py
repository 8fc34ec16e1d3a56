"""The app on a port of this machine, for one test after another."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import uvicorn

REST = 30
"""Seconds after which a request that is still being answered is a fault."""


class Server(uvicorn.Server):
    """Says when it listens, and waits until nobody is being answered."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = threading.Event()
        self.loop: asyncio.AbstractEventLoop

    async def startup(self, *args: Any, **options: Any) -> None:
        await super().startup(*args, **options)
        self.loop = asyncio.get_running_loop()
        self.listening.set()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.servers[0].sockets[0].getsockname()[1]}"

    def rest(self) -> None:
        """Hang up, and return when every request is over, also those whose browser has gone."""
        asyncio.run_coroutine_threadsafe(self._rest(), self.loop).result(REST)

    async def _rest(self) -> None:
        for connection in list(self.server_state.connections):
            connection.shutdown()
        while self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks)
