"""What an employer's own learning platform has with us, on each side of the world."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy.orm import Session

from lms.accounts.models import Organisation, Person
from lms.kernel import clock
from lms.lti.formats.endpoints import Endpoints
from lms.lti.models import Deployment, LineItem, LtiContext, LtiUser, ResourceLink, Score
from lms.lti.services.platforms import Terms, register_platform
from lms.lti.services.registering import make_invitation
from tests.factories.accounts import make_person
from tests.web.access.markers import Kind, Side

CONNECTED = ("platform", "context", "column", "score", "deployment", "registration_link", "registration_token")


def connect_platform(db: Session, side: Side) -> None:
    """A platform of the employer's, which nobody serves."""
    ends = Endpoints("http://127.0.0.1:9", *(f"http://127.0.0.1:9/{end}" for end in ("auth", "token", "jwks")))
    organisation: Organisation = side.values["organisation_row"]
    name = f"Moodle {side.mark(Kind.DESK)}"
    terms = Terms(name, "moodle", f"client-{side.name}", ends, side.area, organisation.id)
    registration = register_platform(db, terms, deployment_id="1")
    deployment = db.query(Deployment).filter_by(registration_id=registration.id).one()
    consultant: Person = side.values["consultant"]
    link, token = make_invitation(
        db, name=name, area=side.area, organisation_id=organisation.id, by_person_id=consultant.id
    )
    side.values |= {"platform": registration.uuid, "deployment": deployment.id}
    side.values |= {"registration_link": link.uuid, "registration_token": token}
    _send_scores(db, side, deployment)


def _send_scores(db: Session, side: Side, deployment: Deployment) -> None:
    """One learner who reached something, in one column."""
    now, slug = clock.now(), "ergens"
    place = {"deployment_id": deployment.id, "created_at": now}
    context = LtiContext(context_id="c1", title=f"Cursus {side.mark(Kind.DESK)}", grade_scopes=[], **place)
    db.add(context)
    db.flush()
    link = ResourceLink(context_id=context.id, resource_link_id="l1", content=slug, launched_at=now, **place)
    person = make_person(db, first_name="Ilse", last_name=side.mark(Kind.PERSON, "elders"), email="", made_by="lti")
    user = LtiUser(registration_id=deployment.registration_id, subject="s1", person_id=person.id, created_at=now)
    db.add_all([link, user])
    db.flush()
    item = LineItem(
        context_id=context.id, resource_link_id=link.id, content=slug, label="Kolom", url="http://127.0.0.1:9/1"
    )
    item.score_maximum, item.created_at = Decimal(100), now
    db.add(item)
    db.flush()
    score = Score(line_item_id=item.id, user_id=user.id, score_given=Decimal(50), timestamp=now)
    score.activity_progress, score.grading_progress, score.sent_at = "InProgress", "Pending", now
    db.add(score)
    db.flush()
    side.values |= {"context": context.uuid, "column": item.id, "score": score.uuid}
