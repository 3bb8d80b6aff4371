"""A launch that was checked becomes a visit: who she is, where she comes from, what her link places."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.catalogue.queries import find_course
from courses.enrolment.queries import find_learner
from lms.accounts.models import Person
from lms.accounts.queries import hash_of
from lms.kernel import clock
from lms.kernel.db import insert_once
from lms.kernel.errors import Refused
from lms.kernel.events import emit
from lms.kernel.i18n import LANGUAGES
from lms.lti.events import LinkLaunched
from lms.lti.formats.endpoints import origin_of
from lms.lti.formats.messages import LaunchMessage, MessageType
from lms.lti.formats.places import CUSTOM, Placed, find_placed, find_placed_by_address
from lms.lti.formats.refusals import LaunchRefused, Reason
from lms.lti.formats.roles import LtiRole, is_staff
from lms.lti.models import Deployment, LtiContext, LtiUser, PlatformRegistration, ResourceLink, Visit
from lms.lti.services.holding import enrol_for, enrol_member, is_enrolled
from lms.lti.services.people import keep_membership, know_preview_person, know_user, note_launch

LASTS = timedelta(hours=12)
KEEP = timedelta(days=7)  # then nobody asks any more why a visit is over


@dataclass(frozen=True, slots=True)
class OpenedVisit:
    """A visit with the token its cookie holds. `placed` is None in a visit for deep linking."""

    uuid: UUID
    token: str
    frame_origin: str
    area: str
    placed: Placed | None
    language: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody at the door: the message, and the rows of who sends it."""

    message: LaunchMessage
    registration: PlatformRegistration
    deployment: Deployment


def open_visit(db: Session, arrival: Arrival) -> OpenedVisit:
    """Let her in. Raises `LaunchRefused` when what her link places is not there, or her account is closed."""
    open_message = _BY_TYPE.get(arrival.message.type)
    if open_message is None:
        raise LaunchRefused(Reason.UNKNOWN_MESSAGE, message_type=arrival.message.type)
    user = _know(db, arrival)
    context = _keep_context(db, arrival)
    if context is not None:
        keep_membership(db, context.id, user.id, arrival.message.roles)
    return open_message(db, arrival, user, context)


def open_window(db: Session, uuid: UUID) -> OpenedVisit | None:
    """The same visit again, with a cookie of its own: for a window beside the frame. None when it is over."""
    visit = db.scalar(
        sa.select(Visit).where(Visit.uuid == uuid, Visit.ended_at.is_(None), Visit.expires_at > clock.now())
    )
    if visit is None:
        return None
    link = db.get(ResourceLink, visit.resource_link_id) if visit.resource_link_id else None
    area = db.scalars(
        sa.select(PlatformRegistration.area)
        .join(Deployment, Deployment.registration_id == PlatformRegistration.id)
        .where(Deployment.id == visit.deployment_id)
    ).one()
    token, uuid_here = secrets.token_urlsafe(32), uuid4()
    kept = {name: getattr(visit, name) for name in _COPIED}
    db.execute(sa.insert(Visit).values(uuid=uuid_here, token_hash=hash_of(token), **kept))
    placed = find_placed(link.content) if link is not None else None
    return OpenedVisit(uuid_here, token, visit.frame_origin, area, placed, visit.language)


def drop_old_visits(db: Session) -> None:
    """Forget visits that have been over for days."""
    db.execute(sa.delete(Visit).where(Visit.expires_at < clock.now() - KEEP))


_COPIED = (
    "user_id",
    "deployment_id",
    "context_id",
    "resource_link_id",
    "frame_origin",
    "language",
    "claims",
    "is_preview",
    "created_at",
    "expires_at",
)


# ---- by type of message ----------------------------------------------------------------------------------------------


def _open_link(db: Session, arrival: Arrival, user: LtiUser, context: LtiContext | None) -> OpenedVisit:
    placed = _placed(db, arrival)
    link = _keep_link(db, arrival, context, placed)
    person_id = know_preview_person(db, user) if is_staff(arrival.message.roles) else user.person_id
    _enrol(db, user, person_id, arrival, placed, context)
    if not is_staff(arrival.message.roles):
        emit(
            db,
            LinkLaunched(
                registration_id=arrival.registration.id,
                context_id=context.id if context else None,
                resource_link_id=link.id,
                user_id=user.id,
                person_id=person_id,
                content=str(placed),
                line_item_url=arrival.message.line_item_url,
                at=clock.now(),
            ),
        )
    return _open(db, arrival, user, context, link, placed)


def _open_deep_linking(db: Session, arrival: Arrival, user: LtiUser, context: LtiContext | None) -> OpenedVisit:
    """Somebody who teaches chooses what to place (Deep Linking 2.0)."""
    if not is_staff(arrival.message.roles):
        raise LaunchRefused(Reason.NOT_FOR_LEARNERS)
    know_preview_person(db, user)
    return _open(db, arrival, user, context, None, None)


def _placed(db: Session, arrival: Arrival) -> Placed:
    """What the link places: its custom parameter says it, or its address, or what it placed before."""
    message = arrival.message
    said = message.custom.get(CUSTOM, "")
    placed = find_placed(said) if said else find_placed_by_address(message.target_link_uri)
    if placed is None and not said and message.link is not None:
        known = _find_link(db, arrival.deployment.id, message.link.id)
        placed = find_placed(known.content) if known is not None else None
    if placed is None:
        raise LaunchRefused(Reason.NO_CONTENT, content=said)
    return placed


