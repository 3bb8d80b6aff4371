"""Accounts: who she is, where she works, what she may, how she likes her pages, and how she is forgotten."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts.events import PersonErased
from lms.accounts.models import (
    Employment,
    Establishment,
    JoinedPerson,
    Organisation,
    Person,
    RoleGrant,
    SignIn,
    SingleUseLink,
)
from lms.accounts.queries import get_person
from lms.kernel import clock, mail
from lms.kernel.errors import NotFound, Refused
from lms.kernel.events import emit
from lms.kernel.i18n import LANGUAGES
from lms.kernel.i18n import gettext as _
from lms.kernel.identity import Role
from lms.kernel.jobs import OutboxRow
from sectors.areas import find_area

TEXT_SIZES = ("", "large", "larger")
THEMES = ("", "light", "dark")
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]{2,}")
_USER_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,79}")


def create_person(
    db: Session,
    *,
    first_name: str,
    last_name: str,
    email: str = "",
    user_name: str = "",
    phone: str = "",
    language: str = "",
    made_by: str = "",
) -> Person:
    """Open an account. Without e-mail and user name she gets a user name made of her name: no address is needed to
    learn. `made_by` is "lti" for people another platform brings. Raises `Refused` with a sentence per field.
    """
    person = Person(created_at=clock.now(), language=language if language in LANGUAGES else "", made_by=made_by)
    _fill(db, person, first_name, last_name, email, user_name, phone)
    db.add(person)
    db.flush()
    return person


def change_person(
    db: Session,
    person_id: int,
    *,
    first_name: str,
    last_name: str,
    email: str = "",
    user_name: str = "",
    phone: str = "",
) -> Person:
    """Change how she is called and reached. Raises `NotFound`, or `Refused` with a sentence per field."""
    person = get_person(db, person_id)
    with db.no_autoflush:
        _fill(db, person, first_name, last_name, email, user_name, phone)
    db.flush()
    return person


def _fill(db: Session, person: Person, first_name: str, last_name: str, email: str, user_name: str, phone: str) -> None:
    first, last = " ".join(first_name.split()), " ".join(last_name.split())
    address, name = email.strip().lower(), user_name.strip().lower()
    _refuse_wrong(db, person, first, last, address, name)
    person.first_name, person.last_name, person.phone = first, last, phone.strip()[:30]
    person.email = address or None
    person.user_name = name or (None if address else _free_user_name(db, first, last))


def _refuse_wrong(db: Session, person: Person, first: str, last: str, address: str, name: str) -> None:
    others = Person.id != (person.id or 0)
    errors: dict[str, str] = {}
    if not first or len(first) > 80:
        errors["first_name"] = _("Vul de voornaam in.")
    if not last or len(last) > 120:
        errors["last_name"] = _("Vul de naam in.")
    if address and not is_email(address):
        errors["email"] = _("Dit is geen e-mailadres. Schrijf het als naam@voorbeeld.be.")
    elif address and db.scalar(sa.select(Person.id).where(Person.email == address, others)):
        errors["email"] = _("Dit e-mailadres hoort al bij een account.")
    if name and not _USER_NAME.fullmatch(name):
        errors["user_name"] = _("Gebruik letters, cijfers, punten en streepjes.")
    elif name and db.scalar(sa.select(Person.id).where(Person.user_name == name, others)):
        errors["user_name"] = _("Deze gebruikersnaam hoort al bij een account.")
    if errors:
        raise Refused(_("Kijk dit nog na. De rest is bewaard."), errors)


def is_email(address: str) -> bool:
    """Whether this looks like an e-mail address."""
    return len(address) <= 254 and _EMAIL.fullmatch(address) is not None


def plain_user_name(first: str, last: str) -> str:
    """The user name her names suggest, which may be somebody else's already."""
    plain = unicodedata.normalize("NFKD", f"{first}.{last}").encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9.]", "", plain).strip(".")[:60] or "deelnemer"


