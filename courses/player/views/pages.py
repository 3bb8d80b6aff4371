"""The pages of a module: read, answer, *Volgende*."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request, url_for
from flask.typing import ResponseReturnValue

from courses.catalogue.formats import Addresses, Block
from courses.catalogue.formats import Page as OutlinePage
from courses.player.queries import Seat, get_open_stop, get_page
from courses.player.views.blueprint import STEP, addresses_of, blueprint, course_url, go, step_url, take_seat
from courses.progress.queries import Stop, list_page_answers
from courses.progress.services import leave_page, save_page_answer
from courses.quizzes.formats import Question, Verdict, choices, judge, question_from_json, targets
from lms.kernel.web import current_db, render, signed_in
from lms.kernel.web.hosts import local_path

LONGEST_ANSWER = 4000
AUTOSAVE = "X-Autosave"  # what our script sends; it wants no page back


@dataclass(frozen=True, slots=True)
class ShownBlock:
    """A block with its addresses filled in (`html`: of an exercise its prompt) and what the learner answered before."""

    block: Block
    html: str
    transcript: str
    answer: list[str]
    question: Question | None = None
    choices: tuple[tuple[str, str], ...] = ()
    targets: tuple[tuple[str, str], ...] = ()
    verdict: Verdict | None = None


@blueprint.get(f"{STEP}/pages/<page>")
@signed_in
def page(area: str, course: str, step: str, page: str) -> ResponseReturnValue:
    """One screen of a module."""
    seat = take_seat(area, course)
    stop = get_open_stop(seat, step)
    place, shown = get_page(stop.step, page)
    return render(
        "player/page.html",
        seat=seat,
        stop=stop,
        page=shown,
        place=place,
        blocks=_blocks(seat, stop, shown),
        media=addresses_of(seat).media,
        previous_url=_previous_url(seat, stop, place),
    )


@blueprint.post(f"{STEP}/pages/<page>")
@signed_in
def page_done(area: str, course: str, step: str, page: str) -> ResponseReturnValue:
    """*Volgende*: this page is seen; go to the next page, or on from the end of the module."""
    seat = take_seat(area, course, held=True)
    _save_answers(seat, step)
    leave_page(current_db(), seat.learner, step, page, route=seat.route)
    shown = get_open_stop(seat, step).step
    place, _page = get_page(shown, page)
    following = shown.pages[place + 1 : place + 2]
    if following:
        return go(url_for("player.page", area=area, course=course, step=step, page=following[0].id))
    return go(url_for("player.step_done", area=area, course=course, step=step))


@blueprint.post(f"{STEP}/answers")
@signed_in
def page_answer(area: str, course: str, step: str) -> ResponseReturnValue:
    """Save what was written or chosen, at once: from a script, or with a button where there is none."""
    seat = take_seat(area, course)
    get_open_stop(seat, step)
    _save_answers(seat, step)
    if AUTOSAVE in request.headers:
        return "", 204
    return go(local_path(request.form.get("here")) if "here" in request.form else course_url(seat))


@blueprint.get(f"{STEP}/done")
@signed_in
def step_done(area: str, course: str, step: str) -> ResponseReturnValue:
    """Klaar. Dit was stap 4 van 9."""
    seat = take_seat(area, course)
    stop = get_open_stop(seat, step)
    following = seat.route.next
    return render(
        "player/step_done.html",
        seat=seat,
        stop=stop,
        following=following,
        next_url=step_url(seat, following) if following else course_url(seat),
    )


def _blocks(seat: Seat, stop: Stop, page: OutlinePage) -> list[ShownBlock]:
    asks = any(block.id for block in page.blocks)
    answers = list_page_answers(current_db(), seat.learner.enrolment_id, stop.step.id) if asks else {}
    addresses = addresses_of(seat)
    return [_block(block, answers.get(block.id, []), addresses) for block in page.blocks]


def _block(block: Block, answer: list[str], addresses: Addresses) -> ShownBlock:
    if block.question is None:
        return ShownBlock(block, addresses.fill(block.html), addresses.fill(block.transcript), answer)
    question = question_from_json(block.question)
    return ShownBlock(
        block=block,
        html=addresses.fill(question.prompt),
        transcript="",
        answer=answer,
        question=question,
        choices=choices(question),
        targets=targets(question),
        verdict=judge(question, answer) if answer else None,
    )


def _save_answers(seat: Seat, step: str) -> None:
    """Every field named `answer.<block>` of the form is an answer on this page."""
    for name in request.form:
        if name.startswith("answer."):
            values = [value[:LONGEST_ANSWER] for value in request.form.getlist(name)]
            save_page_answer(current_db(), seat.learner, step, name.removeprefix("answer."), values)


def _previous_url(seat: Seat, stop: Stop, place: int) -> str:
    if place == 0:
        return course_url(seat)
    return url_for(
        "player.page",
        area=seat.area,
        course=seat.learner.course_slug,
        step=stop.step.id,
        page=stop.step.pages[place - 1].id,
    )
