"""The services as pytest fixtures. ``tests/conftest.py`` loads this with ``pytest_plugins``."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from tests.services import chromium as browser
from tests.services.postgres import Postgres
from tests.services.programs import PostgresMissing
from tests.services.run import Run
from tests.services.sqlite import SQLite

RUN = pytest.StashKey[Run]()


def pytest_configure(config: pytest.Config) -> None:
    """Open the run; with several workers, start PostgreSQL before them so that all find it."""
    run = config.stash[RUN] = Run()
    if config.getoption("numprocesses", None) and not config.option.collectonly:
        try:
            run.start_postgres()
        except PostgresMissing as missing:
            raise pytest.UsageError(str(missing)) from missing


def pytest_collection_finish() -> None:
    """What has been imported stays: do not look through it for garbage again. A sixth of the suite's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Close the run, also after Ctrl-C."""
    config.stash[RUN].close()


@pytest.fixture(scope="session")
def test_run(pytestconfig: pytest.Config) -> Run:
    """What this test run shares between its processes."""
    return pytestconfig.stash[RUN]


@pytest.fixture(scope="session")
def postgres(test_run: Run) -> Postgres:
    """The run's PostgreSQL server, started when first asked for."""
    return test_run.postgres


@pytest.fixture(scope="session")
def sqlite(test_run: Run) -> SQLite:
    """The run's SQLite files."""
    return test_run.sqlite


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser's program; the test fails with one sentence when there is none."""
    try:
        return browser.find()
    except browser.ChromiumMissing as missing:
        pytest.fail(str(missing), pytrace=False)
