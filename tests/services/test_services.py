"""The test ground itself: databases, the server behind them, the browser."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import sync_playwright

from tests.services import chromium as browser
from tests.services import programs
from tests.services.cluster import Cluster
from tests.services.postgres import Postgres
from tests.services.run import Run
from tests.services.sqlite import SQLite

ROOT = Path(__file__).parents[2]
Databases = Postgres | SQLite


def build(url: str) -> None:
    """A template of one table with one row."""
    execute(url, "CREATE TABLE brief (title TEXT)", "INSERT INTO brief VALUES ('Café, кофе, cà phê')")


def execute(url: str, *commands: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for command in commands:
            connection.exec_driver_sql(command)
    engine.dispose()


def titles(url: str) -> list[str]:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        rows = list(connection.exec_driver_sql("SELECT title FROM brief").scalars())
    engine.dispose()
    return rows


def worker_name(name: str) -> str:
    return f"{name}_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"


def test_a_clone_has_the_template_s_rows_and_a_life_of_its_own(databases: Databases) -> None:
    databases.template("services", build)
    one = databases.clone("services", worker_name("one"))
    two = databases.clone("services", worker_name("two"))
    execute(one, "DELETE FROM brief")
    assert titles(one) == []
    assert titles(two) == ["Café, кофе, cà phê"]
    databases.drop(worker_name("one"))
    databases.drop(worker_name("two"))
    with pytest.raises(sa.exc.OperationalError):
        titles(two)


def test_a_template_is_built_once_by_however_many_ask(databases: Databases) -> None:
    built = []
    name = worker_name("asked")

    def count_and_build(url: str) -> None:
        built.append(url)
        build(url)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: databases.template(name, count_and_build), range(8)))
    assert len(built) == 1


def test_dropping_a_database_does_not_wait_for_its_users(postgres: Postgres) -> None:
    postgres.template("services", build)
    engine = sa.create_engine(postgres.clone("services", worker_name("busy")))
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
        postgres.drop(worker_name("busy"))
        with pytest.raises(sa.exc.OperationalError):
            connection.exec_driver_sql("SELECT 1")
    engine.dispose()


def test_cloning_and_dropping_is_quick(postgres: Postgres) -> None:
    """The fastest of twenty counts: the others may have met a busy machine."""
    postgres.template("services", build)
    seconds = []
    for _ in range(20):
        start = time.perf_counter()
        postgres.clone("services", worker_name("quick"))
        postgres.drop(worker_name("quick"))
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.06


def test_lower_case_of_three_scripts(postgres: Postgres) -> None:
    engine = sa.create_engine(postgres.admin_url)
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT lower('БРИФ ĐÀ NẴNG')")).scalar_one() == "бриф đà nẵng"
    engine.dispose()


def test_the_wheel_s_server_works_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, test_run: Run) -> None:
    monkeypatch.setattr(programs, "system", lambda: None)
    server = Postgres.start(test_run.folder, prefix="wheel_")
    try:
        server.template("services", build)
        assert titles(server.clone("services", "copy")) == ["Café, кофе, cà phê"]
    finally:
        server.stop()


def test_a_given_server_is_used_and_left_clean(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_RUN_FOLDER")
    monkeypatch.setenv("TEST_DATABASE_URL", postgres.admin_url)
    run = Run()
    run.postgres.template("services", build)
    copy = run.postgres.clone("services", "copy")
    assert titles(copy)
    run.close()
    assert not run.folder.exists()
    with pytest.raises(sa.exc.OperationalError, match="does not exist"):
        titles(copy)
    assert os.environ["TEST_DATABASE_URL"] == postgres.admin_url


def test_the_server_ends_with_a_killed_run(test_run: Run) -> None:
    """Nothing is left running when the test run has no chance to clean up."""
    script = (
        "import sys; from pathlib import Path; from tests.services.cluster import Cluster;"
        "print(Cluster(Path(sys.argv[1])).pid, flush=True); sys.stdin.read()"
    )
    killed = subprocess.Popen(
        [sys.executable, "-c", script, str(test_run.folder)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert killed.stdin
    assert killed.stdout
    with killed.stdin, killed.stdout:
        server = os.pidfd_open(int(killed.stdout.readline()))
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert ended(server, seconds=20)
    os.close(server)


def ended(pidfd: int, *, seconds: int) -> bool:
    return bool(select.select([pidfd], [], [], seconds)[0])


def test_a_stopped_server_leaves_no_files(test_run: Run) -> None:
    cluster = Cluster(test_run.folder)
    assert cluster.folder.exists()
    cluster.stop()
    cluster.stop()
    assert not cluster.folder.exists()


def test_folders_of_killed_runs_are_swept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    left = tmp_path / "postwright-test-left"
    left.mkdir()
    (left / "owner").touch()
    monkeypatch.delenv("TEST_RUN_FOLDER")
    monkeypatch.setattr("tests.services.run.MEMORY", tmp_path)
    run = Run()
    assert run.folder.parent == tmp_path
    assert not left.exists()
    neighbour = subprocess.run(
        [sys.executable, "-c", "import sys; from pathlib import Path; from tests.services import run;"
         "run.MEMORY = Path(sys.argv[1]); run.Run().close()", str(tmp_path)],
        cwd=ROOT, env={**os.environ, "TEST_RUN_FOLDER": ""}, check=True,
    )  # fmt: skip
    assert neighbour.returncode == 0
    assert run.folder.exists()
    run.close()
    assert list(tmp_path.iterdir()) == []


def test_the_browser_starts_and_shows_a_page(chromium: Path) -> None:
    with sync_playwright() as playwright:
        window = playwright.chromium.launch(executable_path=chromium, args=browser.flags())
        page = window.new_page()
        page.set_content("<title>Бриф</title><p>Cà phê</p>")
        assert page.title() == "Бриф"
        assert page.inner_text("p") == "Cà phê"
        window.close()


def test_a_wrong_browser_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTWRIGHT_CHROMIUM", "/no/such/browser")
    with pytest.raises(browser.ChromiumMissing, match="/no/such/browser"):
        browser.lacking()


def test_without_a_browser_the_answer_is_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("POSTWRIGHT_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert browser.lacking() == ["chromium-headless-shell"]
    with pytest.raises(browser.ChromiumMissing, match="install the package chromium-headless-shell or chromium"):
        browser.find()
