"""Handing in a task, and what the trainer answers. A draft is kept with every pause; nothing accepted ever changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.assignments.events import AssignmentAccepted, AssignmentHandedIn, AssignmentReturned
from courses.assignments.formats import HandedFile, check_file, safe_name
from courses.assignments.models import Submission
from courses.catalogue.formats import Step
from courses.enrolment.events import EnrolmentsJoined
from courses.enrolment.models import Enrolment
from courses.enrolment.queries import Learner
from lms.accounts.events import PersonErased
from lms.accounts.models import Person
from lms.kernel import clock
from lms.kernel.db import insert_once
from lms.kernel.errors import Refused
from lms.kernel.events import emit
from lms.kernel.i18n import gettext as _
from lms.kernel.i18n import use_language
from lms.kernel.jobs import enqueue
from lms.kernel.mail import queue_mail
from lms.kernel.storage import Storage

LONGEST_TEXT = 20_000
TEXT, FILE = "text", "file"
DROP_KIND, DROP_FOLDER_KIND = "submission-file-drop", "submission-folder-drop"


def save_draft(db: Session, learner: Learner, step: Step, text: str) -> Submission:
    """Keep what she wrote so far. Raises `Refused` once it was handed in: who hands in again replaces it."""
    submission = _begin(db, learner, step)
    if submission.handed_in_at is not None:
        raise Refused(_("Je diende dit al in. Dien opnieuw in om het te vervangen."))
    submission.text, submission.saved_at = _check_length(text), clock.now()
    db.flush()
    return submission


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that is stored and may be handed in: its key, and the name she gave it."""

    key: str
    name: str


def keep_file(learner: Learner, file: HandedFile, *, storage: Storage) -> KeptFile:
    """Store a file to hand in, before any transaction. Raises `Refused` for what is no photo or document.

    Each gets a key of its own in her folder: one that is not handed in after all harms nobody, and goes with the folder
    when she is erased.
    """
    extension = check_file(file)
    kept = KeptFile(f"{_folder(learner.registration)}/{uuid4().hex}.{extension}", safe_name(file.name))
    storage.put(kept.key, file.data)
    return kept


def hand_in(db: Session, learner: Learner, step: Step, *, text: str, file: KeptFile | None = None) -> Submission:
    """Hand the task in. A file she gave before stays when she gives none now.

    Raises `Refused` with the field that is missing or wrong, and when it was accepted already.
    """
    submission = _begin(db, learner, step)
    text = _check_length(text.strip())
    _check_complete(step, has_text=bool(text), has_file=file is not None or bool(submission.file_key))
    if file is not None:
        _drop_file(db, submission)
        submission.file_key, submission.file_name = file.key, file.name
    now = clock.now()
    submission.text, submission.saved_at, submission.handed_in_at, submission.returned_at = text, now, now, None
    db.flush()
    emit(db, AssignmentHandedIn(learner.enrolment_id, learner.course_id, step.id, now))
    return submission


def accept_submission(db: Session, submission: Submission, *, feedback: str, by_person_id: int | None) -> None:
    """Find it good, with a word for who made it. Raises `Refused` when there is nothing to read."""
    _check_handed_in(db, submission)
    now = clock.now()
    submission.accepted_at, submission.accepted_by, submission.feedback = now, by_person_id, feedback.strip()
    db.flush()
    enrolment = db.get_one(Enrolment, submission.enrolment_id)
    emit(db, AssignmentAccepted(enrolment.id, enrolment.course_id, submission.step, by_person_id, now))
    _tell(db, enrolment, _accepted_mail, submission.feedback)


def return_submission(db: Session, submission: Submission, *, feedback: str) -> None:
    """Ask for more: it is hers again. Raises `Refused` without a word on what to do."""
    _check_handed_in(db, submission)
    if not feedback.strip():
        sentence = _("Schrijf wat er nog moet gebeuren.")
        raise Refused(sentence, {"feedback": sentence})
    now = clock.now()
    submission.handed_in_at, submission.returned_at, submission.feedback = None, now, feedback.strip()
    db.flush()
    enrolment = db.get_one(Enrolment, submission.enrolment_id)
    emit(db, AssignmentReturned(enrolment.id, enrolment.course_id, submission.step, now))
    _tell(db, enrolment, _returned_mail, submission.feedback)


