"""Employers and the places where they work."""

from __future__ import annotations

import re
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts.formats.numbers import DIGITS, digits_of, is_establishment_number, is_kbo_number
from lms.accounts.models import Establishment, Organisation
from lms.accounts.queries import get_organisation
from lms.kernel import clock
from lms.kernel.errors import Refused
from lms.kernel.i18n import gettext as _
from sectors.areas import find_area

LONGEST_PLACE = 120  # characters
MOST_FTE = 999_999  # and a fraction
_COMMITTEE = re.compile(r"\d{3}(\.\d{2})?")


def create_organisation(
    db: Session,
    *,
    name: str,
    kbo: str,
    area: str,
    joint_committee: str = "",
    employer_category: str = "",
    fte: Decimal | None = None,
) -> Organisation:
    """Add an employer. `kbo` as people write it ("BE 0472.871.139"). Raises `Refused` with a sentence per field."""
    organisation = Organisation(created_at=clock.now())
    _fill(db, organisation, name, kbo, area, joint_committee, employer_category, fte)
    db.add(organisation)
    db.flush()
    return organisation


def change_organisation(
    db: Session,
    organisation_id: int,
    *,
    name: str,
    kbo: str,
    area: str,
    joint_committee: str = "",
    employer_category: str = "",
    fte: Decimal | None = None,
) -> Organisation:
    """Change what we know of an employer. Raises `NotFound`, or `Refused` with a sentence per field."""
    organisation = get_organisation(db, organisation_id)
    _fill(db, organisation, name, kbo, area, joint_committee, employer_category, fte)
    db.flush()
    return organisation


def archive_organisation(db: Session, organisation_id: int) -> None:
    """Take an employer out of the lists. Its people, enrolments and counts stay. Raises `NotFound`."""
    get_organisation(db, organisation_id).archived_at = clock.now()
    db.flush()


def add_establishment(db: Session, organisation_id: int, *, name: str, number: str = "") -> Establishment:
    """Add a place of work. `number` as people write it, or empty while nobody knows it. Raises `Refused`."""
    digits = digits_of(number) or None
    errors = {"name": "" if 0 < len(name.strip()) <= LONGEST_PLACE else _("Vul de naam van de vestiging in.")}
    if digits is not None:
        errors["number"] = _number_error(digits, is_valid=is_establishment_number(digits)) or _taken(
            db, sa.select(Establishment.id).where(Establishment.number == digits)
        )
    _refuse(errors)
    establishment = Establishment(organisation_id=organisation_id, name=name.strip(), number=digits)
    db.add(establishment)
    db.flush()
    return establishment


def _fill(
    db: Session,
    organisation: Organisation,
    name: str,
    kbo: str,
    area: str,
    joint_committee: str,
    employer_category: str,
    fte: Decimal | None,
) -> None:
    digits, committee, category = digits_of(kbo), joint_committee.strip(), employer_category.strip()
    others = sa.select(Organisation.id).where(Organisation.kbo == digits, Organisation.id != (organisation.id or 0))
    _refuse(
        {
            "name": "" if name.strip() else _("Vul de naam van de organisatie in."),
            "kbo": _number_error(digits, is_valid=is_kbo_number(digits)) or _taken(db, others),
            "area": "" if find_area(area) else _("Kies een afdeling."),
            "joint_committee": ""
            if not committee or _COMMITTEE.fullmatch(committee)
            else _("Schrijf het paritair comité als 330 of 318.02."),
            "employer_category": ""
            if not category or (category.isdecimal() and len(category) == 3)
            else _("Een werkgeverscategorie heeft 3 cijfers."),
            "fte": "" if fte is None or 0 <= fte <= MOST_FTE else _("Het aantal VTE is 0 of meer."),
        }
    )
    organisation.name, organisation.kbo, organisation.area = name.strip()[:200], digits, area
    organisation.joint_committee, organisation.employer_category, organisation.fte = committee, category, fte


def _number_error(digits: str, *, is_valid: bool) -> str:
    if is_valid:
        return ""
    if not digits:
        return _("Vul het nummer in. Het heeft 10 cijfers.")
    if len(digits) != DIGITS:
        return _("Dit nummer heeft %(count)s cijfers. Er moeten er 10 zijn.", count=len(digits))
    return _("Dit nummer klopt niet. Kijk de cijfers na.")


def _taken(db: Session, others: sa.Select[int]) -> str:
    return _("Dit nummer staat al bij iemand anders.") if db.scalar(others.limit(1)) else ""


def _refuse(errors: dict[str, str]) -> None:
    wrong = {field: message for field, message in errors.items() if message}
    if wrong:
        raise Refused(_("Kijk dit nog na. De rest is bewaard."), wrong)
