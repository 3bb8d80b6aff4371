"""A platform's course that places a course of ours, and who learns there, as launches leave them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

from sqlalchemy.orm import Session

from lms.accounts.services import employ
from lms.kernel import clock
from lms.lti.formats.services import LINE_ITEM, RESULT, SCORE
from lms.lti.models import Deployment, LtiContext, LtiMembership, LtiUser, PlatformRegistration, ResourceLink
from tests.factories.accounts import make_person

_numbers = count(1)
GRADES = [LINE_ITEM, SCORE, RESULT]


@dataclass(frozen=True)
class Place:
    """Rows of one context with one link."""

    registration: PlatformRegistration
    context: LtiContext
    link: ResourceLink


def make_place(
    db: Session,
    registration: PlatformRegistration,
    content: str,
    *,
    line_items_url: str = "",
    memberships_url: str = "",
    scopes: list[str] | None = None,
) -> Place:
    """A context with a link that places this."""
    deployment = db.query(Deployment).filter_by(registration_id=registration.id).order_by(Deployment.id).first()
    assert deployment is not None
    number = next(_numbers)
    context = LtiContext(
        deployment_id=deployment.id,
        context_id="context-1",
        title="Onthaal",
        line_items_url=line_items_url,
        memberships_url=memberships_url,
        grade_scopes=GRADES if scopes is None else scopes,
        created_at=clock.now(),
    )
    db.add(context)
    db.flush()
    return Place(registration, context, make_link(db, context, content, name=f"link-{number}"))


def make_link(db: Session, context: LtiContext, content: str, *, name: str) -> ResourceLink:
    """Another link in the same context."""
    now = clock.now()
    link = ResourceLink(
        deployment_id=context.deployment_id,
        context_id=context.id,
        resource_link_id=name,
        title="Rustig helpen",
        content=content,
        created_at=now,
        launched_at=now,
    )
    db.add(link)
    db.flush()
    return link


def make_learner(db: Session, place: Place, subject: str, *, roles: tuple[str, ...] = ("learner",)) -> LtiUser:
    """Somebody who came from there."""
    person = make_person(db, first_name="Ilse", last_name="Vermeulen", email="", made_by="lti")
    employ(db, person.id, place.registration.organisation_id)
    user = LtiUser(registration_id=place.registration.id, subject=subject, person_id=person.id, created_at=clock.now())
    db.add(user)
    db.flush()
    now = clock.now()
    db.add(LtiMembership(context_id=place.context.id, user_id=user.id, roles=list(roles), created_at=now, seen_at=now))
    db.flush()
    return user
