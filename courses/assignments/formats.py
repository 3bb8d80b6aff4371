"""Which files may be handed in: what a phone or an office makes, recognised by its name and by its first bytes."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from lms.kernel.errors import Refused
from lms.kernel.i18n import gettext as _

MEBIBYTE = 1024 * 1024
LARGEST_FILE = 15 * MEBIBYTE
LONGEST_NAME = 120

_ZIP = (b"PK\x03\x04",)
_TYPES: dict[str, tuple[str, tuple[bytes, ...]]] = {
    "pdf": ("application/pdf", (b"%PDF-",)),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", _ZIP),
    "odt": ("application/vnd.oasis.opendocument.text", _ZIP),
    "jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    "webp": ("image/webp", (b"RIFF",)),
    "heic": ("image/heic", ()),  # its mark stands four bytes further
}
_HEIC_BRAND = b"ftyp"
ACCEPTED = ",".join(f".{extension}" for extension in _TYPES)


@dataclass(frozen=True, slots=True)
class HandedFile:
    """A file as somebody sent it: the name her browser gave, and all its bytes."""

    name: str
    data: bytes


def check_file(file: HandedFile) -> str:
    """The file's extension. Raises `Refused` on what is empty, too big, or not what its name says."""
    extension = extension_of(file.name)
    if not file.data:
        raise _refused(_("Dit bestand is leeg. Kies een ander."))
    if len(file.data) > LARGEST_FILE:
        raise _refused(_("Dit bestand is groter dan 15 MB. Maak het kleiner, of kies een foto."))
    if extension not in _TYPES or not _has_its_mark(extension, file.data):
        raise _refused(_("Dien een foto, een PDF of een Word-bestand in."))
    return extension


def safe_name(name: str) -> str:
    """The name to keep: without folders and control characters, and of a decent length."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    clean = "".join(sign for sign in unicodedata.normalize("NFC", last) if unicodedata.category(sign)[0] != "C").strip()
    stem, dot, extension = clean.rpartition(".")
    return f"{stem[: LONGEST_NAME - len(extension) - 1]}{dot}{extension}" if dot else clean[:LONGEST_NAME]


def extension_of(name: str) -> str:
    """What stands behind the last full stop, in small letters."""
    return name.rpartition(".")[2].lower()


def content_type(name: str) -> str:
    """The type a download is sent as; what we do not know is bytes and no more."""
    return _TYPES.get(extension_of(name), ("application/octet-stream", ()))[0]


def _has_its_mark(extension: str, data: bytes) -> bool:
    if extension == "heic":
        return data[4:8] == _HEIC_BRAND
    return data.startswith(_TYPES[extension][1])


def _refused(sentence: str) -> Refused:
    return Refused(sentence, {"file": sentence})
