"""The console's commands about people and their API tokens."""

from __future__ import annotations

import getpass
import os
from datetime import timedelta
from typing import Annotated

import typer

from app.console import opened
from core.clock import system_clock

user_commands = typer.Typer(no_args_is_help=True, help="People.")
token_commands = typer.Typer(no_args_is_help=True, help="API tokens.")


@user_commands.command("create")
def user_create(
    email: Annotated[str, typer.Argument(help="The address the person logs in with.")],
    name: Annotated[str, typer.Argument(help="What the person and the workspace are called.")],
    kind: Annotated[str, typer.Option(help="Kind of the workspace made for the person: specialist or business.")],
    staff: Annotated[bool, typer.Option(help="May moderate briefs.")] = False,
) -> None:
    """Make a person with a confirmed address and a workspace; asks for the password (or POSTWRIGHT_PASSWORD).

    Example: postwright user create ana@example.com "Ana Reis" --kind specialist
    """
    from accounts.users.schemas import SignUpInput
    from accounts.users.service import create_user
    from accounts.workspaces.service import create

    with opened() as database:
        password = os.environ.get("POSTWRIGHT_PASSWORD") or getpass.getpass("Password: ")
        typed = SignUpInput.model_validate(
            {"kind": kind, "name": name, "workspace_name": name, "email": email, "password": password}
        )
        with database.write() as db:
            user = create_user(db, typed.name, typed.email, typed.password, verified=True, staff=staff)
            create(db, kind=typed.kind, name=typed.workspace_name, owner=user)
    typer.echo(f"created {typed.email}")


@user_commands.command("suspend")
def user_suspend(email: Annotated[str, typer.Argument(help="The address the person logs in with.")]) -> None:
    """Shut a person out at once: log-ins end, tokens and links are dead until `user restore`.

    Example: postwright user suspend ana@example.com
    """
    from accounts.users.service import suspend

    with opened() as database:
        database.insist(lambda db: suspend(db, email))
    typer.echo(f"suspended {email}")


@user_commands.command("restore")
def user_restore(email: Annotated[str, typer.Argument(help="The address of a suspended person.")]) -> None:
    """Let a suspended person in again.

    Example: postwright user restore ana@example.com
    """
    from accounts.users.service import restore

    with opened() as database:
        database.insist(lambda db: restore(db, email))
    typer.echo(f"restored {email}")


@token_commands.command("create")
def token_create(
    email: Annotated[str, typer.Argument(help="The address of the person the token acts for.")],
    name: Annotated[str, typer.Option(help="What the token is for.")] = "Command line",
    scope: Annotated[list[str] | None, typer.Option(help="May be given several times; all by default.")] = None,
    days: Annotated[int, typer.Option(help="Days until it expires.", min=1, max=3650)] = 90,
) -> None:
    """Make an API token for a person's first workspace and print it once.

    Example: postwright token create ana@example.com --scope crm:read
    """
    from accounts.tokens.service import issue_for

    with opened() as database:
        expires = system_clock() + timedelta(days=days)
        with database.write() as db:
            token = issue_for(db, email, name=name[:80], scopes=scope, expires_at=expires)
    typer.echo(token)
