"""The folder of a course while it is being read: its files, what was used of them, and what was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from courses.authoring.formats.findings import Finding, Severity
from courses.authoring.formats.readability import (
    MOST_WORDS,
    Passage,
    ReadabilityReport,
    list_sentences,
    report,
)
from lms.kernel.i18n import _

LARGEST_TEXT = 250_000  # bytes: a whole module is some 10,000; more is no text for a screen

# Other programs break lines at these; here a line ends at \n alone, so that every count of lines agrees.
_ODD_BREAKS = str.maketrans(dict.fromkeys("\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029", " "))


class CourseFolder:
    """Everything the readers share. Paths are relative to the course, with forward slashes."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files
        self.used: set[str] = set()
        self.reports: list[ReadabilityReport] = []
        self._findings: set[Finding] = set()
        self._texts: dict[str, str] = {}
        self._line_counts: dict[str, int] = {}

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(sorted(self._findings))

    def error(self, file: str, line: int, code: str, message: str) -> None:
        self._add(file, line, code, Severity.ERROR, message)

    def warn(self, file: str, line: int, code: str, message: str) -> None:
        self._add(file, line, code, Severity.WARNING, message)

    def _add(self, file: str, line: int, code: str, severity: Severity, message: str) -> None:
        self._findings.add(Finding(file, min(max(line, 1), self.count_lines(file)), code, severity, message))

    def count_lines(self, file: str) -> int:
        """How many lines the file has; 1 for one that is missing or empty."""
        if file not in self._line_counts:
            data = self.files.get(file, b"")
            self._line_counts[file] = data.count(b"\n") + 1 + data.replace(b"\r\n", b"").count(b"\r")
        return self._line_counts[file]

    def text(self, file: str) -> str:
        r"""The file as text with `\n` line ends and without byte order mark. Not being UTF-8 is an error."""
        if file not in self._texts:
            self._texts[file] = self._decode(file)
        return self._texts[file]

    def _decode(self, file: str) -> str:
        data = self.files[file]
        if len(data) > LARGEST_TEXT:
            self.error(file, 1, "text-size", _("Deze tekst is groter dan 250 kB. Maak er meer bestanden van."))
            return ""
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            self.error(file, line, "encoding", _("Dit bestand is geen UTF-8. Bewaar het opnieuw als UTF-8."))
            text = data.decode("utf-8-sig", errors="replace")
        return (
            text.replace("\r\n", "\n")
            .replace("\r", "\n")
            .translate(_ODD_BREAKS)
            .replace("\0", "\N{REPLACEMENT CHARACTER}")
        )

    def check_sentences(self, file: str, passages: Iterable[Passage], *, page: str = "", title: str = "") -> None:
        """Every sentence of more than 15 words is an error; the whole becomes one readability report."""
        sentences = list_sentences(passages)
        for sentence in sentences:
            if sentence.words > MOST_WORDS:
                begin = " ".join(sentence.text.split()[:5])
                message = _(
                    "Deze zin heeft %(words)s woorden. Maak er twee van, of hou er 15: “%(begin)s …”",
                    words=sentence.words,
                    begin=begin,
                )
                self.error(file, sentence.line, "sentence-long", message)
        self.reports.append(report(file, page, title, sentences))
