"""``./dev serve``: one command, two processes, which live and end together; ``postwright serve``: as many as wanted."""

from __future__ import annotations

import os
import re
import select
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.backdrop import CAST_ALONE
from tests.services.postgres import Postgres
from tests.services.sqlite import SQLite

ROOT = Path(__file__).parents[2]
PATIENCE = 120  # seconds, on a busy machine
Templates = Callable[[str], SQLite | Postgres]


class Served:
    """A started pair of web process and worker. Its output is read all the time: a full pipe would stop both."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self.news = threading.Condition()
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.note(line)
        self.note("(end)")

    def note(self, line: str) -> None:
        with self.news:
            self.lines.append(line)
            self.news.notify_all()

    def said(self, pattern: str) -> str:
        """What the pattern catches in the output, as soon as it is there."""

        def found() -> re.Match[str] | bool | None:
            return re.search(pattern, "".join(self.lines)) or self.lines[-1:] == ["(end)"]

        with self.news:
            answer = self.news.wait_for(found, PATIENCE)
        if not isinstance(answer, re.Match):
            pytest.fail("not ready, or ended:\n" + "".join(self.lines))
        return str(answer[answer.re.groups])

    def worker(self) -> int:
        """The worker's process, once it has started."""
        return int(self.said(r"worker\S*=\S+?:(\d+):"))


def ends(pidfd: int) -> bool:
    """Whether a process ends soon enough."""
    try:
        return bool(select.select([pidfd], [], [], PATIENCE)[0])
    finally:
        os.close(pidfd)


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
    return number


def environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "POSTWRIGHT_DATABASE_URL": f"sqlite:///{folder}/serve.db",
        "POSTWRIGHT_STORAGE_URL": f"file:{folder}/files",
        "PYTHONUNBUFFERED": "1",
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a first start has been: the database is there and empty."""
    made = tmp_path_factory.mktemp("serve")
    subprocess.run([ROOT / ".venv/bin/postwright", "db", "upgrade"], env=environment(made), check=True)
    return made


@contextmanager
def started(command: list[str | Path], environment: dict[str, str]) -> Iterator[Served]:
    process = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    served = Served(process)
    try:
        served.said("Uvicorn running")
        yield served
    finally:
        process.kill()
        process.wait()
        served.reader.join(PATIENCE)
        assert process.stdout
        process.stdout.close()


@contextmanager
def serving(folder: Path, port: int) -> Iterator[Served]:
    with started([ROOT / "dev", "serve", "--empty", "--port", str(port)], environment(folder)) as served:
        served.worker()
        yield served


def answer(port: int) -> int:
    return httpx.get(f"http://127.0.0.1:{port}/healthz").status_code


def seconds_of_work(pid: int) -> float:
    """Processor time a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def seconds_of_loading() -> float:
    """Processor time it takes to load the product's code and nothing else: what any start takes at least.

    The typesetter is no part of it: it is loaded when the first page is set.
    """
    code = "import sys, app.main; sys.exit('typst' in sys.modules)"
    process = subprocess.Popen([ROOT / ".venv/bin/python", "-c", code], cwd=ROOT)
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, "the typesetter is loaded before a page is set"
    return usage.ru_utime + usage.ru_stime


def stop(served: Served, number: signal.Signals) -> None:
    """Both end by the signal, and without a complaint."""
    worker = os.pidfd_open(served.worker())
    served.process.send_signal(number)
    assert served.process.wait(PATIENCE) == 0
    assert ends(worker)


def test_a_second_start_hardly_does_more_than_load_the_code_and_ctrl_c_stops_both(folder: Path, free_port: int) -> None:
    with serving(folder, free_port) as second:
        assert answer(free_port) == 200
        assert seconds_of_work(second.process.pid) < 2 * seconds_of_loading()
        stop(second, signal.SIGINT)


def test_a_dead_worker_takes_the_web_process_along(folder: Path, free_port: int) -> None:
    with serving(folder, free_port) as served:
        os.kill(served.worker(), signal.SIGKILL)
        assert served.process.wait(PATIENCE) == 1
        served.said(r"The worker ended by itself \(exit code -9\)")


def test_a_killed_web_process_leaves_no_worker(folder: Path, free_port: int) -> None:
    with serving(folder, free_port) as served:
        worker = os.pidfd_open(served.worker())
        served.process.kill()
        assert ends(worker)


def test_a_port_in_use_is_a_failure_and_the_first_ends_when_told(folder: Path, free_port: int) -> None:
    refused = pytest.raises(pytest.fail.Exception, match="Address already in use")
    with serving(folder, free_port) as first:
        with refused, serving(folder, free_port):
            pass
        assert answer(free_port) == 200
        stop(first, signal.SIGTERM)


def test_two_web_processes_on_postgresql(folder: Path, free_port: int, templates: Templates) -> None:
    server = templates("postgresql")
    name = f"serve{os.getpid()}"
    here = environment(folder) | {"POSTWRIGHT_DATABASE_URL": server.clone(CAST_ALONE.template, name)}
    command = [ROOT / ".venv/bin/postwright", "serve", "--port", str(free_port), "--workers", "2"]
    with started(command, here) as served:
        served.said(r"(?s)startup complete.*startup complete")
        assert httpx.get(f"http://127.0.0.1:{free_port}/readyz").status_code == 200
        served.process.terminate()
        assert served.process.wait(PATIENCE) == 0
    server.drop(name)
