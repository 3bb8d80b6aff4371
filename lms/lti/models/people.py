"""Who a platform says somebody is, in which of its courses, and who she is here."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Base

MADE_BY = "lti"  # of a `Person` whom a platform brought


class LtiUser(Base):
    """A platform's user (`sub`), and the person she is here.

    A platform's word makes her a person of its own (`made_by = "lti"`). `linked_at`: she proved to be somebody who had
    an account already, and is that person from then on; or made herself one, and is the platform's no more.
    `preview_person_id`: the test person as whom she looks at courses in which she teaches, so that nothing she tries
    there is counted.
    """

    __tablename__ = "lti_user"
    __table_args__ = (sa.UniqueConstraint("registration_id", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("lti_registration.id"))
    subject: Mapped[str] = mapped_column(sa.String(255))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    preview_person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime]
    launched_at: Mapped[datetime | None]
    linked_at: Mapped[datetime | None]


class LtiContext(Base):
    """A course, group or section in a platform (LTI 1.3 core, 5.4.1).

    `memberships_url`: where its roster is read (NRPS), or empty. `roster_read_at`, `roster_problem`: how that went;
    `roster_due_at`: when it is read again (None: as soon as a worker comes to it). `knows_links`: it was told once who
    may open a link, so a link that it refuses to tell of is refused for its own sake.
    """

    __tablename__ = "lti_context"
    __table_args__ = (sa.UniqueConstraint("deployment_id", "context_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    deployment_id: Mapped[int] = mapped_column(sa.ForeignKey("lti_deployment.id"))
    context_id: Mapped[str] = mapped_column(sa.String(255))
    title: Mapped[str] = mapped_column(sa.Text, default="")
    label: Mapped[str] = mapped_column(sa.Text, default="")
    memberships_url: Mapped[str] = mapped_column(sa.Text, default="")
    line_items_url: Mapped[str] = mapped_column(sa.Text, default="")
    grade_scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    roster_read_at: Mapped[datetime | None]
    roster_due_at: Mapped[datetime | None] = mapped_column(index=True)
    roster_problem: Mapped[str] = mapped_column(sa.Text, default="")
    knows_links: Mapped[bool] = mapped_column(default=False)


class LtiMembership(Base):
    """A user in a context, with the roles she has there. Who left keeps her row, with `left_at`.

    `roles`: our own words for them (`formats.roles`).
    """

    __tablename__ = "lti_membership"

    context_id: Mapped[int] = mapped_column(sa.ForeignKey("lti_context.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("lti_user.id"), primary_key=True, index=True)
    roles: Mapped[list[str]]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    left_at: Mapped[datetime | None]


class LtiEnrolment(Base):
    """An enrolment that a context keeps: made because it places the course and she learns there. When she leaves the
    context, and no other one keeps it, it is withdrawn (`ended_at`); one she had of her own is never here.
    """

    __tablename__ = "lti_enrolment"

    context_id: Mapped[int] = mapped_column(sa.ForeignKey("lti_context.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("lti_user.id"), primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(sa.ForeignKey("enrolment.id"), primary_key=True, index=True)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class LinkRequest(Base):
    """A platform's user who wants to be joined with the account she has here, and has yet to prove that it is hers.

    Begun in a visit, carried out on our own site only: signed in there, or with a code mailed to that account's
    address. The rows hold hashes of token and code. `tries`: how often a wrong code was given.
    """

    __tablename__ = "lti_link_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("lti_user.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    code_hash: Mapped[str | None] = mapped_column(sa.String(64))
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
