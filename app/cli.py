"""The console command ``postwright``."""

from __future__ import annotations

import gc
import getpass
import os
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from core.clock import system_clock
from core.db import Session
from core.settings import Settings

cli = typer.Typer(no_args_is_help=True, add_completion=False, help="Postwright: run it, keep it, look after its data.")
db_commands = typer.Typer(no_args_is_help=True, help="The database's schema.")
user_commands = typer.Typer(no_args_is_help=True, help="People.")
token_commands = typer.Typer(no_args_is_help=True, help="API tokens.")
cli.add_typer(db_commands, name="db")
cli.add_typer(user_commands, name="user")
cli.add_typer(token_commands, name="token")


def load_settings() -> Settings:
    """The settings, or a list of what is wrong with them and exit code 2."""
    try:
        return Settings()
    except ValidationError as error:
        for item in error.errors():
            where = "".join(f"POSTWRIGHT_{str(part).upper()}: " for part in item["loc"])
            for line in item["msg"].removeprefix("Value error, ").split("; "):
                typer.echo(f"{where}{line}", err=True)
        raise typer.Exit(2) from error


def prepare(settings: Settings, *, demo: bool) -> bool:
    """Bring the schema up, load the catalogue, and the demo market into an empty database; whether it did the last."""
    from app import schema
    from app.main import open_database
    from marketplace.taxonomy.service import load_catalogue

    database = open_database(settings)
    try:
        if schema.current(database) != schema.head():
            schema.upgrade(database)
            with database.write() as db:
                load_catalogue(db)
        if not demo:
            return False
        from app.demo.market import is_empty, load_demo

        if not is_empty(database):
            return False
        typer.echo("First start: building the demo market, about half a minute.")
        load_demo(settings, database)
        return True
    finally:
        database.dispose()


@cli.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(help="Web processes; 1 for SQLite.")] = 1,
    prepare_first: Annotated[bool, typer.Option("--prepare", help="Migrate, and load demo data when empty.")] = False,
    empty: Annotated[bool, typer.Option("--empty", help="With --prepare: no demo data.")] = False,
    with_worker: Annotated[bool, typer.Option("--with-worker", help="Run the worker beside the web process.")] = False,
) -> None:
    """Answer web requests.

    Example: postwright serve --port 8000 --workers 2
    """
    import uvicorn

    from app.beside import worker_beside

    settings = _with_own_address(load_settings(), host, port)
    if prepare_first:
        prepare(settings, demo=not empty)
        _say_hello(settings.base_url, demo=not empty)
    with worker_beside() if with_worker else nullcontext():
        uvicorn.run(
            "app.main:create_app",
            factory=True,
            host=host,
            port=port,
            workers=workers,
            loop="uvloop",
            http="httptools",
            log_level=settings.log_level,
            access_log=False,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=settings.trusted_proxies or None,
            server_header=False,
            timeout_graceful_shutdown=30,
        )


def _with_own_address(settings: Settings, host: str, port: int) -> Settings:
    """Where nobody said what the site is called, links in mails lead to where it listens, also for the children."""
    if settings.production or "base_url" in settings.model_fields_set:
        return settings
    shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - only compared
    os.environ["POSTWRIGHT_BASE_URL"] = f"http://{shown}:{port}"
    return load_settings()


def _say_hello(address: str, *, demo: bool) -> None:
    typer.echo(f"\nPostwright: {address}")
    if demo:
        from app.demo.people import LOG_INS, PASSWORD

        typer.echo(f"Demo log-ins, password “{PASSWORD}”:")
        for email, who in LOG_INS:
            typer.echo(f"  {email:32} {who}")
    typer.echo("")


@cli.command()
def worker() -> None:
    """Run jobs and timers: mail, reminders, expiry. Start as many as you like on PostgreSQL.

    Example: postwright worker
    """
    from app.main import open_database
    from app.worker import make_worker

    settings = load_settings()
    database = open_database(settings)
    make_worker(settings, database).run()
    database.dispose()


@db_commands.command("upgrade")
def db_upgrade() -> None:
    """Bring the schema to the newest revision and load the catalogue of the trade.

    Example: postwright db upgrade
    """
    from app import schema
    from app.main import open_database
    from marketplace.taxonomy.service import load_catalogue

    database = open_database(load_settings())
    schema.upgrade(database)
    with database.write() as db:
        changed = load_catalogue(db)
    typer.echo(f"schema {schema.current(database)}, {changed} catalogue entries changed")
    database.dispose()


@db_commands.command("downgrade")
def db_downgrade(revision: str) -> None:
    """Undo migrations down to REVISION. Data of undone tables is lost: take a backup first.

    Example: postwright db downgrade base
    """
    from app import schema
    from app.main import open_database

    database = open_database(load_settings())
    schema.downgrade(database, revision)
    typer.echo(f"schema {schema.current(database) or 'empty'}")
    database.dispose()


