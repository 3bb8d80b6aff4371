"""Planning a taught meeting, booking a place at it, and saying who was there."""

from courses.sessions.services.attendance import add_walk_in, hold_session, mark_attendance
from courses.sessions.services.booking import book, cancel_booking, forget_person, join_enrolments, leave_sessions
from courses.sessions.services.planning import SessionDetails, cancel_session, change_session, plan_session

__all__ = [
    "SessionDetails",
    "add_walk_in",
    "book",
    "cancel_booking",
    "cancel_session",
    "change_session",
    "forget_person",
    "hold_session",
    "join_enrolments",
    "leave_sessions",
    "mark_attendance",
    "plan_session",
]
