"""Settings are refused before anything starts, each by its name, and never repeated."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from core.settings import DEFAULT_SECRET, Settings

README = Path(__file__).parents[2] / "README.md"
GOOD = {
    "environment": "production",
    "secret_key": "kP3-vX9_qLw7Zt1RbYc5Nf8Ms2Hd6Gj0",
    "base_url": "https://postwright.example",
    "smtp_url": "smtp://mailer:n0-Guess-at-all@mail.example:587",
    "database_url": "postgresql://postwright:n0-Guess-at-all@db.example/postwright",
    "storage_url": "s3://uploads?region=eu-central-1",
}


def refusal(**changes: object) -> str:
    with pytest.raises(ValidationError) as caught:
        Settings(**{**GOOD, **changes})  # type: ignore[arg-type]
    return str(caught.value)


def test_a_sound_production_starts() -> None:
    assert Settings(**GOOD).production  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("secret_key", DEFAULT_SECRET, "SECRET_KEY is the default"),
        ("secret_key", "", "SECRET_KEY is shorter"),
        ("secret_key", "short-but-varied", "SECRET_KEY is shorter than 32"),
        ("secret_key", "ab" * 20, "SECRET_KEY repeats"),
        ("base_url", "http://postwright.example", "BASE_URL must start with https"),
        ("smtp_url", "", "SMTP_URL is missing"),
        ("smtp_url", "smtp://mailer:@mail.example", "SMTP_URL has a default password"),
        ("database_url", "postgresql://postwright:Postwright@db/x", "DATABASE_URL has a default password"),
        ("database_url", "postgresql://app:password@db/x", "DATABASE_URL has a default password"),
        ("storage_url", "memory:", "STORAGE_URL must not be memory:"),
        ("rate_limits", False, "RATE_LIMITS must stay on"),
    ],
)
def test_production_refuses(name: str, value: object, words: str) -> None:
    assert f"POSTWRIGHT_{words}" in refusal(**{name: value})


def test_production_names_all_that_is_wrong_at_once() -> None:
    said = refusal(secret_key=DEFAULT_SECRET, smtp_url="", base_url="http://x")
    assert all(name in said for name in ("SECRET_KEY", "SMTP_URL", "BASE_URL"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("database_url", "mysql://root:hunter2@db/x"),
        ("database_url", "sqlite:///"),
        ("base_url", "postwright.example"),
        ("base_url", "https://postwright.example/app"),
        ("smtp_url", "http://root:hunter2@mail"),
        ("storage_url", "ftp://root:hunter2@files"),
        ("log_level", "loud"),
        ("sqlite_synchronous", "OFF"),
    ],
)
def test_what_cannot_be_read_is_named_and_not_repeated(name: str, value: str) -> None:
    said = refusal(environment="development", **{name: value})
    assert f"POSTWRIGHT_{name.upper()} must" in said
    assert "hunter2" not in said


def test_a_database_without_a_password_in_its_address_is_fine() -> None:
    assert Settings(**{**GOOD, "database_url": "postgresql:///postwright"}).production  # type: ignore[arg-type]


def test_the_readme_lists_every_setting_with_its_default() -> None:
    listed = dict(re.findall(r"^\| `([A-Z_]+)` \| (.+?) \|", README.read_text(encoding="utf-8"), re.MULTILINE))
    assert listed.keys() == {name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        if name != "secret_key" and field.default != "":
            shown = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
            assert listed[name.upper()] == f"`{shown}`"
