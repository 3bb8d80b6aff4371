"""A course in a zip file, as trainers make them on Windows, macOS and phones.

Limits count the bytes that really come out: what a zip says about itself is only a promise.
"""

from __future__ import annotations

import io
import lzma
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath

from lms.kernel.errors import Refused
from lms.kernel.i18n import _

MEBIBYTE = 1024 * 1024
LARGEST_TOTAL = 100 * MEBIBYTE
LARGEST_FILE = 50 * MEBIBYTE
MOST_FILES = 2000
MANIFEST = "course.yml"

_CHUNK = 64 * 1024
_UTF8_FLAG = 0x800
_ENTRY = b"PK\x01\x02"  # begins each entry of a zip's list
_JUNK = frozenset({"__macosx", "thumbs.db", "desktop.ini"})
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,  # encrypted; also NotImplementedError, an unknown way to compress
    OverflowError,
    KeyError,
    IndexError,
)


class BadArchive(Refused):
    """This file cannot be read as a course; the text is a sentence for who sent it."""


def read_zip(data: bytes) -> dict[str, bytes]:
    """The files of the course, by path relative to its folder, which may be the zip itself or one folder in it.

    Hidden files and what macOS and Windows leave behind are dropped. Raises `BadArchive` on anything else that is odd:
    paths that leave the folder, links, encryption, doubles, more than 2,000 files, 50 MB a file or 100 MB together.
    """
    _refuse_crowd(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _strip_folder(_read_all(archive))
    except BadArchive:
        raise
    except _UNREADABLE as error:
        raise BadArchive(_("Dit zip-bestand is niet te lezen. Maak het opnieuw.")) from error


def _refuse_crowd(data: bytes) -> None:
    """Count before the list is built: a million entries of nothing would fill the memory."""
    if len(data) > LARGEST_TOTAL:
        raise BadArchive(_("Alles samen is dit meer dan 100 MB."))
    if data.count(_ENTRY) > 2 * MOST_FILES:
        raise BadArchive(_("Er zitten meer dan 2.000 bestanden in dit zip-bestand."))


def _read_all(archive: zipfile.ZipFile) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    room = LARGEST_TOTAL
    for path, info in _list_entries(archive):
        if path in files:
            raise BadArchive(_("“%(path)s” zit twee keer in het zip-bestand.", path=path))
        files[path] = _read_entry(archive, info, path, room)
        room -= len(files[path])
    return files


def _list_entries(archive: zipfile.ZipFile) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    infos = archive.infolist()
    if len(infos) > MOST_FILES:
        raise BadArchive(_("Er zitten meer dan 2.000 bestanden in dit zip-bestand."))
    for info in infos:
        path = _path_of(info)
        if stat.S_ISLNK(info.external_attr >> 16):
            raise BadArchive(_("“%(path)s” is een verwijzing. Zet het bestand zelf in het zip-bestand.", path=path))
        if not path.endswith("/") and not _is_junk(path):
            yield path, info


def _path_of(info: zipfile.ZipInfo) -> str:
    """The name with forward slashes, composed letters, and as UTF-8 where macOS forgot to say so."""
    name = info.filename
    if not info.flag_bits & _UTF8_FLAG:
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = info.filename
    path = unicodedata.normalize("NFC", name).replace("\\", "/")
    parts = path.rstrip("/").split("/")
    if path.startswith("/") or ".." in parts or ":" in parts[0] or "\0" in path or not path.strip("/"):
        raise BadArchive(_("“%(path)s” wijst buiten de map van de opleiding.", path=path))
    return "/".join(part for part in parts if part not in {"", "."}) + ("/" if path.endswith("/") else "")


def _is_junk(path: str) -> bool:
    return any(part.startswith(".") or part.lower() in _JUNK for part in PurePosixPath(path).parts)


def _read_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str, room: int) -> bytes:
    content = bytearray()
    with archive.open(info) as file:
        while chunk := file.read(_CHUNK):
            content += chunk
            if len(content) > LARGEST_FILE:
                raise BadArchive(_("“%(path)s” is groter dan 50 MB.", path=path))
            if len(content) > room:
                raise BadArchive(_("Alles samen is dit meer dan 100 MB."))
    return bytes(content)


def _strip_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    """Paths relative to the folder that holds course.yml."""
    if MANIFEST in files:
        return files
    folders = [path.removesuffix(MANIFEST) for path in files if path.endswith(f"/{MANIFEST}") and path.count("/") == 1]
    if not folders:
        raise BadArchive(_("In dit zip-bestand zit geen course.yml. Zip de map van één opleiding."))
    if len(folders) > 1:
        raise BadArchive(_("In dit zip-bestand zit meer dan één opleiding. Zip ze elk apart."))
    return {path.removeprefix(folders[0]): data for path, data in files.items() if path.startswith(folders[0])}
