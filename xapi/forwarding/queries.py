"""Which statements a target still gets, and how far each target is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel import clock
from lms.kernel.errors import NotFound
from lms.kernel.identity import Identity, Permission
from xapi.forwarding.models import DeadLetter, Target
from xapi.standard.relations import Role
from xapi.statements.models import Statement, StatementActivity, key_of

MOST_COUNTED = 1_000  # beyond that, a page says "more than"
LETTERS_A_PAGE = 100


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A statement to send: its place in the order, its id, and its kept bytes."""

    id: int
    stored: datetime
    uuid: UUID
    payload: bytes


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a target is. `waiting` is at most one more than `MOST_COUNTED`."""

    target: Target
    waiting: int
    letters: int

    @property
    def is_paused(self) -> bool:
        """Whether it waits until something that went wrong is tried again."""
        until = self.target.paused_until
        return until is not None and until > clock.now()


def list_next(db: Session, target: Target, *, through: datetime, limit: int) -> list[Outgoing]:
    """The next statements for this target, in the order of storing.

    Only those stored before `through` (`consistent_through`): among these none can appear later. The order is that of
    `stored`, and of `id` among those of one moment. By `id` alone it would not do: on PostgreSQL a lower one may be
    committed after a higher one, and would be passed over.
    """
    rows = db.execute(
        sa.select(Statement.id, Statement.stored, Statement.uuid, Statement.payload)
        .where(*_come_after(target), Statement.stored < through, *_are_wanted_by(target))
        .order_by(Statement.stored, Statement.id)
        .limit(limit)
    )
    return [Outgoing(*row) for row in rows]


def find_last_before(db: Session, through: datetime) -> tuple[datetime, int] | None:
    """The place in the order of the last statement that was stored before this moment; None when there is none."""
    row = db.execute(
        sa.select(Statement.stored, Statement.id)
        .where(Statement.stored < through)
        .order_by(Statement.stored.desc(), Statement.id.desc())
        .limit(1)
    ).one_or_none()
    return row and (row.stored, row.id)


def list_again(db: Session, target: Target, *, limit: int) -> list[tuple[DeadLetter, Outgoing | None]]:
    """What somebody asked to send once more, the oldest first; without statement when that is gone from the record."""
    asked = sa.select(DeadLetter).where(DeadLetter.target_id == target.id, DeadLetter.again_at.is_not(None))
    letters = db.scalars(asked.order_by(DeadLetter.statement_id).limit(limit)).all()
    rows = db.execute(
        sa.select(Statement.id, Statement.stored, Statement.uuid, Statement.payload).where(
            Statement.id.in_([letter.statement_id for letter in letters])
        )
    )
    there = {row.id: Outgoing(*row) for row in rows}
    return [(letter, there.get(letter.statement_id)) for letter in letters]


def list_idle(db: Session) -> list[int]:
    """The ids of targets that have something to do, and nobody who does it."""
    now = clock.now()
    found = sa.select(Target.id).where(
        is_free(now),
        sa.or_(
            sa.exists().where(
                Statement.stored >= Target.handled_stored,
                sa.or_(Statement.stored > Target.handled_stored, Statement.id > Target.handled_id),
            ),
            sa.exists().where(DeadLetter.target_id == Target.id, DeadLetter.again_at.is_not(None)),
        ),
    )
    return list(db.scalars(found.order_by(Target.id)))


def is_free(now: datetime) -> sa.ColumnElement[bool]:
    """Whether a worker may begin with a target: it is on, not paused, and no other worker is at it."""
    return sa.and_(
        Target.is_on,
        sa.or_(Target.paused_until.is_(None), Target.paused_until <= now),
        sa.or_(Target.claimed_until.is_(None), Target.claimed_until < now),
    )


def list_standings(db: Session, identity: Identity) -> list[Standing]:
    """The targets of the areas she looks after, by name, those that are off too."""
    targets = db.scalars(sa.select(Target).where(_is_managed_by(identity)).order_by(Target.name, Target.id)).all()
    letters = _count_letters(db)
    return [Standing(target, count_waiting(db, target), letters.get(target.id, 0)) for target in targets]


def get_standing(db: Session, identity: Identity, uuid: UUID) -> Standing:
    """A target of the areas she looks after. Raises `NotFound`, also when there is one but not for her."""
    target = db.scalar(sa.select(Target).where(Target.uuid == uuid, _is_managed_by(identity)))
    if target is None:
        raise NotFound(f"target {uuid}")
    return Standing(target, count_waiting(db, target), _count_letters(db).get(target.id, 0))


def count_waiting(db: Session, target: Target) -> int:
    """How many statements this target still gets; at most one more than `MOST_COUNTED`."""
    waiting = sa.select(Statement.id).where(*_come_after(target), *_are_wanted_by(target)).limit(MOST_COUNTED + 1)
    return db.scalar(sa.select(sa.func.count()).select_from(waiting.subquery())) or 0


def list_letters(db: Session, target: Target, *, page: int = 1) -> list[DeadLetter]:
    """A page of what this target would not take, the oldest first."""
    found = sa.select(DeadLetter).where(DeadLetter.target_id == target.id).order_by(DeadLetter.statement_id)
    return list(db.scalars(found.limit(LETTERS_A_PAGE).offset((page - 1) * LETTERS_A_PAGE)))


def get_letter(db: Session, target: Target, uuid: UUID) -> DeadLetter:
    """One of them. Raises `NotFound`."""
    letter = db.scalar(sa.select(DeadLetter).where(DeadLetter.uuid == uuid, DeadLetter.target_id == target.id))
    if letter is None:
        raise NotFound(f"dead letter {uuid}")
    return letter


def _count_letters(db: Session) -> Mapping[int, int]:
    rows = db.execute(sa.select(DeadLetter.target_id, sa.func.count()).group_by(DeadLetter.target_id))
    return {row[0]: row[1] for row in rows}


def _come_after(target: Target) -> tuple[sa.ColumnElement[bool], ...]:
    """What this target has not come to yet; in two halves, so that the index of `stored` serves the first."""
    return (
        Statement.stored >= target.handled_stored,
        sa.or_(Statement.stored > target.handled_stored, Statement.id > target.handled_id),
    )


def _are_wanted_by(target: Target) -> list[sa.ColumnElement[bool]]:
    """The target's filter.

    Written so that it is no reason to leave the index of `stored`: a database that looked up an area or a verb first
    would sort all of its statements again for every piece.
    """
    wanted: list[sa.ColumnElement[bool]] = []
    if target.area is not None:
        wanted.append(sa.func.coalesce(Statement.area, "") == target.area)
    if target.verb is not None:
        wanted.append(Statement.verb == target.verb)
    if target.activity is not None:
        wanted.append(
            sa.exists().where(
                StatementActivity.activity == key_of(target.activity),
                StatementActivity.role == Role.DIRECT,
                StatementActivity.statement_id == Statement.id,
            )
        )
    return wanted


def _is_managed_by(identity: Identity) -> sa.ColumnElement[bool]:
    """A target without area gets everything: it is only for who looks after all."""
    areas = identity.areas(Permission.MANAGE_CREDENTIALS)
    return sa.true() if areas is None else Target.area.in_(areas)
