"""Keep who learns in a platform's course in step with who is in ours (Names and Roles Provisioning Services 2.0)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from courses.catalogue.models import Course
from lms.accounts.models import Person
from lms.kernel import clock
from lms.kernel.db import Database, insert_once
from lms.kernel.errors import Refused
from lms.kernel.jobs import enqueue, waiting_keys
from lms.kernel.outgoing import Outgoing
from lms.lti.formats.rosters import Member, read_page
from lms.lti.formats.services import ROSTER, ROSTER_TYPE, Problem, with_query
from lms.lti.models import (
    Deployment,
    LtiContext,
    LtiMembership,
    LtiUser,
    PlatformRegistration,
    PlatformServices,
    ResourceLink,
)
from lms.lti.services.calling import PlatformCaller
from lms.lti.services.holding import enrol_member, has_left, is_kept, let_go
from lms.lti.services.people import keep_membership, know_user
from lms.lti.services.tokens import ServiceFailure

KIND = "lti-roster"
EVERY = timedelta(hours=6)
AFTER_TROUBLE = timedelta(hours=1)
CLAIM = timedelta(minutes=15)
READ_S = 120.0  # all pages of all links together
AT_ONCE = 50  # members in one transaction, so that nobody else waits long to write
MOST_MEMBERS = 20_000
MOST_LINKS = 30  # asked one by one; of more, the others have their turn the next time
MOST_STARTED = 20  # contexts a minute
COURSE_CLOSED = "course-closed"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class PlacedLink:
    """A link of a context, by what the platform calls it, and the course it leads to."""

    id: int
    name: str
    course_id: int


@dataclass(frozen=True, slots=True)
class Placing:
    """What is needed to read a roster: the context, and its links, who waits longest to be asked first."""

    context_id: int
    name: str
    url: str
    links: Sequence[PlacedLink]
    knows_links: bool


@dataclass(slots=True)
class Openers:
    """Who may open what in a context. `by_course`: None where the platform does not say; `unsure`: courses of which
    not all links were told of, so that nobody is taken out. `asked` and `gone`: links.
    """

    by_course: dict[int, frozenset[str] | None] = field(default_factory=dict)
    unsure: set[int] = field(default_factory=set)
    asked: set[int] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)
    knows_links: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A roster. `is_whole`: all of its members could be read."""

    members: Sequence[Member]
    is_whole: bool
    openers: Openers


def wake(database: Database) -> None:
    """Leave word for the contexts whose roster is due, a few at a time."""
    now = clock.now()
    due = (
        sa.select(LtiContext.id)
        .join(Deployment, Deployment.id == LtiContext.deployment_id)
        .join(PlatformRegistration, PlatformRegistration.id == Deployment.registration_id)
        .where(
            _is_due(now),
            LtiContext.memberships_url != "",
            Deployment.switched_off_at.is_(None),
            PlatformRegistration.switched_off_at.is_(None),
            sa.cast(LtiContext.id, sa.String).not_in(waiting_keys(KIND)),
        )
        .order_by(LtiContext.roster_due_at, LtiContext.id)
        .limit(MOST_STARTED)
    )
    with database.write() as db:
        for context_id in db.scalars(due).all():
            enqueue(db, KIND, {"context": context_id}, key=str(context_id))


def ask_roster(db: Session, context_id: int) -> None:
    """Have it read as soon as a worker comes to it."""
    db.execute(sa.update(LtiContext).where(LtiContext.id == context_id).values(roster_due_at=None))
    enqueue(db, KIND, {"context": context_id}, key=str(context_id))


def follow_roster(database: Database, context_id: int, outgoing: Outgoing) -> None:
    """Read the roster of a context, and follow it: who learns there is in the courses it places, who left is not.

    Read before anything is changed. One that is empty, broken or half takes nobody out. One worker at a time for a
    platform; who finds another one at it leaves it to be found due again.
    """
    with _claimed(database, context_id) as claimed:
        if claimed is None:
            return
        registration, placing = claimed
        try:
            problem = _read_and_follow(PlatformCaller(database, registration, outgoing).within(READ_S), placing)
        except ServiceFailure as failure:
            _finish(database, context_id, failure.problem)
        except Exception:  # a platform may say anything: the rosters behind this one go on
            log.exception("lti_roster_failed", context=context_id)
            _finish(database, context_id, Problem.BROKEN_ANSWER)
        else:
            _finish(database, context_id, problem, read=True)


def _read_and_follow(caller: PlatformCaller, placing: Placing) -> str:
    """Returns what is to be told about a roster that was read. Raises `ServiceFailure`."""
    asked_at = clock.now()
    found = _read(caller, placing)
    _keep_links(caller.database, placing, found.openers, asked_at)
    is_closed = _follow(caller.database, caller.registration, placing, found, asked_at)
    return COURSE_CLOSED if is_closed else "" if found.is_whole else str(Problem.BROKEN_ANSWER)


# ---- reading ---------------------------------------------------------------------------------------------------------


