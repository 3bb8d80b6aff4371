"""Structured logs: one JSON line an event, or coloured lines on a terminal. Never a name, a mail or an answer."""

from __future__ import annotations

import logging
import sys

import structlog


def configure_logs() -> None:
    """Set the whole process's logging; call it once, first thing."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
    for noisy in ("alembic", "fontTools", "huey", "weasyprint"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    on_terminal = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer() if on_terminal else structlog.processors.format_exc_info,
            *([] if on_terminal else [structlog.processors.JSONRenderer()]),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
