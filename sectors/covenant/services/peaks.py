"""The daily peak of open accounts."""

from __future__ import annotations

from sqlalchemy.orm import Session

from lms.accounts.queries import count_open_accounts
from lms.kernel import clock
from sectors.covenant.models import UserPeak


def record_user_peak(db: Session) -> int:
    """Keep how many accounts are open now, if that is more than earlier today; returns today's peak."""
    users = count_open_accounts(db)
    peak = db.get(UserPeak, clock.today())
    if peak is None:
        peak = UserPeak(day=clock.today(), users=users)
        db.add(peak)
    peak.users = max(peak.users, users)
    db.flush()
    return peak.users
