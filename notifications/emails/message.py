"""A letter as a message with headers that nobody can add to."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from email_validator import EmailNotValidError, validate_email

from notifications.emails.render import Letter


class Undeliverable(ValueError):
    """The address is none."""


def compose(
    letter: Letter,
    *,
    to: str,
    sender: str,
    key: str,
    at: datetime,
    unsubscribe: str | None = None,
    paper: tuple[bytes, str] | None = None,
) -> EmailMessage:
    """A multipart message. ``key`` makes its id: sent twice, it is recognised as the same message.

    ``unsubscribe`` is the address of the page where the reader chooses what to get, ``paper`` a PDF with its file name.
    Raises ``Undeliverable``.
    """
    name, address = parseaddr(sender)
    domain = address.rpartition("@")[2] or "localhost"
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(name, addr_spec=address)
    message["To"] = Address(addr_spec=_plain_address(to))
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{key}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    if unsubscribe is not None:
        message["List-Unsubscribe"] = f"<{unsubscribe}>"
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    if paper is not None:
        content, name = paper
        message.add_attachment(content, maintype="application", subtype="pdf", filename=name)
    return message


def _plain_address(to: str) -> str:
    try:
        found = validate_email(to, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise Undeliverable("this is not an e-mail address") from error
    return found.ascii_email or f"{found.local_part}@{found.ascii_domain}"
