"""What an officer typed or chose, into values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from uuid import UUID

from werkzeug.datastructures import FileStorage

from courses.enrolment.formats import (
    MAX_BYTES,
    Column,
    ListedPerson,
    Table,
    read_file,
    read_paste,
    read_person,
)
from lms.kernel.errors import Refused
from lms.kernel.i18n import gettext as _
from sectors.planning.queries.staff import SORTS, VIEWS, StaffFilter

_ROW_COLUMNS = {
    "first_name": Column.FIRST_NAME,
    "last_name": Column.LAST_NAME,
    "email": Column.EMAIL,
    "user_name": Column.USER_NAME,
    "staff_number": Column.STAFF_NUMBER,
    "establishment": Column.ESTABLISHMENT,
    "job_title": Column.JOB_TITLE,
    "language": Column.LANGUAGE,
}


def read_filter(arguments: Mapping[str, str]) -> StaffFilter:
    """The filters in the address of the staff list. Whatever is not one of ours is left out."""
    place, view, sort = arguments.get("place", ""), arguments.get("view", ""), arguments.get("sort", "")
    return StaffFilter(
        view=view if view in VIEWS else "all",
        search=arguments.get("q", "").strip()[:80],
        place=int(place) if place.isascii() and place.isdecimal() and len(place) < 10 else None,
        job_title=arguments.get("job", "")[:120],
        course=arguments.get("course", "")[:60],
        sort=sort if sort in SORTS else "name",
        direction="down" if arguments.get("dir") == "down" else "up",
    )


def filter_arguments(wanted: StaffFilter) -> dict[str, str]:
    """The same filters for an address; what says nothing special is left out."""
    values = asdict(wanted)
    names = {"view": "view", "search": "q", "place": "place", "job_title": "job", "course": "course", "sort": "sort"}
    found = {name: str(values[field]) for field, name in names.items() if values[field]}
    found |= {"dir": "down"} if wanted.direction == "down" else {}
    return {name: value for name, value in found.items() if (name, value) not in (("view", "all"), ("sort", "name"))}


def read_table(text: str, upload: FileStorage | None) -> tuple[Table, str]:
    """The list that was pasted or uploaded, and the name of its file. Raises `Refused` with the field it is about."""
    if upload is not None and upload.filename:
        name = upload.filename.replace("\\", "/").rsplit("/", 1)[-1]
        field = "file"
    else:
        name, field = "", "list"
    try:
        if upload is not None and name:
            return read_file(name, upload.stream.read(MAX_BYTES + 1)), name
        return read_paste(text), name
    except Refused as refused:
        raise Refused(_("We konden de lijst nog niet lezen."), {field: str(refused)}) from None


def read_row(form: Mapping[str, str]) -> ListedPerson:
    """A row as it was mended, cleaned in the same way as a list is."""
    columns = list(_ROW_COLUMNS.values())
    return read_person(columns, [" ".join(form.get(name, "").split()) for name in _ROW_COLUMNS])


def read_uuids(words: Iterable[str]) -> list[UUID]:
    """The ids among these words; the rest is left out."""
    found = []
    for word in words:
        try:
            found.append(UUID(word))
        except ValueError:
            continue
    return found
