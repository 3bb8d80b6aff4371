"""What a person typed about a target, into values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from urllib.parse import urlsplit

from werkzeug.datastructures import MultiDict

from lms.kernel import clock
from lms.kernel.errors import Refused
from lms.kernel.i18n import gettext as _
from lms.kernel.outgoing import Fault, Unreachable, find_address
from xapi.forwarding.models import Target
from xapi.forwarding.services import Terms
from xapi.standard.iri import is_iri
from xapi.standard.version import Version
from xapi.statements.queries import EPOCH

LONGEST_NAME = 120
FROM_NOW = "now"


@dataclass(frozen=True, slots=True)
class TargetForm:
    """A target, as typed. `secret` stays empty when a target is changed and keeps its own. `begin` is of a new one."""

    name: str = ""
    endpoint: str = ""
    version: str = Version.V2.value
    key: str = ""
    secret: str = field(default="", repr=False)
    area: str = ""
    verb: str = ""
    activity: str = ""
    begin: str = ""

    @classmethod
    def typed(cls, form: MultiDict[str, str]) -> TargetForm:
        return cls(**{it.name: form.get(it.name, "").strip() for it in fields(cls)})

    @classmethod
    def of(cls, target: Target) -> TargetForm:
        """What stands in the form when a target is opened; its secret never does."""
        return cls(
            name=target.name,
            endpoint=target.endpoint,
            version=target.version,
            key=target.key,
            area=target.area or "",
            verb=target.verb or "",
            activity=target.activity or "",
        )

    def leads_inside(self) -> bool:
        """Whether the address is one of our own network. Asks where its name leads: hold no transaction, please."""
        if not _is_endpoint(self.endpoint):
            return False
        parts = urlsplit(self.endpoint)
        try:
            find_address(parts.hostname or "", parts.port or 443, may_go_inside=False)
        except Unreachable as error:
            return error.fault is Fault.INSIDE  # a name that leads nowhere today may lead somewhere tomorrow
        return False

    def terms(self, areas: Sequence[str], *, endpoint: str | None, is_inside: bool) -> Terms:
        """For the service. `areas` are those she may choose, `endpoint` is where the target leads until now (None for a
        new one), `is_inside`: the address leads where we may not go. Raises `Refused`.
        """
        inside = _("Dit adres ligt in ons eigen netwerk. Daar sturen we niets naartoe.") if is_inside else ""
        wrong = {
            "name": "" if 0 < len(self.name) <= LONGEST_NAME and self.name.isprintable() else _("Vul een naam in."),
            "endpoint": inside if _is_endpoint(self.endpoint) else _("Vul een webadres in dat met https:// begint."),
            "version": "" if self.version in list(Version) else _("Kies een versie."),
            "key": "" if self.key and ":" not in self.key else _("Vul de sleutel in."),
            "secret": "" if self.secret else self._missing_secret(endpoint),
            "area": "" if self.area in areas else _("Kies een afdeling."),
            "verb": "" if not self.verb or is_iri(self.verb) else _("Dit is geen volledig webadres."),
            "activity": "" if not self.activity or is_iri(self.activity) else _("Dit is geen volledig webadres."),
        }
        errors = {name: message for name, message in wrong.items() if message}
        if errors:
            raise Refused(_("Kijk dit nog na. De rest is bewaard."), errors)
        return Terms(
            name=self.name,
            endpoint=self.endpoint,
            version=Version(self.version),
            key=self.key,
            secret=self.secret,
            area=self.area or None,
            verb=self.verb or None,
            activity=self.activity or None,
        )

    def _missing_secret(self, endpoint: str | None) -> str:
        """What is wrong with an empty secret. The one that is kept was given to one host: who may change a target must
        not have it sent to another.
        """
        if endpoint is None:
            return _("Vul het geheim in.")
        if not _is_endpoint(self.endpoint) or _origin_of(self.endpoint) == _origin_of(endpoint):
            return ""
        return _("Het adres leidt nu naar een ander programma. Vul het geheim opnieuw in.")

    @property
    def since(self) -> datetime:
        """From which moment on statements are sent to a new target."""
        return clock.now() if self.begin == FROM_NOW else EPOCH


def _is_endpoint(text: str) -> bool:
    """Whether this is the address of a store: without a name and password in it, and without a query behind it."""
    try:
        parts = urlsplit(text)
        is_there = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    is_plain = text.isascii() and text.isprintable() and " " not in text and "@" not in parts.netloc
    return parts.scheme in ("https", "http") and is_there and is_plain and "?" not in text and "#" not in text


def _origin_of(endpoint: str) -> tuple[str, str | None, int | None]:
    """The scheme, host and port of the address of a store."""
    parts = urlsplit(endpoint)
    return parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme]


_PORTS = {"http": 80, "https": 443}
