"""Questions to the record."""

from xapi.statements.queries.asking import EPOCH, Filter
from xapi.statements.queries.attached import FILES, file_key, find_files, list_named_files, multipart_of
from xapi.statements.queries.consistency import consistent_through
from xapi.statements.queries.defining import define_activities
from xapi.statements.queries.lists import Cursor, Page, list_statements
from xapi.statements.queries.one import Found, find_import, find_statement
from xapi.statements.queries.visible import is_voided

__all__ = [
    "EPOCH",
    "FILES",
    "Cursor",
    "Filter",
    "Found",
    "Page",
    "consistent_through",
    "define_activities",
    "file_key",
    "find_files",
    "find_import",
    "find_statement",
    "is_voided",
    "list_named_files",
    "list_statements",
    "multipart_of",
]