def _free_user_name(db: Session, first: str, last: str) -> str:
    """Such as emma.peeters, or emma.peeters2 when that is somebody else."""
    base = plain_user_name(first, last)
    taken = set(db.scalars(sa.select(Person.user_name).where(Person.user_name.startswith(base, autoescape=True))))
    if base not in taken and len(base) > 1:
        return base
    number = 2
    while f"{base}{number}" in taken:
        number += 1
    return f"{base}{number}"


# ---- work ------------------------------------------------------------------------------------------------------------


def employ(
    db: Session,
    person_id: int,
    organisation_id: int,
    *,
    establishment_id: int | None = None,
    job_title: str = "",
    staff_number: str = "",
    started_on: date | None = None,
) -> Employment:
    """Let her work there, from today unless `started_on` says otherwise. Who already works at that place keeps that
    job. Raises `NotFound` when the establishment is another organisation's.
    """
    if establishment_id is not None:
        _check_establishment(db, establishment_id, organisation_id)
    job = db.scalar(
        sa.select(Employment).where(
            Employment.person_id == person_id,
            Employment.organisation_id == organisation_id,
            Employment.establishment_id.is_not_distinct_from(establishment_id),
            Employment.ended_on.is_(None),
        )
    )
    if job is None:
        job = Employment(person_id=person_id, organisation_id=organisation_id, establishment_id=establishment_id)
        job.started_on = started_on or clock.today()
        db.add(job)
    job.job_title = job_title.strip()[:120] or job.job_title or ""
    job.staff_number = staff_number.strip()[:40] or job.staff_number or ""
    db.flush()
    return job


def _check_establishment(db: Session, establishment_id: int, organisation_id: int) -> None:
    owner = db.scalar(sa.select(Establishment.organisation_id).where(Establishment.id == establishment_id))
    if owner != organisation_id:
        raise NotFound(f"establishment {establishment_id} of organisation {organisation_id}")


def end_employment(db: Session, employment_id: int, *, ended_on: date | None = None) -> Employment:
    """Her last day there: today, or `ended_on`. Raises `NotFound`, or `Refused` when that is before the first."""
    job = db.get(Employment, employment_id)
    if job is None:
        raise NotFound(f"employment {employment_id}")
    last = ended_on or clock.today()
    if last < job.started_on:
        message = _("De laatste dag valt voor de eerste dag.")
        raise Refused(message, {"ended_on": message})
    job.ended_on = last
    db.flush()
    return job


# ---- roles -----------------------------------------------------------------------------------------------------------


def grant_role(
    db: Session, person_id: int, role: Role, *, area: str | None = None, organisation_id: int | None = None
) -> RoleGrant:
    """Give her a role: for one area, for one organisation, or (neither) everywhere. Twice is once.

    Raises `NotFound` for an unknown area or organisation; `Refused` for an officer without organisation.
    """
    if area is not None and find_area(area) is None:
        raise NotFound(f"area {area}")
    if organisation_id is not None and db.get(Organisation, organisation_id) is None:
        raise NotFound(f"organisation {organisation_id}")
    if role is Role.OFFICER and organisation_id is None:
        message = _("Kies de organisatie van deze VTO-verantwoordelijke.")
        raise Refused(message, {"organisation": message})
    held = db.scalar(_grant(person_id, role, area, organisation_id))
    if held is None:
        held = RoleGrant(person_id=person_id, role=role.value, area=area, organisation_id=organisation_id)
        db.add(held)
        db.flush()
    return held


def revoke_role(
    db: Session, person_id: int, role: Role, *, area: str | None = None, organisation_id: int | None = None
) -> None:
    """Take exactly this role back; nothing happens when she does not hold it."""
    held = db.scalar(_grant(person_id, role, area, organisation_id))
    if held is not None:
        db.delete(held)
        db.flush()


