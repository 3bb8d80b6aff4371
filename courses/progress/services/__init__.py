"""What can be done with progress: the page of verbs other features use."""

from courses.progress.services.following import (
    NEW_VERSION_KIND,
    complete_assignment,
    complete_quiz,
    follow_attendance,
    follow_new_version,
    follow_return,
    forget_person,
    recount_steps,
)
from courses.progress.services.joining import join_enrolments
from courses.progress.services.moving import (
    complete_step,
    enter_step,
    learner_of,
    leave_page,
    open_stop,
    reopen_step,
    save_page_answer,
    start_course,
    why_locked,
)

__all__ = [
    "NEW_VERSION_KIND",
    "complete_assignment",
    "complete_quiz",
    "complete_step",
    "enter_step",
    "follow_attendance",
    "follow_new_version",
    "follow_return",
    "forget_person",
    "join_enrolments",
    "learner_of",
    "leave_page",
    "open_stop",
    "recount_steps",
    "reopen_step",
    "save_page_answer",
    "start_course",
    "why_locked",
]
