"""Our own keys: which are published, and which one signs now."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel import clock
from lms.lti.formats.keys import SigningKey, UnreadableKeyError, unseal
from lms.lti.models import ToolKey

SECRET = "leerlabo.secret_key"  # noqa: S105  where `Session.info` holds it, not the secret itself


def list_published_keys(db: Session) -> list[dict[str, Any]]:
    """The public keys with which a platform may find our word signed, the newest first."""
    return [json.loads(key.public_key) for key in list_tool_keys(db) if is_published(key)]


def list_tool_keys(db: Session) -> list[ToolKey]:
    """All our keys, the newest first; those that are over too."""
    return list(db.scalars(sa.select(ToolKey).order_by(ToolKey.number.desc())))


def find_signing_key(db: Session) -> SigningKey | None:
    """The youngest key that signs now and that our secret opens; None before there is one."""
    now = clock.now()
    for key in list_tool_keys(db):
        if key.signs_from <= now and is_published(key):
            try:
                return unseal(key.private_key, key.kid, db.info[SECRET])
            except UnreadableKeyError:
                continue
    return None


def is_published(key: ToolKey) -> bool:
    """Whether platforms still find it in our key set."""
    return key.retired_at is None or key.retired_at > clock.now()
