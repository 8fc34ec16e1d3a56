"""Settings from the environment, prefix ``POSTWRIGHT_``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from pydantic import model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEFAULT_SECRET = "development-only-secret-change-me-in-production"  # noqa: S105 - refused in production
SHORTEST_SECRET = 32
GUESSED = frozenset({"password", "postgres", "postwright", "changeme", "secret", "admin"})
LOG_LEVELS = ("critical", "error", "warning", "info", "debug")


class Environment(StrEnum):
    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


class Settings(BaseSettings):
    """Everything that may differ between two installations.

    Raises ``ValidationError`` naming every setting that cannot be read, or that production must not run with.
    """

    model_config = SettingsConfigDict(
        env_prefix="POSTWRIGHT_", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True
    )

    environment: Environment = Environment.DEVELOPMENT
    database_url: str = "sqlite:///var/postwright.db"
    sqlite_synchronous: str = "FULL"
    secret_key: str = DEFAULT_SECRET
    base_url: str = "http://127.0.0.1:8000"
    smtp_url: str = ""
    mail_folder: Path = Path("var/mail")
    """Where mail is written while there is no ``smtp_url``."""
    mail_from: str = "Postwright <no-reply@postwright.example>"
    storage_url: str = "file:var/files"
    trusted_proxies: str = ""
    log_level: str = "info"
    rate_limits: bool = True

    @property
    def production(self) -> bool:
        return self.environment is Environment.PRODUCTION

    @property
    def secure_cookies(self) -> bool:
        """Cookies carry ``Secure`` and the ``__Host-`` prefix when the site is served over https."""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def sqlite_path(self) -> Path | None:
        """The database's file, or ``None`` on PostgreSQL."""
        if not self.database_url.startswith("sqlite"):
            return None
        return Path(self.database_url.split("///", 1)[1])

    @model_validator(mode="after")
    def refuse_what_cannot_work(self) -> Self:
        faults = [*self._unreadable(), *(self._unsafe() if self.production else ())]
        if faults:
            raise ValueError("; ".join(f"POSTWRIGHT_{fault}" for fault in faults))
        return self

    def _unreadable(self) -> Iterator[str]:
        """Values nothing could start with; none of them is repeated, for they may hold passwords."""
        if not re.match(r"sqlite:///.|postgresql(\+psycopg)?://", self.database_url):
            yield "DATABASE_URL must read sqlite:///path/to/file or postgresql://user:password@host/name"
        if self.sqlite_synchronous.upper() not in {"FULL", "NORMAL", "EXTRA"}:
            yield "SQLITE_SYNCHRONOUS must be FULL, EXTRA or NORMAL"
        if not re.match(r"https?://[^/\s]+/?$", self.base_url):
            yield "BASE_URL must read https://host or http://host:port, without a path"
        if self.smtp_url and not re.match(r"smtps?://[^/\s]", self.smtp_url):
            yield "SMTP_URL must read smtp://host:587 or smtps://user:password@host:465"
        if not re.match(r"file:.|s3://.|memory:", self.storage_url):
            yield "STORAGE_URL must read file:folder or s3://bucket?region=…&endpoint=…"
        if self.log_level.lower() not in LOG_LEVELS:
            yield f"LOG_LEVEL must be one of {', '.join(LOG_LEVELS)}"

    def _unsafe(self) -> Iterator[str]:
        """What production must not run with: default, short and missing secrets, and settings that lose or leak."""
        if self.secret_key == DEFAULT_SECRET:
            yield "SECRET_KEY is the default"
        elif len(self.secret_key) < SHORTEST_SECRET:
            yield f"SECRET_KEY is shorter than {SHORTEST_SECRET} characters"
        elif len(set(self.secret_key)) < 10:
            yield "SECRET_KEY repeats too few characters"
        if not self.base_url.startswith("https://"):
            yield "BASE_URL must start with https://"
        if not self.smtp_url:
            yield "SMTP_URL is missing"
        for name, url in (("SMTP_URL", self.smtp_url), ("DATABASE_URL", self.database_url)):
            user, password = _credentials(url)
            if user and password is not None and password.lower() in {"", user.lower(), *GUESSED}:
                yield f"{name} has a default password, or an empty one"
        if self.storage_url.startswith("memory:"):
            yield "STORAGE_URL must not be memory:, which forgets every file"
        if not self.rate_limits:
            yield "RATE_LIMITS must stay on"


def _credentials(url: str) -> tuple[str, str | None]:
    """User and password of an address; no password at all is ``None`` (a socket, a password file)."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", None
    return unquote(parts.username or ""), None if parts.password is None else unquote(parts.password)
