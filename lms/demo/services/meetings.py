"""The meetings of two years: planned, asked for, prepared, held, marked and followed up."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import cycle
from random import Random

from sqlalchemy.orm import Session

from courses.assignments.models import Submission
from courses.assignments.services import accept_submission, return_submission
from courses.catalogue.formats import Outline, StepKind
from courses.catalogue.queries import get_course, get_current_outline
from courses.enrolment.services import enrol_learner, withdraw_learner
from courses.sessions.models import ABSENT, BOOKED, EXCUSED, PRESENT, WAITING, WEBINAR, CourseSession
from courses.sessions.services import (
    SessionDetails,
    add_walk_in,
    book,
    cancel_booking,
    hold_session,
    mark_attendance,
    plan_session,
)
from lms.demo.formats import Place, Taught, load_story
from lms.demo.queries import find_booking
from lms.demo.services.agenda import Agenda
from lms.demo.services.cast import Cast, Worker
from lms.demo.services.learning import begin, work_through
from lms.demo.services.moments import TURN, at, at_time, some_time
from sectors.areas import all_areas

FEE = Decimal(50)
OWN_AREAS = ("gezinszorg", "gehandicaptenzorg-jeugdhulp")  # those of the trainer anybody can sign in as


@dataclass(slots=True)
class Meeting:
    """A group of people who meet once, or once for each step. `asked`: who asked for a place, in order."""

    taught: Taught
    day: date
    area: str | None
    place: Place
    asks: int
    trainer_id: int | None = None
    session_ids: list[int] = field(default_factory=list)
    asked: dict[int, Worker] = field(default_factory=dict)  # by enrolment

    @property
    def days(self) -> list[date]:
        """The day of each step."""
        return [self.day + timedelta(days=self.taught.days * index) for index in range(len(self.taught.steps))]


class Teaching:
    """Puts meetings into the agenda and plays the people in them."""

    def __init__(self, agenda: Agenda, cast: Cast, places: tuple[Place, ...], name: str) -> None:
        self.agenda, self.cast = agenda, cast
        self.rng = Random(name)
        self.places = cycle(places)

    def plan(
        self, taught: Taught, day: date, *, asks: int, guests: tuple[str, ...] = (), is_marked: bool = True
    ) -> Meeting:
        """A meeting on this day, from the moment it is planned until everybody did what follows from it.

        `is_marked` False leaves the attendance list to whoever looks at the demo.
        """
        meeting = Meeting(taught, day, taught.area or None, next(self.places), asks)
        first = day - timedelta(days=45)
        self.agenda.at(at(first, 8, 15), partial(self._plan_sessions, meeting))
        self.agenda.at(at(first, 8, 30), partial(self._gather, meeting, guests))
        for index in range(len(taught.steps) if is_marked else 0):
            self.agenda.at(self._end_of(meeting, index), partial(self._hold, meeting, index))
        return meeting

    def _plan_sessions(self, meeting: Meeting, db: Session) -> None:
        course = get_course(db, meeting.taught.slug)
        outline = get_current_outline(db, course.id)
        own, others = self.cast.trainers[0], self.cast.trainers[1:]
        meeting.trainer_id = (own if meeting.area in OWN_AREAS else self.rng.choice(others)).person_id
        for step, day in zip(meeting.taught.steps, meeting.days, strict=True):
            details = details_of(outline, step, at_time(day, meeting.taught.at), meeting)
            meeting.session_ids.append(plan_session(db, course_id=course.id, step=step, details=details).id)

    def _end_of(self, meeting: Meeting, index: int) -> datetime:
        start = at_time(meeting.days[index], meeting.taught.at)
        return start + timedelta(minutes=meeting.taught.minutes + 10)

    # ---- asking for a place ------------------------------------------------------------------------------------------

    def _gather(self, meeting: Meeting, guests: tuple[str, ...], db: Session) -> None:
        """Draw who comes, and let each of them ask on a day of her own."""
        first, last = meeting.day - timedelta(days=44), meeting.day - timedelta(days=16)
        people = [self.cast.users[name] for name in guests]
        people += self._draw(db, meeting, meeting.asks - len(people))
        for worker in people:
            worker.courses.add(meeting.taught.slug)
            self.agenda.at(some_time(self.rng, first, last), partial(self.ask, meeting, worker))

    def _draw(self, db: Session, meeting: Meeting, many: int) -> list[Worker]:
        taught = meeting.taught
        if taught.who == "delegates":
            return self._draw_delegates(meeting, many)
        areas = {taught.area} if taught.area else areas_of(db, taught.slug)
        who = _is_officer if taught.who == "officers" else _is_anybody
        return self.cast.pick(many, course=taught.slug, day=meeting.day - timedelta(days=45), areas=areas, who=who)

    def _draw_delegates(self, meeting: Meeting, many: int) -> list[Worker]:
        """Who was there least often comes first: the meetings go round."""
        year = 1 if meeting.day >= TURN else 0
        free = [it for it in self.cast.workers if it.is_delegate and not it.user]
        self.rng.shuffle(free)
        chosen = sorted(free, key=lambda worker: worker.met - 10 * year)[:many]
        for worker in chosen:
            worker.met = max(worker.met, 0) + 1
        return chosen

    def ask(self, meeting: Meeting, worker: Worker, db: Session) -> None:
        """Enrol, by her officer or by herself, and ask for a place at every step."""
        course = get_course(db, meeting.taught.slug)
        by = self.cast.officer_of(worker) if self.rng.random() < 0.45 else None
        enrolment = enrol_learner(
            db, person_id=worker.person_id, course_id=course.id, area=worker.area, by_person_id=by
        )
        meeting.asked[enrolment.id] = worker
        for session_id in meeting.session_ids:
            book(db, session_id, enrolment.id)
        self._plan_work(meeting, worker, enrolment.id)

    def _plan_work(self, meeting: Meeting, worker: Worker, enrolment_id: int) -> None:
        chance = self.rng.random()
        before = meeting.day - timedelta(days=12)
        if not worker.user and chance < 0.05:
            moment = some_time(self.rng, before, meeting.day - timedelta(days=5))
            self.agenda.at(moment, partial(self._give_up, meeting, enrolment_id, is_leaving=chance < 0.03))
        elif worker.user or chance < 0.05 + meeting.taught.diligence / 100:
            moment = some_time(self.rng, before, meeting.day - timedelta(days=1))
            most = 99 if worker.user or self.rng.random() < 0.6 else 1
            self.agenda.at(moment, partial(self._work, enrolment_id, most))

    def _give_up(self, meeting: Meeting, enrolment_id: int, db: Session, *, is_leaving: bool) -> None:
        """Give the places back; some leave the course, and a part of those return later."""
        worker = meeting.asked.pop(enrolment_id)
        for session_id in meeting.session_ids:
            booking = find_booking(db, session_id, worker.person_id)
            if booking is not None:
                cancel_booking(db, booking)
        if is_leaving:
            withdraw_learner(db, enrolment_id, by_person_id=worker.person_id)
            if self.rng.random() < 0.5:
                later = some_time(self.rng, meeting.day + timedelta(days=20), meeting.day + timedelta(days=40))
                self.agenda.at(later, partial(self._return, meeting.taught.slug, worker))

    def _return(self, slug: str, worker: Worker, db: Session) -> None:
        course = get_course(db, slug)
        enrolment = enrol_learner(db, person_id=worker.person_id, course_id=course.id, area=worker.area)
        begin(db, enrolment.id)

    # ---- the day itself ----------------------------------------------------------------------------------------------

    def _hold(self, meeting: Meeting, index: int, db: Session) -> None:
        """Mark the list, let somebody in who waited in vain, close it."""
        session = db.get_one(CourseSession, meeting.session_ids[index])
        trainer_id = meeting.trainer_id
        for enrolment_id, worker in meeting.asked.items():
            booking = find_booking(db, session.id, worker.person_id)
            if booking is None:
                continue
            if booking.state == BOOKED:
                mark_attendance(db, booking, self._presence(worker), by_person_id=trainer_id)
            elif booking.state == WAITING and self.rng.random() < 0.2:
                booking = add_walk_in(db, session, enrolment_id, by_person_id=trainer_id)
            self._plan_aftermath(meeting, index, enrolment_id, worker)
        hold_session(db, session, by_person_id=trainer_id)

    def _presence(self, worker: Worker) -> str:
        chance = self.rng.random()
        return PRESENT if worker.user or chance < 0.92 else EXCUSED if chance < 0.96 else ABSENT

    def _plan_aftermath(self, meeting: Meeting, index: int, enrolment_id: int, worker: Worker) -> None:
        """What is open after the meeting, and once more when a follow-up opened."""
        day = meeting.days[index]
        for first, last in ((1, 12), (22, 45)):
            if worker.user or self.rng.random() * 100 < meeting.taught.diligence:
                moment = some_time(self.rng, day + timedelta(days=first), day + timedelta(days=last))
                self.agenda.at(moment, partial(self._work, enrolment_id, 99))

    # ---- work at home, and what the trainer says of it --------------------------------------------------------------

    def _work(self, enrolment_id: int, most: int, db: Session) -> None:
        for submission in work_through(db, self.rng, enrolment_id, most=most):
            if self.rng.random() < 0.9:
                self._plan_reading(db, submission)

    def _plan_reading(self, db: Session, submission: Submission) -> None:
        handed_in = submission.handed_in_at
        if handed_in is not None:
            moment = handed_in + timedelta(days=self.rng.randint(1, 5), minutes=self.rng.randint(0, 90))
            self.agenda.at(moment, partial(self._read, submission.id))

    def _read(self, submission_id: int, db: Session) -> None:
        """Most is good at once; the rest is sent back with a word, and accepted the second time."""
        submission = db.get_one(Submission, submission_id)
        if submission.accepted_at is not None or submission.handed_in_at is None:
            return
        trainer_id, said = self.cast.trainers[0].person_id, load_story().said
        if submission.returned_at is None and not submission.feedback and self.rng.random() < 0.12:
            return_submission(db, submission, feedback=said.more)
        else:
            accept_submission(db, submission, feedback=self.rng.choice(said.praise), by_person_id=trainer_id)


def details_of(outline: Outline, step_id: str, start: datetime, meeting: Meeting) -> SessionDetails:
    """What a trainer fills in: booking closes 14 days before, cancelling is free until 3 days before."""
    step = outline.step(step_id)
    if step is None or step.session is None or step.kind is not StepKind.SESSION:
        raise ValueError(f"{step_id} of {outline.id} is not taught")
    taught, is_online = meeting.taught, step.session.mode == WEBINAR
    place = meeting.place
    return SessionDetails(
        title=step.title,
        mode=step.session.mode,
        starts_at=start,
        ends_at=start + timedelta(minutes=taught.minutes),
        seats=taught.seats,
        contact_hours=Decimal(step.session.contact_hours),
        place="" if is_online else place.name,
        address="" if is_online else place.address,
        travel="" if is_online else place.travel,
        link=f"https://webinar.example/{outline.id}/{start:%Y-%m-%d}" if is_online else "",
        area=meeting.area,
        trainer_id=meeting.trainer_id,
        closes_at=start - timedelta(days=14),
        free_until=start - timedelta(days=3),
        cancel_fee=FEE,
    )


def areas_of(db: Session, slug: str) -> set[str]:
    """The areas the course is meant for."""
    areas = get_current_outline(db, get_course(db, slug).id).areas
    return set(all_areas()) if "all" in areas else set(areas)


def _is_officer(worker: Worker) -> bool:
    return worker.is_officer or worker.is_leader


def _is_anybody(_worker: Worker) -> bool:
    return True
