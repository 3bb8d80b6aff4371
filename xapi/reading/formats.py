"""Statements in words people read, and as lines of a file."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from lms.kernel.i18n import current_language, gettext
from xapi.standard.timestamp import format_timestamp
from xapi.statements.formats import ERASED, ZIP_FILES, ZIP_LINES


def _(message: str) -> str:
    """Mark a message id for the catalogues; `sentence_of` translates it."""
    return message


_ADL = "http://adlnet.gov/expapi/verbs/"
_CMI5 = "https://w3id.org/xapi/adl/verbs/"
SENTENCES = {
    f"{_ADL}registered": _("%(who)s schreef zich in voor %(thing)s"),
    f"{_ADL}launched": _("%(who)s opende %(thing)s"),
    f"{_ADL}initialized": _("%(who)s begon aan %(thing)s"),
    f"{_ADL}progressed": _("%(who)s ging verder in %(thing)s"),
    f"{_ADL}experienced": _("%(who)s bekeek %(thing)s"),
    f"{_ADL}answered": _("%(who)s beantwoordde %(thing)s"),
    f"{_ADL}attended": _("%(who)s was aanwezig op %(thing)s"),
    f"{_ADL}passed": _("%(who)s slaagde voor %(thing)s"),
    f"{_ADL}failed": _("%(who)s slaagde niet voor %(thing)s"),
    f"{_ADL}completed": _("%(who)s rondde %(thing)s af"),
    f"{_ADL}terminated": _("%(who)s stopte met %(thing)s"),
    f"{_ADL}voided": _("%(who)s trok %(thing)s in"),
    f"{_CMI5}abandoned": _("%(who)s liet %(thing)s vallen"),
    f"{_CMI5}satisfied": _("%(who)s voldeed aan %(thing)s"),
    f"{_CMI5}waived": _("%(who)s kreeg een vrijstelling voor %(thing)s"),
}

COLUMNS = (
    "id",
    "timestamp",
    "stored",
    "actor",
    "actor_id",
    "verb",
    "object",
    "object_id",
    "success",
    "completion",
    "score_scaled",
    "area",
    "organisation",
    "registration",
    "voided",
)
_SEPARATOR = ";"  # Excel in Belgium reads no other one
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class Kept:
    """A statement as it is kept: its bytes, and what stands beside them. `id` is the order of storing."""

    id: int
    uuid: UUID
    timestamp: datetime
    stored: datetime
    area: str | None
    organisation: UUID | None
    payload: bytes
    is_voided: bool


def sentence_of(statement: Mapping[str, Any], who: str) -> str:
    """Who did what with which thing, in the language of the page: *Emma Peeters rondde Word digicoach af*."""
    verb, thing = statement["verb"], thing_of(statement["object"])
    sentence = SENTENCES.get(verb["id"])
    if sentence:
        return gettext(sentence, who=who, thing=thing)
    return f"{who} {words_of(verb.get('display', {})) or _tail(verb['id'])} {thing}"


def verb_phrase(verb: str) -> str:
    """A verb by itself, for a list to choose from: *… rondde … af*; an unknown one is shown as it is."""
    return gettext(SENTENCES[verb], who="…", thing="…") if verb in SENTENCES else verb


def thing_of(thing: Mapping[str, Any]) -> str:
    """What a statement is about, in words."""
    kind = thing.get("objectType", "Activity")
    if kind == "Activity":
        return words_of(thing.get("definition", {}).get("name", {})) or _tail(thing["id"])
    if kind == "StatementRef":
        return gettext("een ander bericht")
    return gettext("iets wat nog moet komen") if kind == "SubStatement" else stranger_name(thing)


def words_of(texts: Mapping[str, str]) -> str:
    """The words in the language of the page, else in Dutch or English, else in any language."""
    for language in (current_language(), "nl", "en"):
        for tag, words in texts.items():
            if tag.split("-")[0].lower() == language:
                return words
    return next(iter(texts.values()), "")


def stranger_name(actor: Mapping[str, Any]) -> str:
    """The name of an actor who has no account here, as the statement gives it; else what identifies her."""
    account = actor.get("account", {})
    if account.get("name", "").startswith(ERASED):
        return gettext("Gewiste persoon")
    identified = actor.get("mbox", "").removeprefix("mailto:") or account.get("name") or actor.get("openid")
    members = [stranger_name(member) for member in actor.get("member", ())]
    return actor.get("name") or identified or ", ".join(members) or gettext("Iemand van buiten het platform")


def pretty(payload: bytes) -> str:
    """A statement over several lines, each number and text as it is kept."""
    return msgspec.json.format(payload, indent=2).decode()


def json_line(payload: bytes) -> bytes:
    """A statement on one line. A line break in JSON stands between its parts, never inside a text."""
    return payload.replace(b"\r", b" ").replace(b"\n", b" ") + b"\n"


def csv_lines(rows: Iterable[Iterable[Any]]) -> bytes:
    """Rows as a spreadsheet reads them. What others wrote never becomes a formula, nor the beginning of a cell: every
    cell stands in quotes, whatever separator a spreadsheet goes by.
    """
    file = io.StringIO()
    writer = csv.writer(file, delimiter=_SEPARATOR, quoting=csv.QUOTE_ALL)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return file.getvalue().encode()


def csv_row(kept: Kept, statement: Mapping[str, Any], *, who: str, who_id: str) -> tuple[Any, ...]:
    """A statement under `COLUMNS`."""
    result, thing = statement.get("result", {}), statement["object"]
    return (
        kept.uuid,
        format_timestamp(kept.timestamp),
        format_timestamp(kept.stored),
        who,
        who_id,
        statement["verb"]["id"],
        thing_of(thing),
        thing.get("id", ""),
        _yes_or_no(result.get("success")),
        _yes_or_no(result.get("completion")),
        result.get("score", {}).get("scaled", ""),
        kept.area or "",
        kept.organisation or "",
        statement.get("context", {}).get("registration", ""),
        _yes_or_no(kept.is_voided),
    )


def zip_pieces(lines: Iterable[bytes], files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """A zip in pieces, never all at once: the lines, and behind them the data of attachments by hash, each once.

    `lrs import` takes it in.
    """
    sink = _Sink()
    with zipfile.ZipFile(sink, "w") as archive:
        info = zipfile.ZipInfo(ZIP_LINES)
        info.compress_type = zipfile.ZIP_DEFLATED
        with archive.open(info, "w", force_zip64=True) as entry:
            for piece in lines:
                entry.write(piece)
                yield sink.take()
        for sha2, data in files:
            archive.writestr(zipfile.ZipInfo(f"{ZIP_FILES}/{sha2}"), data)  # pictures and films are pressed already
            yield sink.take()
    yield sink.take()


class _Sink(io.RawIOBase):
    """What was written since it was last taken."""

    def __init__(self) -> None:
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._written += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self._written)
        self._written.clear()
        return taken


def _yes_or_no(value: Any) -> str:
    return "" if value is None else "yes" if value else "no"


def _cell(value: Any) -> Any:
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text


def _tail(iri: str) -> str:
    return iri.rstrip("/").rpartition("/")[2] or iri
