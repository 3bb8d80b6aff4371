"""Courses that are all online: people begin when it suits them, and most finish in a few evenings."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from random import Random

from sqlalchemy.orm import Session

from courses.catalogue.queries import get_course
from courses.enrolment.services import enrol_learner, withdraw_learner
from lms.demo.formats import Online
from lms.demo.services.agenda import Agenda
from lms.demo.services.cast import Cast, Worker
from lms.demo.services.learning import begin, work_through
from lms.demo.services.meetings import areas_of
from lms.demo.services.moments import END, TURN, some_time
from lms.kernel import clock

YEARS = ((date(2023, 9, 15), date(2024, 5, 31)), (TURN + timedelta(days=50), END - timedelta(days=20)))
SCHOOLS = "onderwijs"


class Evenings:
    """Puts those who learn alone into the agenda."""

    def __init__(self, agenda: Agenda, cast: Cast, name: str) -> None:
        self.agenda, self.cast = agenda, cast
        self.rng = Random(name)

    def plan(self, online: Online, scale: float) -> None:
        """So many people in each covenant year, a part of them from schools."""
        for number, (first, last) in zip(online.begin, YEARS, strict=True):
            for _person in range(max(2, round(number * scale))):
                is_teacher = self.rng.random() * 100 < online.teachers
                self.agenda.at(some_time(self.rng, first, last), partial(self._enrol, online.slug, is_teacher))

    def _enrol(self, slug: str, is_teacher: bool, db: Session) -> None:  # noqa: FBT001
        course = get_course(db, slug)
        areas = {SCHOOLS} if is_teacher else areas_of(db, slug)
        for worker in self.cast.pick(1, course=slug, day=clock.today(), areas=areas):
            worker.courses.add(slug)
            by = self.cast.officer_of(worker) if self.rng.random() < 0.4 else None
            enrolment = enrol_learner(
                db, person_id=worker.person_id, course_id=course.id, area=worker.area, by_person_id=by
            )
            self._plan_evenings(worker, enrolment.id)

    def _plan_evenings(self, worker: Worker, enrolment_id: int) -> None:
        """One in twelve never begins, one in ten stops half way, and some of those leave the course."""
        today, chance = clock.today(), self.rng.random()
        if chance < 0.08:
            return
        sittings = 1 if chance < 0.18 else 4
        for number in range(sittings):
            first = today + timedelta(days=1 + number * 4)
            self.agenda.at(
                some_time(self.rng, first, first + timedelta(days=3)), partial(self._sit_down, enrolment_id, 2)
            )
        if chance < 0.11:
            later = some_time(self.rng, today + timedelta(days=15), today + timedelta(days=40))
            self.agenda.at(later, lambda db: withdraw_learner(db, enrolment_id, by_person_id=worker.person_id))

    def _sit_down(self, enrolment_id: int, most: int, db: Session) -> None:
        begin(db, enrolment_id)
        for _submission in work_through(db, self.rng, enrolment_id, most=most):
            pass  # these courses ask for nothing to hand in
