"""What can be done with enrolments: the page of verbs other features use."""

from courses.enrolment.services.enrolling import EmploymentOf, enrol_learner, withdraw_learner

__all__ = ["EmploymentOf", "enrol_learner", "withdraw_learner"]