def join_enrolments(db: Session, event: EnrolmentsJoined) -> None:
    """Handler of `EnrolmentsJoined`: what she handed in is the account's; of two for one step, the further."""
    if event.is_moved:
        return
    both = sa.select(Submission).where(Submission.enrolment_id.in_((event.enrolment_id, event.into_id)))
    rows = db.scalars(both.with_for_update()).all()
    own = {row.step: row for row in rows if row.enrolment_id == event.into_id}
    for row in [row for row in rows if row.enrolment_id == event.enrolment_id]:
        into = own.get(row.step)
        if into is not None and _how_far(row) <= _how_far(into):
            continue
        if into is not None:
            step, into.step = into.step, f"{into.step[:58]} -"  # out of the way: a step has one submission
            db.flush()
            row.enrolment_id = event.into_id
            db.flush()
            into.enrolment_id, into.step = event.enrolment_id, step
        row.enrolment_id = event.into_id
        db.flush()


def _how_far(submission: Submission) -> int:
    return 2 * (submission.accepted_at is not None) + (submission.handed_in_at is not None)


def forget_person(db: Session, event: PersonErased) -> None:
    """Handler of `PersonErased`: what she made goes, with its files; that she handed it in stays."""
    hers = db.execute(sa.select(Enrolment.id, Enrolment.uuid).where(Enrolment.person_id == event.person_id)).all()
    for enrolment in hers:
        enqueue(db, DROP_FOLDER_KIND, {"folder": _folder(enrolment.uuid)})
    db.execute(
        sa.update(Submission)
        .where(Submission.enrolment_id.in_([enrolment.id for enrolment in hers]))
        .values(text="", feedback="", file_key="", file_name="")
    )


def _folder(registration: UUID) -> str:
    """Where all that belongs to one enrolment is stored."""
    return f"submissions/{registration}"


def _drop_file(db: Session, submission: Submission) -> None:
    """Have the file removed once this is committed: a change that is undone must not cost anybody her work."""
    if submission.file_key:
        enqueue(db, DROP_KIND, {"key": submission.file_key})
        submission.file_key = ""


def _begin(db: Session, learner: Learner, step: Step) -> Submission:
    """Her submission for this step, or a new one, held until the commit. Raises `Refused` when it was accepted."""
    place = {"enrolment_id": learner.enrolment_id, "step": step.id}
    insert_once(db, Submission, **place, saved_at=clock.now())
    held = sa.select(Submission).filter_by(**place).with_for_update().execution_options(populate_existing=True)
    submission = db.scalars(held).one()
    if submission.accepted_at is not None:
        raise Refused(_("Je opleider keurde dit al goed. Je hoeft niets meer te doen."))
    return submission


def _check_length(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        sentence = _("Je tekst is te lang. Hou het bij een paar bladzijden.")
        raise Refused(sentence, {"text": sentence})
    return text


def _check_complete(step: Step, *, has_text: bool, has_file: bool) -> None:
    """What the task asks for: text, a file, or either of them."""
    kind = step.assignment.hand_in if step.assignment else "either"
    if kind == TEXT and not has_text:
        raise _missing("text", _("Schrijf je antwoord. Dien het daarna in."))
    if kind == FILE and not has_file:
        raise _missing("file", _("Kies een foto of een bestand. Dien het daarna in."))
    if not has_text and not has_file:
        raise _missing("text", _("Schrijf iets, of kies een foto of bestand."))


def _missing(field: str, sentence: str) -> Refused:
    return Refused(sentence, {field: sentence})


def _check_handed_in(db: Session, submission: Submission) -> None:
    db.refresh(submission, with_for_update=True)
    if submission.accepted_at is not None:
        raise Refused(_("Dit is al goedgekeurd."))
    if submission.handed_in_at is None:
        raise Refused(_("Dit is nog niet ingediend."))


def _tell(db: Session, enrolment: Enrolment, mail: Callable[[], tuple[str, str]], feedback: str) -> None:
    """Mail who made it, in her language; who has no address sees it in her course."""
    person = db.get_one(Person, enrolment.person_id)
    if person.email and person.erased_at is None:
        with use_language(person.language):
            subject, sentence = mail()
        queue_mail(db, to=person.email, subject=subject, text=f"{sentence}\n\n{feedback}\n")


def _accepted_mail() -> tuple[str, str]:
    return _("Je opdracht is goedgekeurd"), _("Je opleider las je opdracht en vond ze goed.")


def _returned_mail() -> tuple[str, str]:
    return _("Je opdracht kan nog beter"), _("Je opleider las je opdracht en vraagt nog iets. Dien daarna opnieuw in.")
