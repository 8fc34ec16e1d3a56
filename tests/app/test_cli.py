"""The console command says what it does, and what a person can put right in one sentence."""

from __future__ import annotations

import shutil
import socket
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from app import schema
from app.cli import cli, main
from core.db import Database
from core.settings import Settings


@pytest.fixture(autouse=True)
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'cli.db'}",
        "STORAGE_URL": f"file:{tmp_path / 'files'}",
        "PASSWORD": "warm bread at nine",
    }.items():
        monkeypatch.setenv(f"POSTWRIGHT_{name}", value)


@pytest.fixture(scope="module")
def newest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file at the newest revision, with nobody in it."""
    file = tmp_path_factory.mktemp("cli") / "newest.db"
    database = Database(f"sqlite:///{file}", synchronous="OFF")
    schema.upgrade(database)
    database.dispose()
    return file


@pytest.fixture
def migrated(newest: Path, tmp_path: Path) -> None:
    """The command's database has its tables."""
    shutil.copyfile(newest, tmp_path / "cli.db")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """``run("db", "check")`` is exit code and what was said."""

    def one(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["postwright", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return int(ended.value.code or 0), said.out + said.err

    return one


def commands() -> list[str]:
    found = []
    for name, command in get_command(cli).commands.items():  # type: ignore[attr-defined]
        found += [f"{name} {inner}" for inner in getattr(command, "commands", {})] or [name]
    return found


def test_the_commands_of_the_house_are_there() -> None:
    assert set(commands()) == {
        *("serve", "worker", "demo", "check", "backup", "restore"),
        *("db upgrade", "db downgrade", "db check", "user create", "user suspend", "user restore", "token create"),
        *("jobs list", "jobs retry"),
    }


@pytest.mark.parametrize("command", commands())
def test_each_explains_itself_with_an_example(run, command: str) -> None:
    code, said = run(*command.split(), "--help")
    assert code == 0
    assert f"Example: postwright {command}" in said


def test_a_life_of_one_database(run, tmp_path: Path) -> None:
    archive = str(tmp_path / "monday.tar")
    assert run("db", "check") == (1, f"database empty, code {schema.head()}\n")
    code, said = run("check")
    assert (code, said) == (1, f"The schema is empty, not {schema.head()}. Run: postwright db upgrade\n")
    assert run("db", "upgrade")[0] == 0
    assert run("db", "check") == (0, f"database {schema.head()}, code {schema.head()}\n")
    assert run("user", "create", " Ana@Example.com ", "Ana Reis", "--kind", "specialist") == (
        0,
        "created ana@example.com\n",
    )
    code, token = run("token", "create", "ana@example.com", "--scope", "crm:read")
    assert (code, token[:3]) == (0, "pw_")
    assert run("check") == (0, "all invariants hold\n")
    assert run("backup", archive)[0] == 0
    assert run("db", "downgrade", "base") == (0, "schema empty\n")
    code, said = run("restore", archive)
    assert code == 0, said
    assert run("check") == (0, "all invariants hold\n")
    assert run("user", "create", "ana@example.com", "Ana", "--kind", "business") == (
        1,
        "email: This address is taken.\n",
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("user create nonsense Ana --kind business", "email: Enter an e-mail address"),
        ("user create ana@example.com Ana --kind king", "kind: Choose one of the list."),
        ("token create nobody@example.com", "There is no person with this address"),
        ("token create nobody@example.com --scope all", "Known scopes: account:read"),
        ("db downgrade nowhere", "Can't locate revision identified by 'nowhere'"),
        ("backup /no/such/folder/x.tar", "/no/such/folder/x.tar.partial: No such file or directory"),
        ("restore /no/such/file.tar", "/no/such/file.tar is not a backup"),
    ],
)
def test_wrong_words_are_answered_in_a_sentence(migrated, run, words: str, said: str) -> None:
    code, told = run(*words.split())
    assert code == 1
    assert said in told


@pytest.mark.parametrize(
    "words", ["serve --port 99999", "serve --workers 0", "token create a@b.example --days 0", "fly"]
)
def test_what_cannot_be_is_refused_at_once(run, words: str) -> None:
    assert run(*words.split())[0] == 2


def test_a_weak_password_is_told_why(migrated, run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTWRIGHT_PASSWORD", "short")
    code, told = run("user", "create", "ana@example.com", "Ana", "--kind", "business")
    assert (code, told) == (1, "password: Use at least 8 characters.\n")


def test_a_port_in_use_is_told_before_anything_is_done(run, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, told = run("serve", "--prepare", "--port", str(taken.getsockname()[1]))
    assert code == 1
    assert "Address already in use" in told
    assert not (tmp_path / "cli.db").exists()


def test_every_address_of_a_host_must_be_free(run, monkeypatch: pytest.MonkeyPatch) -> None:
    """As ``localhost`` may be ``127.0.0.1`` and ``::1``."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        places = [("127.0.0.1", 0), taken.getsockname()]
        found = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", place) for place in places]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_asked, **_options: found)
        code, told = run("serve", "--host", "both.invalid")
    assert code == 1
    assert "Address already in use" in told


def test_a_database_that_does_not_answer_is_named(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTWRIGHT_DATABASE_URL", "postgresql://nobody:s3cret-word@127.0.0.1:1/none")
    code, told = run("db", "check")
    assert code == 1
    assert told.startswith("The database cannot be reached: ")
    assert "s3cret-word" not in told


def test_wrong_settings_are_listed(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTWRIGHT_ENVIRONMENT", "production")
    code, told = run("check")
    assert code == 2
    assert "POSTWRIGHT_SECRET_KEY is the default" in told.splitlines()
    assert "POSTWRIGHT_SMTP_URL is missing" in told.splitlines()


def test_production_takes_no_demo(run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sound = {"SECRET_KEY": "kP3-vX9_qLw7Zt1RbYc5Nf8Ms2Hd6Gj0", "BASE_URL": "https://x.example", "SMTP_URL": "smtp://x"}
    for name, value in {**sound, "ENVIRONMENT": "production"}.items():
        monkeypatch.setenv(f"POSTWRIGHT_{name}", value)
    assert Settings().production
    code, told = run("demo")
    assert code == 1
    assert "production takes no demo market" in told
    assert not (tmp_path / "cli.db").exists()
