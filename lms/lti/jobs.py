"""What the worker does for platforms: send scores, read results and rosters."""

from __future__ import annotations

from typing import Any

import structlog

from lms.kernel.db import Database
from lms.kernel.outgoing import Outgoing
from lms.lti.services import linking, own_accounts, rosters, sending
from lms.lti.services.arriving import drop_old_visits
from lms.lti.services.logins import drop_old_logins
from lms.lti.services.tokens import ServiceFailure

log = structlog.get_logger()


class ScoreSender:
    """Outbox handler of kind `lti-scores`: send one platform what waits for it."""

    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing = outgoing

    def __call__(self, database: Database, payload: dict[str, Any]) -> None:
        """Once more sends nothing twice."""
        sending.send_scores(database, payload["registration"], self._outgoing)


class ResultReader:
    """Outbox handler of kind `lti-results`: read what a grade book says in one column."""

    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing = outgoing

    def __call__(self, database: Database, payload: dict[str, Any]) -> None:
        """A platform that does not answer is not asked again: who pressed the button may do so once more."""
        try:
            sending.read_results_of(database, payload["line_item"], self._outgoing)
        except ServiceFailure as failure:
            log.warning("lti_results_not_read", line_item=payload["line_item"], problem=failure.problem)


class RosterReader:
    """Outbox handler of kind `lti-roster`: keep one context in step."""

    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing = outgoing

    def __call__(self, database: Database, payload: dict[str, Any]) -> None:
        """Once more changes nothing."""
        rosters.follow_roster(database, payload["context"], self._outgoing)


def wake(database: Database) -> None:
    """Every minute. Once more does no harm: a platform, and a context, has one worker at a time."""
    sending.wake(database)
    rosters.wake(database)


def send_link_code(database: Database, payload: dict[str, Any]) -> None:
    """Outbox handler of kind `lti-link-code`: find the account behind an address and mail it a code."""
    with database.write() as db:
        linking.send_code(db, payload["request"], payload["email"], payload["language"])


def send_own_code(database: Database, payload: dict[str, Any]) -> None:
    """Outbox handler of kind `lti-own-code`: mail a code to an address with which somebody wants an account."""
    with database.write() as db:
        own_accounts.send_own_code(db, payload["request"], payload["email"], payload["language"])


def tidy(database: Database) -> None:
    """Every night: remove requests to be joined and visits that are long over, and logins that nobody answered."""
    with database.write() as db:
        linking.tidy(db)
        drop_old_logins(db)
        drop_old_visits(db)
