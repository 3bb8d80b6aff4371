"""Events go up: whoever listens hears it at once, in order, inside the transaction in which it happened."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.db import Database
from lms.kernel.events import Events, emit
from lms.kernel.jobs import OutboxRow, enqueue


@dataclass(frozen=True)
class Happened:
    what: str


@dataclass(frozen=True)
class HappenedAgain(Happened):
    pass


def rows(db: Session) -> list[str]:
    return list(db.scalars(sa.select(OutboxRow.kind).order_by(OutboxRow.id)))


def test_listeners_hear_it_in_the_order_they_subscribed(db: Session, events: Events) -> None:
    heard: list[str] = []
    events.subscribe(Happened, lambda _db, event: heard.append(f"first {event.what}"))
    events.subscribe(Happened, lambda _db, event: heard.append(f"second {event.what}"))
    emit(db, Happened("one"))
    emit(db, Happened("two"))
    assert heard == ["first one", "second one", "first two", "second two"]


def test_only_events_of_exactly_this_type_are_heard(db: Session, events: Events) -> None:
    heard: list[object] = []
    events.subscribe(Happened, lambda _db, event: heard.append(event))
    emit(db, HappenedAgain("later"))
    assert heard == []


def test_an_event_nobody_listens_to_is_no_harm(db: Session) -> None:
    emit(db, Happened("alone"))


def test_a_listener_may_say_that_something_else_happened(db: Session, events: Events) -> None:
    heard: list[str] = []
    events.subscribe(Happened, lambda db, event: emit(db, HappenedAgain(event.what)))
    events.subscribe(HappenedAgain, lambda _db, event: heard.append(event.what))
    emit(db, Happened("once"))
    assert heard == ["once"]


def test_a_listener_writes_in_the_same_transaction(database: Database, events: Events) -> None:
    events.subscribe(Happened, lambda db, event: enqueue(db, event.what, {}))
    with database.write() as db:
        emit(db, Happened("told"))
        with database.read() as other:
            assert rows(other) == []
    with database.read() as db:
        assert rows(db) == ["told"]


def test_when_the_emitter_is_rolled_back_so_is_what_listeners_wrote(database: Database, events: Events) -> None:
    events.subscribe(Happened, lambda db, event: enqueue(db, event.what, {}))
    with database.writer() as db:
        emit(db, Happened("never"))
        db.rollback()
    with database.read() as db:
        assert rows(db) == []


def test_when_a_listener_fails_nothing_of_the_transaction_stays(database: Database, events: Events) -> None:
    def fail(_db: Session, _event: Happened) -> None:
        raise ZeroDivisionError

    events.subscribe(Happened, fail)

    def work() -> None:
        with database.write() as db:
            enqueue(db, "work", {})
            emit(db, Happened("badly"))

    with pytest.raises(ZeroDivisionError):
        work()
    with database.read() as db:
        assert rows(db) == []
