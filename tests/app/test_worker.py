"""The worker process: when it ends."""

from __future__ import annotations

import sys
import threading
from types import FrameType
from typing import Any

import pytest

from app.worker import Worker

PATIENCE = 30


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_signal_in_the_middle_of_a_signal_stops_it(worker: Worker) -> None:
    """A web process that is killed sends its worker several at once: none may wait for the one it interrupts."""

    def interrupt(_frame: FrameType, event: str, _argument: Any) -> Any:
        if event == "line":
            worker.stop()
        return interrupt

    def tell() -> None:
        sys.settrace(interrupt)
        worker.stop()

    told = threading.Thread(target=tell, daemon=True)
    told.start()
    told.join(PATIENCE)
    assert not told.is_alive(), "the second signal waits for the first"
    assert worker.stopping
