"""The page for a launch that is not carried out: calm, in simple words, with what to tell one's administrator."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from lms.kernel.i18n import gettext as _
from lms.kernel.web import drop_changes, render
from lms.lti.formats.refusals import LaunchRefused, Reason

log = structlog.get_logger()

_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # nothing that is mistaken for something else
_LENGTH = 6
LONGEST_FACT = 200

AGAIN = frozenset({Reason.STATE_UNKNOWN, Reason.EXPIRED, Reason.WRONG_NONCE})
SHOWN = ("deployment", "issuer", "client", "claim", "content", "problem")


@dataclass(frozen=True, slots=True)
class Refusal:
    """The words of one page."""

    title: str
    lead: str
    todo: str


def refuse(refused: LaunchRefused, *, again: str = "", **known: str) -> tuple[str, int]:
    """Say why in the log and on a page. `known`: what the log line names besides, such as the registration.

    `again`: where the same login begins in a window of our own.
    """
    drop_changes()
    reference = "".join(secrets.choice(_ALPHABET) for _sign in range(_LENGTH))
    facts = {name: _plain(value) for name, value in refused.facts.items() if value}
    log.warning("launch_refused", reason=refused.reason.value, reference=reference, **(known | facts))
    return render(
        "lti/refused.html",
        400,
        refusal=_words(refused.reason),
        reason=refused.reason.value,
        reference=reference,
        facts=_shown(facts),
        again=again,
    )


def _words(reason: Reason) -> Refusal:
    return next((words for reasons, words in _told() if reason in reasons), _unknown())


def _told() -> tuple[tuple[frozenset[Reason], Refusal], ...]:
    """What is said for which reasons, in the language of this request."""
    return (
        (
            AGAIN,
            Refusal(
                _("Open de opleiding opnieuw"),
                _("Je was te lang onderweg, of je klikte twee keer."),
                _("Ga terug naar je leerplatform en klik opnieuw. Lukt het niet? Geef deze code aan je beheerder."),
            ),
        ),
        (
            frozenset({Reason.OTHER_BROWSER}),
            Refusal(
                _("Open je opleiding in een nieuw venster"),
                _("Je browser laat ons hier niets bijhouden."),
                _("Klik op de knop. Lukt het niet? Geef deze code aan de beheerder van je leerplatform."),
            ),
        ),
        (
            frozenset({Reason.NO_CONTENT}),
            Refusal(
                _("Hier is nog geen opleiding gekozen"),
                _("Deze link zegt nog niet welke opleiding je opent."),
                _("Vraag aan je lesgever om een opleiding te kiezen voor deze link."),
            ),
        ),
        (
            frozenset({Reason.NOT_FOR_LEARNERS}),
            Refusal(
                _("Dit is voor lesgevers"),
                _("Hier kiezen lesgevers welke opleiding ze plaatsen."),
                _("Geef je zelf les? Geef deze code dan aan de beheerder van je leerplatform."),
            ),
        ),
        (
            frozenset({Reason.NOTHING_TO_PLACE}),
            Refusal(
                _("Hier kunnen we niets plaatsen"),
                _("Je leerplatform aanvaardt op deze plek geen link naar een opleiding."),
                _("Kies een andere plek in je cursus, zoals een externe tool."),
            ),
        ),
        (
            frozenset({Reason.COURSE_CLOSED}),
            Refusal(
                _("Deze opleiding loopt nu niet"),
                _("De link verwijst naar een opleiding die je nu niet kan volgen."),
                _("Vraag aan je lesgever om een andere opleiding te kiezen."),
            ),
        ),
        (
            frozenset({Reason.ACCOUNT_CLOSED}),
            Refusal(
                _("Je account is gesloten"),
                _("Je kan met dit account geen opleiding openen."),
                _("Bel ons als je denkt dat dit niet klopt."),
            ),
        ),
        (
            frozenset({Reason.NOT_SIGNED_IN}),
            Refusal(
                _("Log opnieuw in bij je leerplatform"),
                _("Je leerplatform zegt dat je daar niet meer ingelogd bent."),
                _("Log daar in en klik opnieuw. Lukt het niet? Geef deze code aan je beheerder."),
            ),
        ),
        (
            frozenset({Reason.UNKNOWN_KEY}),
            Refusal(
                _("Probeer het straks opnieuw"),
                _("Je leerplatform tekent met een sleutel die we nog niet kennen."),
                _("Wacht een minuut en klik opnieuw. Lukt het dan nog niet? Geef deze code aan je beheerder."),
            ),
        ),
        (
            frozenset({Reason.NO_KEYS}),
            Refusal(
                _("Je leerplatform antwoordt niet"),
                _("We konden niet nagaan wie je bent."),
                _("Probeer het straks opnieuw. Lukt het dan nog niet? Geef deze code aan je beheerder."),
            ),
        ),
        (
            frozenset({Reason.PLATFORM_REFUSED}),
            Refusal(
                _("Je leerplatform laat dit niet toe"),
                _("Het wil ons niet zeggen wie je bent."),
                _("Probeer het straks opnieuw. Lukt het dan nog niet? Geef deze code aan je beheerder."),
            ),
        ),
    )


def _unknown() -> Refusal:
    return Refusal(
        _("We kunnen deze link niet openen"),
        _("Je leerplatform en Leerlabo verstaan elkaar nog niet goed."),
        _("Je deed niets verkeerd. Geef deze code aan de beheerder van je leerplatform."),
    )


def _shown(facts: Mapping[str, str]) -> list[tuple[str, str]]:
    """What an administrator can compare with her own settings."""
    return [(name, facts[name]) for name in SHOWN if name in facts]


def _plain(value: str) -> str:
    """What the other side gave, short enough for a log, and in signs that every terminal shows as they are."""
    ascii_only = value[:LONGEST_FACT].encode("ascii", "backslashreplace").decode()
    return "".join(sign for sign in ascii_only if sign.isprintable())
