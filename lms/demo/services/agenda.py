"""What happens when: every act of the story stands in one agenda and is played in the order of its moments.

So the record store receives statements in the order of time, as it does in life. A month is one transaction: the
number of commits stays small. Statements are told to whoever listens when the month ends, all in one event, as a
batch that came over the wire would be.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime
from itertools import count

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.events import Events
from xapi.statements.events import StatementsStored, StoredStatement

Act = Callable[[Session], None]
FRESH_PLANS_AFTER = (1, 2, 4, 8, 16)  # months: each time about twice as much is known


class Agenda:
    """Acts by moment. What would happen after `until` does not happen: nobody lives in the future."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        self._acts: list[tuple[datetime, int, Act]] = []
        self._turns = count()

    def at(self, moment: datetime, act: Act) -> None:
        """Let `act(db)` happen with the clock at this moment (aware). Acts of one moment happen in the order asked."""
        if moment <= self.until:
            heapq.heappush(self._acts, (moment, next(self._turns), act))

    def play(self, database: Database, report: Callable[[datetime], None]) -> None:
        """Play everything; acts may put more into the agenda. `report` hears of each month that is done."""
        for number in count(1):
            if not self._acts:
                return
            report(self._play_month(database))
            if number in FRESH_PLANS_AFTER:
                _refresh_plans(database)

    def _play_month(self, database: Database) -> datetime:
        moment = self._acts[0][0]
        month = _month(moment)
        batch = _Batch(database.events)
        with database.write() as db:
            batch.attach(db.info)
            while self._acts and _month(self._acts[0][0]) == month:
                moment, _turn, act = heapq.heappop(self._acts)
                with clock.moved_to(moment):
                    act(db)
                    db.flush()
                db.expunge_all()  # each act begins with nothing remembered, as a request does
            with clock.moved_to(moment):
                batch.release(db)
        return moment


class _Batch(Events):
    """Passes every event on at once, but statements all together at the end."""

    def __init__(self, listeners: Events) -> None:
        super().__init__()
        self._listeners = listeners
        self._held: list[StoredStatement] = []

    def tell(self, db: Session, event: object) -> None:
        """Hand the event on, or hold its statements back."""
        if isinstance(event, StatementsStored):
            self._held.extend(event.statements)
        else:
            self._listeners.tell(db, event)

    def release(self, db: Session) -> None:
        """Tell what was held back."""
        if self._held:
            self._listeners.tell(db, StatementsStored(tuple(self._held)))


def _refresh_plans(database: Database) -> None:
    """PostgreSQL plans by its statistics, and a database that was empty a second ago has none yet."""
    if not database.is_sqlite:
        with database.engine.execution_options(leerlabo_begin=None).connect() as connection:
            connection.execute(sa.text("ANALYZE"))
        database.dispose()


def _month(moment: datetime) -> tuple[int, int]:
    return moment.year, moment.month
