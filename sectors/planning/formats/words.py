"""What is wrong with a row and what to do, and the other words of the officer's desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from courses.enrolment.formats import Column
from lms.kernel.i18n import gettext as _


def explain(number: int, problem: str, fields: Mapping[str, str], names: Sequence[str], detail: str = "") -> str:
    """One or two sentences: the row, why it cannot go through, and whom it may mean. `names`: the candidates."""
    sentence = _sentence(problem, fields, names[0] if names else "", detail)
    row = _("Rij %(number)s.", number=number)
    return f"{row} {sentence}"


def _sentence(problem: str, fields: Mapping[str, str], name: str, detail: str) -> str:
    number = fields.get("staff_number", "")
    listed = f"{fields.get('first_name', '')} {fields.get('last_name', '')}".strip()
    if problem == "number-unknown" and name:
        return _("Nummer %(number)s bestaat niet. Bedoel je %(name)s?", number=number, name=name)
    sentences = {
        "number-unknown": _("Nummer %(number)s bestaat niet. Vul ook de naam in.", number=number),
        "number-of-other": _("Nummer %(number)s is van %(name)s. Bedoel je haar of hem?", number=number, name=name),
        "name-missing": _("De naam is niet volledig. Vul de voornaam en de naam in."),
        "email-wrong": _("%(email)s is geen e-mailadres. Verbeter het.", email=fields.get("email", "")),
        "email-of-other": _("Dit e-mailadres is van %(name)s. Bedoel je haar of hem?", name=name),
        "email-differs": _("%(name)s heeft bij ons een ander e-mailadres. Is het dezelfde persoon?", name=name),
        "email-taken": _("Dit e-mailadres heeft al een account. Bel ons, wij koppelen het."),
        "user-name-wrong": _("Deze gebruikersnaam kan niet. Gebruik letters, cijfers, punten en streepjes."),
        "user-name-taken": _("Deze gebruikersnaam is al in gebruik. Kies een andere, of laat ze leeg."),
        "same-name": _("Er werkt iemand die %(name)s heet. Kies wie je bedoelt.", name=name or listed),
        "close-name": _("%(listed)s kennen we niet. Bedoel je %(name)s?", listed=listed, name=name),
        "blocked": _("Dit account is gesloten. Bel ons om het te openen."),
        "twice": _("Staat ook in rij %(number)s. Eén keer is genoeg.", number=detail),
        "gone": _("Deze persoon werkt hier niet meer."),
    }
    return sentences.get(problem, _("Deze rij is niet in orde. Verbeter ze, of sla ze over."))


def column_names() -> list[tuple[str, str]]:
    """What a column can hold, as (value, words)."""
    words = {
        Column.IGNORE: _("Niet gebruiken"),
        Column.FIRST_NAME: _("Voornaam"),
        Column.LAST_NAME: _("Naam"),
        Column.NAME: _("Voornaam en naam samen"),
        Column.EMAIL: _("E-mailadres"),
        Column.USER_NAME: _("Gebruikersnaam"),
        Column.STAFF_NUMBER: _("Personeelsnummer"),
        Column.ESTABLISHMENT: _("Vestiging"),
        Column.JOB_TITLE: _("Functie"),
        Column.LANGUAGE: _("Taal"),
    }
    return [(column.value, words[column]) for column in Column]


def status_word(status: str) -> str:
    """Where somebody stands, for a sheet; the page shows the same as a chip."""
    return {
        "done": _("Klaar"),
        "todo": _("Niet gestart"),
        "busy": _("Bezig"),
        "behind": _("Ligt stil"),
    }.get(status, _("Geen opleiding"))