def _enrol(
    db: Session, user: LtiUser, person_id: int, arrival: Arrival, placed: Placed, context: LtiContext | None
) -> None:
    """Into the course, for the organisation that the registration belongs to. Who is in it stays in."""
    course = find_course(db, placed.course)
    if course is None:
        raise LaunchRefused(Reason.COURSE_CLOSED, content=str(placed))
    try:
        if person_id == user.person_id:
            enrol_member(db, arrival.registration, user, course.id, context.id if context else None)
        elif not is_enrolled(db, person_id, course.id):
            enrol_for(db, arrival.registration, person_id, course.id)
    except Refused as refused:
        raise LaunchRefused(Reason.COURSE_CLOSED, content=str(placed)) from refused
    # Who is in the course already was not refused: she may be in it in another area, which has it alone.
    if find_learner(db, person_id, placed.course, area=arrival.registration.area) is None:
        raise LaunchRefused(Reason.COURSE_CLOSED, content=str(placed))


_BY_TYPE: Mapping[MessageType, Callable[[Session, Arrival, LtiUser, LtiContext | None], OpenedVisit]] = {
    MessageType.RESOURCE_LINK: _open_link,
    MessageType.DEEP_LINKING: _open_deep_linking,
}


# ---- rows ------------------------------------------------------------------------------------------------------------


def _know(db: Session, arrival: Arrival) -> LtiUser:
    message = arrival.message
    user = know_user(
        db,
        arrival.registration,
        message.subject,
        given_name=message.given_name,
        family_name=message.family_name,
        language=language_of(message.locale),
        is_test=LtiRole.TEST in message.roles,
    )
    person = db.get_one(Person, user.person_id)
    if person.blocked_at is not None or person.erased_at is not None:
        raise LaunchRefused(Reason.ACCOUNT_CLOSED)
    note_launch(user, clock.now())
    db.flush()
    return user


def _keep_context(db: Session, arrival: Arrival) -> LtiContext | None:
    claim, message = arrival.message.context, arrival.message
    if claim is None:
        return None
    says = {
        "title": claim.title,
        "label": claim.label,
        "memberships_url": message.memberships_url,
        "line_items_url": message.line_items_url,
        "grade_scopes": list(message.grade_scopes),
    }
    named = {"deployment_id": arrival.deployment.id, "context_id": claim.id}
    insert_once(db, LtiContext, created_at=clock.now(), roster_problem="", **named, **says)
    context = db.scalars(sa.select(LtiContext).filter_by(**named)).one()
    for name, value in says.items():
        if value and getattr(context, name) != value:  # one message may leave out what another said
            setattr(context, name, value)
    db.flush()
    return context


def _find_link(db: Session, deployment_id: int, resource_link_id: str) -> ResourceLink | None:
    return db.scalar(
        sa.select(ResourceLink).where(
            ResourceLink.deployment_id == deployment_id, ResourceLink.resource_link_id == resource_link_id
        )
    )


def _keep_link(db: Session, arrival: Arrival, context: LtiContext | None, placed: Placed) -> ResourceLink:
    claim, now = arrival.message.link, clock.now()
    if claim is None:
        raise AssertionError("a resource link message without its link")  # pragma: no cover
    says = {"context_id": context.id if context else None, "title": claim.title, "content": str(placed)}
    named = {"deployment_id": arrival.deployment.id, "resource_link_id": claim.id}
    insert_once(db, ResourceLink, created_at=now, launched_at=now, **named, **says)
    link = db.scalars(sa.select(ResourceLink).filter_by(**named)).one()
    for name, value in (says | {"launched_at": now, "ended_at": None}).items():
        setattr(link, name, value)
    db.flush()
    return link


def _open(
    db: Session,
    arrival: Arrival,
    user: LtiUser,
    context: LtiContext | None,
    link: ResourceLink | None,
    placed: Placed | None,
) -> OpenedVisit:
    message, now = arrival.message, clock.now()
    opened = OpenedVisit(
        uuid=uuid4(),
        token=secrets.token_urlsafe(32),
        frame_origin=frame_origin(message, arrival.registration),
        area=arrival.registration.area,
        placed=placed,
        language=language_of(message.locale),
    )
    db.execute(
        sa.insert(Visit).values(
            uuid=opened.uuid,
            token_hash=hash_of(opened.token),
            user_id=user.id,
            deployment_id=arrival.deployment.id,
            context_id=context.id if context else None,
            resource_link_id=link.id if link else None,
            frame_origin=opened.frame_origin,
            language=opened.language,
            claims=_kept_claims(message),
            is_preview=link is None or is_staff(message.roles),
            created_at=now,
            expires_at=now + LASTS,
        )
    )
    return opened


def _kept_claims(message: LaunchMessage) -> dict[str, Any]:
    kept: dict[str, Any] = {"roles": sorted(message.roles), "return_url": message.return_url}
    if message.deep_linking:
        kept["deep_linking_settings"] = dict(message.deep_linking)
    return kept


def frame_origin(message: LaunchMessage, registration: PlatformRegistration) -> str:
    """Who frames us: the site the platform wants her back at. Some platforms' issuer is no site of anybody's."""
    return (
        origin_of(message.return_url)
        or origin_of(registration.authorization_endpoint)
        or origin_of(registration.issuer)
        or "'none'"
    )


def language_of(locale: str) -> str:
    """`nl-BE` or `nl_BE` is nl; empty for a language we do not speak."""
    code = locale.replace("_", "-").partition("-")[0].lower()
    return code if code in LANGUAGES else ""
