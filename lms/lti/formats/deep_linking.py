"""Deep Linking 2.0: what a platform will take of us (its settings), and what we answer (content items)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lms.lti.formats.endpoints import origin_of
from lms.lti.formats.grades import MAXIMUM, TAG
from lms.lti.formats.messages import CLAIM, VERSION
from lms.lti.formats.places import CUSTOM
from lms.lti.formats.refusals import LaunchRefused, Reason

DL_CLAIM = "https://purl.imsglobal.org/spec/lti-dl/claim/"
RESOURCE_LINK = "ltiResourceLink"
RESPONSE = "LtiDeepLinkingResponse"
FRAME, WINDOW = "iframe", "window"
LONGEST_URL = 2000
RESPONSE_S = 300


@dataclass(frozen=True, slots=True)
class DeepLinkingSettings:
    """What the platform will take. `data` goes back as it came; None when it sent none."""

    return_url: str
    takes_several: bool
    takes_line_items: bool
    only_in_window: bool
    data: Any

    @property
    def return_origin(self) -> str:
        """Where our answer may go, and nowhere else."""
        return origin_of(self.return_url)


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when; each end may be open."""

    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class ContentItem:
    """A link to place. `content`: `<course>` or `<course>/<step>`; `url`: our page of it."""

    content: str
    url: str
    title: str
    text: str
    has_column: bool
    available: Span = Span()
    submission: Span = Span()


def read_settings(claim: Mapping[str, Any]) -> DeepLinkingSettings:
    """The settings in a request (Deep Linking 2.0, 4.4.1). Raises `LaunchRefused`.

    Some platforms send their switches as words. Without `accept_multiple` we give one; without `accept_lineitem` we
    send the column too, since who does not know it passes it over.
    """
    return_url = claim.get("deep_link_return_url")
    if not isinstance(return_url, str) or len(return_url) > LONGEST_URL or not origin_of(return_url):
        raise _wrong("deep_link_return_url")
    if RESOURCE_LINK not in _words(claim, "accept_types"):
        raise LaunchRefused(Reason.NOTHING_TO_PLACE, claim="accept_types")
    targets = _words(claim, "accept_presentation_document_targets")
    if not {FRAME, WINDOW} & set(targets):
        raise LaunchRefused(Reason.NOTHING_TO_PLACE, claim="accept_presentation_document_targets")
    return DeepLinkingSettings(
        return_url=return_url,
        takes_several=_switch(claim, "accept_multiple", default=False),
        takes_line_items=_switch(claim, "accept_lineitem", default=True),
        only_in_window=FRAME not in targets,
        data=claim.get("data"),
    )


def item_json(item: ContentItem, settings: DeepLinkingSettings) -> dict[str, Any]:
    """A content item (Deep Linking 2.0, 3.2). Its column is the one our grades look for."""
    said: dict[str, Any] = {
        "type": RESOURCE_LINK,
        "title": item.title,
        "url": item.url,
        "custom": {CUSTOM: item.content},
    }
    if item.text:
        said["text"] = item.text
    if item.has_column and settings.takes_line_items:
        said["lineItem"] = {
            "scoreMaximum": float(MAXIMUM),
            "label": item.title,
            "resourceId": item.content,
            "tag": TAG,
        }
    for name, span in (("available", item.available), ("submission", item.submission)):
        if moments := _span_json(span):
            said[name] = moments
    if settings.only_in_window:
        said["window"] = {"targetName": "_blank"}
    return said


def response_claims(
    settings: DeepLinkingSettings,
    items: Sequence[ContentItem],
    *,
    client_id: str,
    issuer: str,
    deployment_id: str,
    nonce: str,
    now: int,
) -> dict[str, Any]:
    """The answer's claims (Deep Linking 2.0, 4.5): we speak, so the client id is the issuer. No items: cancelled."""
    claims: dict[str, Any] = {
        "iss": client_id,
        "aud": issuer,
        "iat": now,
        "exp": now + RESPONSE_S,
        "nonce": nonce,
        f"{CLAIM}deployment_id": deployment_id,
        f"{CLAIM}message_type": RESPONSE,
        f"{CLAIM}version": VERSION,
        f"{DL_CLAIM}content_items": [item_json(item, settings) for item in items],
    }
    return claims if settings.data is None else claims | {f"{DL_CLAIM}data": settings.data}


def _span_json(span: Span) -> dict[str, str]:
    moments = {"startDateTime": span.start, "endDateTime": span.end}
    return {name: _iso(moment) for name, moment in moments.items() if moment is not None}


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _words(claim: Mapping[str, Any], name: str) -> list[str]:
    value = claim.get(name)
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise _wrong(name)
    return value


def _switch(claim: Mapping[str, Any], name: str, *, default: bool) -> bool:
    value = claim.get(name)
    if value is None:
        return default
    if value in ("true", "false"):
        return bool(value == "true")
    if not isinstance(value, bool):
        raise _wrong(name)
    return value


def _wrong(name: str) -> LaunchRefused:
    return LaunchRefused(Reason.WRONG_CLAIM, claim=f"deep_linking_settings.{name}")
