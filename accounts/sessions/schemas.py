"""What comes in and goes out about log-ins."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from accounts.users.schemas import Email, Password
from core.fields import Input, Read

Path = Annotated[str, StringConstraints(max_length=2000)]
"""Where to go afterwards; the redirect takes paths of this site only."""


class LogInInput(Input):
    email: Email
    password: Password
    stay: bool = False
    next: Path = "/home"


class ProofInput(Input):
    password: Password
    next: Path = "/settings"


class SessionRead(Read):
    """A log-in; ``device`` names browser and system, ``address`` is the network address it came from."""

    id: UUID
    device: str
    address: str
    created_at: datetime
    expires_at: datetime
    proven_at: datetime
