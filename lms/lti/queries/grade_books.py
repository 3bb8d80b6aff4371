"""What went to a platform's grade books, and how its rosters are read: for who looks after its area."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts.models import Person
from lms.kernel.errors import NotFound
from lms.kernel.names import name_order
from lms.lti.models import (
    Deployment,
    LineItem,
    LtiContext,
    LtiMembership,
    LtiUser,
    PlatformServices,
    ResourceLink,
    Score,
)

MOST_SCORES = 300


@dataclass(frozen=True, slots=True)
class ContextRow:
    """A course of the platform that places something of ours. `waiting` and `stopped`: scores."""

    uuid: UUID
    title: str
    learners: int
    waiting: int
    stopped: int
    roster_read_at: datetime | None
    roster_problem: str


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """What one learner reached, and how far that got. `score` and `result` are on 100."""

    uuid: UUID
    name: str
    activity: str
    grading: str
    score: Decimal | None
    sent_at: datetime | None
    is_waiting: bool
    answer: str
    result: Decimal | None


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """A column with what was sent there, by name; at most `MOST_SCORES`, of `total`."""

    id: int
    label: str
    content: str
    problem: str
    is_known: bool
    total: int
    scores: list[ScoreRow]


def list_contexts(db: Session, registration_id: int) -> list[ContextRow]:
    """The courses of a platform that place something of ours, by title. Whoever calls has checked who asks."""
    learners = (
        sa.select(sa.func.count())
        .where(LtiMembership.context_id == LtiContext.id, LtiMembership.left_at.is_(None))
        .correlate(LtiContext)
        .scalar_subquery()
    )
    rows = db.execute(
        sa.select(
            LtiContext.uuid,
            sa.func.coalesce(sa.func.nullif(LtiContext.title, ""), LtiContext.context_id),
            learners,
            _count_scores(Score.next_try_at.is_not(None)),
            _count_scores(_is_stopped()),
            LtiContext.roster_read_at,
            LtiContext.roster_problem,
        )
        .join(Deployment, Deployment.id == LtiContext.deployment_id)
        .where(Deployment.registration_id == registration_id)
        .order_by(LtiContext.title, LtiContext.id)
    )
    return [ContextRow(*row) for row in rows]


def get_context(db: Session, registration_id: int, uuid: UUID) -> LtiContext:
    """One of them. Raises `NotFound`."""
    context = db.scalar(
        sa.select(LtiContext)
        .join(Deployment, Deployment.id == LtiContext.deployment_id)
        .where(LtiContext.uuid == uuid, Deployment.registration_id == registration_id)
    )
    if context is None:
        raise NotFound(f"context {uuid}")
    return context


def list_columns(db: Session, context_id: int) -> list[ColumnRow]:
    """Its columns, with what was sent to each, in a few statements."""
    items = db.scalars(
        sa.select(LineItem)
        .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
        .where(LineItem.context_id == context_id)
        .order_by(LineItem.label, LineItem.id)
    ).all()
    columns = []
    for item in items:
        rows = db.execute(
            sa.select(Score, Person.first_name, Person.last_name)
            .join(LtiUser, LtiUser.id == Score.user_id)
            .join(Person, Person.id == LtiUser.person_id)
            .where(Score.line_item_id == item.id, Person.erased_at.is_(None))
            .order_by(name_order(Person.last_name, Person.first_name), Score.id)
        ).all()
        scores = [_row(score, f"{first} {last}".strip()) for score, first, last in rows[:MOST_SCORES]]
        columns.append(ColumnRow(item.id, item.label, item.content, item.problem, bool(item.url), len(rows), scores))
    return columns


def list_score_ids(
    db: Session, context_id: int, *, column: int | None = None, uuid: UUID | None = None
) -> list[int]:  # fmt: skip
    """The scores of one column, or the one with this uuid, as far as they belong to this context."""
    found = (
        sa.select(Score.id)
        .join(LineItem, LineItem.id == Score.line_item_id)
        .where(LineItem.context_id == context_id)
        .order_by(Score.id)
    )
    found = found.where(LineItem.id == column) if uuid is None else found.where(Score.uuid == uuid)
    ids = list(db.scalars(found))
    if not ids and uuid is not None:
        raise NotFound(f"score {uuid}")
    return ids


def get_column_id(db: Session, context_id: int, column: int) -> int:
    """This column of this context. Raises `NotFound`."""
    found = db.scalar(sa.select(LineItem.id).where(LineItem.id == column, LineItem.context_id == context_id))
    if found is None:
        raise NotFound(f"line item {column}")
    return found


def find_services(db: Session, registration_id: int) -> PlatformServices | None:
    """How the services of this platform answer; None while nothing was ever sent."""
    return db.get(PlatformServices, registration_id)


def _row(score: Score, name: str) -> ScoreRow:
    result = None
    if score.result_score is not None and score.result_maximum:
        result = (100 * score.result_score / score.result_maximum).quantize(Decimal("0.01"))
    return ScoreRow(
        uuid=score.uuid,
        name=name,
        activity=score.activity_progress,
        grading=score.grading_progress,
        score=score.score_given,
        sent_at=score.sent_at,
        is_waiting=score.next_try_at is not None,
        answer=score.answer,
        result=result,
    )


def _count_scores(condition: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    return (
        sa.select(sa.func.count())
        .select_from(Score)
        .join(LineItem, LineItem.id == Score.line_item_id)
        .where(LineItem.context_id == LtiContext.id, condition)
        .correlate(LtiContext)
        .scalar_subquery()
    )


def _is_stopped() -> sa.ColumnElement[bool]:
    """The platform said no, and nobody asked to try again."""
    return sa.and_(Score.next_try_at.is_(None), Score.answer != "")
