"""The words of the covenant's pages and papers: what a period, a status and a figure are called. Dutch, for gettext."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from lms.kernel.i18n import format_number, format_short_date
from lms.kernel.i18n import gettext as _
from sectors.areas import all_areas
from sectors.covenant.formats import Commitment, Counter, Covenant, Every, Part
from sectors.covenant.formats.periods import Period, half_year
from sectors.covenant.queries.figures import CommitmentFigure, PartFigure, Status


def name_of(commitment: Commitment) -> str:
    """The label and the title: RV3 Intersectoraal aanbod."""
    return " ".join(filter(None, (commitment.label, _(commitment.title))))


def goals_of(covenant: Covenant, commitment: Commitment) -> list[str]:
    """Where a commitment stands in the outline: theme, tactical and operational goal."""
    return [_(goal) for goal in covenant.goals(commitment)]


def items_in_words(items: Mapping[str, str]) -> dict[str, str]:
    """What evidence may be about, by key. The covenant's own words are translated; titles of courses are not."""
    return {key: _(words) for key, words in items.items()}


def definition_of(figure: CommitmentFigure) -> str:
    """What counts, in sentences, with how the consultant chose to count."""
    sentences = [_(sentence) for sentence in figure.commitment.definition]
    if figure.choice.counts_people:
        sentences.append(_("We tellen unieke mensen."))
    if figure.choice.is_calendar:
        sentences.append(_("We tellen per kalenderjaar."))
    return " ".join(sentences)


def unit_of(figure: CommitmentFigure, part: Part, number: Decimal | int | None = None) -> str:
    """The word for what is counted; people when the consultant chose so."""
    if figure.choice.counts_people and part is figure.commitment.part[0]:
        return _("persoon") if number == 1 else _("unieke mensen")
    return _(part.unit[0] if number == 1 else part.unit[1])


def figure_text(part: Part, value: Decimal | None) -> str:
    """The number as people read it: 1.012, 12,5 %, or a dash when there is nothing to divide."""
    if value is None:
        return "–"
    number = format_number(value.to_integral_value() if value == value.to_integral_value() else value.normalize())
    return f"{number} %" if part.counter.is_share else number


def target_text(part: Part, target: int) -> str:
    """The target, in the same way."""
    return figure_text(part, Decimal(target))


def period_name(part: Part, period: Period) -> str:
    """What a period is called in a sentence or a list."""
    if part.period is Every.NOW:
        return _("nu")
    if part.period is Every.SEMESTER or period.label == half_year(period.first):
        half, year = (_("eerste"), period.first.year) if period.first.month == 1 else (_("tweede"), period.first.year)
        return _("%(half)s helft van %(year)s", half=half, year=year)
    if part.period is Every.SCHOOL_YEAR:
        return _("schooljaar %(years)s", years=_dashed(period.label))
    if "/" in period.label:
        return _("tot %(date)s", date=format_short_date(period.last))
    if part.period is Every.COVENANT:
        return _("hele convenant")
    return _dashed(period.label)


def columns_of(part: Part) -> tuple[str, str, str]:
    """What a list of this part calls the name, the organisation and the course of its rows; empty when it has none."""
    course = _("Opleiding")
    session, person = (_("Sessie"), "", course), (_("Naam"), _("Organisatie"), course)
    columns = {
        Counter.SESSIONS_HELD: session,
        Counter.TRACKS: session,
        Counter.SEATS_SHARE: session,
        Counter.PARTICIPATIONS: person,
        Counter.PEOPLE: person,
        Counter.EVALUATORS: person,
        Counter.LIVE_ATTENDEES: person,
        Counter.ACCOUNTS: (*person[:2], ""),
        Counter.DELEGATES: (*person[:2], ""),
        Counter.WORKPLACES: (_("Werkvloer"), _("KBO en vestiging"), ""),
        Counter.AREAS: (_("Afdeling"), _("Adres"), ""),
        Counter.MODULES: (_("Module"), "", course),
        Counter.TESTED_PATHS: (_("Bewijsstuk"), "", _("Traject")),
    }
    return columns.get(part.counter, (_("Bewijsstuk"), "", _("Waarover")))


def status_text(figure: CommitmentFigure) -> str:
    """How a commitment stands, in a few words."""
    status = figure.status
    if status is Status.BEHIND and figure.worst is not None:
        return _("%(gap)s te weinig", gap=figure_text(figure.worst.part, figure.worst.current.gap))
    if status is Status.MISSED:
        part = next(part for part in figure.parts if part.missed)
        return _("Niet gehaald: %(period)s", period=_missed_period(part))
    return {
        Status.MET: _("Gehaald"),
        Status.DECIDED_MET: _("Gehaald, beslist door het departement"),
        Status.DECIDED_UNMET: _("Niet gehaald, beslist door het departement"),
    }.get(status, _("Op schema"))


def status_key(figure: CommitmentFigure) -> str:
    """The look's key of a status."""
    if figure.status in (Status.MET, Status.DECIDED_MET):
        return "done"
    if figure.status is Status.ON_TRACK:
        return "todo"
    return "behind" if figure.status is Status.BEHIND else "error"


def _missed_period(part: PartFigure) -> str:
    missed = part.missed
    return period_name(part.part, missed.period) if missed else ""


def _dashed(label: str) -> str:
    return label.replace("-", "–")


def share_text(share: str) -> str:
    """A share of the subsidy in per cent: 0.70 is 70."""
    return format_number((Decimal(share) * 100).normalize().quantize(Decimal(1)))


def committee_text(committee: str) -> str:
    """A joint committee with its area, where only one area has it: 318.02 Gezinszorg. Without one: those words."""
    if not committee:
        return _("Zonder paritair comité")
    names = [area.name for area in all_areas().values() if area.joint_committee == committee]
    return f"{committee} {names[0]}" if len(names) == 1 else committee
