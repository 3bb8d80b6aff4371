"""A draft is kept, a task is handed in once or again, and what was accepted stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from msgspec import structs
from sqlalchemy.orm import Session

from courses.assignments import queries
from courses.assignments.events import AssignmentAccepted, AssignmentHandedIn
from courses.assignments.formats import LARGEST_FILE, HandedFile, content_type, safe_name
from courses.assignments.queries import Pile
from courses.assignments.services import accept_submission, hand_in, keep_file, return_submission, save_draft
from courses.catalogue.formats import AssignmentPlan
from courses.catalogue.models import Course
from courses.enrolment.queries import Learner, get_learner
from lms.kernel.errors import NotFound, Refused
from lms.kernel.events import Events
from lms.kernel.identity import Grant, Identity, Role
from lms.kernel.jobs import OutboxRow
from lms.kernel.storage import Storage
from tests.factories.courses import PRACTICE, make_course, make_enrolment, make_person

JPEG = HandedFile("C:\\foto's\\spiekbriefje.JPG", b"\xff\xd8\xff\xe0 a photo")
TRAINER = Identity(person_id=-1, grants=(Grant(Role.TRAINER, area="gezinszorg"),))
OTHER_TRAINER = Identity(person_id=-1, grants=(Grant(Role.TRAINER, area="onderwijs"),))


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(f"file://{tmp_path}")


@pytest.fixture
def course(db: Session, tmp_path: Path) -> Course:
    return make_course(db, tmp_path)


@pytest.fixture
def learner(db: Session, course: Course) -> Learner:
    return get_learner(db, make_enrolment(db, course, person=make_person(db, email="ada@example.org")).id)


def mails(db: Session) -> list[tuple[str, str]]:
    rows = db.scalars(sa.select(OutboxRow).where(OutboxRow.kind == "mail"))
    return [(row.payload["subject"], row.payload["text"]) for row in rows]


def test_a_draft_is_one_row_that_grows(db: Session, learner: Learner) -> None:
    first = save_draft(db, learner, PRACTICE, "Ik hielp")
    assert save_draft(db, learner, PRACTICE, "Ik hielp een collega.") is first
    assert (first.text, first.handed_in_at) == ("Ik hielp een collega.", None)


def test_a_draft_is_nobodys_but_hers(db: Session, learner: Learner) -> None:
    draft = save_draft(db, learner, PRACTICE, "Ik hielp")
    assert queries.list_desk_submissions(db, TRAINER, Pile.TO_READ) == []
    with pytest.raises(NotFound):
        queries.get_desk_submission(db, TRAINER, draft.uuid)


def test_handing_in_tells_and_puts_it_on_the_trainers_pile(db: Session, learner: Learner, events: Events) -> None:
    heard: list[AssignmentHandedIn] = []
    events.subscribe(AssignmentHandedIn, lambda _db, event: heard.append(event))
    submission = hand_in(db, learner, PRACTICE, text=" Klaar. ")
    assert submission.text == "Klaar."
    assert [(event.enrolment_id, event.step) for event in heard] == [(learner.enrolment_id, "praktijk")]
    [row] = queries.list_desk_submissions(db, TRAINER, Pile.TO_READ)
    assert row.uuid == submission.uuid
    assert queries.count_desk_submissions(db, TRAINER) == {Pile.TO_READ: 1, Pile.RETURNED: 0, Pile.ACCEPTED: 0}


def test_after_handing_in_a_draft_is_refused_and_handing_in_again_replaces(db: Session, learner: Learner) -> None:
    hand_in(db, learner, PRACTICE, text="Een.")
    with pytest.raises(Refused, match="al in"):
        save_draft(db, learner, PRACTICE, "Twee")
    assert hand_in(db, learner, PRACTICE, text="Twee.").text == "Twee."


def test_a_file_is_kept_under_a_name_of_ours_and_shown_under_hers(
    db: Session, learner: Learner, storage: Storage
) -> None:
    submission = hand_in(db, learner, PRACTICE, text="", file=keep_file(learner, JPEG, storage=storage))
    assert submission.file_name == "spiekbriefje.JPG"
    assert submission.file_key.startswith(f"submissions/{learner.registration}/")
    assert submission.file_key.endswith(".jpg")
    assert storage.get(submission.file_key) == JPEG.data
    again = hand_in(db, learner, PRACTICE, text="Met foto.")
    assert again.file_name == "spiekbriefje.JPG"


@pytest.mark.parametrize(
    "file",
    [
        HandedFile("leeg.pdf", b""),
        HandedFile("groot.pdf", b"%PDF-" + b"0" * LARGEST_FILE),
        HandedFile("pagina.html", b"<script>alert(1)</script>"),
        HandedFile("tekening.svg", b"<svg/>"),
        HandedFile("foto.jpg", b"<html>"),
        HandedFile("foto.heic", b"0000nope"),
        HandedFile("zonder", b"%PDF-"),
    ],
    ids=lambda file: file.name,
)
def test_what_is_no_photo_or_document_is_refused(
    db: Session, learner: Learner, storage: Storage, file: HandedFile
) -> None:
    with pytest.raises(Refused) as refused:
        keep_file(learner, file, storage=storage)
    assert set(refused.value.fields) == {"file"}
    assert storage.list("submissions") == []


@pytest.mark.parametrize(
    ("kind", "text", "file", "field"),
    [
        ("text", "", JPEG, "text"),
        ("file", "Tekst.", None, "file"),
        ("either", "  ", None, "text"),
    ],
)
def test_what_the_task_asks_for_must_be_there(
    db: Session, learner: Learner, storage: Storage, kind: str, text: str, file: HandedFile | None, field: str
) -> None:
    step = structs.replace(PRACTICE, assignment=AssignmentPlan(hand_in=kind))
    kept = keep_file(learner, file, storage=storage) if file is not None else None
    with pytest.raises(Refused) as refused:
        hand_in(db, learner, step, text=text, file=kept)
    assert set(refused.value.fields) == {field}


def test_accepting_tells_with_a_word_and_closes_it(db: Session, learner: Learner, events: Events) -> None:
    heard: list[AssignmentAccepted] = []
    events.subscribe(AssignmentAccepted, lambda _db, event: heard.append(event))
    trainer = make_person(db, "Tom")
    submission = hand_in(db, learner, PRACTICE, text="Klaar.")
    accept_submission(db, submission, feedback="Mooi gedaan.", by_person_id=trainer.id)
    assert [(event.step, event.by_person_id) for event in heard] == [("praktijk", trainer.id)]
    assert mails(db)[0][0] == "Je opdracht is goedgekeurd"
    assert "Mooi gedaan." in mails(db)[0][1]
    with pytest.raises(Refused, match="al goed"):
        hand_in(db, learner, PRACTICE, text="Nog iets.")
    with pytest.raises(Refused, match="al goedgekeurd"):
        return_submission(db, submission, feedback="Toch niet.")


def test_returning_needs_a_word_and_gives_it_back(db: Session, learner: Learner) -> None:
    submission = hand_in(db, learner, PRACTICE, text="Kort.")
    with pytest.raises(Refused) as refused:
        return_submission(db, submission, feedback=" ")
    assert set(refused.value.fields) == {"feedback"}
    return_submission(db, submission, feedback="Vertel meer over de eerste stap.")
    assert save_draft(db, learner, PRACTICE, "Kort, maar langer.").returned_at is not None
    assert queries.count_desk_submissions(db, TRAINER)[Pile.RETURNED] == 1
    again = hand_in(db, learner, PRACTICE, text="Kort, maar langer.")
    assert (again.returned_at, again.feedback) == (None, "Vertel meer over de eerste stap.")


# ---- who reads it ----------------------------------------------------------------------------------------------------


def test_another_areas_trainer_reads_nothing(db: Session, learner: Learner, storage: Storage) -> None:
    submission = hand_in(db, learner, PRACTICE, text="", file=keep_file(learner, JPEG, storage=storage))
    asks: list[Callable[..., object]] = [
        queries.get_desk_submission,
        queries.get_desk_row,
        queries.get_file_submission,
    ]
    for ask in asks:
        assert ask(db, TRAINER, submission.uuid)
        with pytest.raises(NotFound):
            ask(db, OTHER_TRAINER, submission.uuid)
    assert queries.list_desk_submissions(db, OTHER_TRAINER, Pile.TO_READ) == []


def test_she_downloads_her_own_file_and_a_colleague_does_not(db: Session, learner: Learner, storage: Storage) -> None:
    submission = hand_in(db, learner, PRACTICE, text="", file=keep_file(learner, JPEG, storage=storage))
    assert queries.get_file_submission(db, Identity(person_id=learner.person_id), submission.uuid) is submission
    with pytest.raises(NotFound):
        queries.get_file_submission(db, Identity(person_id=make_person(db).id), submission.uuid)


# ---- names and types -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\Ada\\verslag.docx", "verslag.docx"),
        ("mijn\r\nverslag.pdf", "mijnverslag.pdf"),
        ("a" * 300 + ".pdf", "a" * 116 + ".pdf"),
        ("\u202egpj.exe.pdf", "gpj.exe.pdf"),
    ],
)
def test_a_name_keeps_no_folders_and_no_tricks(name: str, kept: str) -> None:
    assert safe_name(name) == kept


def test_what_we_do_not_know_is_sent_as_bytes() -> None:
    assert content_type("verslag.PDF") == "application/pdf"
    assert content_type("pagina.html") == "application/octet-stream"
