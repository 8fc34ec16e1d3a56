"""The job ``emails.send``: ``{"to", "template", "locale", "params": {"path", …}}``, perhaps ``"paper": [kind, id]``.

It runs without a transaction and at least once: killed between handing over and noting it, it sends again with the
same Message-ID.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC
from uuid import UUID

import jinja2
import structlog

from core.jobs import Hopeless, Job
from core.settings import Settings
from notifications.emails.message import Undeliverable, compose
from notifications.emails.render import render
from notifications.emails.send import Server, send, write

log = structlog.get_logger()
CHOOSABLE = frozenset({"notice"})
"""Mails people choose to get; the others belong to the account and have no way to unsubscribe."""
Papers = Mapping[str, Callable[[UUID], tuple[bytes, str]]]
"""By kind, how the PDF a mail carries and its file name are made from an id."""


def deliver(settings: Settings, papers: Papers, job: Job) -> None:
    """Send one mail, or write it to ``settings.mail_folder`` while there is no server."""
    template = str(job.payload["template"])
    base_url = settings.base_url.rstrip("/")
    try:
        letter = render(template, str(job.payload["locale"]), job.payload["params"], base_url)
        message = compose(
            letter,
            to=str(job.payload["to"]),
            sender=settings.mail_from,
            key=str(job.id),
            at=job.created_at,
            unsubscribe=f"{base_url}/settings/notices" if template in CHOOSABLE else None,
            paper=_paper(papers, job),
        )
    except (Undeliverable, jinja2.TemplateError) as error:
        raise Hopeless(f"mail {template!r}: {error}") from error
    if settings.smtp_url:
        send(Server.parse(settings.smtp_url), message)
        return
    name = f"{job.created_at.astimezone(UTC):%Y%m%d-%H%M%S}-{template}-{job.id}"
    path = write(settings.mail_folder, name, message)
    log.info("mail written", file=str(path), link=base_url + str(job.payload["params"].get("path", "")))


def _paper(papers: Papers, job: Job) -> tuple[bytes, str] | None:
    if "paper" not in job.payload:
        return None
    kind, of = job.payload["paper"]
    return papers[kind](UUID(of))
