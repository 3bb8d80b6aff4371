"""What a credential may see of the record, and what is voided in it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from xapi.credentials.queries import Access
from xapi.statements.models import VOIDED_KEY, Statement, Voiding

is_voided = sa.and_(
    Statement.verb_key != VOIDED_KEY, sa.exists().where(Voiding.target == Statement.uuid).correlate(Statement)
)


_LIMITED = {"area": Statement.area, "organisation": Statement.organisation, "credential": Statement.credential_id}


def limits_of(access: Access | None) -> dict[str, Any]:
    """What a credential may see, as the value of each column that limits it; None sees everything."""
    if access is None:
        return {}
    own = access.credential_id if access.reads_only_own else None
    limits = {"area": access.area, "organisation": access.organisation, "credential": own}
    return {name: value for name, value in limits.items() if value is not None}


def within_limits(row: type[Statement], limits: tuple[str, ...]) -> list[sa.ColumnElement[bool]]:
    """What the credential may see."""
    return [getattr(row, _LIMITED[name].key) == sa.bindparam(name) for name in limits]


def visible_to(access: Access | None) -> list[sa.ColumnElement[bool]]:
    """What the credential may see, with its values: for a question that is asked once."""
    return [_LIMITED[name] == value for name, value in limits_of(access).items()]
