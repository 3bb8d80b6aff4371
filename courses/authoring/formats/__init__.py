"""Courses as text, format `blended/1`: read, checked, and begun anew.

Pure: files in, an outline and findings out. Everything a caller needs is named here.

In the outline's HTML the player replaces two prefixes: `media/` (the course's own files) and `icons.svg#` (the sprite;
used are check, x, lightbulb, triangle-alert and message-circle).
"""

from courses.authoring.formats.archive import BadArchive, read_zip
from courses.authoring.formats.course import CourseReading, read_course
from courses.authoring.formats.findings import EXCUSABLE, Finding, Severity
from courses.authoring.formats.readability import ReadabilityReport
from courses.authoring.formats.skeleton import new_course

__all__ = [
    "EXCUSABLE",
    "BadArchive",
    "CourseReading",
    "Finding",
    "ReadabilityReport",
    "Severity",
    "new_course",
    "read_course",
    "read_zip",
]
