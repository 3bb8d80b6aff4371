"""The consultant's cockpit: the commitments, the rows behind each figure, evidence, the money, and the papers."""

from sectors.covenant.views import cockpit, drill, evidence, funding
from sectors.covenant.views.blueprint import blueprint

__all__ = ["blueprint", "cockpit", "drill", "evidence", "funding"]
