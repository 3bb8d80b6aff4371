"""Two areas and three employers, each with people, courses and work of its own, and words that give them away.

HERE is where the nine visitors of the walk belong; NEXT_DOOR is another employer in the same area; FAR is another
employer in another area. Every name and text of theirs holds a word that stands nowhere else (`Marker`): a word of
somebody else in an answer is a leak.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import msgspec
from flask import Flask
from sqlalchemy.orm import Session

from courses.assignments.formats import HandedFile
from courses.assignments.queries import find_submission
from courses.assignments.services import hand_in, keep_file
from courses.authoring.formats import skeleton
from courses.authoring.services import check_upload, save_upload
from courses.catalogue.formats import Block, BlockKind, Outline, Page, Step, StepKind
from courses.catalogue.models import Course
from courses.catalogue.queries import find_current_version, get_course
from courses.catalogue.services import offer_course, prepare_version, publish_version
from courses.certificates.models import Certificate
from courses.enrolment.queries import get_learner
from courses.enrolment.services import enrol_learner
from courses.enrolment.services.batches import make_batch_of_people
from courses.enrolment.services.statements import Verb, record
from courses.progress.services import leave_page, save_page_answer
from courses.quizzes.formats import read_gift
from courses.quizzes.formats.questions import question_to_json
from courses.quizzes.services import answer_question
from courses.sessions.models import CourseSession
from courses.sessions.services import book, mark_attendance
from lms.accounts import services as accounts
from lms.accounts.models import Establishment, Organisation, Person
from lms.accounts.queries import list_sign_ins
from lms.accounts.services import LinkKind, make_link
from lms.kernel import clock
from lms.kernel.identity import Grant, Identity, Role
from lms.kernel.storage import Storage
from sectors.covenant.formats import load_covenant
from sectors.covenant.models import Participation
from sectors.covenant.services import NewEvidence, add_evidence
from sectors.site.models import NewsItem
from sectors.site.queries import Greeting
from sectors.site.services import change_greeting, publish_news
from tests.factories.accounts import establishment_number, kbo_number, make_organisation, make_person
from tests.factories.courses import PRACTICE, TOGETHER, make_outline
from tests.factories.sessions import make_session
from tests.services.platform import HOST
from tests.web.access.connected import CONNECTED, connect_platform
from tests.web.access.markers import Kind, Marker, Side
from xapi.credentials.models import Scope
from xapi.credentials.services import create_credential
from xapi.forwarding.models import DeadLetter
from xapi.forwarding.services import Terms, create_target
from xapi.reading.queries import Wanted
from xapi.reading.services import start_export
from xapi.standard.version import Version

HERE_AREA, FAR_AREA = "gezinszorg", "ouderenzorg"
IN_THE_COVENANT = datetime(2024, 5, 1, 9, tzinfo=UTC)
LONG_AGO_DAYS = 60  # since when people work where they do
PICTURE = b'<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>'


class World:
    """All sides, and the visitors by role."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.here, self.next_door = Side("kwetsel", HERE_AREA), Side("brimbor", HERE_AREA)
        self.far = Side("zanduil", FAR_AREA)
        self.people: dict[Role, Person] = {}
        self.storage: Storage = app.extensions["storage"]

    @property
    def sides(self) -> tuple[Side, Side, Side]:
        """HERE, NEXT_DOOR, FAR."""
        return self.here, self.next_door, self.far

    @property
    def markers(self) -> Iterator[Marker]:
        """Every word that gives somebody away."""
        for side in self.sides:
            yield from side.markers


def make_world(app: Flask) -> World:
    """Fill the platform's database, which must be empty, through the services a person would use."""
    world = World(app)
    with app.extensions["database"].write() as db:
        with clock.moved_to(clock.now() - timedelta(days=LONG_AGO_DAYS)):
            for side in world.sides:
                _found_organisation(db, side)
            _appoint(db, world)
            for side in world.sides:
                _employ_learners(db, side)
        for side in (world.here, world.far):
            _fill_area(db, world, side)
        world.next_door.values |= {
            key: world.here.values[key]
            for key in (
                "course",
                "short_course",
                "session",
                "past_session",
                "news",
                "version",
                "draft",
                "evidence",
                "export",
                "target",
                "letter",
                *CONNECTED,
            )
        }
        for side in world.sides:
            _fill_employer(db, world, side)
    return world


# ---- who there is ----------------------------------------------------------------------------------------------------


