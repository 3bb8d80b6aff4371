"""How somebody goes through a course: the same calls the player makes, page by page and answer by answer."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from sqlalchemy.orm import Session

from courses.assignments.models import Submission
from courses.assignments.services import hand_in
from courses.catalogue.formats import BlockKind, Step, StepKind
from courses.catalogue.queries import get_outline
from courses.enrolment.queries import Learner, get_learner
from courses.progress.queries import State, Stop, get_route
from courses.progress.services import enter_step, leave_page, save_page_answer, start_course
from courses.quizzes.formats import Question, QuestionKind, choices, targets
from courses.quizzes.queries import attempts_left, find_last_attempt, list_questions
from courses.quizzes.services import answer_question
from lms.demo.formats import load_story


def begin(db: Session, enrolment_id: int) -> Learner:
    """Open the course for the first time."""
    learner = get_learner(db, enrolment_id)
    start_course(db, learner)
    return learner


def work_through(
    db: Session, rng: Random, enrolment_id: int, *, most: int = 99, until: str = ""
) -> Iterator[Submission]:
    """Do the steps that are open, one after the other, `most` of them or up to the step `until`.

    A taught moment is no work for one alone. Yields what was handed in and still waits to be read.
    """
    tried: set[str] = set()
    for _count in range(most):
        learner = get_learner(db, enrolment_id)
        outline = get_outline(db, learner.version_id, learner.version_sha)
        stop = _next_stop(get_route(db, outline, enrolment_id).stops, tried)
        if stop is None or stop.step.id == until:
            return
        tried.add(stop.step.id)
        if stop.step.kind is StepKind.QUIZ:
            take_quiz(db, rng, learner, stop.step)
        elif stop.step.kind is StepKind.ASSIGNMENT:
            yield do_task(db, rng, learner, stop.step)
        else:
            read_pages(db, rng, learner, stop.step)


def read_pages(db: Session, rng: Random, learner: Learner, step: Step, *, most: int = 99) -> None:
    """Leave the pages of a module with *Volgende*; some people write down what they think."""
    for page in step.pages[:most]:
        for block in page.blocks:
            if block.kind is BlockKind.REFLECTION and rng.random() < 0.3:
                save_page_answer(db, learner, step.id, block.id, [rng.choice(load_story().said.thoughts)])
        leave_page(db, learner, step.id, page.id)


def take_quiz(db: Session, rng: Random, learner: Learner, step: Step, *, skill: float = 0.86) -> bool:
    """Answer every question, with more than one attempt where the first fails; whether it is passed."""
    enter_step(db, learner, step)
    for _attempt in range(3):
        last = find_last_attempt(db, learner.enrolment_id, step.id)
        if last is not None and (last.passed or attempts_left(step, last) == 0):
            return bool(last.passed)
        for question in list_questions(step):
            answer_question(db, learner, step, question.id, _response(rng, question, is_right=rng.random() < skill))
    last = find_last_attempt(db, learner.enrolment_id, step.id)
    return bool(last and last.passed)


def do_task(db: Session, rng: Random, learner: Learner, step: Step) -> Submission:
    """Hand a task in, as text; as a photo where it must be a file."""
    enter_step(db, learner, step)
    return hand_in(db, learner, step, text=rng.choice(load_story().said.tasks))


def _next_stop(stops: tuple[Stop, ...], tried: set[str]) -> Stop | None:
    for stop in stops:
        if stop.state is State.OPEN and stop.step.kind is not StepKind.SESSION and stop.step.id not in tried:
            return stop
    return None


# ---- answers ---------------------------------------------------------------------------------------------------------


def _response(rng: Random, question: Question, *, is_right: bool) -> list[str]:
    """The values a form sends, for a right answer or for a wrong one."""
    if question.kind is QuestionKind.MATCHING:
        return _pairs(question, is_right=is_right)
    if question.kind is QuestionKind.MULTIPLE:
        return [it.id for it in question.answers if (it.weight > 0) is is_right]
    if question.kind in (QuestionKind.SINGLE, QuestionKind.TRUE_FALSE):
        best = max(question.answers, key=lambda it: it.weight).id
        return [best if is_right else rng.choice([id_ for id_, _text in choices(question) if id_ != best])]
    best_answer = max(question.answers, key=lambda it: it.weight)
    if not is_right:
        return ["weet ik niet" if question.kind is QuestionKind.SHORT_ANSWER else "999999"]
    return [best_answer.low or best_answer.text]


def _pairs(question: Question, *, is_right: bool) -> list[str]:
    ids = {text: id_ for id_, text in targets(question)}
    rights = [ids[it.match] for it in question.answers]
    if not is_right:
        rights = rights[1:] + rights[:1]
    return [f"{it.id}.{right}" for it, right in zip(question.answers, rights, strict=True)]
