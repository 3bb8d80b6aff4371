"""What happens to courses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class VersionPublished:
    """A course has a new version: whoever is in it is in this one from now on. `number`: 1 is the first."""

    course_id: int
    number: int
    at: datetime
