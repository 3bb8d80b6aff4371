"""The route of a learner: what is done, what is open, what waits for what, and what comes next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from courses.catalogue.formats import Outline, Page, Step, StepKind
from courses.progress.queries import State, StepRecord, make_route

NOW = datetime(2025, 3, 14, 12, tzinfo=UTC)


def module(step_id: str, *requires: str) -> Step:
    return Step(
        id=step_id,
        kind=StepKind.MODULE,
        title=step_id,
        minutes=5,
        complete_when="pages-seen",
        requires=requires,
        pages=(Page("a", "A"), Page("b", "B")),
    )


def meeting(step_id: str, *requires: str) -> Step:
    return Step(
        id=step_id, kind=StepKind.SESSION, title=step_id, minutes=60, complete_when="attended", requires=requires
    )


def afterwards(step_id: str, session: str, days: int) -> Step:
    return Step(
        id=step_id,
        kind=StepKind.FOLLOW_UP,
        title=step_id,
        minutes=5,
        complete_when="pages-seen",
        pages=(Page("a", "A"),),
        after=session,
        release_days=days,
    )


def outline(*steps: Step) -> Outline:
    return Outline(id="c", title="C", summary="", language="nl", steps=steps, areas=("all",))


def done(step_id: str, at: datetime = NOW - timedelta(days=30)) -> StepRecord:
    return StepRecord(step_id, "", (), at, None)


def begun(step_id: str) -> StepRecord:
    return StepRecord(step_id, "b", ("a",), None, None)


def states(course: Outline, *records: StepRecord) -> list[State]:
    route = make_route(course, {record.step: record for record in records}, NOW)
    return [stop.state for stop in route.stops]


def next_step(course: Outline, *records: StepRecord, last: str = "") -> str | None:
    route = make_route(course, {record.step: record for record in records}, NOW, last)
    return route.next.step.id if route.next else None


def test_a_step_waits_for_what_it_requires() -> None:
    course = outline(module("one"), module("two", "one"))
    assert states(course) == [State.OPEN, State.LOCKED]
    assert states(course, done("one")) == [State.DONE, State.OPEN]


def test_a_step_begun_is_not_a_step_done() -> None:
    assert states(outline(module("one"), module("two", "one")), begun("one")) == [State.OPEN, State.LOCKED]


def test_a_follow_up_waits_for_its_session_and_then_for_its_days() -> None:
    course = outline(meeting("together"), afterwards("later", "together", 14))
    assert states(course)[1] is State.LOCKED
    assert states(course, done("together", NOW - timedelta(days=13)))[1] is State.LOCKED
    assert states(course, done("together", NOW - timedelta(days=14)))[1] is State.OPEN


def test_a_follow_up_says_when_it_opens() -> None:
    course = outline(meeting("together"), afterwards("later", "together", 14))
    route = make_route(course, {"together": done("together", NOW)}, NOW)
    assert route.stops[1].opens_at == NOW + timedelta(days=14)


def test_next_is_where_she_was_while_that_is_open() -> None:
    course = outline(module("one"), module("two"))
    assert next_step(course, begun("two"), last="two") == "two"
    assert next_step(course, done("two"), last="two") == "one"


def test_a_meeting_never_hides_an_online_step() -> None:
    assert next_step(outline(meeting("together"), module("one"))) == "one"
    assert next_step(outline(meeting("together"), module("one")), done("one")) == "together"


def test_nothing_is_next_when_all_is_done_or_waits() -> None:
    course = outline(module("one"), meeting("together"), afterwards("later", "together", 60))
    assert next_step(course, done("one"), done("together")) is None
    assert next_step(course, done("one"), done("together"), done("later")) is None


def test_a_follow_up_of_a_session_that_left_the_course_is_open() -> None:
    assert states(outline(module("one"), afterwards("later", "gone", 1)))[1] is State.OPEN


STEP_IDS = [f"s{number}" for number in range(6)]


@st.composite
def courses(draw: st.DrawFn) -> Outline:
    """Courses whose steps only require earlier ones, as the checker of course text demands."""
    steps = []
    for place, step_id in enumerate(STEP_IDS):
        requires = draw(st.lists(st.sampled_from(STEP_IDS[:place]), unique=True)) if place else []
        steps.append(draw(st.sampled_from([module, meeting]))(step_id, *requires))
    return outline(*steps)


@given(courses(), st.sets(st.sampled_from(STEP_IDS)), st.sampled_from(STEP_IDS))
def test_whatever_is_done_there_is_a_next_step_until_all_is_done(course: Outline, ready: set[str], last: str) -> None:
    route = make_route(course, {step: done(step) for step in ready}, NOW, last)
    assert route.done == len(ready)
    assert (route.next is None) == (len(ready) == len(STEP_IDS))
    if route.next is not None:
        assert route.next.state is State.OPEN
        assert set(route.next.step.requires) <= ready


@given(courses())
def test_doing_what_is_next_always_reaches_the_end(course: Outline) -> None:
    records: dict[str, StepRecord] = {}
    for _step in STEP_IDS:
        stop = make_route(course, records, NOW).next
        assert stop is not None
        records[stop.step.id] = done(stop.step.id)
    assert make_route(course, records, NOW).next is None
