"""What a check found: a place in a file, and a sentence for the author."""

from __future__ import annotations

import msgspec

from courses.quizzes.formats import Severity

__all__ = ["EXCUSABLE", "Finding", "Severity"]

# A trainer may publish with these, if she types a reason. Anything else must be mended first.
EXCUSABLE = frozenset({"sentence-long", "image-alt", "video-captions", "video-transcript"})


class Finding(msgspec.Struct, frozen=True, order=True):
    """One finding. `line` counts from 1 and lies within the file. `message` is in the screen's language."""

    file: str
    line: int
    code: str
    severity: Severity
    message: str

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR

    @property
    def is_excusable(self) -> bool:
        return self.code in EXCUSABLE
