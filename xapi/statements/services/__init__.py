"""Keep statements and files, void, and forget answers: what other features and the Statement resource call."""

from xapi.statements.services.files import drop_unnamed_files, keep_files
from xapi.statements.services.forgetting import forget_responses
from xapi.statements.services.importing import Imported, import_piece
from xapi.statements.services.storing import store, store_received, void_statement

__all__ = [
    "Imported",
    "drop_unnamed_files",
    "forget_responses",
    "import_piece",
    "keep_files",
    "store",
    "store_received",
    "void_statement",
]
