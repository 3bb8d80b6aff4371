"""The count follows the record: whatever door a statement came through, it moves the same participation."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.catalogue.formats import StepKind
from courses.catalogue.models import Course, CourseVersion
from courses.catalogue.queries import get_outline
from lms.accounts.events import PersonJoined
from lms.accounts.models import JoinedPerson, Organisation
from lms.kernel.db import INSERTS, connection_of
from lms.kernel.prepared import Prepared
from sectors.areas import find_area
from sectors.covenant.formats.projection import Counted, CourseTraits, Fact, MilestoneKind, fold
from sectors.covenant.models import DelegatePresence, Milestone, Participation
from sectors.covenant.services.milestones import (
    KINDS,
    Pair,
    is_milestone,
    keep_milestones,
    move_milestones,
    void_milestones,
)
from xapi.credentials.queries import iri_base_of
from xapi.standard.verb import VOIDED
from xapi.statements.events import ActorForgotten, StatementsStored, StoredStatement
from xapi.statements.models import Statement, key_of

BATCH = 200


def project_statements(db: Session, event: StatementsStored) -> None:
    """Let the participations follow these statements. Idempotent, and the order of arrival does not matter.

    A handler of `StatementsStored`. Statements that say nothing of beginning, presence or completion cost no query.
    """
    iri_base = iri_base_of(db.info)
    told = [statement for statement in event.statements if is_milestone(statement, iri_base)]
    voided = [statement.voids for statement in event.statements if statement.voids is not None]
    touched = keep_milestones(db, told, iri_base) | void_milestones(db, voided)
    refold(db, touched)


def follow_joined(db: Session, _event: PersonJoined | None = None) -> None:
    """Handler of `PersonJoined`: two were one, and are counted as one from now on. Idempotent.

    Every night as well: a statement that was stored while somebody was being joined may have missed it.
    """
    refold(db, move_milestones(db))
    into = sa.select(JoinedPerson.into_id).where(JoinedPerson.person_id == DelegatePresence.person_id)
    was = sa.select(JoinedPerson.person_id)
    met = sa.update(DelegatePresence).where(DelegatePresence.person_id.in_(was))
    db.execute(met.values(person_id=into.scalar_subquery()).execution_options(synchronize_session=False))


def follow_forgotten(db: Session, event: ActorForgotten) -> None:
    """Handler of `ActorForgotten`: what she did is kept under her new number, for the key of an address tells whose it
    is to whoever has the address. Nothing is counted again, so what was copied at the time stays.
    """
    keys = {key_of(old): key_of(new) for old, new in event.renamed.items() if old != new}
    rows = db.execute(sa.select(Milestone.person_key, Milestone.course_id).where(Milestone.person_key.in_(keys)))
    pairs = {(key, course) for key, course in rows if key is not None and course is not None}
    _lock(db, sorted(pairs))
    for old in {key for key, _course in pairs}:
        for model in (Milestone, Participation):
            hers = sa.update(model).where(model.person_key == old).values(person_key=keys[old])
            db.execute(hers.execution_options(synchronize_session=False))


def reproject(db: Session, since: datetime | None = None) -> int:
    """Read the record again, from this moment of storing or from the beginning; returns how many statements it read.

    For repairs. Milestones keep the area and organisation they were kept with.
    """
    iri_base = iri_base_of(db.info)
    count = 0
    for batch in _stored_batches(db, since):
        count += len(batch)
        told = [statement for statement in batch if is_milestone(statement, iri_base)]
        keep_milestones(db, told, iri_base)
        void_milestones(db, [statement.voids for statement in batch if statement.voids is not None])
    pairs = db.execute(sa.select(Milestone.person_key, Milestone.course_id).distinct())
    refold(db, {(key, course) for key, course in pairs if key is not None and course is not None})
    return count


def refold(db: Session, pairs: Iterable[Pair]) -> None:
    """Make the participations of these people in these courses say what their milestones say."""
    ordered = sorted(set(pairs))
    if not ordered:
        return
    _lock(db, ordered)
    for pair in ordered:
        _refold_pair(db, pair)


def _lock(db: Session, pairs: Sequence[Pair]) -> None:
    """Two transactions that fold the same person and course take turns; SQLite has only one writer anyway."""
    if connection_of(db).dialect.name == "postgresql":
        for key in sorted(_lock_key(pair) for pair in pairs):
            _LOCK.rows(db, key=key)


def _lock_key(pair: Pair) -> int:
    digest = hashlib.blake2b(f"{pair[0]} {pair[1]}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _refold_pair(db: Session, pair: Pair) -> None:
    named = {"person_key": pair[0], "course_id": pair[1]}
    milestones = _MILESTONES.rows(db, **named)
    by_moment = {row.at: row for row in milestones}
    kept: dict[str, Any] = {row.year: row._asdict() for row in _KEPT.rows(db, **named)}
    wanted = {counted.year: counted for counted in fold(map(_fact, milestones), lambda at: _traits(db, by_moment[at]))}
    changed = [counted for year, counted in wanted.items() if not _says_the_same(kept.get(year), counted)]
    connection = connection_of(db)
    if changed:
        person_id = next((row.person_id for row in milestones if row.person_id is not None), None)
        committees = {row.organisation_id: row.joint_committee for row in milestones}
        rows = [
            {**named, "person_id": person_id, **_row(counted, kept.get(counted.year), committees)}
            for counted in changed
        ]
        connection.execute(_UPSERT[connection.dialect.name], rows)
    for year in kept.keys() - wanted.keys():  # a participation whose every milestone was voided never was
        connection.execute(_REMOVE, {"gone": kept[year]["id"]})


# Built once: composing them costs more than running them.
_milestone: Any = Milestone.__table__
_participation: Any = Participation.__table__
_LOCK = Prepared(sa.select(sa.func.pg_advisory_xact_lock(sa.bindparam("key", type_=sa.BigInteger()))))
_version: Any = sa.alias(CourseVersion.__table__)
_versions = sa.select(_version.c.id).where(_version.c.course_id == _milestone.c.course_id)
_version_then = sa.func.coalesce(  # the one published then; before the first one was, the first
    _versions.where(_version.c.published_at <= _milestone.c.at)
    .order_by(_version.c.number.desc())
    .limit(1)
    .scalar_subquery(),
    _versions.order_by(_version.c.number).limit(1).scalar_subquery(),
)
_MILESTONES = Prepared(
    sa.select(
        _milestone.c.statement_id,
        _milestone.c.kind,
        _milestone.c.at,
        _milestone.c.area,
        _milestone.c.organisation_id,
        _milestone.c.person_id,
        Organisation.joint_committee,
        Course.is_intersectoral,
        CourseVersion.id.label("version_id"),
        CourseVersion.sha256,
    )
    .join(Course, Course.id == _milestone.c.course_id)
    .outerjoin(CourseVersion, CourseVersion.id == _version_then)
    .outerjoin(Organisation, Organisation.id == _milestone.c.organisation_id)
    .where(
        _milestone.c.person_key == sa.bindparam("person_key"),
        _milestone.c.course_id == sa.bindparam("course_id"),
        _milestone.c.kind != MilestoneKind.VOIDED,
    )
)
_KEPT = Prepared(
    sa.select(_participation).where(
        _participation.c.person_key == sa.bindparam("person_key"),
        _participation.c.course_id == sa.bindparam("course_id"),
    )
)
_REMOVE = sa.delete(_participation).where(_participation.c.id == sa.bindparam("gone"))
_SAME = ("person_key", "course_id", "year")


def _upsert(insert: Callable[..., Any]) -> Any:
    statement = insert(_participation)
    names = [column.name for column in _participation.c if column.name not in ("id", *_SAME)]
    return statement.on_conflict_do_update(
        index_elements=_SAME, set_={name: statement.excluded[name] for name in names}
    )


_UPSERT = {name: _upsert(insert) for name, insert in INSERTS.items()}


def _fact(row: Any) -> Fact:
    return Fact(row.statement_id, MilestoneKind(row.kind), row.at, row.area, row.organisation_id)


def _says_the_same(kept: Mapping[str, Any] | None, counted: Counted) -> bool:
    return kept is not None and all(kept[name] == value for name, value in asdict(counted).items())


def _traits(db: Session, milestone: Any) -> CourseTraits:
    """What the course was at the moment of this milestone."""
    if milestone.sha256 is None:
        return CourseTraits(milestone.is_intersectoral, is_all_online=False)
    outline = get_outline(db, milestone.version_id, milestone.sha256)
    return CourseTraits(outline.intersectoral, all(step.kind is not StepKind.SESSION for step in outline.steps))


def _row(
    counted: Counted, kept: Mapping[str, Any] | None, committees: Mapping[int | None, str | None]
) -> dict[str, Any]:
    area = find_area(counted.area)
    if kept is not None and kept["organisation_id"] == counted.organisation_id:
        committee = kept["joint_committee"]  # copied then: an employer that moves to another committee changes no past
    else:
        committee = committees[counted.organisation_id]
    return {
        "joint_committee": committee or (area.joint_committee if area else ""),
        "is_education": bool(area and area.education),
        **asdict(counted),
    }


def _stored_batches(db: Session, since: datetime | None) -> Iterator[list[StoredStatement]]:
    last = 0
    while True:
        question = (
            sa.select(Statement)
            .where(Statement.id > last, Statement.verb.in_((*KINDS, VOIDED)))
            .order_by(Statement.id)
            .limit(BATCH)
        )
        if since is not None:
            question = question.where(Statement.stored >= since)
        rows = db.scalars(question).all()
        if not rows:
            return
        yield [_told(row) for row in rows]
        last = rows[-1].id


def _told(row: Statement) -> StoredStatement:
    """A statement as the store told of it when it came."""
    statement = orjson.loads(row.payload)
    return StoredStatement(
        id=row.id,
        uuid=row.uuid,
        own=row.credential_id is None,
        verb=row.verb,
        object_iri=row.object_iri,
        registration=row.registration,
        timestamp=row.timestamp,
        stored=row.stored,
        area=row.area,
        organisation=row.organisation,
        voids=row.target if row.verb == VOIDED else None,
        statement=statement,
    )
