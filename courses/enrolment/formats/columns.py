"""Which column holds what: by its name in Dutch, English or French, or by what stands in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from courses.enrolment.formats.tables import Table

HEADER_WITHIN = 10  # a title and a date may stand above the names of the columns


class Column(StrEnum):
    """What a column can hold. NAME is first and last name together; IGNORE is of no use here."""

    IGNORE = "ignore"
    FIRST_NAME = "first-name"
    LAST_NAME = "last-name"
    NAME = "name"
    EMAIL = "email"
    USER_NAME = "user-name"
    STAFF_NUMBER = "staff-number"
    ESTABLISHMENT = "establishment"
    JOB_TITLE = "job-title"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is built. `header`: the number of the row with names, or 0; rows up to it hold no people."""

    header: int
    headings: tuple[str, ...]
    columns: tuple[Column, ...]


_NAMES: dict[Column, str] = {
    Column.FIRST_NAME: "voornaam roepnaam firstname givenname forename first prenom",
    Column.LAST_NAME: "achternaam familienaam lastname surname familyname last nomdefamille",
    Column.NAME: "naam name nom volledigenaam fullname nomcomplet medewerker employee collaborateur werknemer "
    "naamenvoornaam voornaamennaam naamvoornaam voornaamnaam nometprenom nomprenom prenometnom prenomnom",
    Column.EMAIL: "email mail emailadres mailadres emailaddress mailaddress adressemail adressemel adresseemail "
    "courriel adressecourriel epost emailwerk werkmail workemail",
    Column.USER_NAME: "gebruikersnaam gebruiker username user login loginnaam nomdutilisateur utilisateur identifiant",
    Column.STAFF_NUMBER: "personeelsnummer personeelsnr nummer nr stamnummer stamboeknummer werknemersnummer "
    "medewerkersnummer staffnumber staffno employeenumber employeeno employeeid personnelnumber number no "
    "numero numerodupersonnel numeropersonnel numerodemploye matricule",
    Column.ESTABLISHMENT: "vestiging dienst locatie afdeling team site establishment location branch department "
    "etablissement siege lieu service",
    Column.JOB_TITLE: "functie functienaam beroep jobtitle job function position role fonction poste metier",
    Column.LANGUAGE: "taal voertaal taalcode language lang langue",
}
_BY_NAME = {name: column for column, names in _NAMES.items() for name in names.split()}


def recognise_columns(table: Table) -> Layout:
    """The layout this table most probably has. Each kind of column is given once; an officer can correct it."""
    best, header = 0, 0
    for place, row in enumerate(table.rows[:HEADER_WITHIN]):
        known = sum(_named(cell) is not None for cell in row.cells)
        filled = sum(bool(cell) for cell in row.cells)
        if known > best and (known >= 2 or known * 2 >= filled):
            best, header = known, place + 1
    if not header:
        return Layout(0, ("",) * table.width, _guess(table))
    names = table.rows[header - 1]
    return Layout(names.number, names.cells, _by_name(names.cells))


def _named(cell: str) -> Column | None:
    plain = unicodedata.normalize("NFKD", cell.casefold())
    return _BY_NAME.get(re.sub(r"[^a-z0-9]", "", plain))


def _by_name(cells: Sequence[str]) -> tuple[Column, ...]:
    columns: list[Column] = []
    for cell in cells:
        column = _named(cell) or Column.IGNORE
        columns.append(column if column not in columns else Column.IGNORE)
    if Column.FIRST_NAME in columns and Column.NAME in columns and Column.LAST_NAME not in columns:
        columns[columns.index(Column.NAME)] = Column.LAST_NAME  # "Naam" beside "Voornaam" is the last name
    return tuple(columns)


def _guess(table: Table) -> tuple[Column, ...]:
    """Without names: an @ tells an address, digits a number, and letters the name in one cell or in two."""
    columns = [_kind([row.cells[place] for row in table.rows]) for place in range(table.width)]
    for kind in (Column.EMAIL, Column.STAFF_NUMBER):
        for place in [place for place, column in enumerate(columns) if column is kind][1:]:
            columns[place] = Column.IGNORE
    texts = [place for place, column in enumerate(columns) if column is Column.NAME]
    if len(texts) > 1:
        columns[texts[0]], columns[texts[1]] = Column.FIRST_NAME, Column.LAST_NAME
    for place in texts[2:]:
        columns[place] = Column.IGNORE
    return tuple(columns)


def _kind(cells: Sequence[str]) -> Column:
    filled = [cell for cell in cells if cell]
    if 2 * sum("@" in cell for cell in filled) > len(filled):
        return Column.EMAIL
    if 2 * sum(any(letter.isdigit() for letter in cell) for cell in filled) > len(filled):
        return Column.STAFF_NUMBER
    return Column.NAME
