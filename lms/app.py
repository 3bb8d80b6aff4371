"""`create_app`: the one module that knows every feature. It connects events, jobs, views and the menu, in order."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix

from courses.assignments import jobs as assignment_jobs
from courses.assignments import services as assignments
from courses.assignments import views as assignment_views
from courses.assignments.events import AssignmentAccepted, AssignmentHandedIn, AssignmentReturned
from courses.authoring import views as authoring_views
from courses.catalogue import queries as catalogue
from courses.catalogue import views as catalogue_views
from courses.catalogue.events import VersionPublished
from courses.certificates import services as certificates
from courses.certificates import views as certificate_views
from courses.enrolment import jobs as enrolment_jobs
from courses.enrolment import views as enrolment_views
from courses.enrolment.events import EnrolmentsJoined, LearnerEnrolled, LearnerWithdrew
from courses.enrolment.services import batches as enrolment_batches
from courses.enrolment.services import joining as enrolment_joining
from courses.enrolment.services import statements
from courses.player import views as player_views
from courses.progress import jobs as progress_jobs
from courses.progress import services as progress
from courses.progress.events import CourseCompleted, StepCompleted, StepsRecounted
from courses.quizzes import services as quizzes
from courses.quizzes.events import AttemptFinished
from courses.sessions import services as sessions
from courses.sessions import views as session_views
from courses.sessions.events import AttendanceMarked
from lms.accounts import jobs as account_jobs
from lms.accounts import queries as accounts
from lms.accounts import views as accounts_views
from lms.accounts.events import PersonErased, PersonJoined
from lms.demo import views as demo_views
from lms.kernel import mail
from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.events import Events
from lms.kernel.identity import Identity, Permission
from lms.kernel.jobs import Handlers, Queue
from lms.kernel.outgoing import Outgoing
from lms.kernel.storage import Storage
from lms.kernel.web import MenuItem, Place, errors, flow, headers, health, hosts, pages, visiting
from lms.lti import jobs as lti_jobs
from lms.lti import views as lti_views
from lms.lti.events import LinkLaunched
from lms.lti.queries.linking import list_linked_platforms
from lms.lti.queries.visits import find_visit
from lms.lti.services import holding as lti_holding
from lms.lti.services import linking as lti_linking
from lms.lti.services import noting as lti_noting
from lms.lti.services import own_accounts as lti_own_accounts
from lms.lti.services import rosters as lti_rosters
from lms.lti.services import sending as lti_sending
from sectors.areas import all_areas, find_area
from sectors.covenant import jobs as covenant_jobs
from sectors.covenant import services as covenant
from sectors.covenant import views as covenant_views
from sectors.planning import views as planning_views
from sectors.site import views as site_views
from xapi import http
from xapi.credentials import jobs as credential_jobs
from xapi.credentials import views as credential_views
from xapi.documents import services as documents
from xapi.documents import views as document_views
from xapi.forwarding import jobs as forwarding_jobs
from xapi.forwarding import services as forwarding
from xapi.forwarding import views as forwarding_views
from xapi.reading import jobs as reading_jobs
from xapi.reading import services as reading
from xapi.reading import views as reading_views
from xapi.statements import jobs as statement_jobs
from xapi.statements import services as record
from xapi.statements import views as statement_views
from xapi.statements.events import ActorForgotten, StatementsStored


def _(message: str) -> str:
    """Mark a message id for the catalogues; whoever shows it translates it."""
    return message


MAX_UPLOAD_BYTES = 120 * 1024 * 1024
MAX_FORM_BYTES = 4 * 1024 * 1024
MONTH_S = 60 * 60 * 24 * 31

BLUEPRINTS = (
    site_views.blueprint,
    accounts_views.blueprint,
    catalogue_views.blueprint,
    enrolment_views.blueprint,
    player_views.blueprint,
    certificate_views.blueprint,
    session_views.blueprint,
    assignment_views.blueprint,
    authoring_views.blueprint,
    statement_views.blueprint,
    document_views.blueprint,
    credential_views.blueprint,
    planning_views.blueprint,
    demo_views.blueprint,
    covenant_views.blueprint,
    reading_views.blueprint,
    forwarding_views.blueprint,
    *lti_views.blueprints,
)


def _anybody(_identity: Identity) -> bool:
    return True


def _visitor(identity: Identity) -> bool:
    return not identity.is_signed_in


def _signed_in(identity: Identity) -> bool:
    return identity.is_signed_in


def _who_may(permission: Permission) -> Callable[[Identity], bool]:
    return lambda identity: identity.may(permission)


def _learns_only(identity: Identity) -> bool:
    return identity.is_signed_in and not any(identity.may(permission) for permission in DESK)


def _has_area(identity: Identity) -> bool:
    return _learns_only(identity) and identity.area is not None


DESK = (Permission.ENROL_STAFF, Permission.PUBLISH_COURSES, Permission.EDIT_AREA, Permission.ADMINISTER)

# Labels are message ids; `_` only marks them, the page translates.
MENU = (
    MenuItem(_("Start"), "site.home", "house", _signed_in, tab=_("Start")),
    MenuItem(_("Mijn opleidingen"), "site.my_courses", "book-open", _learns_only, tab=_("Opleidingen")),
    MenuItem(_("Aanbod"), "catalogue.courses", "search", _has_area, values=lambda identity: {"area": identity.area}),
    MenuItem(_("Verbintenissen"), "covenant.cockpit", "target", _who_may(Permission.SEE_COVENANT), is_desk=True),
    MenuItem(_("Medewerkers"), "planning.staff", "users", _who_may(Permission.ENROL_STAFF), is_desk=True),
    MenuItem(_("Inschrijvingen"), "planning.enrolments", "user-plus", _who_may(Permission.ENROL_STAFF), is_desk=True),
    MenuItem(_("Opleidingen maken"), "authoring.courses", "pencil", _who_may(Permission.PUBLISH_COURSES), is_desk=True),
    MenuItem(_("Sessies"), "sessions.sessions", "calendar-days", _who_may(Permission.RUN_SESSIONS), is_desk=True),
    MenuItem(
        _("Opdrachten"), "assignments.submissions", "clipboard-check", _who_may(Permission.RUN_SESSIONS), is_desk=True
    ),
    MenuItem(_("Register"), "reading.statements", "file-text", _who_may(Permission.SEE_STATEMENTS), is_desk=True),
    MenuItem(
        _("Sleutels"), "credentials.credentials", "key-round", _who_may(Permission.MANAGE_CREDENTIALS), is_desk=True
    ),
    MenuItem(
        _("Leerplatformen"), "platforms.platforms", "network", _who_may(Permission.CONNECT_PLATFORMS), is_desk=True
    ),
    MenuItem(_("Mensen"), "accounts.people", "users", _who_may(Permission.ADMINISTER), is_desk=True),
    MenuItem(_("Organisaties"), "accounts.organisations", "hospital", _who_may(Permission.ADMINISTER), is_desk=True),
    MenuItem(_("Afdelingen"), "site.areas_desk", "map", _who_may(Permission.EDIT_AREA), is_desk=True),
    MenuItem(_("Hulp"), "site.help_page", "life-buoy", _anybody, tab=_("Hulp")),
    MenuItem(_("Andere afdelingen"), "site.areas", "map", _visitor),
    MenuItem(_("Inloggen"), "accounts.sign_in", "log-in", _visitor),
)

ROADS = pages.Roads(
    home="site.home",
    person="accounts.account",
    sign_out="accounts.sign_out",
    language="accounts.language_choose",
    help="site.help_page",
    visit="lti_visit.home",
    window="lti_launch.window",
    link="lti_launch.link_begin",
    foot=(
        (_("Andere afdelingen"), "site.areas"),
        (_("Privacy"), "site.privacy"),
        (_("Toegankelijkheid"), "site.accessibility"),
    ),
)


def create_app(settings: Settings) -> Flask:
    """The whole platform as a WSGI app. It opens the database but migrates nothing."""
    app = hosts.AreaFlask("lms", static_folder="kernel/web/static", template_folder="kernel/web/templates")
    _configure(app, settings)
    _open(app, settings)
    flow.install(app, accounts.find_identity, find_visit)
    headers.install(app)
    errors.install(app, sign_in_endpoint="accounts.sign_in")
    health.install(app)
    pages.install(app, MENU, ROADS, _place_of)
    reading_views.install(app, list_course_activities)
    app.extensions["platforms_of"] = list_linked_platforms  # for the account page, which never heard of platforms
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    _protect_forms(app)
    hosts.install(app, settings, all_areas())
    visiting.install(app, ROADS.visit)
    http.install(app)
    flow.commit_before_all_else(app)
    return app


def connect_events() -> Events:
    """Who hears what. Handlers run inside the emitter's transaction."""
    events = Events()
    events.subscribe(AssignmentAccepted, progress.complete_assignment)
    events.subscribe(AssignmentHandedIn, progress.complete_assignment)
    events.subscribe(AttemptFinished, progress.complete_quiz)
    events.subscribe(AttendanceMarked, progress.follow_attendance)
    events.subscribe(AttendanceMarked, covenant.keep_delegate)
    events.subscribe(LearnerWithdrew, sessions.leave_sessions)
    events.subscribe(PersonErased, sessions.forget_person)
    events.subscribe(PersonErased, enrolment_batches.forget_person)
    events.subscribe(PersonErased, record.forget_person)
    events.subscribe(ActorForgotten, lambda db, event: documents.forget_agents(db, event.renamed))
    events.subscribe(ActorForgotten, reading.forget_exports)
    events.subscribe(ActorForgotten, forwarding.forget_answers)
    events.subscribe(ActorForgotten, covenant.follow_forgotten)
    events.subscribe(PersonErased, quizzes.forget_person)
    events.subscribe(PersonErased, assignments.forget_person)
    events.subscribe(PersonErased, progress.forget_person)
    events.subscribe(PersonErased, certificates.forget_person)
    events.subscribe(PersonJoined, enrolment_joining.join_person)
    events.subscribe(PersonJoined, covenant.follow_joined)
    events.subscribe(EnrolmentsJoined, sessions.join_enrolments)
    events.subscribe(EnrolmentsJoined, quizzes.join_enrolments)
    events.subscribe(EnrolmentsJoined, assignments.join_enrolments)
    events.subscribe(EnrolmentsJoined, certificates.join_enrolments)
    events.subscribe(EnrolmentsJoined, progress.join_enrolments)
    events.subscribe(EnrolmentsJoined, lti_holding.join_enrolments)
    events.subscribe(StatementsStored, covenant.project_statements)
    events.subscribe(VersionPublished, progress.follow_new_version)
    events.subscribe(LinkLaunched, lti_noting.note_launch)
    events.subscribe(AssignmentHandedIn, lti_noting.note_assignment)
    events.subscribe(AssignmentReturned, lti_noting.note_assignment)
    events.subscribe(AttemptFinished, lti_noting.note_attempt)
    events.subscribe(StepCompleted, lti_noting.note_step)
    events.subscribe(StepsRecounted, lti_noting.note_course)
    events.subscribe(CourseCompleted, lti_noting.note_course)
    events.subscribe(PersonErased, lti_noting.forget_person)
    events.subscribe(LearnerEnrolled, progress.follow_return)
    events.subscribe(StepCompleted, certificates.issue_when_due)
    events.subscribe(StepsRecounted, certificates.issue_when_due)
    events.subscribe(CourseCompleted, certificates.issue_certificate)
    return events


