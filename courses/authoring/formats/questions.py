"""Questions of a course: GIFT, with its remarks as findings and its pictures checked like any other."""

from __future__ import annotations

import html
import re

from courses.authoring.formats.folder import CourseFolder
from courses.authoring.formats.media import PICTURES, use_media
from courses.authoring.formats.readability import Passage
from courses.quizzes.formats import GiftText, Question, Severity, plain_text, read_gift
from lms.kernel.i18n import _

_PICTURE = re.compile(r"<img\b([^>]*)>")
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')


def read_questions(
    folder: CourseFolder, file: str, source: str, lines_before: int = 0, *, titled: bool = True
) -> tuple[tuple[Question, ...], list[Passage]]:
    """The questions in a piece of a file and what a learner reads in them. `titled`: each needs a `::title::`."""
    reading = read_gift(source.encode())
    for remark in reading.remarks:
        if titled or remark.code != "gift-title":
            add = folder.error if remark.severity is Severity.ERROR else folder.warn
            add(file, remark.line + lines_before, remark.code, remark.message)
    passages: list[Passage] = []
    for text in reading.texts:
        line = text.line + lines_before
        _check_pictures(folder, file, line, text)
        passages += [Passage(line, words) for words in plain_text(text.html).split("\n")]
    return reading.questions, passages


def _check_pictures(folder: CourseFolder, file: str, line: int, text: GiftText) -> None:
    for found in _PICTURE.finditer(text.html):
        attributes = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(found[1])}
        use_media(folder, file, line, attributes.get("src", ""), PICTURES)
        if not attributes.get("alt", "").strip():
            folder.error(file, line, "image-alt", _("Zeg tussen [ en ] wat er op de afbeelding te zien is."))
