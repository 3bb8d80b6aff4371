"""The player: a course's overview, its pages and quizzes, its taught moments and tasks, one idea a screen."""

from courses.player.views import assignments, course, pages, quizzes, sessions
from courses.player.views.blueprint import blueprint

__all__ = ["assignments", "blueprint", "course", "pages", "quizzes", "sessions"]
