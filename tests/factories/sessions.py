"""Taught meetings for tests: tomorrow week at noon, two seats, unless a test says otherwise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from courses.catalogue.models import Course
from courses.sessions.models import CourseSession
from courses.sessions.services import SessionDetails, plan_session

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
START = NOW + timedelta(days=8)


def make_details(**changes: Any) -> SessionDetails:
    """A meeting in a room in Ghent."""
    details: dict[str, Any] = {
        "title": "Samen oefenen",
        "mode": "classroom",
        "starts_at": START,
        "ends_at": START + timedelta(hours=3),
        "seats": 2,
        "contact_hours": Decimal("2.5"),
        "place": "Zaal De Gaard, lokaal 2",
        "address": "Gaardstraat 12, Gent",
        "travel": "Bus 5, halte Gaardbrug.",
        "area": "gezinszorg",
        "closes_at": START - timedelta(days=1),
        "free_until": START - timedelta(days=3),
        "cancel_fee": Decimal(50),
    }
    return SessionDetails(**(details | changes))


def make_session(db: Session, course: Course, **changes: Any) -> CourseSession:
    """A planned meeting for the course's session step. The clock must stand before it."""
    return plan_session(db, course_id=course.id, step="samen", details=make_details(**changes))
