"""The nightly job keeps the daily peak."""

from __future__ import annotations

import sqlalchemy as sa

from lms.kernel import clock
from lms.kernel.db import Database
from sectors.covenant.jobs import keep_user_peak
from sectors.covenant.models import UserPeak
from tests.factories.accounts import make_person


def test_every_night_the_open_accounts_are_counted(database: Database) -> None:
    with database.write() as db:
        make_person(db)
        make_person(db).is_test = True
    keep_user_peak(database)
    with database.read() as db:
        peak = db.scalars(sa.select(UserPeak)).one()
    assert (peak.day, peak.users) == (clock.today(), 1)
