"""What the services of a platform share: scopes, media types, pages, and the words for what went wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from lms.lti.formats.texts import is_clean

_AGS, _NRPS = "https://purl.imsglobal.org/spec/lti-ags/scope/", "https://purl.imsglobal.org/spec/lti-nrps/scope/"
LINE_ITEM = f"{_AGS}lineitem"
LINE_ITEM_READ = f"{_AGS}lineitem.readonly"
SCORE = f"{_AGS}score"
RESULT = f"{_AGS}result.readonly"
ROSTER = f"{_NRPS}contextmembership.readonly"

LINE_ITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"
ROSTER_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"


class Problem(StrEnum):
    """Why a service did not do what we asked, besides the faults of `kernel.outgoing`. Pages have the words."""

    TOKEN = "token"  # noqa: S105  its token endpoint gave us none
    NOT_LET_IN = "not-let-in"  # 401 twice, the second time with a new token: perhaps a proxy drops the header
    BROKEN_ANSWER = "broken-answer"  # no JSON, or not what the standard says
    SERVER = "server"  # 5xx
    BUSY = "busy"  # 429, 408
    REFUSED = "refused"  # any other 4xx: it will not mend itself
    GONE = "gone"  # 404 or 410
    OLDER = "older"  # 409: it has a newer score
    NO_COLUMN = "no-column"  # there is none for this link, and we may not make one
    NO_SCOPE = "no-scope"  # it did not grant us this service
    NOT_ITS_ADDRESS = "not-its-address"  # a page, or an address that is none
    TOO_MANY_PAGES = "too-many-pages"
    GIVEN_UP = "given-up"  # it failed for a week, always about the same
    EMPTY = "empty"  # a roster without anybody


def is_literal(url: str) -> bool:
    """Whether an address holds a template that the platform forgot to fill in, such as `{link_id}`."""
    return "{" in url or "%7B" in url.upper()


def is_address(url: str) -> bool:
    """Whether this can be asked and kept at all."""
    try:
        return bool(urlsplit(url).hostname) and is_clean(url)
    except ValueError:
        return False


def is_same_origin(one: str, other: str) -> bool:
    """Whether both stand on the same scheme, host and port."""
    try:
        ours, theirs = urlsplit(one), urlsplit(other)
        return (ours.scheme, ours.hostname, ours.port) == (theirs.scheme, theirs.hostname, theirs.port)
    except ValueError:
        return False


def below(url: str, name: str) -> str:
    """The address of `scores` or `results` of a line item: before its query (AGS 2.0, 3.3.1 and 3.4.1)."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{name}"))


def with_query(url: str, **more: str) -> str:
    """The address with these parameters too; what the platform put there itself stays."""
    parts = urlsplit(url)
    pairs = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in more]
    return urlunsplit(parts._replace(query=urlencode([*pairs, *more.items()])))


_LINK = re.compile(r"<([^>]*)>((?:\s*;\s*[\w!#$&+.^`|~*-]+(?:\s*=\s*(?:\"[^\"]*\"|[^\s\",;]+))?)*)")
_CURLY = str.maketrans("“”", '""')
_PARAMETER = re.compile(r";\s*([\w!#$&+.^`|~*-]+)\s*=\s*(?:\"([^\"]*)\"|([^\s\",;]+))")


def next_page(url: str, headers: Mapping[str, str]) -> str | None:
    """The address of the next page, from the `Link` header (RFC 8288), made whole; None on the last one.

    Raises `ValueError` when it is no address.
    """
    for target, parameters in _LINK.findall(_straight(headers.get("link", ""))):
        for name, quoted, bare in _PARAMETER.findall(parameters):
            if name.lower() == "rel" and "next" in (quoted or bare).lower().split():
                return str(urljoin(url, target))
    return None


def _straight(header: str) -> str:
    """With straight quotes: Moodle writes `rel=“next”`, in UTF-8, which a reader of headers takes for Latin-1."""
    with suppress(UnicodeError):  # it was read as UTF-8, or is something else
        header = header.encode("latin-1").decode()
    return header.translate(_CURLY)
