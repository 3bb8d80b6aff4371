"""The walk can fail: with a guard or a filter taken away, it says who got through and what she read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

import courses.assignments.queries
import courses.authoring.queries
import courses.catalogue.queries
import courses.player.views.course
import courses.sessions.queries.desk
from courses.catalogue.models import Course
from courses.catalogue.queries import OfferedCourse
from tests.web.access.routes import LINES
from tests.web.access.walk import Walker

# Behind these guards stands a second one, in the view or in its service: alone, neither can be missed.
GUARDED_TWICE = frozenset(
    {
        "accounts.account",
        "accounts.account_password",
        "accounts.account_preferences",
        "accounts.account_sign_in_end",
        "accounts.account_sign_out_everywhere",
        "accounts.organisation_create",
        "player.assignment",
        "player.assignment_draft",
        "player.assignment_hand_in",
        "player.booking",
        "player.booking_cancel",
        "player.calendar",
        "player.cancellation",
        "player.launch",
        "player.page",
        "player.page_answer",
        "player.page_done",
        "player.question",
        "player.question_answer",
        "player.quiz",
        "player.quiz_start",
        "player.session",
        "player.step",
        "player.step_done",
        "site.area_edit",
        "site.area_save",
        "site.news_archive",
        "site.news_publish",
        "site.offer_change",
    }
)


def unguarded(view: Callable[..., Any]) -> Callable[..., Any] | None:
    """The view without its guard, or None when it has none."""
    inner: Callable[..., Any] | None = getattr(view, "__wrapped__", None)
    return inner


def test_a_guard_that_is_gone_is_missed(walker: Walker, monkeypatch: pytest.MonkeyPatch) -> None:
    views = walker.app.view_functions
    guards = {endpoint: inner for endpoint, view in views.items() if (inner := unguarded(view)) and endpoint in LINES}
    assert len(guards) > 60
    unnoticed = set()
    for endpoint, inner in guards.items():
        with monkeypatch.context() as patch:
            patch.setitem(views, endpoint, inner)
            if not any(walker.walk(endpoint, LINES[endpoint])):
                unnoticed.add(endpoint)
    assert sorted(unnoticed - GUARDED_TWICE) == []
    assert sorted(GUARDED_TWICE - unnoticed) == []


def _everything(*_who: object) -> sa.ColumnElement[bool]:
    return sa.true()


def _offered_anywhere(db: Any, _area: str, slug: str) -> OfferedCourse:
    rows = courses.catalogue.queries._OFFERED.where(Course.slug == slug)
    return OfferedCourse(*db.execute(rows).first())


@pytest.mark.parametrize(
    ("module", "filter_", "instead", "endpoint", "finding"),
    [
        (courses.authoring.queries, "_is_own", _everything, "authoring.draft", "trainer: GET"),
        (courses.authoring.queries, "_is_on_desk", _everything, "authoring.course", "trainer: GET"),
        (courses.sessions.queries.desk, "_is_visible_to", _everything, "sessions.attendance", "shows zanduilmens"),
        (courses.assignments.queries, "_is_visible_to", _everything, "assignments.submission", "shows zanduilgeheim"),
        (courses.assignments.queries, "_is_visible_to", _everything, "assignments.submissions", "shows zanduilmens"),
        (courses.player.views.course, "get_offered_course", _offered_anywhere, "player.course", "shows zanduilopen"),
    ],
)
def test_a_filter_that_is_gone_is_missed(
    walker: Walker,
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    filter_: str,
    instead: Callable[..., Any],
    endpoint: str,
    finding: str,
) -> None:
    monkeypatch.setattr(module, filter_, instead)
    findings = list(walker.walk(endpoint, LINES[endpoint]))
    assert any(finding in said for said in findings), "\n".join(findings) or "nothing was noticed"


def test_a_form_without_its_check_is_missed(walker: Walker, monkeypatch: pytest.MonkeyPatch) -> None:
    address = "/account/preferences"
    assert walker.ask("POST", address, "learner", token=False).status_code == 400
    monkeypatch.setitem(walker.app.before_request_funcs, None, [])
    assert walker.ask("POST", address, "learner", token=False).status_code == 303
