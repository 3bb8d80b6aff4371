"""Send what waits, now or later, and ask what the grade book was told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa
from flask import Response

from courses.catalogue.models import Course
from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.outgoing import Outgoing
from lms.lti.events import LinkLaunched
from lms.lti.models import LtiUser, Score
from lms.lti.services import sending
from tests.factories.lti_places import Place, make_link
from tests.services.lti_platform import LtiPlatform
from tests.services.lti_platform.grade_book import book_of
from tests.unit.lti.conftest import OUT


def send(house: Database, place: Place, out: Outgoing = OUT) -> None:
    sending.send_scores(house, place.registration.id, out)


def later(house: Database, place: Place, minutes: int = 120, out: Outgoing = OUT) -> None:
    with clock.moved_to(clock.now() + timedelta(minutes=minutes)):
        send(house, place, out)


def told(platform: LtiPlatform, subject: str = "ilse") -> list[tuple[str, str, float | None]]:
    """What the grade book was told of somebody, in order."""
    return [(s["activityProgress"], s["gradingProgress"], s.get("scoreGiven")) for s in book_of(platform).of(subject)]


def one_score(house: Database) -> Score:
    with house.read() as db:
        return db.scalars(sa.select(Score)).one()


def place_of_step(house: Database, place: Place, content: str) -> None:
    with house.write() as db:
        make_link(db, place.context, content, name=f"link-{content}")


def answers(status: int, body: str = "", **headers: str) -> Callable[[], Response]:
    return lambda: Response(body, status, headers=headers)


def launched(place: Place, user: LtiUser, course: Course, *, line_item_url: str = "") -> LinkLaunched:
    return LinkLaunched(
        registration_id=place.registration.id,
        context_id=place.context.id,
        resource_link_id=place.link.id,
        user_id=user.id,
        person_id=user.person_id,
        content=course.slug,
        line_item_url=line_item_url,
        at=clock.now(),
    )
