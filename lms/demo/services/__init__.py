"""Tell the demo's story: the one verb the command uses."""

from lms.demo.services.opening import KBO_RANGE
from lms.demo.services.telling import tell_story

__all__ = ["KBO_RANGE", "tell_story"]
