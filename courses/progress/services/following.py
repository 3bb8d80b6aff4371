"""What moves somebody on from elsewhere: the course itself changed, or another kind of step says how it went."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.assignments.events import AssignmentAccepted, AssignmentHandedIn
from courses.catalogue.events import VersionPublished
from courses.enrolment.events import LearnerEnrolled
from courses.enrolment.models import Enrolment
from courses.progress.events import StepsRecounted
from courses.progress.models import CourseProgress, PageAnswer
from courses.progress.services.moving import complete_step, count_steps, learner_of, reopen_step
from courses.quizzes.events import AttemptFinished
from courses.sessions.events import AttendanceMarked
from courses.sessions.models import PRESENT
from lms.accounts.events import PersonErased
from lms.kernel.events import emit
from lms.kernel.jobs import enqueue

NEW_VERSION_KIND = "course-new-version"


def follow_new_version(db: Session, event: VersionPublished) -> None:
    """Handler of `VersionPublished`: everybody moved to another version, and who did all that is left is complete.

    The worker counts: a course may have thousands of people, and whoever publishes need not wait for them.
    """
    if event.number > 1:
        enqueue(db, NEW_VERSION_KIND, {"course": event.course_id, "at": event.at.isoformat()})


def follow_return(db: Session, event: LearnerEnrolled) -> None:
    """Handler of `LearnerEnrolled`: the course may have a new version since she left it."""
    if event.returned and db.get(CourseProgress, event.enrolment_id) is not None:
        recount_steps(db, event.enrolment_id, at=event.at)


def recount_steps(db: Session, enrolment_id: int, *, at: datetime) -> None:
    """Hold what she did against the course as it is now. `at`: when the course is complete, should it be."""
    learner, outline = learner_of(db, enrolment_id)
    count_steps(db, learner, outline, at)
    emit(db, StepsRecounted(learner, at))


# ---- what other kinds of step tell us --------------------------------------------------------------------------------


def complete_quiz(db: Session, event: AttemptFinished) -> None:
    """A quiz that was passed completes its step; the quiz itself said `passed`."""
    if event.passed:
        learner, outline = learner_of(db, event.enrolment_id)
        step = outline.step(event.step)
        if step is not None:
            complete_step(db, learner, outline, step, at=event.at, score=event.score, verb=None)


def follow_attendance(db: Session, event: AttendanceMarked) -> None:
    """Presence completes the step of a taught moment; a correction takes that back."""
    learner, outline = learner_of(db, event.enrolment_id)
    step = outline.step(event.step)
    if step is None:
        return
    if event.presence == PRESENT:
        complete_step(db, learner, outline, step, at=event.at, verb=None)
    elif event.was == PRESENT:
        reopen_step(db, learner, step.id)


def complete_assignment(db: Session, event: AssignmentHandedIn | AssignmentAccepted) -> None:
    """A task completes its step when it is handed in, or only when it is accepted, as the course says."""
    learner, outline = learner_of(db, event.enrolment_id)
    step = outline.step(event.step)
    wanted = "accepted" if isinstance(event, AssignmentAccepted) else "handed-in"
    if step is not None and wanted in {step.complete_when, "accepted"}:
        complete_step(db, learner, outline, step, at=event.at)


def forget_person(db: Session, event: PersonErased) -> None:
    """Handler of `PersonErased`: what she wrote for herself goes; how far she was stays."""
    hers = sa.select(Enrolment.id).where(Enrolment.person_id == event.person_id)
    db.execute(sa.delete(PageAnswer).where(PageAnswer.enrolment_id.in_(hers)))
