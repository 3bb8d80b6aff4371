"""From a click in a platform to a visit here: the login under way, the link that was clicked, the visit."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Base


class Login(Base):
    """A third-party login that was started and not yet answered (Security Framework 1.0, 5.1.1).

    The answer must bring back the state and the nonce, once, from the same browser. `storage_target`: the platform's
    frame that keeps our state where cookies are blocked (LTI Client Side postMessages), or empty. The hints are what
    the platform began with: where the browser keeps nothing of ours, the login begins again in a window of its own.
    """

    __tablename__ = "lti_login"

    state_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    nonce_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("lti_registration.id"))
    target_link_uri: Mapped[str] = mapped_column(sa.Text)
    storage_target: Mapped[str] = mapped_column(sa.String(120), default="")
    login_hint: Mapped[str] = mapped_column(sa.Text)
    message_hint: Mapped[str] = mapped_column(sa.Text, default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class ResourceLink(Base):
    """A place in a platform where something of ours is placed (LTI 1.3 core, 3.1.2).

    `content`: `<course>` or `<course>/<step>`, as in our activity IRIs. `asked_at`: when a roster last asked who may
    open it; `ended_at`: the platform said that it is gone, and nobody launched it since.
    """

    __tablename__ = "lti_resource_link"
    __table_args__ = (sa.UniqueConstraint("deployment_id", "resource_link_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    deployment_id: Mapped[int] = mapped_column(sa.ForeignKey("lti_deployment.id"))
    context_id: Mapped[int | None] = mapped_column(sa.ForeignKey("lti_context.id"), index=True)
    resource_link_id: Mapped[str] = mapped_column(sa.String(255))
    title: Mapped[str] = mapped_column(sa.Text, default="")
    content: Mapped[str] = mapped_column(sa.String(130))
    created_at: Mapped[datetime]
    launched_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Visit(Base):
    """Somebody who came in by a launch. Its cookie holds a token, this row only its SHA-256.

    A visit of a resource link shows what that link places and nothing else; one for deep linking (no link) only the
    choice of content. `frame_origin`: the platform's origin, which alone may frame these pages. `claims`: what later
    answers need of the message (deep linking settings, return URL, roles), never her name or mail address.
    `is_preview`: she teaches there and looks on here, as her `LtiUser.preview_person_id`.
    """

    __tablename__ = "lti_visit"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("lti_user.id"), index=True)
    deployment_id: Mapped[int] = mapped_column(sa.ForeignKey("lti_deployment.id"))
    context_id: Mapped[int | None] = mapped_column(sa.ForeignKey("lti_context.id"))
    resource_link_id: Mapped[int | None] = mapped_column(sa.ForeignKey("lti_resource_link.id"))
    frame_origin: Mapped[str] = mapped_column(sa.Text)
    language: Mapped[str] = mapped_column(sa.String(2), default="")
    claims: Mapped[dict[str, Any]]
    is_preview: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
