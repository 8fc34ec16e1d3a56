"""Handing a message over: to the SMTP server, or without one into a folder."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

from core.jobs import Hopeless

TIMEOUT = 20
"""Seconds a server may take for each answer; a job's lease is two minutes."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail goes: ``smtps://user:password@host:465`` or ``smtp://host:587``.

    ``smtp`` changes to TLS when the server offers it (``?starttls=never`` for a relay on the same machine) and
    refuses to send a password without it.
    """

    host: str
    port: int
    user: str
    password: str
    tls: bool
    starttls: bool

    @classmethod
    def parse(cls, url: str) -> Self:
        """Raises ``ValueError`` saying what is wrong; the password is not repeated."""
        parts = urlsplit(url)
        options = parse_qs(parts.query)
        wrong = options.keys() - {"starttls"} or options.get("starttls", ["auto"]) not in (["auto"], ["never"])
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or wrong:
            raise ValueError("POSTWRIGHT_SMTP_URL must read smtp://host:587 or smtps://user:password@host:465")
        tls = parts.scheme == "smtps"
        return cls(
            host=parts.hostname,
            port=parts.port or (465 if tls else 587),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            tls=tls,
            starttls=not tls and options.get("starttls") != ["never"],
        )


def send(server: Server, message: EmailMessage) -> None:
    """Deliver to the server.

    Raises ``Hopeless`` when it refuses for good; any other error means that it may work later.
    """
    try:
        with _connect(server) as connection:
            _secure(connection, server)
            connection.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _reason in error.recipients.values()]
        if all(code >= 500 for code in codes):
            raise Hopeless(f"the server refuses the address for good ({codes[0]})") from error
        raise
    except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
        if error.smtp_code >= 500:
            raise Hopeless(f"the server refuses the message for good ({error.smtp_code})") from error
        raise


def write(folder: Path, name: str, message: EmailMessage) -> Path:
    """Put the message into ``folder`` as ``<name>.eml``; the same name replaces it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.eml"
    path.write_bytes(message.as_bytes())
    return path


def _connect(server: Server) -> smtplib.SMTP:
    if server.tls:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=ssl.create_default_context())
    return smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)


def _secure(connection: smtplib.SMTP, server: Server) -> None:
    connection.ehlo()
    encrypted = server.tls
    if server.starttls and connection.has_extn("starttls"):
        connection.starttls(context=ssl.create_default_context())
        connection.ehlo()
        encrypted = True
    if server.user:
        if not encrypted:
            raise smtplib.SMTPNotSupportedError("the server offers no TLS; the password was not sent")
        connection.login(server.user, server.password)
