"""Calls go down, events go up: a feature says what happened, and whoever was attached in `app.py` hears it.

Handlers are services `(db, event)`. They run at once, inside the emitter's transaction, and must be idempotent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

Handler = Callable[[Session, Any], None]

_INFO_KEY = "leerlabo.events"


class Events:
    """Who listens to what. Filled once by `create_app`, read by every transaction of its database."""

    def __init__(self) -> None:
        self._handlers: dict[type, list[Handler]] = defaultdict(list)

    def subscribe(self, event_type: type, handler: Handler) -> None:
        """Call `handler(db, event)` for every event of exactly this type."""
        self._handlers[event_type].append(handler)

    def attach(self, info: dict[str, Any]) -> None:
        """Make these listeners known to a database session, through its `info`."""
        info[_INFO_KEY] = self

    def tell(self, db: Session, event: object) -> None:
        """Hand the event to its listeners, in the order they subscribed."""
        for handler in self._handlers.get(type(event), ()):
            handler(db, event)


def emit(db: Session, event: object) -> None:
    """Say that something happened, inside the transaction in which it happened."""
    listeners = db.info.get(_INFO_KEY)
    if listeners is not None:
        listeners.tell(db, event)
