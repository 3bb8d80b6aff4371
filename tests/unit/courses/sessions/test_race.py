"""Two people ask for the last seat at the same moment: one of them gets it."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import sqlalchemy as sa

from courses.sessions.models import BOOKED, WAITING, Booking
from courses.sessions.services import book
from lms.kernel import clock
from lms.kernel.db import Database
from tests.factories.courses import make_course, make_enrolment
from tests.factories.sessions import NOW, make_session

PEOPLE = 8


def test_the_last_seat_goes_to_one_of_those_who_ask_at_once(database: Database, tmp_path: Path) -> None:
    with database.write() as db:
        course = make_course(db, tmp_path)
        session_id = make_session(db, course, seats=1).id
        enrolment_ids = [make_enrolment(db, course).id for _ in range(PEOPLE)]
    together = Barrier(PEOPLE)

    def ask(enrolment_id: int) -> None:
        together.wait()
        # A thread has a clock of its own.
        with clock.moved_to(NOW), database.write() as db:
            book(db, session_id, enrolment_id)

    with ThreadPoolExecutor(PEOPLE) as pool:
        list(pool.map(ask, enrolment_ids))
    with database.read() as db:
        bookings = db.execute(sa.select(Booking.state, Booking.turn).order_by(Booking.turn)).all()
    assert Counter(row.state for row in bookings) == {BOOKED: 1, WAITING: PEOPLE - 1}
    assert [row.turn for row in bookings] == list(range(1, PEOPLE + 1))
