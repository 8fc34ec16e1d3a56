"""Reading what the worker of a test has mailed."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path


def sent(folder: Path) -> list[EmailMessage]:
    """The mails in ``mail_folder``, oldest first."""
    files = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    return [message_from_bytes(path.read_bytes(), policy=default) for path in files]


def text_of_mail(message: EmailMessage) -> str:
    """The plain part."""
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())
