"""The check button: tries each address of a platform, and says in a sentence which part is wrong and what to do.

With a script each part asks for itself, so that a slow one keeps no other waiting; without, one form asks for all.
"""

from __future__ import annotations

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from lms.kernel.errors import NotFound
from lms.kernel.i18n import gettext as _
from lms.kernel.outgoing import Fault
from lms.kernel.web import database, drop_changes, reading_db, render, settings
from lms.lti.queries.platforms import list_deployments
from lms.lti.services.checking import Check, Finding, Part, check_part
from lms.lti.views.pages import addresses, blueprint, guard, load, outgoing

QUOTED = frozenset({Finding.STATUS, Finding.NOT_JSON, Finding.UNKNOWN_CLIENT, Finding.NO_TOKEN})


@blueprint.get("/desk/platforms/<uuid:uuid>/check")
@guard
def check(uuid: UUID) -> ResponseReturnValue:
    found = load(uuid).registration
    return render("platforms/check.html", found=found, parts=_names(), checks={}, sentence_of=_sentence, ours=_ours())


@blueprint.post("/desk/platforms/<uuid:uuid>/check")
@guard
def check_carry_out(uuid: UUID) -> ResponseReturnValue:
    """All parts; or, asked for by a part of the page, that one alone."""
    only = request.form.get("part", "")
    if only and only not in list(Part):
        raise NotFound(f"part {only}")
    found = load(uuid).registration
    deployments = list_deployments(reading_db(), found.id)
    reading_db().close()  # the other side may take its time
    drop_changes()
    parts = [Part(only)] if only else list(Part)
    way, us = outgoing(), database()
    checks = {part: check_part(part, found, deployments, outgoing=way, us=us) for part in parts}
    if only:
        return render("platforms/check_part.html", words=_names()[parts[0]], sentence=_sentence(checks[parts[0]]))
    return render(
        "platforms/check.html", found=found, parts=_names(), checks=checks, sentence_of=_sentence, ours=_ours()
    )


def _names() -> dict[Part, str]:
    return {
        Part.ISSUER: _("Afzender (issuer)"),
        Part.LOGIN: _("Adres voor het inloggen"),
        Part.KEYS: _("Sleutels van het leerplatform"),
        Part.TOKEN: _("Adres voor tokens"),
        Part.DEPLOYMENT: _("Plaatsingen"),
    }


def _ours() -> str:
    """What is wrong with our own address, or nothing: a platform must reach us, and browsers want it safe in frames."""
    if settings().is_https:
        return ""
    url = addresses().base_url
    return _(
        "Ons eigen adres %(url)s begint niet met https. In een kader van een ander werkt dat niet overal.", url=url
    )


def _sentence(check: Check) -> tuple[bool, str, str]:
    """Whether a part is right, what to say of it, and what the other side said."""
    if check.is_good:
        return True, _good(check), ""
    if check.finding is Finding.UNREACHABLE:
        return False, fault_words(check.fault), ""
    words = {
        Finding.INSECURE: _("Dit adres begint niet met https. Gebruik het alleen om te testen."),
        Finding.STATUS: _("Dit adres antwoordt met een fout. Kijk het adres na."),
        Finding.NOT_JSON: _("Hier staat iets anders dan we zoeken. Kijk het adres na."),
        Finding.NO_KEYS: _("Hier staat geen sleutel voor RS256. Kijk na of dit het adres van de sleutels is."),
        Finding.WEAK_KEYS: _("De sleutels zijn te kort. Ze moeten minstens 2048 bits hebben."),
        Finding.UNKNOWN_CLIENT: _(
            "Het leerplatform kent ons niet. Kijk de client-id na, en of het onze sleutels kan lezen."
        ),
        Finding.NO_TOKEN: _("Het leerplatform gaf geen token. Vraag de beheerder daar of onze diensten aan staan."),
        Finding.NO_DEPLOYMENT: _("Er staat geen plaatsing aan. Voeg het nummer toe dat het leerplatform toont."),
    }
    return False, words[check.finding], check.detail if check.finding in QUOTED else ""


def _good(check: Check) -> str:
    if check.part is Part.KEYS:
        return _("In orde. Aantal sleutels: %(n)s.", n=check.detail)
    if check.part is Part.TOKEN:
        return _("In orde. Het leerplatform kent ons.")
    return _("In orde.")


def fault_words(fault: Fault | None) -> str:
    """Why a server could not be asked, in a sentence that says what to do."""
    words = {
        Fault.NOT_AN_ADDRESS: _("Dit is geen webadres."),
        Fault.NO_SUCH_HOST: _("Deze site bestaat niet. Kijk na of de naam juist is."),
        Fault.INSIDE: _("Dit adres ligt in ons eigen netwerk. Dat staat de beheerder van Leerlabo niet toe."),
        Fault.REFUSED: _("Daar antwoordt niemand. Kijk het adres na, of probeer later opnieuw."),
        Fault.NOT_SECURE: _("Het certificaat van deze site is niet in orde."),
        Fault.TOO_LATE: _("Het antwoord kwam niet op tijd. Probeer later opnieuw."),
        Fault.TOO_LARGE: _("Het antwoord is veel te groot. Kijk het adres na."),
        Fault.ELSEWHERE: _("Dit adres stuurt ons door naar een andere site. Vul het juiste adres in."),
    }
    return words.get(fault, _("Het antwoord is niet te begrijpen.")) if fault else ""
