"""Many people at once, from a list: good rows go through, each bad row says why not."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from lms.accounts.formats.numbers import digits_of
from lms.accounts.formats.tables import PersonRow, find_role
from lms.accounts.models import Establishment, Organisation
from lms.accounts.queries import find_establishment, find_organisation_by_kbo, find_person_by_name
from lms.accounts.services.links import invite as send_invitation
from lms.accounts.services.people import create_person, employ, grant_role
from lms.kernel.errors import Refused
from lms.kernel.i18n import gettext as _
from lms.kernel.identity import Role


@dataclass(slots=True)
class Imported:
    """What became of a list. `refused`: the row's number and a sentence for each row that stays out."""

    created: int = 0
    known: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


def import_people(db: Session, rows: list[PersonRow], *, invite: bool = False) -> Imported:
    """Open an account for every good row, let her work where it says and give her its role. Who is known already, by
    address or user name, keeps her account. A bad row changes nothing. `invite` also mails who is new.
    """
    imported = Imported()
    for row in rows:
        try:
            with db.begin_nested():
                is_new = _import(db, row, invite=invite)
        except Refused as refused:
            imported.refused.append((row.number, " ".join(refused.fields.values()) or str(refused)))
        else:
            imported.created += is_new
            imported.known += not is_new
    return imported


def _import(db: Session, row: PersonRow, *, invite: bool) -> bool:
    role = _role(row)
    organisation = _organisation(db, row)
    place = _establishment(db, row, organisation)
    person = find_person_by_name(db, row.email or row.user_name) if row.email or row.user_name else None
    is_new = person is None
    if person is None:
        person = create_person(
            db, first_name=row.first_name, last_name=row.last_name, email=row.email, user_name=row.user_name
        )
    if organisation is not None:
        place_id = place.id if place else None
        employ(db, person.id, organisation.id, establishment_id=place_id, job_title=row.job_title)
    if role is not Role.LEARNER:
        _grant(db, person.id, role, organisation)
    if invite and is_new and person.email:
        send_invitation(db, person.id)
    return is_new


def _grant(db: Session, person_id: int, role: Role, organisation: Organisation | None) -> None:
    """An officer is one of her organisation; a trainer and a consultant of its area; the others everywhere."""
    if role is Role.OFFICER:
        grant_role(db, person_id, role, organisation_id=organisation.id if organisation else None)
    elif role in (Role.TRAINER, Role.CONSULTANT):
        if organisation is None:
            raise Refused(_("Vul het KBO-nummer in: deze rol geldt voor de afdeling van de organisatie."))
        grant_role(db, person_id, role, area=organisation.area)
    else:
        grant_role(db, person_id, role)


def _role(row: PersonRow) -> Role:
    code = find_role(row.role)
    if code is None:
        raise Refused(_("De rol “%(role)s” kennen we niet.", role=row.role))
    return Role(code)


def _organisation(db: Session, row: PersonRow) -> Organisation | None:
    if not row.kbo:
        return None
    organisation = find_organisation_by_kbo(db, digits_of(row.kbo))
    if organisation is None:
        raise Refused(_("Geen organisatie heeft het KBO-nummer %(kbo)s.", kbo=row.kbo))
    return organisation


def _establishment(db: Session, row: PersonRow, organisation: Organisation | None) -> Establishment | None:
    if not row.establishment or organisation is None:
        return None
    number = digits_of(row.establishment)
    place = find_establishment(db, organisation.id, row.establishment) or find_establishment(
        db, organisation.id, number
    )
    if place is None:
        raise Refused(_("Deze organisatie heeft geen vestiging “%(name)s”.", name=row.establishment))
    return place
