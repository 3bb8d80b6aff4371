"""What people decide about the count: the department about a soft target, the consultant about how she counts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from lms.kernel import clock
from lms.kernel.errors import NotFound, Refused
from lms.kernel.i18n import gettext as _
from sectors.covenant.formats import Commitment, Covenant, Every
from sectors.covenant.models import CommitmentDecision, ConsultantAbsence, CounterChoice

PARTICIPATIONS = "participations"
PEOPLE = "people"


def decide_commitment(
    db: Session,
    covenant: Covenant,
    commitment: Commitment,
    *,
    is_met: bool,
    decided_on: date,
    note: str,
    by_person_id: int | None,
) -> CommitmentDecision:
    """Keep what the department decided about a soft target. Raises `Refused` for a target that is not soft."""
    if not commitment.soft:
        raise Refused(_("Dit is geen streefdoel. Alleen het cijfer telt."))
    if decided_on > clock.today():
        raise Refused(_("Deze datum komt nog. Kies vandaag of vroeger."))
    decision = CommitmentDecision(
        covenant=covenant.name,
        key=commitment.key,
        is_met=is_met,
        decided_on=decided_on,
        note=note.strip(),
        entered_at=clock.now(),
        entered_by=by_person_id,
    )
    db.add(decision)
    db.flush()
    return decision


def choose_counter(
    db: Session,
    covenant: Covenant,
    commitment: Commitment,
    *,
    counts: str,
    is_calendar: bool = False,
    by_person_id: int | None,
) -> CounterChoice:
    """From now on, count this commitment so. Earlier choices stay, with who made them. Raises `NotFound`, `Refused`."""
    if counts not in (PARTICIPATIONS, PEOPLE):
        raise NotFound(counts)
    if counts == PEOPLE and not commitment.has_choice:
        raise Refused(_("Deze verbintenis tel je maar op één manier."))
    if is_calendar and all(part.period is not Every.COVENANT_YEAR for part in commitment.part):
        raise Refused(_("Deze verbintenis telt niet per convenantjaar."))
    choice = CounterChoice(
        covenant=covenant.name,
        key=commitment.key,
        counts=counts,
        is_calendar=is_calendar,
        chosen_at=clock.now(),
        chosen_by=by_person_id,
    )
    db.add(choice)
    db.flush()
    return choice


def add_absence(
    db: Session,
    covenant: Covenant,
    *,
    first_day: date,
    last_day: date,
    fte: Decimal,
    note: str,
    by_person_id: int | None,
) -> ConsultantAbsence:
    """Keep that a consultant was away without being replaced, after the guaranteed wage. Raises `Refused`."""
    if not covenant.starts_on <= first_day <= last_day <= covenant.ends_on:
        raise Refused(_("Kies een eerste en een laatste dag binnen het convenant."))
    if not 0 < fte <= 1:
        raise Refused(_("Kies een deel van een voltijdse: meer dan 0, hoogstens 1."))
    absence = ConsultantAbsence(
        covenant=covenant.name,
        first_day=first_day,
        last_day=last_day,
        fte=fte,
        note=note.strip(),
        entered_at=clock.now(),
        entered_by=by_person_id,
    )
    db.add(absence)
    db.flush()
    return absence


def withdraw_absence(db: Session, covenant: Covenant, absence_id: int) -> None:
    """The consultant was replaced after all. The row stays."""
    absence = db.get(ConsultantAbsence, absence_id)
    if absence is None or absence.covenant != covenant.name:
        raise NotFound(f"absence {absence_id}")
    if absence.withdrawn_at is None:
        absence.withdrawn_at = clock.now()
        db.flush()
