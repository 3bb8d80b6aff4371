"""How far somebody is, in the words of Assignment and Grade Services 2.0; and its columns and results, read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from lms.lti.formats.services import is_address
from lms.lti.formats.texts import cleaned, is_clean

MAXIMUM = Decimal(100)
TAG = "leerlabo"
MOST = 10_000_000


class ActivityProgress(StrEnum):
    """What she did (AGS 2.0, 3.4.7), from nothing to all."""

    INITIALIZED = "Initialized"
    STARTED = "Started"
    IN_PROGRESS = "InProgress"
    SUBMITTED = "Submitted"
    COMPLETED = "Completed"


class GradingProgress(StrEnum):
    """How far we are with judging it (AGS 2.0, 3.4.8). `Failed`: we could not, never that she did not pass."""

    NOT_READY = "NotReady"
    FAILED = "Failed"
    PENDING = "Pending"
    PENDING_MANUAL = "PendingManual"
    FULLY_GRADED = "FullyGraded"


ORDER = {str(progress): place for place, progress in enumerate(ActivityProgress)}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands in what a column is about. `score`: 0–100, None while there is nothing to judge."""

    activity: ActivityProgress
    grading: GradingProgress
    score: Decimal | None
    at: datetime


@dataclass(frozen=True, slots=True)
class FoundColumn:
    """A line item as a platform tells of it."""

    url: str
    resource_link_id: str
    resource_id: str
    tag: str


@dataclass(frozen=True, slots=True)
class FoundResult:
    """What a grade book says of somebody."""

    subject: str
    score: Decimal | None
    maximum: Decimal | None


def score_json(subject: str, standing: Standing) -> dict[str, Any]:
    """A score as it is sent (AGS 2.0, 3.4). Without a score there is no maximum either."""
    given = {} if standing.score is None else {"scoreGiven": float(standing.score), "scoreMaximum": float(MAXIMUM)}
    return {
        "userId": subject,
        "activityProgress": str(standing.activity),
        "gradingProgress": str(standing.grading),
        "timestamp": standing.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        **given,
    }


def column_json(label: str, content: str, resource_link_id: str) -> dict[str, Any]:
    """A column to make (AGS 2.0, 3.2.6): we find it again by what it is about and by the link."""
    return {
        "label": label,
        "scoreMaximum": float(MAXIMUM),
        "resourceId": content,
        "tag": TAG,
        "resourceLinkId": resource_link_id,
    }


def read_columns(data: Any) -> list[FoundColumn]:
    """A page of a line item container. Raises `ValueError` when it is none; what has no address is passed over."""
    if not isinstance(data, list) or not all(isinstance(item, dict) for item in data):
        raise ValueError("not a list of line items")
    return [column for item in data if (column := read_column(item)) is not None]


def read_column(item: Any) -> FoundColumn | None:
    """One line item; None when it has no address."""
    url = item.get("id") if isinstance(item, dict) else None
    if not isinstance(url, str) or not is_address(url):
        return None
    return FoundColumn(url, *(_text(item, name) for name in ("resourceLinkId", "resourceId", "tag")))


def find_own(columns: Sequence[FoundColumn], content: str, resource_link_id: str) -> FoundColumn | None:
    """Our column for this link among these: the one we made, the one that came with the link, or one without a link."""
    linked = [column for column in columns if column.resource_link_id == resource_link_id]
    made = [column for column in linked if column.resource_id == content]
    came = [column for column in linked if not column.resource_id]
    loose = [c for c in columns if not c.resource_link_id and c.resource_id == content and c.tag == TAG]
    return next(iter([*made, *came, *loose]), None)


def read_results(data: Any) -> list[FoundResult]:
    """A page of results (AGS 2.0, 3.3). Raises `ValueError` when it is none."""
    if not isinstance(data, list) or not all(isinstance(item, dict) for item in data):
        raise ValueError("not a list of results")
    return [
        FoundResult(item["userId"], _number(item.get("resultScore")), _number(item.get("resultMaximum")))
        for item in data
        if isinstance(item.get("userId"), str) and is_clean(item["userId"])
    ]


def _text(item: dict[str, Any], name: str) -> str:
    value = item.get(name)
    return cleaned(value) if isinstance(value, str) else ""


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    is_sane = abs(value) < MOST  # not so of what is no number, nor of endless digits, which no float holds
    return Decimal(str(round(value, 4))) if is_sane else None
