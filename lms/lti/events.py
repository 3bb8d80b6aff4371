"""What happened in a platform, for whoever subscribes in `app.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LinkLaunched:
    """A learner opened a link. `line_item_url`: the column the platform made for this link, or empty."""

    registration_id: int
    context_id: int | None
    resource_link_id: int
    user_id: int
    person_id: int
    content: str
    line_item_url: str
    at: datetime
