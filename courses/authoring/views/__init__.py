"""The trainer's desk for courses: her courses, an upload with its check, a preview, and the one key that publishes."""

from courses.authoring.views import courses, drafts, preview
from courses.authoring.views.blueprint import blueprint

__all__ = ["blueprint", "courses", "drafts", "preview"]
