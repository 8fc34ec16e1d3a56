"""Settings from the environment, prefix ``POSTWRIGHT_``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEFAULT_SECRET = "development-only-secret-change-me-in-production"  # noqa: S105 - refused in production
SHORTEST_SECRET = 32


class Environment(StrEnum):
    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


class Settings(BaseSettings):
    """Everything that may differ between two installations.

    Raises ``ValidationError`` naming every setting that production must not run with.
    """

    model_config = SettingsConfigDict(env_prefix="POSTWRIGHT_", env_ignore_empty=True, extra="ignore")

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
    def refuse_unsafe_production(self) -> Self:
        faults = []
        if self.sqlite_synchronous.upper() not in {"FULL", "NORMAL", "EXTRA"}:
            faults.append("POSTWRIGHT_SQLITE_SYNCHRONOUS must be FULL, EXTRA or NORMAL")
        if self.production:
            if self.secret_key == DEFAULT_SECRET:
                faults.append("POSTWRIGHT_SECRET_KEY is the default")
            elif len(self.secret_key) < SHORTEST_SECRET:
                faults.append(f"POSTWRIGHT_SECRET_KEY is shorter than {SHORTEST_SECRET} characters")
            elif len(set(self.secret_key)) < 10:
                faults.append("POSTWRIGHT_SECRET_KEY repeats too few characters")
            if not self.base_url.startswith("https://"):
                faults.append("POSTWRIGHT_BASE_URL must start with https://")
            if not self.smtp_url:
                faults.append("POSTWRIGHT_SMTP_URL is missing")
            if not self.rate_limits:
                faults.append("POSTWRIGHT_RATE_LIMITS must stay on")
        if faults:
            raise ValueError("; ".join(faults))
        return self
