"""Structured logs: one JSON line an event, or coloured lines on a terminal. Never a name, a mail or an answer."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

FRAMES = 12


def configure_logs() -> None:
    """Set the whole process's logging; call it once, first thing."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
    for noisy in ("alembic", "fontTools", "huey", "weasyprint"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    on_terminal = sys.stderr.isatty()  # somebody who develops looks: she sees the whole error
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([structlog.dev.ConsoleRenderer()] if on_terminal else [name_error, structlog.processors.JSONRenderer()]),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def name_error(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put an error's type and place in the line instead of its words: those may hold an address or an answer."""
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else sys.exc_info()[1] if given else None
    if error is not None:
        event["error"] = describe_error(error)
    return event


def describe_error(error: BaseException) -> str:
    """What kind of error, and where, the cause first: `ValueError at mail.py:88 send, jobs.py:160 run_row`."""
    cause = error.__cause__ or error.__context__
    before = f"{describe_error(cause)}; " if cause is not None else ""
    frames = reversed(traceback.extract_tb(error.__traceback__)[-FRAMES:])
    places = ", ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames)
    return f"{before}{type(error).__qualname__}" + (f" at {places}" if places else "")
