"""What comes in and goes out about people."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import available_timezones

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BeforeValidator, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from accounts.users.passwords import LONGEST
from accounts.workspaces.models import Role, WorkspaceKind
from core.fields import Input, Line, Read, ShortLine
from core.i18n import LOCALES


def _address(value: str) -> str:
    """The address as stored: valid, lower case, so that one mailbox is one account."""
    try:
        found = validate_email(value, check_deliverability=False).normalized
    except EmailNotValidError:
        raise PydanticCustomError("email", "Enter an e-mail address, for example name@example.com.") from None
    return found.lower()


def _secret(value: Any) -> Any:
    """A password is taken as typed, spaces included; only what no keyboard sends is refused."""
    if not isinstance(value, str):
        return value
    if not value:
        raise PydanticCustomError("empty", "Fill this in.")
    if len(value) > LONGEST:
        raise PydanticCustomError("length", f"Use at most {LONGEST} characters.")
    if any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in value):
        raise PydanticCustomError("characters", "Remove the invisible or control characters.")
    return unicodedata.normalize("NFC", value)


@lru_cache(maxsize=1)
def time_zones() -> tuple[str, ...]:
    """The zones a person can choose: ``UTC`` and every ``Area/City``."""
    areas = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
    return ("UTC", *sorted(zone for zone in available_timezones() if zone.split("/")[0] in areas))


def _zone(value: str) -> str:
    if value not in time_zones():
        raise PydanticCustomError("zone", "Choose a time zone from the list.")
    return value


def _locale(value: str) -> str:
    if value not in LOCALES:
        raise PydanticCustomError("locale", "Choose a language from the list.")
    return value


Email = Annotated[Line, AfterValidator(_address)]
"""An e-mail address, lower case."""
Password = Annotated[str, BeforeValidator(_secret)]
"""A password as typed, 1 to 128 characters; ``passwords.weakness`` judges new ones."""
_email: TypeAdapter[str] = TypeAdapter(Email)
LocaleCode = Annotated[str, AfterValidator(_locale)]
ZoneName = Annotated[str, AfterValidator(_zone)]
GuessedZone = Annotated[Line, AfterValidator(lambda value: value if value in time_zones() else "UTC")]
"""The zone a browser says it is in, under whatever name: nobody chose it, so an unknown one is no mistake of theirs."""


def one_spelling(typed: str) -> str:
    """The address as stored, for counting tries; what is no address is only made lower case."""
    try:
        return _email.validate_python(typed)
    except ValidationError:
        return typed.strip().lower()


class SignUpInput(Input):
    kind: WorkspaceKind
    name: ShortLine
    workspace_name: ShortLine
    email: Email
    password: Password
    time_zone: ZoneName = "UTC"


class EmailInput(Input):
    email: Email


class NewPasswordInput(Input):
    password: Password


class NewcomerInput(NewPasswordInput):
    """Whoever was invited: the address is that of the invitation."""

    name: ShortLine
    time_zone: ZoneName = "UTC"


class ProvenInput(Input):
    """Over JSON, the password is given with what it protects."""

    current_password: Password


class PasswordChangeInput(ProvenInput, NewPasswordInput): ...


class EmailChangeInput(ProvenInput, EmailInput): ...


class LinkInput(Input):
    """``token``: the last part of the mailed link's address."""

    token: Line


class ResetInput(LinkInput, NewPasswordInput): ...


class InvitedInput(LinkInput, NewcomerInput): ...


class AccountInput(Input):
    name: ShortLine
    locale: LocaleCode
    time_zone: ZoneName


class LanguageInput(Input):
    locale: LocaleCode


class ThemeInput(Input):
    theme: Literal["light", "dark", "system"]


class PlaceRead(Read):
    id: UUID
    name: str
    kind: WorkspaceKind
    role: Role


class AccountRead(Read):
    """The person a token acts for; ``workspace`` is the one the token belongs to."""

    id: UUID
    name: str
    email: str
    email_verified: bool
    locale: str
    time_zone: str
    two_factor: bool
    deletion_requested: bool
    deletion_on: datetime | None
    workspace: PlaceRead | None
    scopes: list[str]
