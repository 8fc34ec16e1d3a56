"""What comes in and goes out about the second factor."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from accounts.users.schemas import ProvenInput
from core.fields import Input, Read, ShortLine


class CodeInput(Input):
    code: Annotated[ShortLine, StringConstraints(max_length=20)]


class FirstCodeInput(ProvenInput, CodeInput): ...


class SecretRead(Read):
    """``secret`` to type, ``address`` (``otpauth://``) to draw as a QR code."""

    secret: str
    address: str


class CodesRead(Read):
    """Recovery codes, shown this once."""

    codes: list[str]
