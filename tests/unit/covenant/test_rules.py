"""The rules that decide: when a commitment is met, who counts at a meeting, what a workplace is, what a choice does."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy.orm import Session

from courses.sessions.events import AttendanceMarked
from courses.sessions.models import ABSENT, CourseSession
from courses.sessions.services import add_walk_in, hold_session, mark_attendance, plan_session
from lms.accounts import services as accounts
from lms.accounts.models import Organisation
from lms.kernel import clock
from lms.kernel.errors import Refused
from sectors.covenant.formats import Commitment, load_covenant
from sectors.covenant.queries import Status, compute_commitment, compute_targets
from sectors.covenant.queries.asides import list_asides
from sectors.covenant.queries.counters import live_presences
from sectors.covenant.queries.series import Seen, Series, Tally, distinct
from sectors.covenant.queries.settings import Choice
from sectors.covenant.queries.sources import Sources
from sectors.covenant.services import (
    NewEvidence,
    add_evidence,
    choose_counter,
    decide_commitment,
    keep_delegate,
    record_user_peak,
    withdraw_evidence,
)
from tests.factories.accounts import establishment_number, make_organisation, make_person
from tests.factories.courses import TOGETHER, make_enrolment
from tests.factories.covenant import listen, make_counted_course, noon, said, tell
from tests.factories.sessions import make_details

COVENANT = load_covenant("2023-2025")
MEETING = date(2024, 3, 5)
days = st.dates(date(2023, 1, 1), date(2026, 1, 1))


def commitment(key: str) -> Commitment:
    found = COVENANT.find_commitment(key)
    assert found is not None
    return found


def figure(db: Session, key: str, day: date = date(2025, 6, 30)) -> list[Decimal | None]:
    return [it.figure for it in compute_commitment(db, COVENANT, commitment(key), cut_off=day).headline.periods]


# ---- pure ------------------------------------------------------------------------------------------------------------


@given(additions=st.lists(st.tuples(days, st.integers(-5, 5))), day=days)
def test_a_series_is_the_sum_up_to_the_day(additions: list[tuple[date, int]], day: date) -> None:
    assert Series(additions).at(day) == sum(amount for at, amount in additions if at <= day)


@given(
    seen=st.lists(st.builds(Seen, key=st.integers(0, 3), day=days, until=st.one_of(st.none(), days)), max_size=12),
    day=days,
)
def test_a_key_counts_once_while_any_sighting_stands(seen: list[Seen], day: date) -> None:
    standing = {it.key for it in seen if it.day <= day and (it.until is None or it.until > day)}
    assert distinct(seen).at(day) == len(standing)


@given(value=st.integers(0, 500), whole=st.integers(0, 500), target=st.integers(1, 100))
def test_a_share_is_reached_exactly_and_shown_rounded_down(value: int, whole: int, target: int) -> None:
    day = date(2024, 1, 1)
    tally = Tally(Series([(day, value)]), Series([(day, whole)]))
    assert tally.reaches(target, day) == (whole > 0 and value * 100 >= target * whole)
    shown = tally.at(day)
    assert (shown is None) == (whole == 0)
    if shown is not None and not tally.reaches(target, day):
        assert shown < target


# ---- meetings of delegates -------------------------------------------------------------------------------------------


class Meetings:
    """Meetings for union delegates, and who comes."""

    def __init__(self, db: Session, folder: Path) -> None:
        listen(db)
        db.info["leerlabo.events"].subscribe(AttendanceMarked, keep_delegate)
        self.db = db
        self.course = make_counted_course(
            db, folder, "delegees", intersectoral=False, marks=("delegates-meeting",), steps=(TOGETHER,)
        )

    def plan(self, day: date) -> CourseSession:
        starts_at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        details = make_details(
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=2),
            closes_at=None,
            free_until=None,
            cancel_fee=Decimal(0),
            area=None,
        )
        with clock.moved_to(starts_at - timedelta(days=20)):
            return plan_session(self.db, course_id=self.course.id, step="samen", details=details)

    def hold(self, session: CourseSession, *enrolments: int) -> None:
        with clock.moved_to(session.ends_at):
            for enrolment_id in enrolments:
                add_walk_in(self.db, session, enrolment_id, by_person_id=None)
            hold_session(self.db, session, by_person_id=None)

    def delegate(self, *jobs: tuple[Organisation, str], title: str = "") -> int:
        person = make_person(self.db)
        for organisation, number in jobs:
            place = None
            if number:
                place = accounts.add_establishment(self.db, organisation.id, name="Campus", number=number).id
            accounts.employ(
                self.db,
                person.id,
                organisation.id,
                establishment_id=place,
                job_title=title,
                started_on=date(2023, 1, 1),
            )
        return make_enrolment(self.db, self.course, person=person).id


def test_a_delegate_at_two_meetings_is_one_and_a_secretary_counts_apart(db: Session, tmp_path: Path) -> None:
    meetings, employer = Meetings(db, tmp_path), make_organisation(db)
    one, other = (meetings.delegate((employer, "")) for _ in range(2))
    secretary = meetings.delegate((employer, ""), title="Vakbondssecretaris")
    meetings.hold(meetings.plan(MEETING), one, secretary)
    meetings.hold(meetings.plan(MEETING + timedelta(days=30)), one, other, secretary)
    assert figure(db, "rv1a") == [2]
    assert figure(db, "rv1b") == [2]
    assert figure(db, "rv1b", MEETING) == [1]


def test_a_workplace_is_an_enterprise_with_its_establishment_and_each_delegate_may_name_several(
    db: Session, tmp_path: Path
) -> None:
    meetings = Meetings(db, tmp_path)
    first, second = make_organisation(db), make_organisation(db)
    two_jobs = meetings.delegate((first, establishment_number(91)), (second, establishment_number(92)))
    unnumbered = meetings.delegate((second, ""))
    same = meetings.delegate((second, ""))
    meetings.hold(meetings.plan(MEETING), two_jobs, unnumbered, same)
    assert figure(db, "rv1c") == [3, 0]


def test_a_workplace_is_fixed_at_the_date_of_the_meeting(db: Session, tmp_path: Path) -> None:
    meetings, first = Meetings(db, tmp_path), make_organisation(db)
    delegate = meetings.delegate((first, establishment_number(93)))
    session = meetings.plan(MEETING)
    meetings.hold(session, delegate)
    first.kbo = make_organisation(db).kbo[::-1]
    db.flush()
    assert figure(db, "rv1c") == [1, 0]
    meetings.hold(meetings.plan(date(2024, 9, 3)), delegate)
    assert figure(db, "rv1c") == [1, 1]


def test_a_correction_of_the_list_takes_her_and_her_workplace_away(db: Session, tmp_path: Path) -> None:
    meetings = Meetings(db, tmp_path)
    delegate = meetings.delegate((make_organisation(db), ""))
    session = meetings.plan(MEETING)
    with clock.moved_to(session.ends_at):
        booking = add_walk_in(db, session, delegate, by_person_id=None)
        hold_session(db, session, by_person_id=None)
    assert [*figure(db, "rv1b"), *figure(db, "rv1c")] == [1, 1, 0]
    with clock.moved_to(session.ends_at):
        mark_attendance(db, booking, ABSENT, by_person_id=None)
    assert [*figure(db, "rv1b"), *figure(db, "rv1c")] == [0, 0, 0]


# ---- what is met -----------------------------------------------------------------------------------------------------


def evidence(db: Session, key: str, item: str, day: date, value: int | None = None) -> None:
    given = NewEvidence(
        items=(item,), dated_on=day, title=item, value=None if value is None else Decimal(value), note="Map"
    )
    add_evidence(db, COVENANT, commitment(key), given, by_person_id=None)


def test_a_result_commitment_is_met_when_every_part_is_there(db: Session) -> None:
    items = list(commitment("rv2").items)
    for item in items[:-1]:
        evidence(db, "rv2", item, MEETING)
    targets = compute_targets(db, COVENANT, cut_off=date(2025, 6, 30))
    assert (targets.groups["rv2"], targets.funding.met) == (False, 0)
    evidence(db, "rv2", items[-1], date(2025, 6, 30))
    targets = compute_targets(db, COVENANT, cut_off=date(2025, 6, 30))
    assert (targets.groups["rv2"], targets.funding.met) == (True, 1)
    assert targets.funding.earned == 0  # one of three is fewer than half
    assert not compute_targets(db, COVENANT, cut_off=date(2025, 6, 29)).groups["rv2"]


def test_a_yearly_target_is_met_only_when_both_years_reach_it(db: Session) -> None:
    evidence(db, "in-staff", "initiatief", date(2023, 9, 1))
    first = compute_commitment(db, COVENANT, commitment("in-staff"), cut_off=date(2024, 6, 30))
    assert (first.is_met, first.status) == (False, Status.ON_TRACK)
    missed = compute_commitment(db, COVENANT, commitment("in-staff"), cut_off=date(2025, 7, 1))
    assert missed.status is Status.MISSED
    evidence(db, "in-staff", "initiatief", date(2024, 7, 1))
    assert compute_commitment(db, COVENANT, commitment("in-staff"), cut_off=date(2025, 7, 1)).is_met


def test_withdrawn_evidence_counts_until_the_day_it_was_withdrawn(db: Session) -> None:
    given = NewEvidence(items=("initiatief",), dated_on=MEETING, title="Dag", note="Map")
    with clock.moved_to(noon(date(2024, 4, 1))):
        piece = add_evidence(db, COVENANT, commitment("in-trainers"), given, by_person_id=None)
    with clock.moved_to(noon(date(2024, 5, 1))):
        withdraw_evidence(db, COVENANT, piece.uuid, reason="Verkeerd.", by_person_id=None)
    found = [figure(db, "in-trainers", day) for day in (MEETING, date(2024, 4, 30), date(2024, 5, 1))]
    assert found == [[1], [1], [0]]


def test_a_soft_target_may_be_decided_and_the_latest_decision_holds(db: Session) -> None:
    def decide(day: date, *, met: bool) -> None:
        decide_commitment(db, COVENANT, commitment("rv3"), is_met=met, decided_on=day, note="Brief", by_person_id=None)

    decide(date(2025, 10, 1), met=True)
    decide(date(2025, 12, 1), met=False)
    on = [
        compute_commitment(db, COVENANT, commitment("rv3"), cut_off=day).status
        for day in (date(2025, 9, 30), date(2025, 10, 1), date(2025, 12, 1))
    ]
    assert on == [Status.MISSED, Status.DECIDED_MET, Status.DECIDED_UNMET]
    with pytest.raises(Refused):
        decide_commitment(db, COVENANT, commitment("rv1a"), is_met=True, decided_on=MEETING, note="", by_person_id=None)


def test_what_is_lost_can_no_longer_be_earned(db: Session) -> None:
    before = compute_targets(db, COVENANT, cut_off=date(2024, 6, 30))
    assert before.still_to_earn == Decimal("222600.00")
    after = compute_targets(db, COVENANT, cut_off=date(2025, 7, 1))
    # RV1 and RV2 are lost; only RV3 may still be decided, and one of three pays nothing.
    assert after.still_to_earn == 0


def test_only_what_has_a_choice_can_be_counted_otherwise(db: Session) -> None:
    with pytest.raises(Refused):
        choose_counter(db, COVENANT, commitment("rv1a"), counts="people", by_person_id=None)
    with pytest.raises(Refused):
        choose_counter(db, COVENANT, commitment("rv1a"), counts="participations", is_calendar=True, by_person_id=None)


def test_calendar_years_count_only_the_halves_the_covenant_holds(db: Session, tmp_path: Path) -> None:
    listen(db)
    course = make_counted_course(db, tmp_path, "tillen")
    before, over, autumn, spring, after = (make_person(db) for _ in range(5))
    there = [
        (before, date(2023, 6, 30)),
        (over, date(2023, 3, 1)),  # once before the covenant, once in it
        (over, date(2023, 9, 1)),
        (autumn, date(2023, 7, 1)),
        (spring, date(2025, 6, 30)),
        (after, date(2025, 7, 1)),
    ]
    tell(db, [said(person, "attended", course, step="samen", at=noon(day)) for person, day in there])
    found = compute_commitment(
        db, COVENANT, commitment("rv3"), cut_off=date(2025, 12, 31), choice=Choice(is_calendar=True)
    )
    assert [period.figure for period in found.headline.periods] == [2, 0, 1]


def test_a_teacher_in_an_intersectoral_course_counts_twice_and_the_overlap_is_known(
    db: Session, tmp_path: Path
) -> None:
    listen(db)
    course = make_counted_course(db, tmp_path, "tillen")
    tell(db, [said(make_person(db), "attended", course, step="samen", at=noon(MEETING))], area="onderwijs")
    assert figure(db, "rv3") == [1, 0]
    assert figure(db, "in-education") == [1]


def test_the_overlap_is_counted_as_the_figure_is(db: Session, tmp_path: Path) -> None:
    listen(db)
    teacher = make_person(db)
    for slug in ("tillen", "luisteren"):
        course = make_counted_course(db, tmp_path, slug)
        tell(db, [said(teacher, "attended", course, step="samen", at=noon(MEETING))], area="onderwijs")
    day, found = date(2024, 6, 1), []
    for people in (False, True):
        rv3 = compute_commitment(db, COVENANT, commitment("rv3"), cut_off=day, choice=Choice(counts_people=people))
        found += [rv3.headline.current.figure, list_asides(db, COVENANT, rv3, rv3.headline, cut_off=day)[0][1]]
    assert found == [2, "2", 1, "1"]


def test_short_presence_at_a_webinar_does_not_count_where_a_minimum_is_set(db: Session, tmp_path: Path) -> None:
    listen(db)
    course = make_counted_course(db, tmp_path, "leerbeleid", intersectoral=False, marks=("ld-webinar",))
    person, other = make_person(db), make_person(db)
    tell(
        db,
        [
            said(person, "attended", course, at=noon(MEETING), duration="PT20M"),
            said(other, "attended", course, at=noon(MEETING), duration="PT1H"),
        ],
    )
    part = commitment("rv1d").part[0]
    sources = Sources(db, COVENANT, [date(2025, 6, 30)])
    found = [len(list(live_presences(sources, replace(part, minimum_minutes=least)))) for least in (0, 20, 21, 61)]
    assert found == [2, 2, 1, 0]
    assert figure(db, "rv1d") == [2, 0]


def test_the_daily_peak_is_kept(db: Session) -> None:
    make_person(db)
    with clock.moved_to(datetime.now(UTC)):
        highest = record_user_peak(db)
        make_person(db).blocked_at = clock.now()
        db.flush()
        assert record_user_peak(db) == highest
