"""Mails about the account, through the outbox: they go out only if the transaction commits."""

from __future__ import annotations

from core.db import Session
from core.jobs import enqueue


def send(db: Session, template: str, *, to: str, locale: str, path: str) -> None:
    """Ask for ``templates/emails/<template>`` to be sent. ``path`` is where its link leads on this site.

    Nothing a person typed goes into these mails: anybody can have one sent to any address.
    """
    enqueue(db, "emails.send", {"to": to, "template": template, "locale": locale, "params": {"path": path}})
