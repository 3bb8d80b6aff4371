"""From what an officer pasted or uploaded to rows of cells, numbered as Excel numbers them.

Whatever comes in, the answer is a table or a `Refused` that says what to do. Files are bounded before they are opened:
a small .xlsx may unpack to gigabytes, or claim a cell in row 1,048,576.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook

from lms.kernel.errors import Refused
from lms.kernel.i18n import format_number
from lms.kernel.i18n import gettext as _

MAX_ROWS = 5_000
MAX_BYTES = 10 * 1024 * 1024
MAX_UNPACKED = 60 * 1024 * 1024
MAX_COLUMNS = 40
MAX_CELL = 300
LAST_ROW = 2 * MAX_ROWS  # empty rows count in Excel's numbers, so the list may run on below 5,000

_SEPARATORS = ("\t", ";", ",")
_EXCEL = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_SEPARATOR_LINE = re.compile(r"\ufeff?\"?sep=(.)\"?", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ufeff\ufffe\uffff\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row that holds something. `number` is the one Excel shows beside it."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows that hold something, all equally long."""

    rows: tuple[TableRow, ...]

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.rows[0].cells) if self.rows else 0


def read_paste(text: str) -> Table:
    """Cells copied in Excel and pasted: tabs between them. Also text with semicolons or commas. Raises `Refused`."""
    _check_size(len(text))
    return _table(_records(text))


def read_file(name: str, data: bytes) -> Table:
    """An uploaded .xlsx or .csv, told apart by what it holds and not by its name. Raises `Refused`."""
    _check_size(len(data))
    if data.startswith(_OLD_EXCEL) or name.lower().endswith((".xls", ".ods", ".pdf", ".docx")):
        raise Refused(_("Dit soort bestand kunnen we niet lezen. Bewaar het in Excel als .xlsx."))
    if data.startswith(_EXCEL):
        return _table(_sheet(data))
    return _table(_records(_decode(data)))


def _check_size(size: int) -> None:
    if size > MAX_BYTES:
        raise Refused(_("De lijst is groter dan 10 MB. Bewaar alleen de kolommen die je nodig hebt."))


def _table(records: Iterable[Sequence[Any]]) -> Table:
    rows: list[tuple[int, list[str]]] = []
    for number, record in enumerate(records, 1):
        cells = [_clean(cell) for cell in record[:MAX_COLUMNS]]
        if any(cells):
            rows.append((number, cells))
        if len(rows) > MAX_ROWS + 1:  # one more: the names of the columns
            most = format_number(MAX_ROWS)
            raise Refused(_("De lijst heeft meer dan %(most)s rijen. Verdeel ze over twee lijsten.", most=most))
    if not rows:
        raise Refused(_("De lijst is leeg. Plak de rijen uit Excel, of kies een bestand."))
    width = max(_last_filled(cells) for _number, cells in rows)
    return Table(tuple(TableRow(number, tuple((cells + [""] * width)[:width])) for number, cells in rows))


def _last_filled(cells: list[str]) -> int:
    return max(place for place, cell in enumerate(cells, 1) if cell)


def _clean(cell: Any) -> str:
    """The cell as one reads it: a number without .0, a day without its midnight, no line breaks."""
    if cell is None or isinstance(cell, bool):
        return ""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else str(cell)
    if isinstance(cell, datetime | date):
        return cell.strftime("%Y-%m-%d")
    return " ".join(_CONTROL.sub(" ", str(cell)).split())[:MAX_CELL].strip()


# ---- text ------------------------------------------------------------------------------------------------------------


def _decode(data: bytes) -> str:
    """Excel writes UTF-8 with a mark, UTF-16 ("Unicode text") or Windows' own letters, and never says which."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    if data.startswith(b"\xef\xbb\xbf"):
        return data[3:].decode("utf-8", errors="replace")
    if data[1:200:2].count(0) * 4 > len(data[1:200:2]):
        return data.decode("utf-16-le", errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _records(text: str) -> Iterator[list[str]]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    first, _newline, rest = lines.partition("\n")
    told = _SEPARATOR_LINE.fullmatch(first.strip(" "))
    if told:
        lines = rest  # a line for Excel alone, which shows no row for it
    separator = told[1] if told and told[1] in _SEPARATORS else _separator(lines)
    # A lone quote would swallow the rest of the list; then quotes are ordinary letters.
    quoting = csv.QUOTE_NONE if lines.count('"') % 2 else csv.QUOTE_MINIMAL
    yield from _parse(lines, separator, quoting)


def _parse(lines: str, separator: str, quoting: Any) -> Iterator[list[str]]:
    limit = csv.field_size_limit(MAX_BYTES)
    try:
        yield from csv.reader(io.StringIO(lines, newline=""), delimiter=separator, quoting=quoting)
    except csv.Error:
        raise Refused(_("We kunnen deze lijst niet lezen. Kopieer de rijen in Excel en plak ze hier.")) from None
    finally:
        csv.field_size_limit(limit)


def _separator(lines: str) -> str:
    """The mark that stands in most of the first lines. "Aerts, Kelly" is a name: that comma parts no cells."""
    sample = [line for line in lines[:20_000].split("\n") if line.strip()][:20]
    for mark in ("\t", ";"):
        if 2 * sum(mark in line for line in sample) > len(sample):
            return mark
    commas = sum("," in line for line in sample)
    is_name = all(re.search(r",\S", line) is None and line.count(",") <= 1 for line in sample)
    if 2 * commas > len(sample) and not is_name:
        return ","
    return "\t"


# ---- Excel -----------------------------------------------------------------------------------------------------------


def _sheet(data: bytes) -> Iterator[tuple[Any, ...]]:
    """The first sheet that holds something. Read row by row: a library that lays out the whole sheet at once would take
    all memory for one cell in the farthest corner.
    """
    _check_unpacked(data)
    unreadable = Refused(_("We kunnen dit bestand niet lezen. Open het in Excel en bewaar het als .xlsx."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about looks that are of no use here
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            for sheet in book.worksheets:
                sheet.reset_dimensions()
                rows = list(sheet.iter_rows(max_row=LAST_ROW, max_col=MAX_COLUMNS, values_only=True))
                if any(cell is not None for row in rows for cell in row):
                    return iter(rows)
    except Exception:  # noqa: BLE001  a damaged file fails in a hundred ways inside the library
        raise unreadable from None
    return iter(())


def _check_unpacked(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
            is_workbook = any(part.filename.startswith("xl/") for part in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError):
        unpacked, is_workbook = 0, False
    if not is_workbook:
        raise Refused(_("We kunnen dit bestand niet lezen. Open het in Excel en bewaar het als .xlsx."))
    if unpacked > MAX_UNPACKED:
        raise Refused(_("Dit bestand is uitgepakt te groot. Kopieer de rijen naar een nieuw werkblad."))
