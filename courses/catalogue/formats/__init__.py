"""What the catalogue speaks in: the outline of a course, its files, and the topics courses are about."""

from courses.catalogue.formats.media import Addresses, media_type
from courses.catalogue.formats.outline import (
    AssignmentPlan,
    Block,
    BlockKind,
    Outline,
    Page,
    SessionPlan,
    Step,
    StepKind,
    outline_from_json,
    outline_to_json,
)
from courses.catalogue.formats.topics import TOPICS, topic_name

__all__ = [
    "TOPICS",
    "Addresses",
    "AssignmentPlan",
    "Block",
    "BlockKind",
    "Outline",
    "Page",
    "SessionPlan",
    "Step",
    "StepKind",
    "media_type",
    "outline_from_json",
    "outline_to_json",
    "topic_name",
]
