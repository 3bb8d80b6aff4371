"""A list of people as somebody keeps it in a spreadsheet: columns found by their name, in three languages."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from python_calamine import CalamineError, CalamineWorkbook

MAX_ROWS = 20_000
_COLUMNS = {
    "first_name": "voornaam, first name, given name, prenom",
    "last_name": "naam, achternaam, familienaam, last name, surname, family name, nom, nom de famille",
    "email": "e-mail, email, e-mailadres, mail, mailadres, email address, adresse e-mail, courriel",
    "user_name": "gebruikersnaam, login, user name, username, nom d'utilisateur, utilisateur, identifiant",
    "kbo": "kbo, kbo-nummer, ondernemingsnummer, organisatie kbo, cbe, cbe number, enterprise number, company number, "
    "organisation kbo, bce, numero bce, numero d'entreprise",
    "establishment": "vestiging, vestigingsnummer, werkplek, establishment, establishment number, workplace, "
    "unite d'etablissement, etablissement, lieu de travail",
    "job_title": "functie, beroep, function, job, job title, fonction, metier",
    "role": "rol, role, rolle",
}
_ROLES = {
    "learner": "medewerker, deelnemer, learner, employee, participant, collaborateur, collaboratrice, apprenant",
    "officer": "vto-verantwoordelijke, vto, officer, training officer, responsable formation, responsable de formation",
    "teacher": "leerkracht, teacher, enseignant, enseignante",
    "trainer": "opleider, lesgever, trainer, formateur, formatrice",
    "digicoach": "digicoach, digi-coach, digital coach, coach numerique",
    "delegate": "vakbondsafgevaardigde, afgevaardigde, delegate, union delegate, delegue, delegue syndical",
    "consultant": "sectorconsulent, consulent, consultant, sector consultant, conseiller sectoriel",
    "admin": "beheerder, admin, administrator, administrateur",
}


class TableError(Exception):
    """The file cannot be read as a list of people. `missing`: the columns it lacks; empty when it is no list at all."""

    def __init__(self, message: str, missing: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.missing = tuple(missing)


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One row as typed. `number`: its row in the file, counted from 1, the heading included."""

    number: int
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    user_name: str = ""
    kbo: str = ""
    establishment: str = ""
    job_title: str = ""
    role: str = ""


def read_people(content: bytes, file_name: str) -> list[PersonRow]:
    """The rows of an .xlsx or .csv file; empty rows are passed over. Raises `TableError`."""
    rows = list(_cells(content, file_name))
    if not rows:
        raise TableError("the file is empty")
    if len(rows) > MAX_ROWS:
        raise TableError(f"the file has more than {MAX_ROWS} rows")
    columns = _find_columns(rows[0])
    return [
        PersonRow(number, **{name: row[place] for name, place in columns.items() if place < len(row)})
        for number, row in enumerate(rows[1:], start=2)
        if any(row)
    ]


def find_role(words: str) -> str | None:
    """The code of a role in one of three languages, or None; an empty cell is a learner."""
    plain = _plain(words)
    return "learner" if not plain else _ROLE_CODES.get(plain)


def _find_columns(heading: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, words in enumerate(heading):
        name = _COLUMN_NAMES.get(_plain(words))
        if name is not None:
            found.setdefault(name, place)
    missing = [name for name in ("first_name", "last_name") if name not in found]
    if missing:
        raise TableError("columns are missing", missing)
    return found


def _cells(content: bytes, file_name: str) -> Iterator[list[str]]:
    return _sheet_cells(content) if file_name.lower().endswith((".xlsx", ".xlsm", ".ods")) else _csv_cells(content)


def _sheet_cells(content: bytes) -> Iterator[list[str]]:
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    except (CalamineError, OSError, ValueError) as error:
        raise TableError("the file is no spreadsheet") from error
    for row in sheet.to_python(skip_empty_area=False):
        yield [_text(cell) for cell in row]


def _text(cell: object) -> str:
    """A number typed in a cell comes back as 472871139.0."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _csv_cells(content: bytes) -> Iterator[list[str]]:
    text = _decoded(content)
    first_line = text.split("\n", 1)[0]
    delimiter = max(";,\t", key=first_line.count)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            yield [cell.strip() for cell in row]
    except csv.Error as error:
        raise TableError("the file is no list") from error


def _decoded(content: bytes) -> str:
    """Excel writes UTF-8 with a mark, or the old code page of Western Europe."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _plain(words: str) -> str:
    """Without accents, capitals, and what stands between words: "Prénom *" is prenom."""
    bare = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]", "", bare)


def _codes(words_of: dict[str, str]) -> dict[str, str]:
    return {_plain(words): code for code, listed in words_of.items() for words in (code, *listed.split(","))}


_COLUMN_NAMES = _codes(_COLUMNS)
_ROLE_CODES = _codes(_ROLES)
