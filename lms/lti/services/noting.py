"""Note what must be sent to grade books: inside the transaction in which somebody moved on, cheaply, and no call.

Only what completes something is heard, never a page; who is no platform's learner costs one indexed question.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.assignments.events import AssignmentHandedIn, AssignmentReturned
from courses.catalogue.models import Course
from courses.catalogue.queries import get_outline
from courses.enrolment.models import Enrolment
from courses.enrolment.queries import Learner, get_learner
from courses.progress.events import CourseCompleted, StepCompleted, StepsRecounted
from courses.quizzes.events import AttemptFinished
from lms.accounts.events import PersonErased
from lms.kernel import clock
from lms.kernel.db import insert_once
from lms.kernel.jobs import enqueue
from lms.kernel.prepared import Prepared
from lms.lti.events import LinkLaunched
from lms.lti.formats.grades import MAXIMUM, ORDER, ActivityProgress, GradingProgress, Standing
from lms.lti.formats.roles import is_staff
from lms.lti.formats.services import SCORE, is_address, is_literal
from lms.lti.models import LineItem, LinkRequest, LtiContext, LtiMembership, LtiUser, ResourceLink, Score, Visit
from lms.lti.queries.standings import get_standing

KIND = "lti-scores"
FORGOTTEN = "erased:"
TICK = timedelta(seconds=1)  # the smallest step every platform sees between two scores: some count whole seconds

_PLACES = Prepared(
    sa.select(
        LtiUser.id.label("user_id"),
        LtiUser.registration_id,
        LtiMembership.roles,
        LtiContext.id.label("context_id"),
        LtiContext.grade_scopes,
        ResourceLink.id.label("link_id"),
        ResourceLink.title,
        ResourceLink.content,
    )
    .join(LtiMembership, LtiMembership.user_id == LtiUser.id)
    .join(LtiContext, LtiContext.id == LtiMembership.context_id)
    .join(ResourceLink, ResourceLink.context_id == LtiContext.id)
    .where(LtiUser.person_id == sa.bindparam("person_id"), LtiMembership.left_at.is_(None))
)


def note_step(db: Session, event: StepCompleted) -> None:
    """Handler of `StepCompleted`: the step's columns, and the course's."""
    _note(db, event.learner, {event.learner.course_slug, f"{event.learner.course_slug}/{event.step}"})


def note_course(db: Session, event: CourseCompleted | StepsRecounted) -> None:
    """Handler of `CourseCompleted` and `StepsRecounted`: every column about this course."""
    _note(db, event.learner, None)


def note_attempt(db: Session, event: AttemptFinished) -> None:
    """Handler of `AttemptFinished`: one that was not passed has a score too."""
    _note_by_enrolment(db, event.enrolment_id, event.step)


def note_assignment(db: Session, event: AssignmentHandedIn | AssignmentReturned) -> None:
    """Handler of `AssignmentHandedIn` and `AssignmentReturned`: somebody must read it, or it is hers again."""
    _note_by_enrolment(db, event.enrolment_id, event.step)


def note_launch(db: Session, event: LinkLaunched) -> None:
    """Handler of `LinkLaunched`: keep the column that came with the link, and send what she did before."""
    if event.context_id is None:
        return
    link = db.get_one(ResourceLink, event.resource_link_id)
    item = _keep_item(db, event.context_id, link.id, link.title, event.content)
    is_whole = is_address(event.line_item_url) and not is_literal(event.line_item_url)
    if is_whole and item.url != event.line_item_url:
        item.url, item.problem = event.line_item_url, ""
        db.flush()
    enrolment_id = db.scalar(
        sa.select(Enrolment.id)
        .join(Course, Course.id == Enrolment.course_id)
        .where(Enrolment.person_id == event.person_id, Course.slug == event.content.partition("/")[0])
    )
    if enrolment_id is not None:
        _note(db, get_learner(db, enrolment_id), {event.content})


def note_person(db: Session, person_id: int) -> None:
    """Everything of this person that a grade book should know: after somebody was joined with her account."""
    for enrolment_id in db.scalars(sa.select(Enrolment.id).where(Enrolment.person_id == person_id)).all():
        _note(db, get_learner(db, enrolment_id), None)


def ask_again(db: Session, score_ids: Iterable[int]) -> int:
    """Send these scores once more, as they stand now, also when that is lower than before; returns how many."""
    rows = db.execute(
        sa.select(Score, LineItem.content, LtiUser.person_id, LtiUser.registration_id)
        .join(LineItem, LineItem.id == Score.line_item_id)
        .join(LtiUser, LtiUser.id == Score.user_id)
        .where(Score.id.in_(list(score_ids)))
        .order_by(Score.id)
        .with_for_update(of=Score)
    ).all()
    for score, content, person_id, registration_id in rows:
        slug, _slash, step = content.partition("/")
        enrolment_id = db.scalar(
            sa.select(Enrolment.id)
            .join(Course, Course.id == Enrolment.course_id)
            .where(Enrolment.person_id == person_id, Course.slug == slug)
        )
        standing = None
        if enrolment_id is not None:
            learner = get_learner(db, enrolment_id)
            outline = get_outline(db, learner.version_id, learner.version_sha)
            standing = get_standing(db, outline, enrolment_id, step)
        _put(score, standing or _standing_of(score), newest=clock.now())
        leave_word(db, registration_id)
    db.flush()
    return len(rows)


def forget_person(db: Session, event: PersonErased) -> None:
    """Handler of `PersonErased`: her visits end, no score of hers is sent any more, what platforms call her goes, and
    so do her requests to be joined. What was sent is the platform's.
    """
    hers = sa.select(LtiUser.id).where(LtiUser.person_id == event.person_id)
    db.execute(sa.delete(Score).where(Score.user_id.in_(hers)))
    requests = sa.or_(LinkRequest.user_id.in_(hers), LinkRequest.person_id == event.person_id)
    db.execute(sa.delete(LinkRequest).where(requests))
    db.execute(sa.delete(LtiMembership).where(LtiMembership.user_id.in_(hers)))
    visits = sa.update(Visit).where(Visit.user_id.in_(hers))
    db.execute(visits.where(Visit.ended_at.is_(None)).values(ended_at=clock.now()))
    for user in db.scalars(sa.select(LtiUser).where(LtiUser.person_id == event.person_id)).all():
        user.subject = f"{FORGOTTEN}{uuid4()}"  # who comes back from there is somebody new
    db.flush()


def leave_word(db: Session, registration_id: int) -> None:
    """Have the worker send what waits for this platform, once this is committed; once for each transaction."""
    told: set[int] = db.info.setdefault(KIND, set())
    if registration_id not in told:
        told.add(registration_id)
        enqueue(db, KIND, {"registration": registration_id}, key=str(registration_id))


@sa.event.listens_for(Session, "after_transaction_end")
def _forget_words(db: Session, transaction: Any) -> None:
    if transaction.parent is None:
        db.info.pop(KIND, None)


def _note_by_enrolment(db: Session, enrolment_id: int, step: str) -> None:
    learner = get_learner(db, enrolment_id)
    _note(db, learner, {learner.course_slug, f"{learner.course_slug}/{step}"})


def _note(db: Session, learner: Learner, contents: set[str] | None) -> None:
    """Keep how she stands in the columns about these contents (None: all of her course), where that says more."""
    places = [place for place in _PLACES.rows(db, person_id=learner.person_id) if _is_about(place, learner, contents)]
    if not places:
        return
    outline = get_outline(db, learner.version_id, learner.version_sha)
    standings: dict[str, Standing | None] = {}
    for place in places:
        step = place.content.partition("/")[2]
        if step not in standings:
            standings[step] = get_standing(db, outline, learner.enrolment_id, step)
        standing = standings[step]
        if standing is not None and standing.activity is not ActivityProgress.INITIALIZED:
            item = _keep_item(db, place.context_id, place.link_id, place.title or learner.course_title, place.content)
            if _keep(db, item.id, place.user_id, standing):
                leave_word(db, place.registration_id)


def _is_about(place: Any, learner: Learner, contents: set[str] | None) -> bool:
    """Whether this place has a column for what she did, and she learns there."""
    if SCORE not in place.grade_scopes or is_staff(place.roles):
        return False
    if contents is not None:
        return place.content in contents
    return bool(place.content.partition("/")[0] == learner.course_slug)


def _keep_item(db: Session, context_id: int, link_id: int, label: str, content: str) -> LineItem:
    place = {"context_id": context_id, "resource_link_id": link_id, "content": content}
    values = {"label": label or content, "score_maximum": MAXIMUM, "created_at": clock.now(), "url": "", "problem": ""}
    insert_once(db, LineItem, **place, **values)
    return db.scalars(sa.select(LineItem).filter_by(**place)).one()


def _keep(db: Session, item_id: int, user_id: int, standing: Standing) -> bool:
    """Write it down unless it says less than what is there; whether it must be sent."""
    place = {"line_item_id": item_id, "user_id": user_id}
    values = _values(standing) | {"timestamp": standing.at, "next_try_at": clock.now(), "tries": 0, "answer": ""}
    if insert_once(db, Score, **place, **values):
        return True
    score = db.scalars(
        sa.select(Score).filter_by(**place).with_for_update().execution_options(populate_existing=True)
    ).one()
    if not _says_more(score, standing):
        return False
    _put(score, standing)
    db.flush()
    return True


def _says_more(score: Score, standing: Standing) -> bool:
    """A score is never lowered unless somebody asks for it (`ask_again`). Nobody goes back, but to a task that was read
    and returned: that had no score yet.
    """
    kept = (score.score_given, ORDER[score.activity_progress])
    found = (standing.score, ORDER[standing.activity])
    if kept == found and score.grading_progress == standing.grading:
        return False
    is_lower = kept[0] is not None and (found[0] is None or found[0] < kept[0])
    is_returned = score.grading_progress == GradingProgress.PENDING_MANUAL and found[0] is None
    return not is_lower and (found[1] >= kept[1] or is_returned)


def _put(score: Score, standing: Standing, *, newest: datetime | None = None) -> None:
    """A newer score of the same: always with a later moment, because a platform takes no older one. In Moodle that is
    also the moment at which it got the last one.
    """
    after = max(filter(None, (score.timestamp, score.sent_timestamp, score.sent_at))) + TICK
    score.timestamp = max(newest or standing.at, after)
    for name, value in _values(standing).items():
        setattr(score, name, value)
    score.next_try_at, score.tries, score.status, score.answer = clock.now(), 0, None, ""


def _values(standing: Standing) -> dict[str, Any]:
    return {
        "score_given": standing.score,
        "activity_progress": str(standing.activity),
        "grading_progress": str(standing.grading),
    }


def _standing_of(score: Score) -> Standing:
    activity, grading = ActivityProgress(score.activity_progress), GradingProgress(score.grading_progress)
    return Standing(activity, grading, score.score_given, score.timestamp)