def _found_organisation(db: Session, side: Side) -> None:
    number = 7_000_000 + len(side.name) * 1000 + ord(side.name[0])
    organisation = make_organisation(
        db, name=f"Thuishulp {side.mark(Kind.EMPLOYER)}", area=side.area, kbo=kbo_number(number)
    )
    place = accounts.add_establishment(
        db, organisation.id, name=f"Huis {side.mark(Kind.EMPLOYER)}", number=establishment_number(number)
    )
    assert isinstance(place, Establishment)
    side.values |= {
        "area": side.area,
        "organisation": organisation.uuid,
        "organisation_row": organisation,
        "organisation_id": organisation.id,
    }


def _appoint(db: Session, world: World) -> None:
    """The eight roles HERE; FAR has an officer, a trainer and a consultant too."""
    for role in Role:
        world.people[role] = _appoint_one(db, world.here, role)
    for role in (Role.OFFICER, Role.TRAINER, Role.CONSULTANT):
        world.far.values[role.value] = _appoint_one(db, world.far, role)
    world.here.values |= {role.value: person for role, person in world.people.items()}


def _appoint_one(db: Session, side: Side, role: Role) -> Person:
    kind = Kind.PERSON if role in (Role.LEARNER, Role.TEACHER, Role.DIGICOACH, Role.DELEGATE) else Kind.STAFF
    owner = role.value if side.name == "kwetsel" else f"{role.value}ginds"
    organisation: Organisation | None = side.values["organisation_row"]
    if role in (Role.TRAINER, Role.CONSULTANT, Role.ADMIN):
        organisation = None
    return make_person(
        db,
        organisation=organisation,
        role=role,
        area=None if role in (Role.ADMIN, Role.OFFICER) else side.area,
        first_name="Kim",
        last_name=side.mark(kind, owner),
        email=f"{role.value}@{side.name}.example",
    )


def _employ_learners(db: Session, side: Side) -> None:
    """Each employer has a learner (HERE she is one of the visitors) and a colleague of hers."""
    organisation: Organisation = side.values["organisation_row"]
    learner = side.values.get("learner") or make_person(
        db,
        organisation=organisation,
        first_name="Kim",
        last_name=side.mark(Kind.PERSON, "leerder"),
        email=f"learner@{side.name}.example",
    )
    colleague = make_person(
        db,
        organisation=organisation,
        first_name="Bo",
        last_name=side.mark(Kind.PERSON, "collega"),
        email=f"collega@{side.name}.example",
    )
    side.values |= {"learner": learner, "colleague_row": colleague}


# ---- what an area has ------------------------------------------------------------------------------------------------


def _fill_area(db: Session, world: World, side: Side) -> None:
    trainer: Person = side.values["trainer"]
    consultant = _identity(side.values["consultant"], Role.CONSULTANT, side.area)
    course = _publish(db, world, side, _course_outline(side), trainer)
    version = find_current_version(db, course.id)
    assert version is not None
    side.values["version"] = version.sha256
    short = _publish(db, world, side, _short_outline(side), trainer)
    words = side.mark(Kind.OPEN)
    change_greeting(
        db, consultant, side.area, Greeting(f"Welkom {words}", f"Tekst {words}", f"Bel {words}", "02 123 45 67", "")
    )
    publish_news(db, consultant, side.area, title=f"Nieuws {words}", text=f"Bericht {words}")
    news = db.query(NewsItem).filter_by(area=side.area).one()
    side.values |= {"course": course.slug, "short_course": short.slug, "news": news.id}
    _add_evidence(db, world, side)
    side.values["export"] = _export(db, consultant)
    _send_on(db, side)
    connect_platform(db, side)
    _plan(db, side, course, trainer)
    _prepare_draft(db, world, side, trainer)


def _export(db: Session, consultant: Identity) -> UUID:
    """A file from the record that is ready."""
    export = start_export(db, consultant, Wanted(), kind="csv", language="nl")
    export.finished_at = clock.now()
    return export.uuid


def _send_on(db: Session, side: Side) -> None:
    """Another store that gets what belongs to the area, and would not take one statement."""
    terms = Terms(
        f"Elders {side.mark(Kind.DESK)}", "https://lrs.example/xapi", Version.V2, "sleutel", "geheim", side.area
    )
    target = create_target(db, terms)
    said = {"status": 400, "answer": f"Nee, {side.mark(Kind.DESK)}", "failed_at": clock.now()}
    letter = DeadLetter(target_id=target.id, statement_id=1, statement=uuid4(), **said)
    db.add(letter)
    db.flush()
    side.values |= {"target": target.uuid, "letter": letter.uuid}


def _identity(person: Person, role: Role, area: str | None) -> Identity:
    """This person as a service knows her."""
    return Identity(person_id=person.id, person_uuid=person.uuid, grants=(Grant(role, area),))


