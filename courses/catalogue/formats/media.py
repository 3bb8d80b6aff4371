"""The pictures, films and captions of a course: their types, and their addresses in its HTML."""

from __future__ import annotations

from dataclasses import dataclass

_TYPES = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "webm": "video/webm",
    "vtt": "text/vtt; charset=utf-8",
}


def media_type(path: str) -> str | None:
    """The type a file of a course is sent as; None for what is no picture, film or captions."""
    return _TYPES.get(path.rpartition(".")[2].lower())


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a page finds what its HTML names: `media` stands before `media/…`, `icons` is the sheet of our icons."""

    media: str
    icons: str

    def fill(self, html: str) -> str:
        """Safe HTML of a course with its pictures and icons at their real addresses."""
        return html.replace('="media/', f'="{self.media}media/').replace('="icons.svg#', f'="{self.icons}#')
