"""What a person typed about a key, into values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from lms.kernel import clock
from lms.kernel.errors import Refused
from lms.kernel.i18n import gettext as _
from xapi.credentials.models import Scope
from xapi.credentials.queries import Employer, end_of

LONGEST_NAME = 120
LAST_YEAR = 2100


@dataclass(frozen=True, slots=True)
class CredentialForm:
    """A key to make, as typed. `last_day` is the last day on which it is good."""

    name: str = ""
    scopes: tuple[str, ...] = ()
    area: str = ""
    organisation: str = ""
    last_day: str = ""

    @classmethod
    def typed(cls, form: MultiDict[str, str]) -> CredentialForm:
        name, area, organisation, last_day = (
            form.get(field, "").strip() for field in ("name", "area", "organisation", "last_day")
        )
        return cls(name, tuple(form.getlist("scopes")), area, organisation, last_day)

    def values(self, areas: Sequence[str], employers: Sequence[Employer]) -> dict[str, Any]:
        """For the service. `areas` and `employers` are those she may choose. Raises `Refused`."""
        chosen = next((employer for employer in employers if str(employer.uuid) == self.organisation), None)
        scopes = [scope for scope in Scope if scope in self.scopes]
        expires_at = self._expires_at()
        wrong = {
            "name": "" if 0 < len(self.name) <= LONGEST_NAME and self.name.isprintable() else _("Vul een naam in."),
            "scopes": "" if scopes else _("Kies wat dit programma mag."),
            "area": "" if self.area in areas else _("Kies een afdeling."),
            "organisation": self._wrong_organisation(chosen),
            "last_day": "" if expires_at or not self.last_day else _("Kies een dag die nog komt."),
        }
        errors = {field: message for field, message in wrong.items() if message}
        if errors:
            raise Refused(_("Kijk dit nog na. De rest is bewaard."), errors)
        return {
            "name": self.name,
            "scopes": scopes,
            "area": self.area or None,
            "organisation": chosen.uuid if chosen else None,
            "expires_at": expires_at,
        }

    def _wrong_organisation(self, chosen: Employer | None) -> str:
        if self.organisation and chosen is None:
            return _("Kies een organisatie uit de lijst.")
        if chosen is not None and self.area and chosen.area != self.area:
            return _("Deze organisatie werkt in een andere afdeling.")
        return ""

    def _expires_at(self) -> datetime | None:
        """When it ends; None when no good day was typed."""
        try:
            last_day = date.fromisoformat(self.last_day)
        except ValueError:
            return None
        if not clock.today() <= last_day < date(LAST_YEAR, 1, 1):
            return None
        return end_of(last_day)