@db_commands.command("check")
def db_check() -> None:
    """Say whether the schema is the one this code needs; exit code 1 if not.

    Example: postwright db check
    """
    from app import schema
    from app.main import open_database

    database = open_database(load_settings())
    have, want = schema.current(database), schema.head()
    database.dispose()
    typer.echo(f"database {have or 'empty'}, code {want}")
    if have != want:
        raise typer.Exit(1)


@cli.command()
def demo() -> None:
    """Fill an empty database with a believable market, through the same services people use.

    Example: postwright demo
    """
    if not prepare(load_settings(), demo=True):
        typer.echo("The database already holds data; nothing was changed.", err=True)
        raise typer.Exit(1)


@user_commands.command("create")
def user_create(
    email: str,
    name: str,
    kind: Annotated[str, typer.Option(help="Kind of the workspace made for the person: specialist or business.")],
    staff: Annotated[bool, typer.Option(help="May moderate briefs.")] = False,
) -> None:
    """Make a person with a confirmed address and a workspace; asks for the password (or POSTWRIGHT_PASSWORD).

    Example: postwright user create ana@example.com "Ana Reis" --kind specialist
    """
    from accounts.users.service import create_user
    from accounts.workspaces.models import WorkspaceKind
    from accounts.workspaces.service import create
    from app.main import open_database
    from core.errors import DomainError

    if kind not in set(WorkspaceKind):
        raise typer.BadParameter("specialist or business", param_hint="--kind")
    password = os.environ.get("POSTWRIGHT_PASSWORD") or getpass.getpass("Password: ")
    database = open_database(load_settings())
    try:
        with database.write() as db:
            user = create_user(db, name=name, email=email, password=password, verified=True, staff=staff)
            create(db, kind=WorkspaceKind(kind), name=name, owner=user)
    except DomainError as error:
        typer.echo(error.detail, err=True)
        raise typer.Exit(1) from error
    finally:
        database.dispose()
    typer.echo(f"created {email}")


@user_commands.command("suspend")
def user_suspend(email: str) -> None:
    """Shut a person out at once: log-ins end, tokens and links are dead until `user restore`.

    Example: postwright user suspend ana@example.com
    """
    from accounts.users.service import suspend

    _on_person(suspend, email)
    typer.echo(f"suspended {email}")


@user_commands.command("restore")
def user_restore(email: str) -> None:
    """Let a suspended person in again.

    Example: postwright user restore ana@example.com
    """
    from accounts.users.service import restore

    _on_person(restore, email)
    typer.echo(f"restored {email}")


def _on_person(verb: Callable[[Session, str], None], email: str) -> None:
    from app.main import open_database
    from core.errors import DomainError

    database = open_database(load_settings())
    try:
        with database.write() as db:
            verb(db, email)
    except DomainError as error:
        typer.echo(error.detail, err=True)
        raise typer.Exit(1) from error
    finally:
        database.dispose()


@token_commands.command("create")
def token_create(
    email: str,
    name: Annotated[str, typer.Option(help="What the token is for.")] = "Command line",
    scope: Annotated[list[str] | None, typer.Option(help="May be given several times; all by default.")] = None,
    days: Annotated[int, typer.Option(help="Days until it expires.")] = 90,
) -> None:
    """Make an API token for a person's first workspace and print it once.

    Example: postwright token create ana@example.com --scope crm:read
    """
    from accounts.tokens.service import issue_for
    from app.main import open_database
    from core.errors import DomainError

    database = open_database(load_settings())
    try:
        with database.write() as db:
            expires = system_clock() + timedelta(days=days)
            token = issue_for(db, email, name=name, scopes=scope, expires_at=expires)
    except DomainError as error:
        typer.echo(error.detail, err=True)
        raise typer.Exit(1) from error
    finally:
        database.dispose()
    typer.echo(token)


@cli.command()
def check() -> None:
    """Check every invariant over the stored data; exit code 1 with the broken rows named.

    Example: postwright check
    """
    from app.checks import broken
    from app.main import open_database

    database = open_database(load_settings())
    faults = broken(database)
    database.dispose()
    for fault in faults:
        typer.echo(fault)
    if faults:
        raise typer.Exit(1)
    typer.echo("all invariants hold")


@cli.command()
def backup(file: Path) -> None:
    """Write a consistent backup of the database, with a hash, into FILE, while the product runs.

    Example: postwright backup monday.tar
    """
    from app.backup import BackupError
    from app.backup import backup as write
    from app.main import open_database

    settings = load_settings()
    database = open_database(settings)
    try:
        manifest = write(settings, database, file, system_clock())
    except BackupError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    finally:
        database.dispose()
    typer.echo(f"{file}: {manifest['engine']}, schema {manifest['revision']}, sha256 {manifest['sha256']}")


@cli.command()
def restore(file: Path) -> None:
    """Replace the database by the one in FILE. Stop web and worker first.

    Example: postwright restore monday.tar
    """
    from app.backup import BackupError
    from app.backup import restore as read

    try:
        manifest = read(load_settings(), file)
    except BackupError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    typer.echo(f"restored {file} of {manifest['at']}")


def main() -> None:
    """Entry of the console command."""
    gc.set_threshold(50_000, 20, 20)  # a start makes many objects and little garbage: a tenth of its time
    cli()
