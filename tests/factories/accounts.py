"""People and organisations for tests: `make_person(db, role=Role.OFFICER)`, then `sign_in_as(client, person)`."""

from __future__ import annotations

from itertools import count
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from lms.accounts import services
from lms.accounts.formats.numbers import check_digits
from lms.accounts.models import Organisation, Person
from lms.kernel.identity import Role
from lms.kernel.web.flow import SESSION_KEY

PASSWORD = "drie blauwe fietsen"
_numbers = count(1)


def kbo_number(number: int) -> str:
    """A valid KBO number made of a small one."""
    first_eight = f"0{number:07d}"
    return first_eight + check_digits(first_eight)


def establishment_number(number: int) -> str:
    """A valid establishment number made of a small one."""
    first_eight = f"2{number:07d}"
    return first_eight + check_digits(first_eight)


def make_organisation(db: Session, **values: Any) -> Organisation:
    """An employer in gezinszorg, unless `area` says otherwise."""
    number = next(_numbers)
    values = {"name": f"Thuishulp {number}", "kbo": kbo_number(4_000_000 + number), "area": "gezinszorg"} | values
    return services.create_organisation(db, **values)


def make_person(
    db: Session,
    *,
    organisation: Organisation | None = None,
    role: Role | None = None,
    area: str | None = None,
    password: str = "",
    **values: Any,
) -> Person:
    """Somebody with an account; with `organisation` she works there. `role` is held for `area` (None: everywhere),
    an officer's for her organisation.
    """
    number = next(_numbers)
    names = {"first_name": "Emma", "last_name": f"Peeters {number}", "email": f"emma{number}@example.org"}
    person = services.create_person(db, **(names | values))
    if organisation is not None:
        services.employ(db, person.id, organisation.id)
    if role is not None:
        employer = organisation.id if role is Role.OFFICER and organisation is not None else None
        services.grant_role(db, person.id, role, area=area, organisation_id=employer)
    if password:
        services.set_password(db, person.id, password)
    return person


def sign_in_as(client: FlaskClient, person: Person) -> None:
    """Put a real sign-in of hers in this client's cookie. Call it outside any transaction."""
    with client.application.extensions["database"].write() as db:
        token = services.open_sign_in(db, person.id)
    with client.session_transaction() as session:
        session[SESSION_KEY] = token
        session.permanent = True
