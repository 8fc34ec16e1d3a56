"""The worker as a companion of the web process, for installations started with one command."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SECONDS_TO_FINISH = 35  # longer than a lease's renewal, so that the job at hand may end
PR_SET_PDEATHSIG = 1


@contextmanager
def worker_beside() -> Iterator[None]:
    """Run the worker as a child process for as long as the block lasts, and stop it afterwards.

    A worker that ends by itself takes this process along: SIGTERM, then exit code 1 and a line that says why.
    """
    # The web server repeats the signal it stopped on; by default that would end us before the worker is told.
    signal.signal(signal.SIGTERM, _leave)
    worker = subprocess.Popen(
        [sys.executable, "-m", "app", "worker"],
        start_new_session=True,  # Ctrl-C reaches us alone; we pass it on
        preexec_fn=_end_with_parent,
    )
    leaving = threading.Event()

    def watch() -> None:
        worker.wait()
        if not leaving.is_set():
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        code = worker.poll()
        leaving.set()
        worker.terminate()
        worker.wait(timeout=SECONDS_TO_FINISH)
        if code is not None:
            sys.exit(f"The worker ended by itself (exit code {code}), so the web process stopped too.")


def _leave(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def _end_with_parent() -> None:
    """Have Linux stop the worker when the web process is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
