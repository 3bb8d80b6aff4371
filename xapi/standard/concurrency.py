"""Entity tags: who writes a document shows that she knows what stands there (1.0.3 Communication 3.1; 2.0 4.1.4)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import Enum

from xapi.standard.errors import StandardError

CLAUSE = "1.0.3 Communication 3.1; 2.0 4.1.4"
ANY = frozenset({"*"})


def etag_of(content: bytes) -> str:
    """The entity tag of a content, without its quotes: the SHA-1 in lower-case hexadecimal, as 1.0.3 asks."""
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


class Guard(Enum):
    """When a request must say what it expects to find."""

    NEVER = "never"
    REPLACING = "when it replaces something"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Condition:
    """What a request expects to find, by the tags in `If-Match` and `If-None-Match`; None where it does not say."""

    match: frozenset[str] | None = None
    none_match: frozenset[str] | None = None

    def check(self, etag: str | None, guard: Guard = Guard.NEVER) -> None:
        """Compare with the tag of what is there, None when nothing is. Raises `StandardError` (412).

        Where the guard wants a condition and there is none, it is 409 when something is there, and 400 when not.
        """
        if self.match is None and self.none_match is None:
            _check_unconditional(etag, guard)
        if self.match is not None and not _holds(self.match, etag):
            raise StandardError("If-Match", "must name the ETag of what is there", CLAUSE, 412)
        if self.none_match is not None and _holds(self.none_match, etag):
            raise StandardError("If-None-Match", "must not name the ETag of what is there", CLAUSE, 412)


def condition_of(if_match: str | None, if_none_match: str | None) -> Condition:
    """The condition in a request's two headers; None where a header was not sent."""
    return Condition(_tags(if_match), _tags(if_none_match))


def _check_unconditional(etag: str | None, guard: Guard) -> None:
    if etag is not None and guard is not Guard.NEVER:
        rule = "must be sent: look at what is there now, and name its ETag to replace it"
        raise StandardError("If-Match", rule, CLAUSE, 409)
    if etag is None and guard is Guard.ALWAYS:
        raise StandardError("If-None-Match", "must be sent, or If-Match", CLAUSE)


def _tags(header: str | None) -> frozenset[str] | None:
    """The tags without quotes. A `W/` is passed over: a proxy that compresses our answers puts it there."""
    if header is None:
        return None
    return frozenset(tag.strip().removeprefix("W/").strip('"') for tag in header.split(","))


def _holds(tags: frozenset[str], etag: str | None) -> bool:
    return etag is not None and (tags == ANY or etag in tags)
