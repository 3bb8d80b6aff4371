"""What the standard forbids, said so that the sender can mend it: where, which rule, and the clause it comes from."""

from __future__ import annotations

import json
import re
from typing import Any

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class StandardError(Exception):
    """A request or statement the standard does not allow.

    `path` points into the JSON (`$.actor.mbox`) or names a parameter or header; `rule` is a sentence without subject
    ("must be …"); `clause` is the place in xAPI 1.0.3 (Data or Communication) and in 2.0 (IEEE 9274.1.1); `status` is
    the HTTP status the standard asks for (Communication 3.2).
    """

    def __init__(self, path: str, rule: str, clause: str, status: int = 400) -> None:
        super().__init__(f"{path} {rule} ({clause})")
        self.path, self.rule, self.clause, self.status = path, rule, clause, status

    def inside(self, place: str) -> StandardError:
        """The same error, seen from what contains it: `$[3].actor` instead of `$.actor`."""
        return StandardError(self.path.replace("$", place, 1), self.rule, self.clause, self.status)

    def as_dict(self) -> dict[str, Any]:
        """The body of the answer: `{"error": {"path", "rule", "clause"}}`."""
        return {"error": {"path": self.path, "rule": self.rule, "clause": self.clause}}


def step(path: str, key: str) -> str:
    """The path of a property (RFC 9535): `$.actor`, or `$['en-US']` where its name is no plain word."""
    if _PLAIN.fullmatch(key):
        return f"{path}.{key}"
    escaped = json.dumps(key, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("'", "\\'")
    return f"{path}['{escaped}']"
