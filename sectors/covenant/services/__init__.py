"""What changes the count: statements that arrive, evidence that is entered, choices that are made."""

from sectors.covenant.services.decisions import add_absence, choose_counter, decide_commitment, withdraw_absence
from sectors.covenant.services.delegates import keep_delegate
from sectors.covenant.services.evidence import NewEvidence, add_evidence, withdraw_evidence
from sectors.covenant.services.peaks import record_user_peak
from sectors.covenant.services.projecting import follow_forgotten, follow_joined, project_statements, reproject

__all__ = [
    "NewEvidence",
    "add_absence",
    "add_evidence",
    "choose_counter",
    "decide_commitment",
    "follow_forgotten",
    "follow_joined",
    "keep_delegate",
    "project_statements",
    "record_user_peak",
    "reproject",
    "withdraw_absence",
    "withdraw_evidence",
]
