"""Lists of people as officers have them: pasted from Excel, or an .xlsx or .csv file. Text in, rows out."""

from courses.enrolment.formats.columns import Column, Layout, recognise_columns
from courses.enrolment.formats.people import ListedPerson, is_email, is_user_name, plain_name, read_person
from courses.enrolment.formats.tables import MAX_BYTES, MAX_ROWS, Table, TableRow, read_file, read_paste

__all__ = [
    "MAX_BYTES",
    "MAX_ROWS",
    "Column",
    "Layout",
    "ListedPerson",
    "Table",
    "TableRow",
    "is_email",
    "is_user_name",
    "plain_name",
    "read_file",
    "read_paste",
    "read_person",
    "recognise_columns",
]
