"""The console's commands about jobs the worker gave up."""

from __future__ import annotations

from typing import Annotated, NoReturn
from uuid import UUID

import typer

from app.console import opened
from core import dead_letters

job_commands = typer.Typer(no_args_is_help=True, help="Mail and other jobs the worker gave up.")


@job_commands.command("list")
def jobs_list() -> None:
    """List the jobs the worker gave up in the last 30 days, newest first: id, when, kind, attempts, last error.

    Example: postwright jobs list
    """
    with opened() as database, database.read() as db:
        total, rows = dead_letters.count(db), dead_letters.list_newest(db)
    for row in rows:
        tried = f"{row.attempts} attempt{'s' * (row.attempts != 1)}"
        why = dead_letters.fit_to_show(row.error)
        typer.echo(f"{row.id}  {row.buried_at:%Y-%m-%d %H:%M} UTC  {row.kind}  {tried}  {why}")
    if total > len(rows):
        typer.echo(f"… and {total - len(rows)} more")
    if not rows:
        typer.echo("no job was given up")


@job_commands.command("retry")
def jobs_retry(which: Annotated[str, typer.Argument(metavar="ID", help="An id out of `jobs list`, or all.")]) -> None:
    """Have a job that was given up, or all of them, run again; the worker starts at once, with all attempts anew.

    A mail goes out as it was written then: its link may have run out meanwhile.

    Example: postwright jobs retry all
    """
    job_id = None if which == "all" else _id_of(which)
    with opened() as database, database.write() as db:
        revived = dead_letters.retry(db, job_id)
    if job_id is not None and not revived:
        _refuse(which)
    typer.echo(f"to be run again: {revived}")


def _id_of(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        _refuse(text)


def _refuse(which: str) -> NoReturn:
    typer.echo(f"No job with the id {which} was given up. See: postwright jobs list", err=True)
    raise typer.Exit(1)
