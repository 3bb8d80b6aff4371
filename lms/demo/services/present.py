"""The present, which follows today: meetings to come, and the eight people in the middle of things."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from random import Random

from sqlalchemy.orm import Session

from courses.catalogue.queries import get_course, get_outline
from courses.enrolment.queries import get_learner
from courses.enrolment.services import enrol_learner, withdraw_learner
from lms.accounts.services import invite, set_password
from lms.demo.formats import Coming, Story, Taught
from lms.demo.services.agenda import Agenda
from lms.demo.services.cast import Cast, Worker
from lms.demo.services.learning import begin, read_pages, work_through
from lms.demo.services.meetings import OWN_AREAS, Teaching
from lms.demo.services.moments import working_day
from lms.kernel import clock

ADMINISTRATION = "digitaal-aan-de-slag-administratie"
# What colleagues of the officer anybody can be have done: steps of the course, or who left it again.
STATES = (0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 6, 6)


class Present:
    """Puts the last weeks before `now` into the agenda."""

    def __init__(self, agenda: Agenda, cast: Cast, story: Story, scale: float) -> None:
        self.agenda, self.cast, self.story, self.scale = agenda, cast, story, scale
        self.now = agenda.until
        self.today = clock.local(self.now).date()
        self.rng = Random("present")
        self.teaching = Teaching(agenda, cast, story.programme.place, "present")

    def plan(self) -> None:
        """Everything."""
        for coming in self.story.programme.coming:
            self._plan_meeting(coming)
        self.agenda.at(self._ago(12), self._emma_begins)
        self.agenda.at(self._ago(9), self._lies_begins)
        self.agenda.at(self._ago(20), self._vera_enrols)
        self.agenda.at(self._ago(8), self._somebody_leaves)
        self.agenda.at(self._ago(2), self._new_colleagues)
        self.agenda.at(self._ago(24), partial(self._hand_in, "verbindende-communicatie", 3, 5, OWN_AREAS[1]))
        self.agenda.at(self._ago(23), partial(self._hand_in, "word-digicoach", 6, 3, OWN_AREAS[0]))
        self.agenda.at(self.now, self._give_passwords)

    def _ago(self, days: int, minutes: int = 0) -> datetime:
        """So many days before this moment, and a little more."""
        return self.now - timedelta(days=days, minutes=minutes)

    # ---- meetings ----------------------------------------------------------------------------------------------------

    def _plan_meeting(self, coming: Coming) -> None:
        taught = Taught(
            slug=coming.slug,
            steps=(coming.step,),
            at=coming.at,
            minutes=coming.minutes,
            seats=coming.seats,
            asks=(coming.asks, coming.asks),
            dates=(),
            area=coming.area,
            who=coming.who,
        )
        day = self.today + timedelta(days=coming.in_days)
        if coming.in_days > 0:
            day = working_day(day)
        asks = round(coming.asks * max(self.scale, 0.25))
        meeting = self.teaching.plan(taught, day, asks=asks, is_marked=False)
        for user in coming.users:
            self.agenda.at(self._ago(6), partial(self.teaching.ask, meeting, self.cast.users[user]))

    # ---- the eight ---------------------------------------------------------------------------------------------------

    def _emma_begins(self, db: Session) -> None:
        """Vera enrols her; she does the first module, and the second one is ready."""
        emma, vera = self.cast.users["emma"], self.cast.users["vera"]
        enrolment_id = self._enrol(db, emma, "word-digicoach", by=vera)
        self.agenda.at(self._ago(10), partial(self._work, enrolment_id, 1))

    def _lies_begins(self, db: Session) -> None:
        """She is in the middle of the second module."""
        enrolment_id = self._enrol(db, self.cast.users["lies"], "in-gesprek-over-diversiteit")
        self.agenda.at(self._ago(7), partial(self._work, enrolment_id, 1))
        self.agenda.at(self._ago(3), partial(self._read_some, enrolment_id, "het-gesprek", 3))

    def _vera_enrols(self, db: Session) -> None:
        """A part of her staff, who have come from nowhere to the end."""
        vera = self.cast.users["vera"]
        for number, worker in enumerate(self._colleagues(ADMINISTRATION, len(STATES))):
            enrolment_id = self._enrol(db, worker, ADMINISTRATION, by=vera)
            for step in range(STATES[number]):
                self.agenda.at(self._ago(18 - 2 * step, number), partial(self._work, enrolment_id, 1))

    def _somebody_leaves(self, db: Session) -> None:
        vera = self.cast.users["vera"]
        for worker in self._colleagues(ADMINISTRATION, 2):
            enrolment_id = self._enrol(db, worker, ADMINISTRATION, by=vera)
            withdraw_learner(db, enrolment_id, by_person_id=vera.person_id)

    def _new_colleagues(self, db: Session) -> None:
        """Invitations are on their way to two colleagues of hers."""
        for worker in self._colleagues("een-nieuwe-collega", 2):
            invite(db, worker.person_id)

    def _hand_in(self, slug: str, steps: int, many: int, area: str, db: Session) -> None:
        """Some people hand in a task that Tom has still to read."""
        for number, worker in enumerate(self.cast.pick(many, course=slug, day=self.today, areas={area})):
            enrolment_id = self._enrol(db, worker, slug)
            self.agenda.at(self._ago(5, number * 40), partial(self._work, enrolment_id, steps - 1))
            self.agenda.at(self._ago(1, number * 50), partial(self._work, enrolment_id, 1))

    def _give_passwords(self, db: Session) -> None:
        """Last of all: with these the story is told."""
        for sign_in in self.story.sign_ins:
            set_password(db, self.cast.users[sign_in.user].person_id, self.story.password)

    # ---- what they have in common ------------------------------------------------------------------------------------

    def _colleagues(self, slug: str, many: int) -> Sequence[Worker]:
        home = self.cast.users["vera"]
        return self.cast.pick(
            many, course=slug, day=self.today, areas={home.area},
            who=lambda worker: worker.organisation_id == home.organisation_id,
        )  # fmt: skip

    def _enrol(self, db: Session, worker: Worker, slug: str, *, by: Worker | None = None) -> int:
        worker.courses.add(slug)
        course = get_course(db, slug)
        enrolment = enrol_learner(
            db,
            person_id=worker.person_id,
            course_id=course.id,
            area=worker.area,
            by_person_id=by.person_id if by else None,
        )
        return enrolment.id

    def _work(self, enrolment_id: int, most: int, db: Session) -> None:
        begin(db, enrolment_id)
        for _submission in work_through(db, self.rng, enrolment_id, most=most):
            pass  # it stays unread: that is for whoever looks at the demo

    def _read_some(self, enrolment_id: int, step_id: str, most: int, db: Session) -> None:
        learner = get_learner(db, enrolment_id)
        step = get_outline(db, learner.version_id, learner.version_sha).step(step_id)
        if step is not None:
            read_pages(db, self.rng, learner, step, most=most)
