"""A hospital's own learning platform that places a course of ours: connected, with a roster, and with scores sent.

Nothing of it is on the internet, and nothing is called: what the worker would have done is written down.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from random import Random

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.catalogue.queries import get_course
from courses.enrolment.models import Enrolment
from lms.accounts.models import Organisation
from lms.demo.services.agenda import Agenda
from lms.demo.services.cast import Cast
from lms.demo.services.learning import begin, work_through
from lms.kernel import clock
from lms.lti.formats.endpoints import MOODLE, known_endpoints
from lms.lti.formats.roles import LtiRole
from lms.lti.formats.services import LINE_ITEM, RESULT, ROSTER, SCORE
from lms.lti.models import Deployment, LineItem, LtiContext, LtiUser, PlatformRegistration, ResourceLink, Score
from lms.lti.services.holding import enrol_member
from lms.lti.services.people import keep_membership, know_user
from lms.lti.services.platforms import Terms, register_platform

SLUG = "in-gesprek-over-diversiteit"
SITE = "https://leren.ziekenhuis.example"  # a name that leads nowhere (RFC 2606)
NEVER = timedelta(days=36_500)
# Who learns there, and how many steps each did.
LEARNERS = (
    ("Noor", "Claes", 0),
    ("Jonas", "Wuyts", 1),
    ("Fatima", "Benali", 2),
    ("Els", "Goossens", 3),
    ("Marek", "Nowak", 6),
    ("Lotte", "Hermans", 6),
)


class HospitalPlatform:
    """Puts the connection, the people and what they do into the agenda of the present."""

    def __init__(self, agenda: Agenda, cast: Cast) -> None:
        self.agenda, self.cast = agenda, cast
        self.rng = Random("platform")

    def plan(self) -> None:
        """Connected a month ago; people work in the weeks since."""
        self.agenda.at(self._ago(30), self._connect)
        self.agenda.at(self._ago(0), self._note_sent)

    def _ago(self, days: int) -> datetime:
        return self.agenda.until - timedelta(days=days, minutes=5)

    def _connect(self, db: Session) -> None:
        house = self.cast.users["dirk"]
        organisation = db.get_one(Organisation, house.organisation_id)
        ends = known_endpoints(MOODLE, SITE)
        if ends is None:
            raise AssertionError("no endpoints of a Moodle")
        terms = Terms(
            name=f"Moodle van {organisation.name}",
            product=MOODLE,
            client_id="k3VdT8wLq0ZsYxn",
            endpoints=ends,
            area=house.area,
            organisation_id=organisation.id,
            scopes=(LINE_ITEM, SCORE, RESULT, ROSTER),
        )
        registration = register_platform(db, terms, deployment_id="2")
        self._place(db, registration)

    def _place(self, db: Session, registration: PlatformRegistration) -> None:
        """One course there, with one link, and who learns in it."""
        now, course = clock.now(), get_course(db, SLUG)
        deployment = db.scalars(sa.select(Deployment).where(Deployment.registration_id == registration.id)).one()
        context = LtiContext(
            deployment_id=deployment.id,
            context_id="41",
            title="Onthaal nieuwe collega's",
            label="ONTHAAL",
            memberships_url=f"{SITE}/mod/lti/services.php/CourseSection/41/bindings/2/memberships",
            line_items_url=f"{SITE}/mod/lti/services.php/41/lineitems?type_id=2",
            grade_scopes=[LINE_ITEM, SCORE, RESULT],
            created_at=now,
            roster_read_at=self._ago(0),
            roster_due_at=now + NEVER,
        )
        db.add(context)
        db.flush()
        link = ResourceLink(
            deployment_id=deployment.id,
            context_id=context.id,
            resource_link_id="7",
            title=course.title,
            content=SLUG,
            created_at=now,
            launched_at=now,
        )
        db.add(link)
        db.flush()
        for number, (first, last, steps) in enumerate(LEARNERS):
            user = know_user(db, registration, str(210 + number), given_name=first, family_name=last)
            keep_membership(db, context.id, user.id, [LtiRole.LEARNER])
            enrol_member(db, registration, user, course.id, context.id)
            enrolment_id = db.scalars(sa.select(Enrolment.id).where(Enrolment.person_id == user.person_id)).one()
            for step in range(steps):
                self.agenda.at(self._ago(27 - 4 * step), partial(self._work, enrolment_id))

    def _work(self, enrolment_id: int, db: Session) -> None:
        begin(db, enrolment_id)
        for _submission in work_through(db, self.rng, enrolment_id, most=1):
            pass  # this course asks for nothing to hand in

    def _note_sent(self, db: Session) -> None:
        """As the worker leaves it: sent, but for one learner whom the platform does not know any more."""
        for item in db.scalars(sa.select(LineItem)):
            item.url = f"{SITE}/mod/lti/services.php/41/lineitems/12/lineitem?type_id=2"
        rows = db.execute(sa.select(Score, LtiUser.subject).join(LtiUser, LtiUser.id == Score.user_id)).all()
        for score, subject in rows:
            score.next_try_at, score.sent_timestamp, score.sent_at = None, score.timestamp, score.timestamp
            score.result_score, score.result_maximum, score.result_read_at = (
                score.score_given,
                Decimal(100),
                clock.now(),
            )
            if subject == "211":
                score.sent_timestamp = score.sent_at = score.result_score = score.result_maximum = None
                score.status, score.answer, score.tries = 404, "refused: no such user in this course", 1
        db.flush()
