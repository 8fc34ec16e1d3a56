"""What the processes write to their output: one line for each thing that happened."""

from __future__ import annotations

import logging

import structlog

from core.settings import Settings


def configure(settings: Settings) -> None:
    """JSON lines in production, readable ones elsewhere.

    Tracebacks never show local variables: those hold passwords, tokens and what people wrote.
    """
    shown: tuple[structlog.typing.Processor, ...] = (
        (structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False))
        if settings.production
        else (structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *shown,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[settings.log_level.upper()]),
    )
