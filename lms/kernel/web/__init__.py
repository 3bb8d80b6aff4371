"""The Flask glue every view stands on: the request's transaction, who asks, and how a page is made."""

from lms.kernel.web import frames
from lms.kernel.web.files import shown_file
from lms.kernel.web.flow import (
    asking_db,
    current_db,
    current_identity,
    database,
    drop_changes,
    page_number,
    reading_db,
    settings,
    storage,
    writes,
)
from lms.kernel.web.guards import requires, signed_in
from lms.kernel.web.pages import MenuItem, Place, render, say, show_area

__all__ = [
    "MenuItem",
    "Place",
    "asking_db",
    "current_db",
    "current_identity",
    "database",
    "drop_changes",
    "frames",
    "page_number",
    "reading_db",
    "render",
    "requires",
    "say",
    "settings",
    "show_area",
    "shown_file",
    "signed_in",
    "storage",
    "writes",
]
