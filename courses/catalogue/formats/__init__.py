"""What the catalogue speaks in: the outline of a course, and the topics courses are about."""

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
    "AssignmentPlan",
    "Block",
    "BlockKind",
    "Outline",
    "Page",
    "SessionPlan",
    "Step",
    "StepKind",
    "outline_from_json",
    "outline_to_json",
    "topic_name",
]
