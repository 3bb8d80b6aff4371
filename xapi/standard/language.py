"""Language tags (RFC 5646) and the maps they are keys of (1.0.3 Data 4.2; 2.0 4.2.7)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from xapi.standard.errors import StandardError, step
from xapi.standard.formatting import check_map

CLAUSE = "1.0.3 Data 4.2; 2.0 4.2.7"

_TAG = re.compile(
    r"""(?:
        (?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4}|[a-z]{5,8})   # language, extended language
        (?:-[a-z]{4})?                                         # script
        (?:-(?:[a-z]{2}|\d{3}))?                               # region
        (?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*                  # variants
        (?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*                   # extensions
        (?:-x(?:-[a-z0-9]{1,8})+)?                             # private use
        |x(?:-[a-z0-9]{1,8})+
        |en-gb-oed|i-(?:ami|bnn|default|enochian|hak|klingon|lux|mingo|navajo|pwn|tao|tay|tsu)
        |sgn-(?:be-fr|be-nl|ch-de)|art-lojban|cel-gaulish|no-(?:bok|nyn)|zh-(?:guoyu|hakka|min|min-nan|xiang)
    )""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)


@lru_cache(maxsize=4096)
def is_language_tag(tag: str) -> bool:
    """Whether the lengths and order of its parts are those of RFC 5646."""
    return _TAG.fullmatch(tag) is not None


def check_language_tag(value: Any, path: str) -> str:
    """A language tag such as `nl` or `nl-BE`."""
    if type(value) is not str or not is_language_tag(value):
        raise StandardError(path, "must be an RFC 5646 language tag", CLAUSE)
    return value


def check_language_map(value: Any, path: str) -> None:
    """An object whose keys are language tags and whose values are strings."""
    for tag, text in check_map(value, path, CLAUSE).items():
        if not is_language_tag(tag):
            raise StandardError(step(path, tag), "must have an RFC 5646 language tag as its key", CLAUSE)
        if type(text) is not str:
            raise StandardError(step(path, tag), "must be a string", CLAUSE)


def choose_language(texts: dict[str, str], wanted: list[str]) -> dict[str, str]:
    """The one entry of a language map that serves the reader best (Communication 2.1.3, canonical format).

    `wanted` holds lower-case language ranges, the dearest first. Each is served best by the same language, then by a
    narrower one (`nl-BE` for `nl`), then by a wider one (`nl` for `nl-BE`). Without a match the first entry is kept.
    """
    tags = {tag.lower(): tag for tag in texts}
    for range_ in wanted:
        narrower = (name for name in tags if range_ == "*" or name.startswith(f"{range_}-"))
        wider = (name for name in tags if range_.startswith(f"{name}-"))
        name = range_ if range_ in tags else next(narrower, None) or next(wider, None)
        if name is not None:
            return {tags[name]: texts[tags[name]]}
    return dict(list(texts.items())[:1])