def _grant(person_id: int, role: Role, area: str | None, organisation_id: int | None) -> sa.Select[RoleGrant]:
    return sa.select(RoleGrant).where(
        RoleGrant.person_id == person_id,
        RoleGrant.role == role.value,
        RoleGrant.area.is_not_distinct_from(area),
        RoleGrant.organisation_id.is_not_distinct_from(organisation_id),
    )


# ---- preferences -----------------------------------------------------------------------------------------------------


def change_preferences(
    db: Session,
    person_id: int,
    *,
    language: str | None = None,
    text_size: str | None = None,
    theme: str | None = None,
) -> None:
    """Keep how she likes her pages. None leaves one as it is; an empty text follows her device. Raises `Refused`."""
    chosen = {"language": language, "text_size": text_size, "theme": theme}
    allowed = {"language": ("", *LANGUAGES), "text_size": TEXT_SIZES, "theme": THEMES}
    values = {name: value for name, value in chosen.items() if value is not None}
    if any(value not in allowed[name] for name, value in values.items()):
        raise Refused(_("Kies een van de mogelijkheden op de pagina."))
    if values:
        db.execute(sa.update(Person).where(Person.id == person_id).values(**values))


# ---- block and erase -------------------------------------------------------------------------------------------------


def block_person(db: Session, person_id: int) -> None:
    """Close the door: she cannot sign in, and every sign-in ends. Raises `NotFound`."""
    person = get_person(db, person_id)
    person.blocked_at = person.blocked_at or clock.now()
    db.flush()
    _end_everything(db, person_id)


def unblock_person(db: Session, person_id: int) -> None:
    """Open the door again. Raises `NotFound`."""
    get_person(db, person_id).blocked_at = None
    db.flush()


def erase_person(db: Session, person_id: int, *, by_person_id: int | None = None) -> None:
    """Forget somebody who asks for it (GDPR, article 17). Her row and uuid stay without anything that names her, so
    that frozen counts stay; `PersonErased` tells the rest of the house, once for her and for each row that was joined
    with hers. Raises `NotFound`.
    """
    person = get_person(db, person_id)
    if person.erased_at is not None:
        return
    _end_everything(db, person_id)
    if person.email:
        db.execute(sa.delete(OutboxRow).where(OutboxRow.kind == mail.KIND, OutboxRow.key == person.email))
    db.execute(sa.delete(RoleGrant).where(RoleGrant.person_id == person_id))
    db.execute(sa.update(SignIn).where(SignIn.person_id == person_id).values(device=""))
    _end_jobs(db, person_id)
    by_uuid = db.scalar(sa.select(Person.uuid).where(Person.id == by_person_id))
    erased = PersonErased(person.id, person.uuid, person.email, person.user_name, clock.now(), by_uuid)
    _forget(person)
    db.flush()
    emit(db, erased)
    for joined_id in db.scalars(sa.select(JoinedPerson.person_id).where(JoinedPerson.into_id == person_id)).all():
        erase_person(db, joined_id, by_person_id=by_person_id)


def _forget(person: Person) -> None:
    person.first_name, person.last_name = "–", person.uuid.hex[:8]
    person.email = person.user_name = person.password_hash = None
    person.phone = person.language = person.text_size = person.theme = ""
    person.erased_at = clock.now()


def _end_jobs(db: Session, person_id: int) -> None:
    jobs = sa.update(Employment).where(Employment.person_id == person_id)
    db.execute(jobs.values(staff_number="", job_title=""))
    db.execute(jobs.where(Employment.ended_on.is_(None)).values(ended_on=clock.today()))


def _end_everything(db: Session, person_id: int) -> None:
    now = clock.now()
    db.execute(sa.update(SignIn).where(SignIn.person_id == person_id, SignIn.ended_at.is_(None)).values(ended_at=now))
    db.execute(
        sa.update(SingleUseLink)
        .where(SingleUseLink.person_id == person_id, SingleUseLink.used_at.is_(None))
        .values(used_at=now)
    )
