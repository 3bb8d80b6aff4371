"""What happens in a quiz."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class AttemptFinished:
    """Every question of an attempt was answered. `score`: 0–100."""

    enrolment_id: int
    step: str
    passed: bool
    score: Decimal
    at: datetime
