"""Processes of the product that can be killed. Its code is loaded once and each of them is a fork of that."""

from __future__ import annotations

import multiprocessing
import os
import sys

from app.cli import main

PATIENCE = 90.0
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["app.main", "app.worker", __name__, "uvicorn", "uvloop", "httptools"])


def _run(environment: dict[str, str], words: tuple[str, ...]) -> None:
    """The console command, silent, as if it had been started in that environment."""
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["postwright", *words]
    with open(os.devnull, "wb") as nothing:
        for number in (1, 2):
            os.dup2(nothing.fileno(), number)
    main()


class Process:
    """A process of the product, on its own; ``kill`` is SIGKILL."""

    def __init__(self, environment: dict[str, str], *words: str) -> None:
        self.environment, self.words = environment, words
        self._start()

    def _start(self) -> None:
        self.child = _forks.Process(target=_run, args=(self.environment, self.words), daemon=True)
        self.child.start()

    def kill(self) -> None:
        self.child.kill()
        self.child.join(PATIENCE)

    def restart(self) -> None:
        self.kill()
        self._start()
