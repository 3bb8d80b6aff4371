"""The visit a request is in: one statement on every request in a frame."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.catalogue.models import Course
from courses.certificates.models import Certificate
from courses.enrolment.models import Enrolment
from lms.accounts.models import Organisation, Person
from lms.accounts.queries import hash_of
from lms.kernel import clock
from lms.kernel.errors import NotFound
from lms.kernel.identity import ANONYMOUS, Grant, Identity, Role
from lms.kernel.prepared import Prepared
from lms.kernel.visits import Door, FramedVisit
from lms.lti.formats.places import Placed, find_placed, is_certificate, is_everywhere
from lms.lti.models import Deployment, LtiUser, PlatformRegistration, ResourceLink, Visit
from lms.lti.models.people import MADE_BY

_visit: Any = Visit.__table__
_user: Any = LtiUser.__table__
_person: Any = Person.__table__
_link: Any = ResourceLink.__table__
_deployment: Any = Deployment.__table__
_registration: Any = PlatformRegistration.__table__
_VISIT = Prepared(
    sa.select(
        _visit.c.token_hash,
        _visit.c.frame_origin,
        _visit.c.language,
        _visit.c.claims,
        _visit.c.is_preview,
        _visit.c.resource_link_id,
        sa.and_(
            _visit.c.ended_at.is_(None),
            _visit.c.expires_at > sa.bindparam("now"),
            _person.c.blocked_at.is_(None),
            _person.c.erased_at.is_(None),
            _registration.c.switched_off_at.is_(None),
            _deployment.c.switched_off_at.is_(None),
        ).label("is_open"),
        _link.c.content,
        _registration.c.area,
        _person.c.id.label("person_id"),
        _person.c.uuid.label("person_uuid"),
        _person.c.made_by,
        _person.c.first_name,
        _person.c.last_name,
        _person.c.language.label("person_language"),
        _person.c.text_size,
        _person.c.theme,
        Organisation.id.label("organisation_id"),
        Organisation.name.label("organisation_name"),
    )
    .select_from(_visit)
    .join(_user, _user.c.id == _visit.c.user_id)
    .join(_person, _person.c.id == sa.case((_visit.c.is_preview, _user.c.preview_person_id), else_=_user.c.person_id))
    .join(_deployment, _deployment.c.id == _visit.c.deployment_id)
    .join(_registration, _registration.c.id == _deployment.c.registration_id)
    .outerjoin(_link, _link.c.id == _visit.c.resource_link_id)
    .join(Organisation, Organisation.id == _registration.c.organisation_id)
    .where(_visit.c.uuid == sa.bindparam("uuid", type_=sa.Uuid())),
    opens=False,
)


def find_visit(db: Session, uuid: UUID, token: str) -> FramedVisit | None:
    """The visit with this uuid, and who is in it: nobody unless the token is its own and it is not over.

    She may learn, and no more, whatever roles she holds when she signs in.
    """
    row = _VISIT.first(db, uuid=uuid, now=clock.now())
    if row is None:
        return None
    is_hers = hmac.compare_digest(row.token_hash, hash_of(token)) and row.is_open
    return FramedVisit(
        uuid=uuid,
        identity=_identity(row) if is_hers else ANONYMOUS,
        frame_origin=row.frame_origin,
        language=row.language,
        door=_door(row),
        return_url=row.claims.get("return_url", ""),
        is_preview=row.is_preview,
        is_linked=row.made_by != MADE_BY,
    )


def get_placed(db: Session, uuid: UUID) -> tuple[str, Placed | None]:
    """The area and what the link of this visit places; None in a visit for deep linking. Raises `NotFound`."""
    row = _VISIT.first(db, uuid=uuid, now=clock.now())
    if row is None:
        raise NotFound(f"visit {uuid}")
    return row.area, find_placed(row.content or "")


def _identity(row: Any) -> Identity:
    return Identity(
        person_id=row.person_id,
        person_uuid=row.person_uuid,
        name=f"{row.first_name} {row.last_name}".strip(),
        first_name=row.first_name,
        grants=(Grant(Role.LEARNER),),
        area=row.area,
        organisation_id=row.organisation_id,
        organisation_name=row.organisation_name,
        language=row.person_language,
        text_size=row.text_size,
        theme=row.theme,
    )


def _door(row: Any) -> Callable[[Session, str, Mapping[str, Any]], Door]:
    placed = find_placed(row.content or "")

    def door(db: Session, endpoint: str, args: Mapping[str, Any]) -> Door:
        if placed is None:
            is_hers = endpoint.startswith("lti_deep_linking.") or is_everywhere(endpoint)
            return Door.OPEN if is_hers else Door.SHUT
        if is_certificate(endpoint):
            return Door.OPEN if _is_proof_of(db, args["uuid"], row.person_id, placed) else Door.SHUT
        return placed.door(row.area, endpoint, args)

    return door


def _is_proof_of(db: Session, uuid: UUID, person_id: int, placed: Placed) -> bool:
    return bool(
        db.scalar(
            sa.select(
                sa.exists()
                .where(Certificate.uuid == uuid, Certificate.enrolment_id == Enrolment.id)
                .where(Enrolment.person_id == person_id, Enrolment.course_id == Course.id)
                .where(Course.slug == placed.course)
            )
        )
    )