def _publish(db: Session, world: World, side: Side, outline: Outline, trainer: Person) -> Course:
    prepared = prepare_version(outline, {"media/plaat.svg": PICTURE}, storage=world.storage)
    publish_version(db, prepared, published_by=trainer.id)
    course = get_course(db, outline.id)
    offer_course(db, course, side.area, opened_on=clock.today() - timedelta(days=90))
    return course


def _course_outline(side: Side) -> Outline:
    reading = read_gift(b"::begin::Wat doe je eerst?{=Kijken ~Overnemen}\n\n::vraag2::Je helpt rustig.{T}")
    blocks = (
        Block(kind=BlockKind.HTML, html='<p>Dag.</p><p><img src="media/plaat.svg" alt="Een plaat"></p>'),
        Block(kind=BlockKind.REFLECTION, id="idee", prompt="Wie wil je helpen?"),
        Block(kind=BlockKind.EXERCISE, id="oefening", question=question_to_json(reading.questions[0])),
    )
    module = Step(
        id="welkom",
        kind=StepKind.MODULE,
        title="Welkom",
        minutes=10,
        complete_when="pages-seen",
        pages=(Page(id="start", title="Start", blocks=blocks), Page(id="verder", title="Verder", blocks=blocks[:1])),
    )
    quiz = Step(
        id="toets",
        kind=StepKind.QUIZ,
        title="Toets",
        minutes=5,
        complete_when="passed",
        questions=tuple(question_to_json(question) for question in reading.questions),
    )
    steps = (module, quiz, TOGETHER, PRACTICE)
    outline = make_outline(f"leren-{side.name}", title=f"Leren {side.mark(Kind.OPEN)}", steps=steps, areas=(side.area,))
    return msgspec.structs.replace(outline, intersectoral=True)


def _short_outline(side: Side) -> Outline:
    page = Page(id="start", title="Start", blocks=(Block(kind=BlockKind.HTML, html="<p>Dag.</p>"),))
    step = Step(id="kort", kind=StepKind.MODULE, title="Kort", minutes=5, complete_when="pages-seen", pages=(page,))
    outline = make_outline(f"kort-{side.name}", title=f"Kort {side.mark(Kind.OPEN)}", steps=(step,), areas=(side.area,))
    return msgspec.structs.replace(outline, certificate=f"Attest {side.mark(Kind.OPEN)}")


def _plan(db: Session, side: Side, course: Course, trainer: Person) -> None:
    """A moment to come, and one of last week."""
    now = clock.now()
    for name, start in (("session", now + timedelta(days=20)), ("past_session", now - timedelta(days=7))):
        with clock.moved_to(start - timedelta(days=20)):
            session = make_session(
                db,
                course,
                title=f"Samen {side.mark(Kind.OPEN)}",
                starts_at=start,
                ends_at=start + timedelta(hours=3),
                seats=10,
                link=f"https://meet.example/{side.mark(Kind.PRIVATE)}",
                area=side.area,
                trainer_id=trainer.id,
                closes_at=start - timedelta(days=1),
                free_until=start - timedelta(days=3),
                cancel_fee=Decimal(50),
            )
        side.values |= {name: session.uuid, f"{name}_row": session}


def _add_evidence(db: Session, world: World, side: Side) -> None:
    covenant = load_covenant("2023-2025")
    commitment = covenant.find_commitment("rv2")
    assert commitment is not None
    key = f"evidence/{side.name}.pdf"
    world.storage.put(key, b"%PDF-1.7")
    given = NewEvidence(
        items=tuple(commitment.items)[:1],
        dated_on=IN_THE_COVENANT.date(),
        title="Verslag",
        file_key=key,
        file_name="verslag.pdf",
    )
    consultant: Person = side.values["consultant"]
    evidence = add_evidence(db, covenant, commitment, given, by_person_id=consultant.id)
    side.values["evidence"] = evidence.uuid


def _prepare_draft(db: Session, world: World, side: Side, trainer: Person) -> None:
    files = skeleton.new_course(f"ontwerp-{side.name}", f"Ontwerp {side.mark(Kind.DESK)}")
    draft = check_upload(
        data=zip_of(files), file_name=f"{side.mark(Kind.DESK)}.zip", author_id=trainer.id, storage=world.storage
    )
    save_upload(db, draft)
    side.values["draft"] = draft.uuid


