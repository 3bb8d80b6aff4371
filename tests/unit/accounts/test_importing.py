from __future__ import annotations

import argparse
import io
from dataclasses import fields
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from lms.accounts import cli, queries, services
from lms.accounts.formats import tables
from lms.accounts.formats.tables import PersonRow, TableError, find_role, read_people
from lms.accounts.models import Person, RoleGrant
from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.identity import Role
from tests.factories.accounts import establishment_number, make_organisation, make_person

DUTCH = "Voornaam;Naam;E-mail;Gebruikersnaam;KBO-nummer;Vestiging;Functie;Rol"
ENGLISH = "First name,Last name,E-mail,User name,Organisation KBO,Establishment,Function,Role"
FRENCH = "Prénom\tNom\tCourriel\tIdentifiant\tNuméro d'entreprise\tUnité d'établissement\tFonction\tRôle"


def spreadsheet(*rows: tuple[object, ...]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.mark.parametrize(("heading", "between"), [(DUTCH, ";"), (ENGLISH, ","), (FRENCH, "\t")])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_columns_are_found_by_their_name_in_three_languages(heading: str, between: str, encoding: str) -> None:
    row = between.join(("Zoë", "Aerts", "zoe@example.org", "zoe", "0472.871.139", "Gent", "verzorgende", "opleider"))
    [person] = read_people(f"{heading}\r\n{row}\r\n".encode(encoding), "mensen.csv")
    assert person == PersonRow(
        2, "Zoë", "Aerts", "zoe@example.org", "zoe", "0472.871.139", "Gent", "verzorgende", "opleider"
    )


def test_a_spreadsheet_is_read_with_numbers_typed_as_numbers() -> None:
    content = spreadsheet(
        ("naam", "VOORNAAM *", "iets anders", "KBO"), ("Aerts", "Zoë", "x", 472871139), (), ("B", "A")
    )
    assert read_people(content, "Mensen.XLSX") == [
        PersonRow(2, "Zoë", "Aerts", kbo="472871139"),
        PersonRow(4, "A", "B"),
    ]


def test_every_column_of_a_row_has_its_names() -> None:
    assert set(tables._COLUMNS) == {each.name for each in fields(PersonRow)} - {"number"}
    assert set(tables._ROLES) == {role.value for role in Role}
    assert find_role("Responsable de formation") == "officer"
    assert find_role("") == "learner"
    assert find_role("directeur") is None


@pytest.mark.parametrize(
    ("content", "name"), [(b"", "a.csv"), (b"Naam\nAerts\n", "a.csv"), (b"no spreadsheet", "a.xlsx"), (b'"a', "a.csv")]
)
def test_a_file_that_is_no_list_of_people_is_refused(content: bytes, name: str) -> None:
    with pytest.raises(TableError):
        read_people(content, name)


@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.xlsx"]))
def test_any_file_is_read_or_refused_without_an_accident(content: bytes, name: str) -> None:
    try:
        read_people(content, name)
    except TableError:
        return


def test_good_rows_pass_and_each_bad_row_says_why(db: Session) -> None:
    organisation = make_organisation(db, kbo="0472871139", area="ouderenzorg")
    services.add_establishment(db, organisation.id, name="Gent", number=establishment_number(9))
    make_person(db, email="known@example.org")
    rows = [
        PersonRow(2, "Zoë", "Aerts", "zoe@example.org", kbo="BE 0472.871.139", establishment="gent", role="opleider"),
        PersonRow(3, "", "Zonder", "x@example.org"),
        PersonRow(4, "Kan", "Al", "KNOWN@example.org", kbo="472871139", establishment=establishment_number(9)),
        PersonRow(5, "Foute", "Kbo", kbo="0472871130"),
        PersonRow(6, "Foute", "Rol", role="directeur"),
        PersonRow(7, "Foute", "Plek", kbo="0472871139", establishment="Luik"),
        PersonRow(8, "Foute", "Mail", "geen mail"),
        PersonRow(9, "Vera", "Maes", "vera@example.org", kbo="0472871139", role="VTO-verantwoordelijke"),
        PersonRow(10, "Geen", "Organisatie", role="vto"),
        PersonRow(11, "Zonder", "Adres"),
    ]
    imported = services.import_people(db, rows)

    assert (imported.created, imported.known) == (3, 1)
    assert [number for number, reason in imported.refused] == [3, 5, 6, 7, 8, 10]
    assert all(reason for _number, reason in imported.refused)
    names = db.scalars(sa.select(Person.last_name).where(Person.first_name.in_(["Foute", "Geen"]))).all()
    assert names == []
    zoe = queries.find_person_by_name(db, "zoe@example.org")
    assert zoe is not None
    [job] = queries.list_jobs(db, zoe.id)
    assert (job.organisation_id, job.establishment) == (organisation.id, "Gent")
    grants = db.execute(sa.select(RoleGrant.role, RoleGrant.area, RoleGrant.organisation_id)).all()
    assert [tuple(grant) for grant in grants] == [("trainer", "ouderenzorg", None), ("officer", None, organisation.id)]
    assert services.import_people(db, rows).created == 1  # who has no address cannot be told from a namesake


def run(database: Database, *arguments: str) -> int:
    parser = argparse.ArgumentParser()
    cli.add_commands(parser.add_subparsers())
    chosen = parser.parse_args(["people", "import", *arguments])
    settings = Settings.from_environ({})
    code: int = chosen.run(chosen, settings, database)
    return code


def test_the_command_prints_bad_rows_and_says_so_in_its_exit_code(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mensen.csv"
    file.write_text(f"{DUTCH}\nZoë;Aerts;zoe@example.org;;;;;\n;Fout;;;;;;\n", encoding="utf-8")
    assert run(database, str(file), "--invite") == 1
    said = capsys.readouterr()
    assert said.err.startswith("row 3: ")
    assert "1 created, 0 already known, 1 refused" in said.out

    file.write_text(f"{DUTCH}\nZoë;Aerts;zoe@example.org;;;;;\n", encoding="utf-8")
    assert run(database, str(file)) == 0
    assert "0 created, 1 already known, 0 refused" in capsys.readouterr().out

    file.write_text("Naam\nAerts\n", encoding="utf-8")
    assert run(database, str(file)) == 1
    assert "first name" in capsys.readouterr().err
    assert run(database, str(tmp_path / "nergens.csv")) == 1
