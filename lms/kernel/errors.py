"""What a person or a program can cause. Each has its page (`kernel/web/errors.py`) and its status code."""

from __future__ import annotations

from collections.abc import Mapping


class Refused(Exception):  # noqa: N818  said as people say it: the request is refused
    """The person can mend this. The text is a sentence for her; `fields` holds a sentence for each wrong field."""

    def __init__(self, message: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields: dict[str, str] = dict(fields or {})


class CommandRefused(Refused):
    """A command that cannot be carried out, said on a terminal to who runs the platform: in English, like its help."""


class NotFound(Exception):  # noqa: N818
    """There is no such thing, or not for who asks: the two are never told apart."""


class NotSignedIn(Exception):  # noqa: N818
    """Somebody must sign in first."""


class Forbidden(Exception):  # noqa: N818
    """Signed in, but not allowed here."""


class TooManyAttempts(Exception):  # noqa: N818
    """Tried too often. `retry_after` says in how many seconds it works again."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"try again in {retry_after} seconds")
        self.retry_after = retry_after
