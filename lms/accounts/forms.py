"""What a person typed, into values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from lms.accounts.formats.numbers import spell_number
from lms.accounts.models import Organisation, Person
from lms.kernel.errors import Refused
from lms.kernel.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class PersonForm:
    """Somebody's details, as typed."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    user_name: str = ""
    phone: str = ""

    @classmethod
    def typed(cls, form: Mapping[str, str]) -> PersonForm:
        return cls(**{name: form.get(name, "").strip() for name in cls.__slots__})

    @classmethod
    def of(cls, person: Person) -> PersonForm:
        return cls(person.first_name, person.last_name, person.email or "", person.user_name or "", person.phone)

    @property
    def values(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class OrganisationForm:
    """What we know of an employer, as typed."""

    name: str = ""
    kbo: str = ""
    area: str = ""
    joint_committee: str = ""
    employer_category: str = ""
    fte: str = ""

    @classmethod
    def typed(cls, form: Mapping[str, str]) -> OrganisationForm:
        return cls(**{name: form.get(name, "").strip() for name in cls.__slots__})

    @classmethod
    def of(cls, organisation: Organisation) -> OrganisationForm:
        fte = "" if organisation.fte is None else f"{organisation.fte.normalize():f}".replace(".", ",")
        return cls(
            name=organisation.name,
            kbo=spell_number(organisation.kbo),
            area=organisation.area,
            joint_committee=organisation.joint_committee,
            employer_category=organisation.employer_category,
            fte=fte,
        )

    @property
    def values(self) -> dict[str, Any]:
        """For the service. Raises `Refused` when the FTE is no number."""
        typed: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        return typed | {"fte": _decimal(self.fte)}


def _decimal(text: str) -> Decimal | None:
    if not text:
        return None
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        message = _("Vul een getal in, zoals 42,5.")
        raise Refused(_("Kijk dit nog na. De rest is bewaard."), {"fte": message})
    return number
