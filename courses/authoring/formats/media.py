"""The pictures, films, captions and other files of a course: there, safe, small enough and used."""

from __future__ import annotations

import re
import struct
from pathlib import PurePosixPath

from courses.authoring.formats.captions import read_captions
from courses.authoring.formats.folder import CourseFolder
from courses.authoring.formats.svg import read_svg
from lms.kernel.i18n import _

LARGEST = 3 * 1024 * 1024  # bytes: a learner pays for her own data
PICTURES = (".svg", ".png")
FILMS = (".webm",)
CAPTIONS = (".vtt",)
TRANSCRIPTS = (".md",)

_PATH = re.compile(r"media/[\w-]+(?:[./][\w-]+)*\.[a-z0-9]+")


def check_media(folder: CourseFolder) -> None:
    """Check every file in `media/`, used or not. Call it last: what nothing refers to is a warning."""
    for file, data in folder.files.items():
        if file.startswith("media/"):
            _check_file(folder, file, data)
        if file != "course.yml" and file not in folder.used:
            folder.warn(file, 1, "unused", _("Niets in de opleiding gebruikt dit bestand."))


def _check_file(folder: CourseFolder, file: str, data: bytes) -> None:
    if len(data) > LARGEST:
        folder.error(file, 1, "media-size", _("Dit bestand is groter dan 3 MB. Maak het kleiner."))
        return
    suffix = PurePosixPath(file).suffix
    if suffix == ".svg":
        for line, code, message in read_svg(data).problems:
            folder.error(file, line, code, message)
    elif suffix == ".vtt":
        captions = read_captions(folder.text(file))
        for line, message in captions.problems:
            folder.error(file, line, "captions", message)
        folder.check_sentences(file, captions.passages)
    elif suffix == ".png" and png_size(data) is None:
        folder.error(file, 1, "media-kind", _("Dit is geen PNG-bestand."))
    elif suffix == ".webm" and not data.startswith(b"\x1aE\xdf\xa3"):
        folder.error(file, 1, "media-kind", _("Dit is geen WebM-film."))


def use_media(folder: CourseFolder, file: str, line: int, path: str, suffixes: tuple[str, ...]) -> bool:
    """Note that `file` refers to `path`; False, with a finding, when it cannot."""
    if not _PATH.fullmatch(path):
        message = _("“%(path)s” moet een bestand in media/ zijn, zonder spaties in de naam.", path=path)
        folder.error(file, line, "media-path", message)
    elif not path.endswith(suffixes):
        kinds = ", ".join(suffixes)
        folder.error(file, line, "media-kind", _("“%(path)s” past hier niet. Kies %(kinds)s.", path=path, kinds=kinds))
    elif path not in folder.files:
        folder.error(file, line, "media-missing", _("Het bestand “%(path)s” ontbreekt.", path=path))
    else:
        folder.used.add(path)
        return True
    return False


def picture_size(folder: CourseFolder, path: str) -> tuple[int, int] | None:
    """Width and height in pixels, when the file says so: the page then keeps its place while it loads."""
    data = folder.files.get(path, b"")
    return png_size(data) if path.endswith(".png") else read_svg(data).size


def png_size(data: bytes) -> tuple[int, int] | None:
    """From the header (PNG, clause 11.2.2)."""
    if len(data) < 24 or not data.startswith(b"\x89PNG\r\n\x1a\n") or data[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", data[16:24])
    return (width, height) if width and height else None
