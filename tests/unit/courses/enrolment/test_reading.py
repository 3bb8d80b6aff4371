"""Lists come in every shape Excel knows; none of them may fail without a sentence, and row numbers are Excel's."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from courses.enrolment.formats import (
    MAX_BYTES,
    MAX_ROWS,
    Column,
    Table,
    read_file,
    read_paste,
    read_person,
    recognise_columns,
)
from lms.kernel.errors import Refused

WORD = st.text(st.characters(whitelist_categories=("L", "Nd", "P"), blacklist_characters='"'), min_size=1, max_size=12)
ROWS = st.lists(st.lists(st.one_of(st.just(""), WORD), min_size=3, max_size=3), min_size=1, max_size=8).filter(
    lambda rows: any(any(row) for row in rows) and all(any(row) for row in rows[:1])
)


def as_xlsx(rows: Sequence[Sequence[str | float]]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for number, row in enumerate(rows, 1):
        for place, value in enumerate(row, 1):
            cell = sheet.cell(number, place, value=value)
            if isinstance(value, str):
                cell.data_type = "s"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def as_csv(rows: Sequence[Sequence[str]], mark: str) -> str:
    target = io.StringIO()
    csv.writer(target, delimiter=mark, quoting=csv.QUOTE_ALL).writerows(rows)
    return target.getvalue()


def plain(table: Table) -> list[tuple[int, tuple[str, ...]]]:
    """Numbers and cells."""
    return [(row.number, row.cells) for row in table.rows]


def read_or_sentence(read: Callable[[], Table]) -> Table | str:
    """The table, or what the officer reads instead."""
    try:
        return read()
    except Refused as refused:
        return str(refused)


# ---- shapes ----------------------------------------------------------------------------------------------------------


@given(st.text())
def test_any_text_is_read_or_refused_with_a_sentence(text: str) -> None:
    table = read_or_sentence(lambda: read_paste(text))
    assert table
    if isinstance(table, Table):
        layout = recognise_columns(table)
        assert len(layout.columns) == table.width
        assert [read_person(layout.columns, row.cells) for row in table.rows]


@given(st.binary(), st.sampled_from(["a.csv", "a.xlsx", "a", ""]), st.sampled_from([b"", b"PK\x03\x04"]))
def test_any_file_is_read_or_refused_with_a_sentence(data: bytes, name: str, start: bytes) -> None:
    table = read_or_sentence(lambda: read_file(name, start + data))
    assert table
    assert isinstance(table, str) or table.rows


@given(ROWS)
def test_a_paste_a_csv_and_a_workbook_hold_the_same_rows(rows: list[list[str]]) -> None:
    expected = plain(read_file("a.xlsx", as_xlsx(rows)))
    assert plain(read_file("a.csv", as_csv(rows, ";").encode("utf-8-sig"))) == expected
    assert plain(read_file("a.csv", as_csv(rows, "\t").encode("utf-16"))) == expected
    assert plain(read_paste(as_csv(rows, "\t"))) == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("mark", [";", ",", "\t"])
def test_every_encoding_and_mark_of_excel_is_read(encoding: str, mark: str) -> None:
    text = mark.join(["Voornaam", "Naam", "E-mail"]) + "\r\n" + mark.join(["José", "Óğuz-Wójcik"[:1] + "man", "j@x.be"])
    table = read_file("lijst.csv", text.encode(encoding))
    assert table.rows[1].cells == ("José", "Óman", "j@x.be")
    assert recognise_columns(table).columns == (Column.FIRST_NAME, Column.LAST_NAME, Column.EMAIL)


def test_empty_rows_are_skipped_and_keep_their_number() -> None:
    table = read_paste("Naam\n\nKelly Aerts\n\t\nRita Coppens\n")
    assert [row.number for row in table.rows] == [1, 3, 5]


def test_the_line_that_tells_excel_the_separator_is_no_row() -> None:
    table = read_file("a.csv", b"sep=;\r\nVoornaam;Naam\r\nKelly;Aerts\r\n")
    assert [(row.number, row.cells) for row in table.rows] == [(1, ("Voornaam", "Naam")), (2, ("Kelly", "Aerts"))]


def test_a_lone_quote_does_not_swallow_the_list() -> None:
    assert len(read_paste('Naam\n"Jef Peeters\nKelly Aerts\nRita Coppens').rows) == 4


def test_a_line_break_in_a_cell_is_one_row() -> None:
    table = read_paste('Naam\tVestiging\n"Kelly\nAerts"\tGent\nRita Coppens\tDeinze')
    assert [(row.number, row.cells[0]) for row in table.rows] == [(1, "Naam"), (2, "Kelly Aerts"), (3, "Rita Coppens")]


def test_numbers_from_a_workbook_lose_their_point() -> None:
    table = read_file("a.xlsx", as_xlsx([["Naam", "Nummer"], ["Kelly Aerts", 10428.0]]))
    assert table.rows[1].cells == ("Kelly Aerts", "10428")


def test_the_first_sheet_with_something_in_it_is_read() -> None:
    book = Workbook()
    book.create_sheet("Lijst").append(["Kelly Aerts"])
    target = io.BytesIO()
    book.save(target)
    assert read_file("a.xlsx", target.getvalue()).rows[0].cells == ("Kelly Aerts",)


# ---- limits ----------------------------------------------------------------------------------------------------------


def test_more_than_five_thousand_rows_are_refused() -> None:
    read_paste("Naam\n" + "Kelly Aerts\n" * MAX_ROWS)
    with pytest.raises(Refused, match=r"meer dan 5\.000 rijen"):
        read_paste("Naam\n" + "Kelly Aerts\n" * (MAX_ROWS + 1))


def test_more_than_ten_megabytes_are_refused() -> None:
    with pytest.raises(Refused, match="10 MB"):
        read_file("a.csv", b"x" * (MAX_BYTES + 1))


def test_a_file_that_unpacks_to_too_much_is_refused() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (61 * 1024 * 1024))
    assert len(target.getvalue()) < 1024 * 1024
    with pytest.raises(Refused, match="uitgepakt te groot"):
        read_file("a.xlsx", target.getvalue())


def test_a_cell_in_the_farthest_corner_costs_nothing() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["A1048576"], sheet["XFD1"] = "Kelly Aerts", "ver onder", "ver weg"
    target = io.BytesIO()
    book.save(target)
    assert [row.cells for row in read_file("a.xlsx", target.getvalue()).rows] == [("Kelly Aerts",)]


@pytest.mark.parametrize(("name", "data"), [("a.xls", b"\xd0\xcf\x11\xe0\xa1"), ("a.pdf", b"%PDF"), ("a.zip", b"")])
def test_another_kind_of_file_says_what_to_do(name: str, data: bytes) -> None:
    if name == "a.zip":
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr("a.txt", "x")
        data = target.getvalue()
    with pytest.raises(Refused, match=r"\.xlsx"):
        read_file(name, data)


# ---- columns and names -----------------------------------------------------------------------------------------------

LONG = "first last email number place job language"


@pytest.mark.parametrize(
    ("heads", "columns"),
    [
        ("Voornaam|Naam|E-mail|Personeelsnummer|Vestiging|Functie|Taal", LONG),
        ("First name|Last name|E-mail address|Staff number|Establishment|Function|Language", LONG),
        ("Prénom|Nom|Adresse e-mail|Numéro|Établissement|Fonction|Langue", LONG),
        ("Achternaam|Voornaam|Gebruikersnaam", "last first user"),
        ("Naam|Nummer", "name number"),
        ("NAAM |  e-mailadres", "name email"),
        ("Naam|Schoenmaat|Naam", "name ignore ignore"),
    ],
)  # fmt: skip
def test_columns_are_known_by_their_name_in_three_languages(heads: str, columns: str) -> None:
    words = {
        "first": Column.FIRST_NAME, "last": Column.LAST_NAME, "email": Column.EMAIL, "number": Column.STAFF_NUMBER,
        "place": Column.ESTABLISHMENT, "job": Column.JOB_TITLE, "language": Column.LANGUAGE, "name": Column.NAME,
        "user": Column.USER_NAME, "ignore": Column.IGNORE,
    }  # fmt: skip
    layout = recognise_columns(read_paste("\t".join(heads.split("|")) + "\nx\ty"))
    assert layout.columns == tuple(words[word] for word in columns.split())
    assert layout.header == 1


def test_a_title_may_stand_above_the_names_of_the_columns() -> None:
    layout = recognise_columns(read_paste("Inschrijvingen mei\n\nVoornaam\tNaam\nKelly\tAerts"))
    assert layout.header == 3


def test_without_names_the_cells_tell() -> None:
    layout = recognise_columns(read_paste("Kelly\tAerts\tkelly@x.be\t10428\nRita\tCoppens\trita@x.be\t10429"))
    assert layout.columns == (Column.FIRST_NAME, Column.LAST_NAME, Column.EMAIL, Column.STAFF_NUMBER)
    assert layout.header == 0


@pytest.mark.parametrize(
    ("cell", "first", "last"),
    [
        ("Kelly Aerts", "Kelly", "Aerts"),
        ("Aerts, Kelly", "Kelly", "Aerts"),
        ("AERTS Kelly", "Kelly", "AERTS"),
        ("Jonas De Backer", "Jonas", "De Backer"),
        ("Jonas DE BACKER", "Jonas", "DE BACKER"),
        ("Cher", "Cher", ""),
    ],
)
def test_a_name_in_one_cell_is_split(cell: str, first: str, last: str) -> None:
    person = read_person([Column.NAME], [cell])
    assert (person.first_name, person.last_name) == (first, last)


def test_a_list_of_names_with_commas_is_one_column() -> None:
    table = read_paste("Aerts, Kelly\nDe Backer, Jonas")
    assert read_person(recognise_columns(table).columns, table.rows[1].cells).name == "Jonas De Backer"


def test_addresses_languages_and_dashes_are_cleaned() -> None:
    columns = [Column.FIRST_NAME, Column.EMAIL, Column.LANGUAGE, Column.STAFF_NUMBER]
    person = read_person(columns, ["Emma", "Emma Peeters <Emma@X.be>", "Français", "-"])
    assert (person.email, person.language, person.staff_number) == ("emma@x.be", "fr", "")
