"""Courses as folders on disk: those that ship with the product, and those an author works on."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from courses.authoring.queries import MANIFEST
from lms.kernel.errors import Refused
from lms.kernel.i18n import gettext as _

LIBRARY = Path(__file__).parents[2] / "library"
# A zip remembers when its files changed; a fixed moment makes equal courses equal files.
_MOMENT = (2000, 1, 1, 0, 0, 0)


def shipped_folders() -> list[Path]:
    """The folders of the courses that ship with the product, by name."""
    return sorted(path.parent for path in LIBRARY.glob(f"*/{MANIFEST}"))


def find_folder(name: str) -> Path:
    """The folder somebody means: a path on disk, or the id of a shipped course. Raises `Refused`."""
    for folder in (Path(name), LIBRARY / name):
        if (folder / MANIFEST).is_file():
            return folder.resolve()
    raise Refused(_("Er is geen opleiding in “%(name)s”: course.yml ontbreekt.", name=name))


def read_folder(folder: Path) -> dict[str, bytes]:
    """Its files by path relative to it, with forward slashes; hidden ones are left out."""
    files = {}
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") for part in relative.parts):
            files[relative.as_posix()] = path.read_bytes()
    return files


def write_folder(folder: Path, files: dict[str, bytes]) -> None:
    """Write these files below a new folder. Raises `Refused` when there is something already."""
    if folder.exists():
        raise Refused(_("De map “%(name)s” bestaat al.", name=str(folder)))
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def zip_files(files: dict[str, bytes]) -> bytes:
    """The files as one zip; equal files give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(path, _MOMENT), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
