"""Publishing courses from folders: those that ship with the product, and an author's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from courses.authoring.formats import CourseReading, Finding, read_course
from courses.authoring.services.folders import read_folder
from courses.catalogue.models import CourseVersion
from courses.catalogue.queries import get_course
from courses.catalogue.services import PreparedVersion, prepare_version, publish_version, set_offers
from lms.kernel.errors import Refused
from lms.kernel.i18n import gettext as _
from lms.kernel.storage import Storage
from sectors.areas import all_areas


class HasFindings(Refused):
    """A folder has something to mend; `findings` says what and where."""

    def __init__(self, name: str, findings: Sequence[Finding]) -> None:
        super().__init__(_("“%(name)s” is nog niet in orde.", name=name))
        self.findings = tuple(findings)


def check_folder(folder: Path) -> CourseReading:
    """Read and check a course on disk."""
    return read_course(read_folder(folder), folder_name=folder.name, known_areas=all_areas())


def prepare_folder(folder: Path, *, storage: Storage) -> PreparedVersion:
    """Read a course and store its files, outside any transaction. Raises `HasFindings` when an error stands."""
    files = read_folder(folder)
    reading = read_course(files, folder_name=folder.name, known_areas=all_areas())
    if reading.outline is None or reading.errors:
        raise HasFindings(folder.name, reading.errors)
    return prepare_version(reading.outline, {path: files[path] for path in reading.media}, storage=storage)


def publish_folder(db: Session, prepared: PreparedVersion, *, published_by: int | None = None) -> CourseVersion:
    """Publish a course that was read from disk, and offer it in exactly the areas it names."""
    version = publish_version(db, prepared, published_by=published_by)
    set_offers(db, get_course(db, prepared.outline.id), prepared.outline.areas)
    return version
