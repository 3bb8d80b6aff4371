"""A quiz: how it works, one question a screen, and the result."""

from __future__ import annotations

from flask import request, url_for
from flask.typing import ResponseReturnValue

from courses.catalogue.formats import StepKind
from courses.player.queries import Seat, get_open_stop
from courses.player.views.blueprint import STEP, addresses_of, blueprint, course_url, go, step_url, take_seat
from courses.progress.queries import Stop
from courses.progress.services import enter_step
from courses.quizzes.formats import choices, judge, right_answer, targets
from courses.quizzes.queries import AttemptView, attempts_left, find_last_attempt, get_question, list_questions
from courses.quizzes.services import answer_question, practise_question, start_attempt
from lms.kernel.errors import NotFound
from lms.kernel.web import current_db, render, signed_in


@blueprint.get(f"{STEP}/quiz")
@signed_in
def quiz(area: str, course: str, step: str) -> ResponseReturnValue:
    """Before a quiz: how many questions, what counts, how often. Afterwards: the result."""
    seat, stop = _quiz_stop(area, course, step)
    attempt = find_last_attempt(current_db(), seat.learner.enrolment_id, step)
    following = seat.route.next
    return render(
        "player/quiz.html",
        seat=seat,
        stop=stop,
        attempt=attempt,
        right=_count_right(attempt),
        left=attempts_left(stop.step, attempt),
        question_url=_first_open_question(seat, stop, attempt),
        next_url=step_url(seat, following) if following else course_url(seat),
    )


@blueprint.post(f"{STEP}/attempts")
@signed_in
def quiz_start(area: str, course: str, step: str) -> ResponseReturnValue:
    """Begin, or begin anew."""
    seat, stop = _quiz_stop(area, course, step)
    db = current_db()
    enter_step(db, seat.learner, stop.step)
    start_attempt(db, seat.learner, stop.step)
    attempt = find_last_attempt(db, seat.learner.enrolment_id, step)
    return go(_first_open_question(seat, stop, attempt))


@blueprint.get(f"{STEP}/questions/<question>")
@signed_in
def question(area: str, course: str, step: str, question: str) -> ResponseReturnValue:
    """One question; with what she answered and what to think of it, once she did."""
    seat, stop = _quiz_stop(area, course, step)
    attempt = find_last_attempt(current_db(), seat.learner.enrolment_id, step)
    if attempt is None:
        return go(url_for("player.quiz", area=area, course=course, step=step))
    return _show_question(seat, stop, attempt, question)


@blueprint.post(f"{STEP}/questions/<question>")
@signed_in
def question_answer(area: str, course: str, step: str, question: str) -> ResponseReturnValue:
    """*Controleer*: the answer is saved and judged; once the attempt is over, only to learn from."""
    seat, stop = _quiz_stop(area, course, step)
    db = current_db()
    attempt = find_last_attempt(db, seat.learner.enrolment_id, step)
    is_over = attempt is not None and attempt.finished_at is not None and question in attempt.answers
    answer = practise_question if is_over else answer_question
    verdict, _question = answer(db, seat.learner, stop.step, question, request.form.getlist("answer"))
    if not verdict.answered:
        return _show_question(seat, stop, attempt, question, message=verdict.message)
    return go(url_for("player.question", area=area, course=course, step=step, question=question))


def _quiz_stop(area: str, course: str, step: str) -> tuple[Seat, Stop]:
    seat = take_seat(area, course)
    stop = get_open_stop(seat, step)
    if stop.step.kind is not StepKind.QUIZ:
        raise NotFound(step)
    return seat, stop


def _show_question(
    seat: Seat, stop: Stop, attempt: AttemptView | None, question_id: str, message: str = ""
) -> ResponseReturnValue:
    number, shown = get_question(stop.step, question_id)
    given = attempt.answers.get(question_id) if attempt else None
    again = "again" in request.args
    verdict = judge(shown, given.last) if given and not again else None
    return render(
        "player/question.html",
        422 if message else 200,
        seat=seat,
        stop=stop,
        question=shown,
        number=number,
        options=choices(shown),
        targets=targets(shown),
        prompt=addresses_of(seat).fill(shown.prompt),
        given=given,
        verdict=verdict,
        shown_answer=right_answer(shown) if "answer" in request.args and given else "",
        message=message,
        next_url=_after_question(seat, stop, number),
        previous_url=_before_question(seat, stop, number),
        here=_question_url(seat, stop, question_id),
    )


def _first_open_question(seat: Seat, stop: Stop, attempt: AttemptView | None) -> str:
    answered = attempt.answers if attempt else {}
    questions = list_questions(stop.step)
    unanswered = next((item.id for item in questions if item.id not in answered), questions[0].id)
    return _question_url(seat, stop, unanswered)


def _after_question(seat: Seat, stop: Stop, number: int) -> str:
    questions = list_questions(stop.step)
    if number < len(questions):
        return _question_url(seat, stop, questions[number].id)
    return url_for("player.quiz", area=seat.area, course=seat.learner.course_slug, step=stop.step.id)


def _before_question(seat: Seat, stop: Stop, number: int) -> str:
    if number > 1:
        return _question_url(seat, stop, list_questions(stop.step)[number - 2].id)
    return course_url(seat)


def _question_url(seat: Seat, stop: Stop, question_id: str) -> str:
    return url_for(
        "player.question",
        area=seat.area,
        course=seat.learner.course_slug,
        step=stop.step.id,
        question=question_id,
    )


def _count_right(attempt: AttemptView | None) -> int:
    return sum(answer.score == 1 for answer in attempt.answers.values()) if attempt else 0
