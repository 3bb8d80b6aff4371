"""The officer's desk: her organisation's staff, and lists of people to enrol."""

from sectors.planning.views import batches, enrolments, person, staff
from sectors.planning.views.blueprint import blueprint

__all__ = ["batches", "blueprint", "enrolments", "person", "staff"]