def _read(caller: PlatformCaller, placing: Placing) -> Found:
    members, unreadable = _read_members(caller, placing, placing.url)
    if not members:
        raise ServiceFailure(Problem.EMPTY)
    openers = Openers()
    for link in placing.links[:MOST_LINKS]:
        _ask_openers(caller, placing, link, openers)
    openers.unsure |= {link.course_id for link in placing.links if link.id not in openers.asked}
    return Found(members, is_whole=not unreadable, openers=openers)


def _read_members(caller: PlatformCaller, placing: Placing, url: str) -> tuple[list[Member], int]:
    """Every page, and how many members could not be read."""
    by_subject: dict[str, Member] = {}
    unreadable = 0
    for data in caller.pages(url, scope=ROSTER, accept=ROSTER_TYPE):
        try:
            page = read_page(data, placing.name)
        except ValueError as error:
            raise ServiceFailure(Problem.BROKEN_ANSWER, said=str(error)) from error
        by_subject |= {member.subject: member for member in page.members}
        unreadable += page.unreadable
        if len(by_subject) > MOST_MEMBERS:
            raise ServiceFailure(Problem.TOO_MANY_PAGES)
    return list(by_subject.values()), unreadable


def _ask_openers(caller: PlatformCaller, placing: Placing, link: PlacedLink, openers: Openers) -> None:
    """Who may open this link (NRPS 2.0, 2.4.2 `rlid`). Of one that is gone, or that the platform will not tell of,
    nobody becomes a learner; nor does anybody when the time is up: then it goes first the next time.
    """
    subjects: frozenset[str] | None = None
    try:
        members, _unreadable = _read_members(caller, placing, with_query(placing.url, rlid=link.name))
        subjects = frozenset(member.subject for member in members if member.is_active)
        openers.knows_links = True
    except ServiceFailure as failure:
        if caller.is_late:
            return
        openers.asked.add(link.id)
        if failure.problem == Problem.GONE:
            openers.gone.add(link.id)
            return
        if failure.problem != Problem.REFUSED:
            raise
        if placing.knows_links or openers.knows_links:
            openers.unsure.add(link.course_id)
            return
    openers.asked.add(link.id)
    if subjects is not None and not subjects:
        openers.unsure.add(link.course_id)  # nobody: more likely a platform that misunderstood than an empty course
    known = openers.by_course.get(link.course_id, frozenset())
    openers.by_course[link.course_id] = None if subjects is None or known is None else known | subjects


def _keep_links(database: Database, placing: Placing, openers: Openers, asked_at: datetime) -> None:
    """Which links were asked, and which are gone: of those nothing is asked until somebody launches one again."""
    with database.write() as db:
        links = sa.update(ResourceLink)
        db.execute(links.where(ResourceLink.id.in_(openers.asked)).values(asked_at=asked_at))
        gone = links.where(ResourceLink.id.in_(openers.gone), ResourceLink.launched_at <= asked_at)
        db.execute(gone.values(ended_at=asked_at))
        if openers.knows_links and not placing.knows_links:
            db.execute(sa.update(LtiContext).where(LtiContext.id == placing.context_id).values(knows_links=True))


# ---- following -------------------------------------------------------------------------------------------------------


def _follow(
    database: Database, registration: PlatformRegistration, placing: Placing, found: Found, asked_at: datetime
) -> bool:
    """Write it down, a few members at a time; whether a course could not take anybody."""
    is_closed = False
    for members in _in_pieces([member for member in found.members if member.is_active]):
        with database.write() as db:
            for member in members:
                is_closed |= _follow_member(db, registration, placing, found, member)
    if found.is_whole:
        here = {member.subject for member in found.members if member.is_active}
        with database.write() as db:
            _let_go_of_who_left(db, placing.context_id, here, asked_at)
    return is_closed


def _follow_member(
    db: Session, registration: PlatformRegistration, placing: Placing, found: Found, member: Member
) -> bool:  # fmt: skip
    """Who teaches is known here only when she came by herself. Whether a course could not take her."""
    user = db.scalar(
        sa.select(LtiUser).where(LtiUser.registration_id == registration.id, LtiUser.subject == member.subject)
    )
    if not member.learns and user is None:
        return False
    if user is None or (member.given_name or member.family_name):
        user = know_user(db, registration, member.subject, given_name=member.given_name, family_name=member.family_name)
    if _is_closed(db, user.person_id):
        return False
    keep_membership(db, placing.context_id, user.id, member.roles)
    if not member.learns:
        let_go(db, placing.context_id, user.id)
        return False
    refused = False
    for course_id, openers in found.openers.by_course.items():
        if openers is None or member.subject in openers:
            refused |= not _enrol(db, registration, placing, user, course_id)
        elif course_id not in found.openers.unsure and found.is_whole:
            let_go(db, placing.context_id, user.id, course_id=course_id)
    return refused


