"""Keep statements and files, void, forget: what other features and the Statement resource call."""

from xapi.statements.services.files import drop_unnamed_files, keep_files
from xapi.statements.services.forgetting import forget_actor, forget_person
from xapi.statements.services.importing import Imported, Judged, import_piece, judge_piece
from xapi.statements.services.purging import Purgeable, count_purgeable, open_purge, purge_piece
from xapi.statements.services.standing import Erasable, find_erasable
from xapi.statements.services.storing import store, store_received, void_statement

__all__ = [
    "Erasable",
    "Imported",
    "Judged",
    "Purgeable",
    "count_purgeable",
    "drop_unnamed_files",
    "find_erasable",
    "forget_actor",
    "forget_person",
    "import_piece",
    "judge_piece",
    "keep_files",
    "open_purge",
    "purge_piece",
    "store",
    "store_received",
    "void_statement",
]