def zip_of(files: dict[str, bytes]) -> bytes:
    """These files in a zip."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return packed.getvalue()


# ---- what an employer's people did -----------------------------------------------------------------------------------


def _fill_employer(db: Session, world: World, side: Side) -> None:
    organisation: Organisation = side.values["organisation_row"]
    learner: Person = side.values["learner"]
    colleague: Person = side.values["colleague_row"]
    area_side = world.far if side is world.far else world.here
    _learn(db, world, side, learner)
    _attend(db, side, area_side, colleague)
    _prepare_list(db, side, colleague)
    credential, secret = create_credential(
        db, f"Koppeling {side.name}", scopes=(Scope.ALL,), area=side.area, organisation=organisation.uuid
    )
    side.values |= {
        "person": learner.uuid,
        "colleague": colleague.uuid,
        "credential": (credential.key, secret),
        "credential_uuid": credential.uuid,
        "invitation": make_link(db, learner.id, LinkKind.INVITATION),
        "reset": make_link(db, learner.id, LinkKind.RESET),
        "handover": _handover_link(db, learner),
        "sign_in": _sign_in_of(db, learner),
    }


def _handover_link(db: Session, person: Person) -> str:
    """It lives 30 seconds, which the walk may need before it comes there."""
    with clock.moved_to(clock.now() + timedelta(days=1)):
        return make_link(db, person.id, LinkKind.HANDOVER, host=HOST)


def _sign_in_of(db: Session, person: Person) -> int:
    accounts.open_sign_in(db, person.id, device="Firefox op Linux")
    return list_sign_ins(db, person.id)[0].id


def _learn(db: Session, world: World, side: Side, person: Person) -> None:
    """A page, an answer, a place, a task handed in, and a short course with its proof."""
    course = get_course(db, side.values["course"])
    enrolment = enrol_learner(db, person_id=person.id, course_id=course.id, area=side.area)
    learner = get_learner(db, enrolment.id)
    leave_page(db, learner, "welkom", "start")
    save_page_answer(db, learner, "welkom", "idee", [side.mark(Kind.PRIVATE)])
    outline = _course_outline(side)
    quiz = outline.step("toets")
    assert quiz is not None
    answer_question(db, learner, quiz, "begin", ["a"])
    area_side = world.far if side is world.far else world.here
    session: CourseSession = area_side.values["session_row"]
    book(db, session.id, enrolment.id)
    word = side.mark(Kind.PRIVATE)
    file = keep_file(learner, HandedFile(f"{word}.pdf", b"%PDF-1.7 " + word.encode()), storage=world.storage)
    hand_in(db, learner, PRACTICE, text=f"Ik deed {word}", file=file)
    submission = find_submission(db, enrolment.id, "praktijk")
    assert submission is not None
    side.values |= {"enrolment": enrolment.uuid, "enrolment_id": enrolment.id, "submission": submission.uuid}
    _finish_short_course(db, side, person)


def _finish_short_course(db: Session, side: Side, person: Person) -> None:
    short = get_course(db, side.values["short_course"])
    enrolment = enrol_learner(db, person_id=person.id, course_id=short.id, area=side.area)
    leave_page(db, get_learner(db, enrolment.id), "kort", "start")
    certificate = db.query(Certificate).filter_by(enrolment_id=enrolment.id).one()
    side.values |= {"certificate": certificate.uuid, "code": certificate.code}


def _attend(db: Session, side: Side, area_side: Side, colleague: Person) -> None:
    """The colleague was there last week, and is on the list for the next time too."""
    course = get_course(db, side.values["course"])
    session: CourseSession = area_side.values["past_session_row"]
    with clock.moved_to(session.starts_at - timedelta(days=10)):
        enrolment = enrol_learner(db, person_id=colleague.id, course_id=course.id, area=side.area)
        booking = book(db, session.id, enrolment.id)
    side.values["statement"] = record(
        db, get_learner(db, enrolment.id), Verb.ATTENDED, step=TOGETHER, at=IN_THE_COVENANT
    )
    participation = (
        db.query(Participation)
        .filter_by(person_id=colleague.id, started_on=IN_THE_COVENANT.date(), is_calendar=False)
        .first()
    )
    assert participation is not None
    side.values |= {"row": f"p{participation.id}", "row_day": IN_THE_COVENANT.date()}
    trainer: Person = area_side.values["trainer"]
    mark_attendance(db, booking, "present", by_person_id=trainer.id)
    side.values["booking"] = booking.id


def _prepare_list(db: Session, side: Side, colleague: Person) -> None:
    """A list of people to enrol that its officer looks at, and did not carry out yet."""
    short = get_course(db, side.values["short_course"])
    batch = make_batch_of_people(
        db,
        organisation=side.values["organisation_row"],
        course_id=short.id,
        by_person_id=colleague.id,
        people=[colleague.uuid],
    )
    side.values["batch"] = batch.uuid