def connect_jobs(settings: Settings) -> Handlers:
    """What the worker does for each kind of outbox row, every minute, and every night."""
    handlers, storage = Handlers(), Storage(settings.storage_url)
    outgoing = Outgoing(may_go_inside=settings.may_go_inside)
    handlers.register(mail.KIND, mail.Mailer(settings.mail_url, settings.mail_from))
    handlers.register("enrolment-batch", enrolment_jobs.carry_out_batch, give_up=enrolment_jobs.batch_failed)
    handlers.register("enrolment-batch-undo", enrolment_jobs.undo_batch, give_up=enrolment_jobs.batch_failed)
    handlers.register(progress_jobs.NEW_VERSION_KIND, progress_jobs.follow_new_version)
    handlers.register(assignment_jobs.DROP_KIND, assignment_jobs.FileDropper(storage))
    handlers.register(assignment_jobs.DROP_FOLDER_KIND, assignment_jobs.FolderDropper(storage))
    handlers.register(account_jobs.RESET_KIND, account_jobs.send_reset)
    handlers.register(credential_jobs.USED_KIND, credential_jobs.mark_used)
    handlers.register(reading.KIND, reading_jobs.ExportWriter(storage), give_up=reading_jobs.export_failed)
    handlers.register(reading.DROP_KIND, reading_jobs.ExportDropper(storage))
    handlers.register(forwarding.KIND, forwarding_jobs.Forwarder(storage, may_go_inside=settings.may_go_inside))
    handlers.register(lti_noting.KIND, lti_jobs.ScoreSender(outgoing))
    handlers.register(lti_sending.RESULTS_KIND, lti_jobs.ResultReader(outgoing))
    handlers.register(lti_rosters.KIND, lti_jobs.RosterReader(outgoing))
    handlers.register(lti_linking.KIND, lti_jobs.send_link_code)
    handlers.register(lti_own_accounts.KIND, lti_jobs.send_own_code)
    handlers.every_night(lti_jobs.tidy)
    handlers.every_minute(lti_jobs.wake)
    handlers.every_minute(forwarding_jobs.wake)
    handlers.every_night(account_jobs.tidy)
    handlers.every_night(reading_jobs.ExportTidier(storage))
    handlers.every_night(covenant_jobs.keep_user_peak)
    handlers.every_night(covenant_jobs.keep_people_joined)
    handlers.every_night(statement_jobs.FileTidier(storage))
    return handlers


