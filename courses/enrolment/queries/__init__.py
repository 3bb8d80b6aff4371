"""Questions about enrolments: the page of questions other features use."""

from courses.enrolment.queries.learners import Learner, find_learner, get_learner

__all__ = ["Learner", "find_learner", "get_learner"]
