"""What the worker does for targets: send, and look every minute who has something to send."""

from __future__ import annotations

from typing import Any

from lms.kernel.db import Database
from lms.kernel.storage import Storage
from xapi.forwarding import services


class Forwarder:
    """Outbox handler of kind `forward`: send one target its next statements."""

    def __init__(self, storage: Storage, *, may_go_inside: bool) -> None:
        self._storage, self._may_go_inside = storage, may_go_inside

    def __call__(self, database: Database, payload: dict[str, Any]) -> None:
        """Once more goes on where it was."""
        services.forward(database, self._storage, payload["target"], may_go_inside=self._may_go_inside)


def wake(database: Database) -> None:
    """Every minute. Once more does no harm: a target has one worker at a time."""
    services.wake(database)
