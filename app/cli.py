"""The console command ``postwright``."""

from __future__ import annotations

import gc
import os
import socket
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from app.console import load_settings, opened
from app.jobs_cli import job_commands
from app.people_cli import token_commands, user_commands
from core.clock import system_clock
from core.settings import Settings

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Postwright: run it, keep it, look after its data.",
)
db_commands = typer.Typer(no_args_is_help=True, help="The database's schema.")
cli.add_typer(db_commands, name="db")
cli.add_typer(user_commands, name="user")
cli.add_typer(token_commands, name="token")
cli.add_typer(job_commands, name="jobs")


def prepare(settings: Settings, *, demo: bool) -> bool:
    """Bring the schema up, load the catalogue, and the demo market into an empty database; whether it did the last."""
    from app import schema
    from app.demo.market import is_empty, load_demo
    from marketplace.taxonomy.service import is_current, load_catalogue

    with opened(current=False) as database:
        if schema.current(database) != schema.head():
            schema.upgrade(database)
        with database.read() as db:
            known = is_current(db)
        if not known:
            with database.write() as db:
                load_catalogue(db)
        if not demo or not is_empty(database):
            return False
        typer.echo("First start: building the demo market, about half a minute.")
        load_demo(settings, database)
        return True


@cli.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(help="Web processes; 1 for SQLite.", min=1, max=64)] = 1,
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
    _require_free(host, port)
    if prepare_first:
        prepare(settings, demo=not (empty or settings.production))
        _say_hello(settings.base_url)
    if with_worker:
        import app.main  # noqa: F401 - before the worker loads its part: both at once would keep the first page waiting
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
    shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else f"[{host}]" if ":" in host else host  # noqa: S104 - compared
    os.environ["POSTWRIGHT_BASE_URL"] = f"http://{shown}:{port}"
    return load_settings()


def _require_free(host: str, port: int) -> None:
    """Raise ``OSError`` if nobody can listen there: the server finds out only after all that comes before.

    A name may lead to several addresses, of either family; the server listens on each that the system knows.
    """
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    for family, *_kind, address in found:
        if family == socket.AF_INET or socket.has_dualstack_ipv6():
            socket.create_server(address, family=family).close()


def _say_hello(address: str) -> None:
    typer.echo(f"\nPostwright: {address}")
    _say_log_ins()
    typer.echo("")


def _say_log_ins() -> None:
    """The demo log-ins, if the database holds the demo market."""
    from app.demo.market import is_loaded
    from app.demo.people import LOG_INS, PASSWORD

    with opened() as database:
        if is_loaded(database):
            typer.echo(f"Demo log-ins, password “{PASSWORD}”:")
            for email, who in LOG_INS:
                typer.echo(f"  {email:32} {who}")


@cli.command()
def worker() -> None:
    """Run jobs and timers: mail, reminders, expiry. Start as many as you like on PostgreSQL.

    Example: postwright worker
    """
    from app.worker import make_worker

    with opened() as database:
        make_worker(load_settings(), database).run()


@db_commands.command("upgrade")
def db_upgrade() -> None:
    """Bring the schema to the newest revision and load the catalogue of the trade.

    Example: postwright db upgrade
    """
    from app import schema
    from marketplace.taxonomy.service import load_catalogue

    with opened(current=False) as database:
        schema.upgrade(database)
        with database.write() as db:
            changed = load_catalogue(db)
        typer.echo(f"schema {schema.current(database)}, {changed} catalogue entries changed")


@db_commands.command("downgrade")
def db_downgrade(
    revision: Annotated[str, typer.Argument(help="The revision to go back to; base for an empty database.")],
) -> None:
    """Undo migrations down to REVISION. Data of undone tables is lost: take a backup first.

    Example: postwright db downgrade base
    """
    from app import schema

    with opened(current=False) as database:
        schema.downgrade(database, revision)
        typer.echo(f"schema {schema.current(database) or 'empty'}")


@db_commands.command("check")
def db_check() -> None:
    """Say whether the schema is the one this code needs; exit code 1 if not.

    Example: postwright db check
    """
    from app import schema

    with opened(current=False) as database:
        have, want = schema.current(database), schema.head()
    typer.echo(f"database {have or 'empty'}, code {want}")
    if have != want:
        raise typer.Exit(1)


@cli.command()
def demo() -> None:
    """Fill an empty database with a believable market, through the same services people use.

    Example: postwright demo
    """
    settings = load_settings()
    if settings.production:
        typer.echo("Everybody knows the demo's password: production takes no demo market.", err=True)
        raise typer.Exit(1)
    if not prepare(settings, demo=True):
        typer.echo("The database already holds data; nothing was changed.", err=True)
        raise typer.Exit(1)
    _say_log_ins()


@cli.command()
def check() -> None:
    """Check every invariant over the stored data; exit code 1 with the broken rows named.

    Example: postwright check
    """
    from app.checks import broken

    with opened() as database:
        faults = broken(database)
    for fault in faults:
        typer.echo(fault)
    if faults:
        raise typer.Exit(1)
    typer.echo("all invariants hold")


@cli.command()
def backup(file: Annotated[Path, typer.Argument(help="The archive to write; one that is there is replaced.")]) -> None:
    """Write a consistent backup of the database and the stored files, with hashes, while the product runs.

    Keep no archive for 30 days or more: a younger one knows of everyone who was erased since that they asked for it.

    Example: postwright backup monday.tar
    """
    from app.backup import backup as write

    with opened() as database:
        manifest = write(load_settings(), database, file, system_clock())
    typer.echo(f"{file}: {manifest.summary}")


@cli.command()
def restore(file: Annotated[Path, typer.Argument(help="An archive that postwright backup wrote.")]) -> None:
    """Put back the database and the stored files of FILE. Stop web and worker first.

    Who was erased after FILE was written is back. The worker erases again whoever had asked for it by then; anyone
    else has to ask again.

    Example: postwright restore monday.tar
    """
    from app.backup import restore as read

    manifest = read(load_settings(), file)
    typer.echo(f"restored {file} of {manifest.at}: {manifest.summary}")


def main() -> None:
    """Entry of the console command: what a person can put right is said in a sentence, with exit code 1."""
    gc.set_threshold(50_000, 20, 20)  # a start makes many objects and little garbage: a tenth of its time
    try:
        cli()
    except Exception as error:
        from app.complaints import complaint

        said = complaint(error)
        if said is None:
            raise
        typer.echo(said, err=True)
        sys.exit(1)