def _enrol(
    db: Session, registration: PlatformRegistration, placing: Placing, user: LtiUser, course_id: int
) -> bool:  # fmt: skip
    """Once: who withdrew herself, here or before, or was withdrawn by her officer, is not fetched back by a list."""
    if is_kept(db, placing.context_id, user.id, course_id) or has_left(db, user.person_id, course_id):
        return True
    try:
        with db.begin_nested():
            enrol_member(db, registration, user, course_id, placing.context_id)
    except Refused:
        return False
    return True


def _let_go_of_who_left(db: Session, context_id: int, here: set[str], asked_at: datetime) -> None:
    """Who came in by a launch while we read is newer than what we read."""
    rows = db.execute(
        sa.select(LtiUser.id, LtiUser.subject)
        .join(LtiMembership, LtiMembership.user_id == LtiUser.id)
        .where(
            LtiMembership.context_id == context_id,
            LtiMembership.left_at.is_(None),
            LtiMembership.seen_at < asked_at,
        )
        .order_by(LtiUser.id)
    ).all()
    for user_id, subject in rows:
        if subject not in here:
            own = sa.update(LtiMembership).where(
                LtiMembership.context_id == context_id, LtiMembership.user_id == user_id
            )
            db.execute(own.values(left_at=clock.now()))
            let_go(db, context_id, user_id)


def _is_closed(db: Session, person_id: int) -> bool:
    person = db.get_one(Person, person_id)
    return person.blocked_at is not None or person.erased_at is not None


def _in_pieces(members: Sequence[Member]) -> Iterator[list[Member]]:
    rest = iter(members)
    while piece := list(islice(rest, AT_ONCE)):
        yield piece


# ---- one worker at a time --------------------------------------------------------------------------------------------


@contextmanager
def _claimed(
    database: Database, context_id: int
) -> Iterator[tuple[PlatformRegistration, Placing] | None]:  # fmt: skip
    now = clock.now()
    with database.write() as db:
        registration = _find_registration(db, context_id)
        is_mine = registration is not None and _claim(db, registration.id, now)
        placing = _load(db, context_id, now) if is_mine else None
    try:
        yield None if registration is None or placing is None else (registration, placing)
    finally:
        if registration is not None and is_mine:
            with database.write() as db:
                own = sa.update(PlatformServices).where(PlatformServices.registration_id == registration.id)
                mine = own.where(PlatformServices.roster_claimed_until == now + CLAIM)
                db.execute(mine.values(roster_claimed_until=None))


def _find_registration(db: Session, context_id: int) -> PlatformRegistration | None:
    """Whose roster this is; None for a platform that is off."""
    return db.scalar(
        sa.select(PlatformRegistration)
        .join(Deployment, Deployment.registration_id == PlatformRegistration.id)
        .join(LtiContext, LtiContext.deployment_id == Deployment.id)
        .where(
            LtiContext.id == context_id,
            Deployment.switched_off_at.is_(None),
            PlatformRegistration.switched_off_at.is_(None),
        )
    )


def _claim(db: Session, registration_id: int, now: datetime) -> bool:
    insert_once(db, PlatformServices, registration_id=registration_id, failures=0, problem="")
    until = PlatformServices.roster_claimed_until
    free = sa.update(PlatformServices).where(
        PlatformServices.registration_id == registration_id, sa.or_(until.is_(None), until < now)
    )
    claimed = free.values(roster_claimed_until=now + CLAIM).returning(PlatformServices.registration_id)
    return db.scalar(claimed) is not None


def _load(db: Session, context_id: int, now: datetime) -> Placing | None:
    """What the roster is for; None when another worker read it a moment ago."""
    context = db.scalar(sa.select(LtiContext).where(LtiContext.id == context_id, _is_due(now)))
    if context is None:
        return None
    rows = db.execute(
        sa.select(ResourceLink.id, ResourceLink.resource_link_id, ResourceLink.content)
        .where(ResourceLink.context_id == context.id, ResourceLink.ended_at.is_(None))
        .order_by(ResourceLink.asked_at.asc().nulls_first(), ResourceLink.id)
    ).all()
    slugs = {row.content.partition("/")[0] for row in rows}
    courses = {row.slug: row.id for row in db.execute(sa.select(Course.slug, Course.id).where(Course.slug.in_(slugs)))}
    links = [
        PlacedLink(row.id, row.resource_link_id, courses[slug])
        for row in rows
        if (slug := row.content.partition("/")[0]) in courses
    ]
    return Placing(context.id, context.context_id, context.memberships_url, links, context.knows_links)


def _finish(database: Database, context_id: int, problem: str, *, read: bool = False) -> None:
    now = clock.now()
    values = {"roster_problem": problem, "roster_due_at": now + (EVERY if read else AFTER_TROUBLE)}
    if read:
        values["roster_read_at"] = now
    with database.write() as db:
        db.execute(sa.update(LtiContext).where(LtiContext.id == context_id).values(**values))


def _is_due(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(LtiContext.roster_due_at.is_(None), LtiContext.roster_due_at <= now)
