"""`/lti/register`: somebody's platform opens a registration link, she confirms, and the platform's window closes.

These pages stand in a frame or window of her platform, where our cookies do not reach. Nobody is signed in there: who
holds the link may use it, once. So no form token is asked; what decides is the token in the address.
"""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from lms.kernel.i18n import gettext as _
from lms.kernel.outgoing import Unreachable
from lms.kernel.web import database, render, settings
from lms.kernel.web.headers import framed_by
from lms.lti.formats.endpoints import CANVAS, MOODLE, origin_of
from lms.lti.formats.registration import Flaw, FlawedError, PlatformConfiguration, opener_of, opener_origins
from lms.lti.models import RegistrationInvitation
from lms.lti.queries.platforms import find_organisation_name
from lms.lti.services.registering import (
    InvitationOverError,
    Opened,
    RegistrationFailedError,
    ask_configuration,
    find_invitation,
    is_opened_well,
    register_through,
)
from lms.lti.views.checking import fault_words
from lms.lti.views.pages import outgoing
from sectors.areas import area_name

blueprint = Blueprint("lti_register", __name__, template_folder="../templates")
blueprint.called_by_programs = True  # type: ignore[attr-defined]  # a form in another's frame has no cookie of ours

log = structlog.get_logger()


@blueprint.get("/lti/register")
def nothing() -> ResponseReturnValue:
    """Somebody typed our address without a link."""
    return _say(404, _("Je hebt een registratielink nodig"), _("Vraag die aan je contactpersoon bij Leerlabo."))


@blueprint.get("/lti/register/<token>")
def register(token: str) -> ResponseReturnValue:
    """Show which platform this is, and what she is about to confirm."""
    opened = _opened(request.args)
    opener = opener_of(request.referrer or "", opened.configuration_url)
    may_be_insecure = settings().may_go_inside
    with database().read() as db:
        invitation = find_invitation(db, token)
        organisation = find_organisation_name(db, invitation.organisation_id) if invitation else ""
    if opened.configuration_url and is_opened_well(opened, may_be_insecure=may_be_insecure):
        _open_frame(opened, opener)
    if invitation is None:
        return _over()
    if not opened.configuration_url:
        return _say(
            200,
            _("Open deze link in je leerplatform"),
            _("Plak het adres van deze pagina in je leerplatform, waar je een tool toevoegt."),
            _("In Moodle: Beheer tools, Tool URL. In Canvas: Apps, Dynamic Registration."),
        )
    if not is_opened_well(opened, may_be_insecure=may_be_insecure):
        return _failed(RegistrationFailedError("opening"), invitation)
    try:
        platform = ask_configuration(opened, outgoing(), may_be_insecure=may_be_insecure)
    except RegistrationFailedError as failed:
        return _failed(failed, invitation)
    return render(
        "platforms/register.html",
        invitation=invitation,
        organisation=organisation,
        area=area_name(invitation.area),
        platform=platform,
        product=_product(platform),
        opened=opened,
        opener=opener,
    )


@blueprint.post("/lti/register/<token>")
def register_confirm(token: str) -> ResponseReturnValue:
    """Register us there and the platform here, and let its window be closed."""
    opened = _opened(request.form)
    opener = opener_of(request.form.get("opener", ""), opened.configuration_url)
    if not is_opened_well(opened, may_be_insecure=settings().may_go_inside):
        return _failed(RegistrationFailedError("opening"), None)
    _open_frame(opened, opener)
    try:
        registration = register_through(database(), token, opened, outgoing(), may_be_insecure=settings().may_go_inside)
    except InvitationOverError:
        return _over()
    except RegistrationFailedError as failed:
        return _failed(failed, None)
    log.info("platform_registered", registration=str(registration.uuid), issuer=registration.issuer)
    return render(
        "platforms/registered.html",
        registration=registration,
        opener=opener,
        moodle=registration.product == MOODLE,
        canvas=registration.product == CANVAS,
    )


def _opened(values: Mapping[str, str]) -> Opened:
    return Opened(values.get("openid_configuration", "").strip(), values.get("registration_token", "").strip())


def _open_frame(opened: Opened, opener: str) -> None:
    framed_by(origin_of(opened.configuration_url), opener, *opener_origins(opened.configuration_url))


def _over() -> ResponseReturnValue:
    return _say(
        410,
        _("Deze registratielink werkt niet meer"),
        _("Een link werkt één keer, en maar zeven dagen."),
        _("Vraag een nieuwe aan je contactpersoon bij Leerlabo."),
    )


def _failed(failed: RegistrationFailedError, invitation: RegistrationInvitation | None) -> ResponseReturnValue:
    """What went wrong, in words for her, and in words for who looks after her platform."""
    cause = failed.__cause__
    log.warning(
        "registration_failed",
        step=failed.step,
        status=failed.status,
        cause=str(cause or "")[:300],
        invitation=str(invitation.uuid) if invitation else "",
    )
    facts = [words for words in (failed.step, str(failed.status or ""), str(cause or "")) if words]
    return _say(
        422,
        _("De registratie is niet gelukt"),
        _why(failed),
        _("De link werkt nog: begin opnieuw in je leerplatform. Staat Leerlabo daar al? Verwijder het eerst."),
        " · ".join(facts)[:300],
    )


def _why(failed: RegistrationFailedError) -> str:
    cause = failed.__cause__
    if isinstance(cause, Unreachable):
        return fault_words(cause.fault)
    if isinstance(cause, FlawedError):
        return _flaw_words(cause.flaw)
    if failed.status is not None:
        return _status_words(failed.status)
    words = {
        "opening": _("Je leerplatform stuurde geen bruikbaar adres mee."),
        "keeping": _("Dit leerplatform kennen we al. Verwijder daar wat er net bijkwam, of vraag ons om raad."),
    }
    return words.get(failed.step, _("Je leerplatform antwoordde iets wat we niet begrijpen."))


def _status_words(status: int) -> str:
    if status in (401, 403):
        return _("Je leerplatform aanvaardt de code niet meer. Sluit dit venster en begin daar opnieuw.")
    return _("Je leerplatform weigerde ons. Vraag na of het nieuwe tools toelaat.")


def _flaw_words(flaw: Flaw) -> str:
    words = {
        Flaw.OTHER_ISSUER: _("Je leerplatform noemt zich anders dan de site waar het staat. Daarom stoppen we hier."),
        Flaw.BAD_ADDRESS: _("Een adres van je leerplatform begint niet met https."),
        Flaw.NO_LTI: _("Dit is geen leerplatform dat LTI 1.3 kent, of het zegt te weinig."),
        Flaw.NO_RS256: _("Je leerplatform tekent niet met RS256. Daar kunnen we niet mee werken."),
        Flaw.NO_CLIENT: _("Je leerplatform gaf ons geen client-id."),
    }
    return words.get(flaw, _("Je leerplatform antwoordde iets wat we niet begrijpen."))


def _say(status: int, title: str, *sentences: str) -> tuple[str, int]:
    return render("platforms/register_said.html", status, said=title, sentences=sentences)


def _product(platform: PlatformConfiguration) -> str:
    known = {MOODLE: "Moodle", CANVAS: "Canvas"}.get(platform.product, platform.product)
    return f"{known} {platform.version}".strip()