def open_database(settings: Settings) -> Database:
    """The database with every listener attached: what commands and the demo use too."""
    database = Database(settings.database_url, events=connect_events(), sqlite_synchronous=settings.sqlite_synchronous)
    database.info["leerlabo.iri_base"] = settings.iri_base
    database.info["leerlabo.base_url"] = settings.base_url
    database.info["leerlabo.secret_key"] = settings.secret_key
    return database


def open_queue(settings: Settings, database: Database) -> Queue:
    """The queue of this database, as web processes tell it and the worker works it."""
    return Queue(settings, database, connect_jobs(settings))


def _configure(app: Flask, settings: Settings) -> None:
    app.url_map.merge_slashes = False  # content calls /xapi//statements, and a redirect would break its preflight
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="leerlabo",
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=MONTH_S,
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=MAX_UPLOAD_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_BYTES,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_SSL_STRICT=False,  # our own check of Origin is stricter
    )
    if settings.proxies:
        count = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]


def _open(app: Flask, settings: Settings) -> None:
    database = open_database(settings)
    app.extensions.update(
        settings=settings,
        database=database,
        storage=Storage(settings.storage_url),
        queue=open_queue(settings, database),
    )


def _protect_forms(app: Flask) -> None:
    """Every form carries a token, except where programs call with credentials of their own."""
    csrf = CSRFProtect(app)

    @app.before_request
    def check_token() -> None:
        if not hosts.is_exempt(app):
            csrf.protect()


def list_course_activities(db: Session) -> list[tuple[str, str]]:
    """Every course as the record store knows it, which never heard of courses: its IRI and its title."""
    base = db.info["leerlabo.iri_base"]
    return [(statements.course_iri(base, slug), title) for slug, title in catalogue.list_course_titles(db)]


def _place_of(slug: str) -> Place | None:
    area = find_area(slug)
    return None if area is None else Place(area.slug, area.name, area.tint, area.icon)
