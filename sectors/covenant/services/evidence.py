"""What people enter with their own hands, and take back. Nothing that counted is ever removed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.catalogue.models import Course
from lms.kernel import clock
from lms.kernel.errors import NotFound, Refused
from lms.kernel.i18n import gettext as _
from sectors.covenant.formats import Commitment, Counter, Covenant
from sectors.covenant.formats.periods import periods_of
from sectors.covenant.models import Evidence

_BY_COURSE = frozenset({Counter.TESTED_PATHS, Counter.BUDGET_SHARE})
_WITH_VALUE = frozenset({Counter.BUDGET_SHARE, Counter.EVIDENCE_FIGURE, Counter.EVIDENCE_RATIO})


@dataclass(frozen=True, slots=True)
class NewEvidence:
    """What somebody fills in. `items`: what it is about, by the covenant's own keys or by slugs of courses."""

    items: tuple[str, ...]
    dated_on: date | None
    title: str
    period: str = ""
    value: Decimal | None = None
    note: str = ""
    file_key: str = ""
    file_name: str = ""


def add_evidence(
    db: Session, covenant: Covenant, commitment: Commitment, given: NewEvidence, *, by_person_id: int | None
) -> Evidence:
    """Keep a piece of evidence for a commitment. Raises `Refused` with a sentence for each field that is wrong."""
    if not commitment.takes_evidence:
        raise Refused(_("Bij deze verbintenis voeg je niets met de hand toe."))
    problems = _problems(db, covenant, commitment, given)
    if problems:
        raise Refused(_("Kijk even na wat hieronder staat."), problems)
    evidence = Evidence(
        uuid=uuid4(),
        covenant=covenant.name,
        key=commitment.key,
        items=list(given.items),
        dated_on=given.dated_on,
        period=given.period,
        title=given.title.strip(),
        value=given.value,
        note=given.note.strip(),
        file_key=given.file_key,
        file_name=given.file_name,
        entered_at=clock.now(),
        entered_by=by_person_id,
    )
    db.add(evidence)
    db.flush()
    return evidence


def withdraw_evidence(db: Session, covenant: Covenant, uuid: UUID, *, reason: str, by_person_id: int | None) -> None:
    """Take a piece of evidence back: it stays in the list, and no longer counts from today. Twice is harmless."""
    evidence = db.scalar(sa.select(Evidence).where(Evidence.covenant == covenant.name, Evidence.uuid == uuid))
    if evidence is None:
        raise NotFound(f"evidence {uuid}")
    if not reason.strip():
        raise Refused(_("Schrijf waarom je dit intrekt."), {"reason": _("Schrijf een korte reden.")})
    if evidence.withdrawn_at is None:
        evidence.withdrawn_at, evidence.withdrawn_by = clock.now(), by_person_id
        evidence.reason = reason.strip()
        db.flush()


def items_of(db: Session, commitment: Commitment) -> dict[str, str]:
    """What evidence for this commitment may be about: key and words, courses included."""
    found = dict(commitment.items)
    if any(part.counter in _BY_COURSE for part in commitment.part):
        found |= dict(db.execute(sa.select(Course.slug, Course.title).order_by(Course.title)).all())
    return found


def needs_value(commitment: Commitment, items: tuple[str, ...]) -> bool:
    """Whether a figure belongs to evidence about these items."""
    parts = [part for part in commitment.part if part.counter in _WITH_VALUE]
    return any(part.counter in _BY_COURSE or part.item in items or part.of in items for part in parts)


def _problems(db: Session, covenant: Covenant, commitment: Commitment, given: NewEvidence) -> dict[str, str]:
    problems = {}
    known = items_of(db, commitment)
    if not given.items or any(item not in known for item in given.items):
        problems["items"] = _("Kies waarover dit bewijs gaat.")
    if not given.title.strip() or len(given.title) > 200:
        problems["title"] = _("Geef een titel van hoogstens 200 tekens.")
    if given.dated_on is None:
        problems["dated_on"] = _("Vul een datum in, zoals 25-03-2025.")
    elif given.dated_on > clock.today():
        problems["dated_on"] = _("Deze datum komt nog. Kies vandaag of vroeger.")
    if given.period and given.period not in _labels(covenant, commitment):
        problems["period"] = _("Kies een periode uit de lijst.")
    if needs_value(commitment, given.items) and (given.value is None or given.value < 0):
        problems["value"] = _("Vul een cijfer in, 0 of meer.")
    if not given.file_key and not given.note.strip():
        problems["file"] = _("Voeg een bestand toe, of schrijf waar het bewijs te vinden is.")
    return problems


def _labels(covenant: Covenant, commitment: Commitment) -> set[str]:
    return {period.label for part in commitment.part for period in periods_of(covenant, part)}
