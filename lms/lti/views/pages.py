"""What the pages about platforms share: the blueprint, the guard, what she may choose, and the way out."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint

from lms.kernel.i18n import gettext as _
from lms.kernel.identity import Permission
from lms.kernel.outgoing import Outgoing
from lms.kernel.web import current_identity, reading_db, requires, settings
from lms.lti.formats.tool import ToolAddresses
from lms.lti.queries.platforms import CONNECT, Employer, PlatformRow, get_platform, list_employers
from sectors.areas import area_choices

blueprint = Blueprint("platforms", __name__, template_folder="../templates")
guard = requires(Permission.CONNECT_PLATFORMS)


def load(uuid: UUID) -> PlatformRow:
    """A platform of hers, read. Raises `NotFound`."""
    return get_platform(reading_db(), current_identity(), uuid)


def her_areas() -> list[tuple[str, str]]:
    """The areas she may choose, as pairs for a field."""
    return area_choices(current_identity(), CONNECT)


def her_slugs() -> list[str]:
    """The same, as slugs."""
    return [slug for slug, _name in her_areas()]


def her_employers() -> list[Employer]:
    """The organisations she may choose."""
    return list_employers(reading_db(), current_identity())


def area_options() -> list[tuple[str, str]]:
    """For a field; who looks after one area need not choose."""
    areas = her_areas()
    return areas if len(areas) == 1 else [("", _("Kies een afdeling")), *areas]


def employer_options() -> list[tuple[str, str]]:
    """For a field."""
    return [("", _("Kies een organisatie")), *((str(employer.uuid), employer.name) for employer in her_employers())]


def addresses() -> ToolAddresses:
    """Where platforms find us."""
    return ToolAddresses(settings().base_url)


def outgoing() -> Outgoing:
    """The way to other servers."""
    return Outgoing(may_go_inside=settings().may_go_inside)
