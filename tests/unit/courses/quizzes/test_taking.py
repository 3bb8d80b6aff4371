"""Taking a quiz: the first answer counts, trying again is for learning, and attempts may run out."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from courses.catalogue.formats import Step, StepKind
from courses.enrolment.queries import Learner, get_learner
from courses.quizzes.events import AttemptFinished
from courses.quizzes.formats import question_to_json, read_gift
from courses.quizzes.models import Answer
from courses.quizzes.queries import attempts_left, find_last_attempt
from courses.quizzes.services import answer_question, practise_question, start_attempt
from lms.kernel.errors import NotFound, Refused
from lms.kernel.events import Events
from tests.factories.courses import IRI_BASE, make_course, make_enrolment, make_outline
from xapi.statements.models import Statement

GIFT = b"""
::een:: Wat doe je eerst? { =Kijken ~Overnemen }

::twee:: Een fout is een les. { TRUE }

::drie:: Hoeveel is 2 plus 2? { #4 }
"""
RIGHT = {"een": ["a"], "twee": ["true"], "drie": ["4"]}
WRONG = {"een": ["b"], "twee": ["false"], "drie": ["5"]}
QUIZ = Step(
    id="toets",
    kind=StepKind.QUIZ,
    title="Toets",
    minutes=5,
    complete_when="passed",
    questions=tuple(question_to_json(question) for question in read_gift(GIFT).questions),
    pass_mark=60,
    attempts=2,
)


@pytest.fixture
def learner(db: Session, tmp_path: Path) -> Learner:
    """Somebody with this quiz before her."""
    db.info["leerlabo.iri_base"] = IRI_BASE
    enrolment = make_enrolment(db, make_course(db, tmp_path, make_outline(steps=(QUIZ,))))
    return get_learner(db, enrolment.id)


@pytest.fixture
def finished(events: Events) -> list[AttemptFinished]:
    """Every attempt that was finished in this test."""
    heard: list[AttemptFinished] = []
    events.subscribe(AttemptFinished, lambda _db, event: heard.append(event))
    return heard


def take(db: Session, learner: Learner, *right: str) -> None:
    """Answer every question, those named rightly."""
    for question in RIGHT:
        answer_question(db, learner, QUIZ, question, (RIGHT if question in right else WRONG)[question])


def test_two_of_three_right_passes_at_sixty(db: Session, learner: Learner, finished: list[AttemptFinished]) -> None:
    take(db, learner, "een", "twee")
    assert [(event.passed, event.score) for event in finished] == [(True, Decimal("66.67"))]


def test_one_of_three_right_does_not(db: Session, learner: Learner, finished: list[AttemptFinished]) -> None:
    take(db, learner, "een")
    assert [(event.passed, event.score) for event in finished] == [(False, Decimal("33.33"))]


def test_the_first_answer_counts_and_the_second_is_for_learning(
    db: Session, learner: Learner, finished: list[AttemptFinished]
) -> None:
    answer_question(db, learner, QUIZ, "een", WRONG["een"])
    verdict, _question = answer_question(db, learner, QUIZ, "een", RIGHT["een"])
    assert verdict.correct
    take(db, learner, "twee")  # once more wrong for "een", and for "drie"
    assert finished[0].score == Decimal("33.33")
    answer = db.scalars(sa.select(Answer).where(Answer.question == "een")).one()
    assert (answer.first, answer.last, answer.tries) == (["b"], ["b"], 3)


def test_every_answer_is_a_statement_and_the_end_is_one_more(db: Session, learner: Learner) -> None:
    take(db, learner, "een", "twee", "drie")
    verbs = [iri.rsplit("/", 1)[1] for iri in db.scalars(sa.select(Statement.verb).order_by(Statement.id))]
    assert verbs == ["answered", "answered", "answered", "passed"]


def test_what_is_no_answer_changes_nothing(db: Session, learner: Learner) -> None:
    verdict, _question = answer_question(db, learner, QUIZ, "een", [])
    assert not verdict.answered
    assert verdict.message
    assert find_last_attempt(db, learner.enrolment_id, "toets") is None


def test_attempts_run_out_kindly(db: Session, learner: Learner) -> None:
    take(db, learner)
    take(db, learner)
    last = find_last_attempt(db, learner.enrolment_id, "toets")
    assert attempts_left(QUIZ, last) == 0
    with pytest.raises(Refused, match="Bel je opleider"):
        start_attempt(db, learner, QUIZ)


@pytest.mark.parametrize("right", [("een",), ("een", "twee")])
def test_practising_after_the_end_costs_no_attempt(db: Session, learner: Learner, right: tuple[str, ...]) -> None:
    take(db, learner, *right)
    before = find_last_attempt(db, learner.enrolment_id, "toets")
    verdict, _question = practise_question(db, learner, QUIZ, "drie", RIGHT["drie"])
    after = find_last_attempt(db, learner.enrolment_id, "toets")
    assert verdict.correct
    assert before is not None
    assert after is not None
    assert (after.number, after.score, after.passed) == (1, before.score, before.passed)
    assert (after.answers["drie"].is_solved, after.answers["drie"].score) == (True, Decimal(0))


def test_who_never_answered_has_nothing_to_practise(db: Session, learner: Learner) -> None:
    with pytest.raises(NotFound):
        practise_question(db, learner, QUIZ, "een", RIGHT["een"])


def test_who_passed_needs_no_other_attempt(db: Session, learner: Learner) -> None:
    take(db, learner, "een", "twee", "drie")
    with pytest.raises(Refused, match="geslaagd"):
        start_attempt(db, learner, QUIZ)


def test_a_question_that_does_not_exist_is_not_found(db: Session, learner: Learner) -> None:
    with pytest.raises(NotFound):
        answer_question(db, learner, QUIZ, "vier", ["a"])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(sorted(RIGHT)), unique=True), st.permutations(sorted(RIGHT)))
def test_the_score_is_the_share_of_right_first_answers(
    db: Session, learner: Learner, right: list[str], order: list[str]
) -> None:
    with db.begin_nested() as savepoint:
        for question in order:
            answer_question(db, learner, QUIZ, question, (RIGHT if question in right else WRONG)[question])
        attempt = find_last_attempt(db, learner.enrolment_id, "toets")
        assert attempt is not None
        assert attempt.score == (Decimal(100 * len(right)) / 3).quantize(Decimal("0.01"))
        assert attempt.passed == (len(right) >= 2)
        savepoint.rollback()
    db.expire_all()
