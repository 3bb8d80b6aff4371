"""What a person typed about a platform, into values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

from lms.kernel.errors import Refused
from lms.kernel.i18n import gettext as _
from lms.lti.formats.endpoints import OTHER, PRODUCTS, Endpoints, is_issuer, is_web_address, known_endpoints
from lms.lti.formats.tool import SCOPES
from lms.lti.models import PlatformRegistration
from lms.lti.queries.platforms import Employer
from lms.lti.services.platforms import Terms, wrong_deployment_id

LONGEST_NAME = 120
LONGEST_CLIENT = 255
ADDRESSES = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True, slots=True)
class PlatformForm:
    """A platform, as typed. `site`: the root of a Moodle or Canvas, from which the other addresses follow."""

    name: str = ""
    product: str = ""
    site: str = ""
    client_id: str = ""
    deployment_id: str = ""
    issuer: str = ""
    authorization_endpoint: str = ""
    token_endpoint: str = ""
    token_audience: str = ""
    jwks_uri: str = ""
    organisation: str = ""
    area: str = ""

    @classmethod
    def typed(cls, form: Mapping[str, str]) -> PlatformForm:
        return cls(**{it.name: form.get(it.name, "").strip() for it in fields(cls)})

    @classmethod
    def of(cls, registration: PlatformRegistration, organisation: str) -> PlatformForm:
        """What stands in the form when a platform is opened. `organisation`: its uuid."""
        same = ("name", "product", "client_id", "token_audience", "area", *ADDRESSES)
        return cls(organisation=organisation, **{name: getattr(registration, name) for name in same})

    @property
    def completed(self) -> PlatformForm:
        """With the addresses that were left open filled in, where the product and the site say them."""
        known = known_endpoints(self.product, self.site) if self.site else None
        if known is None:
            return self
        return replace(self, **{name: getattr(self, name) or getattr(known, name) for name in ADDRESSES})

    def terms(self, areas: Sequence[str], employers: Sequence[Employer], *, may_be_insecure: bool) -> Terms:
        """For the service. `areas` and `employers` are those she may choose. Raises `Refused`."""
        chosen = next((employer for employer in employers if str(employer.uuid) == self.organisation), None)
        wrong = {
            "name": wrong_name(self.name),
            "product": "" if self.product in PRODUCTS else _("Kies uit de lijst."),
            "site": self._wrong_site(may_be_insecure=may_be_insecure),
            "client_id": "" if _is_token(self.client_id) else _("Vul de client-id in die het leerplatform geeft."),
            "deployment_id": wrong_deployment_id(self.deployment_id) if self.deployment_id else "",
            **self._wrong_addresses(may_be_insecure=may_be_insecure),
            "token_audience": "" if len(self.token_audience) <= LONGEST_CLIENT else _("Dit is te lang."),
            "organisation": "" if chosen else _("Kies een organisatie uit de lijst."),
            "area": "" if self.area in areas else _("Kies een afdeling."),
        }
        errors = {name: message for name, message in wrong.items() if message}
        if errors or chosen is None:
            raise Refused(_("Kijk dit nog na. De rest is bewaard."), errors)
        return Terms(
            name=self.name,
            product=self.product,
            client_id=self.client_id,
            endpoints=Endpoints(self.issuer, self.authorization_endpoint, self.token_endpoint, self.jwks_uri),
            area=self.area,
            organisation_id=chosen.id,
            token_audience=self.token_audience,
            scopes=SCOPES,
        )

    def _wrong_site(self, *, may_be_insecure: bool) -> str:
        is_open = not self.site and (self.product == OTHER or self.issuer)
        return "" if is_open or is_issuer(self.site, may_be_insecure=may_be_insecure) else _not_an_address()

    def _wrong_addresses(self, *, may_be_insecure: bool) -> dict[str, str]:
        return {
            name: "" if judge(getattr(self, name), may_be_insecure=may_be_insecure) else _not_an_address()
            for name, judge in zip(ADDRESSES, (is_issuer, *[is_web_address] * 3), strict=True)
        }


@dataclass(frozen=True, slots=True)
class InvitationForm:
    """A registration link to make, as typed."""

    name: str = ""
    organisation: str = ""
    area: str = ""

    @classmethod
    def typed(cls, form: Mapping[str, str]) -> InvitationForm:
        return cls(**{it.name: form.get(it.name, "").strip() for it in fields(cls)})

    def organisation_id(self, areas: Sequence[str], employers: Sequence[Employer]) -> int:
        """The organisation she chose, when all is right. Raises `Refused`."""
        chosen = next((employer for employer in employers if str(employer.uuid) == self.organisation), None)
        wrong = {
            "name": wrong_name(self.name),
            "organisation": "" if chosen else _("Kies een organisatie uit de lijst."),
            "area": "" if self.area in areas else _("Kies een afdeling."),
        }
        errors = {name: message for name, message in wrong.items() if message}
        if errors or chosen is None:
            raise Refused(_("Kijk dit nog na. De rest is bewaard."), errors)
        return chosen.id


def wrong_name(name: str) -> str:
    """What is wrong with the name of a platform as a sentence, or nothing."""
    return "" if 0 < len(name) <= LONGEST_NAME and name.isprintable() else _("Vul een naam in.")


def _is_token(text: str) -> bool:
    return 0 < len(text) <= LONGEST_CLIENT and text.isprintable()


def _not_an_address() -> str:
    return _("Vul een webadres in dat met https:// begint.")
