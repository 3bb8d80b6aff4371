"""Every route of the platform, and who gets through: the walk compares this table with what really happens.

A line names the values with which an address is filled (by the name of what `world` keeps for each side), who gets
through to what belongs HERE, NEXT_DOOR and FAR, and which words of others its pages may show.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from lms.kernel.identity import Role
from tests.web.access.markers import Kind

ANONYMOUS = "anonymous"
NOBODY: frozenset[str] = frozenset()
SIGNED_IN = frozenset(role.value for role in Role)
EVERYBODY = SIGNED_IN | {ANONYMOUS}
ADMIN = frozenset({Role.ADMIN.value})
LEARNER = frozenset({Role.LEARNER.value})
OFFICERS = ADMIN | {Role.OFFICER.value}
TRAINERS = ADMIN | {Role.TRAINER.value, Role.CONSULTANT.value}
CONSULTANTS = ADMIN | {Role.CONSULTANT.value}
CONSULTANT = frozenset({Role.CONSULTANT.value})
AUTHOR = ADMIN | {Role.TRAINER.value}


@dataclass(frozen=True)
class Line:
    """One route. Without `values` it has one address, which is HERE.

    `shows`: kinds of word this page may show whoever gets through, besides what she may read anyway.
    `answers`: what somebody who gets through may get besides a page or a redirect: a 422 for an empty form is always
    good. `door`: what a visitor meets who is not signed in; a redirect to the sign-in page unless it is "refused".
    `programs`: called with credentials, never with a cookie. `queries`: what is asked behind the address, with names of
    values between braces. `astray`: who gets through to FAR's thing at an address of the area HERE.
    """

    here: frozenset[str]
    next_door: frozenset[str] = NOBODY
    far: frozenset[str] = NOBODY
    values: Mapping[str, str] = field(default_factory=dict)
    shows: frozenset[Kind] = frozenset()
    answers: frozenset[int] = frozenset()
    door: str = "sign-in"
    programs: bool = False
    queries: tuple[str, ...] = ("",)
    astray: frozenset[str] = NOBODY


def _open(**values: str) -> Line:
    """For everybody, wherever it is."""
    return Line(EVERYBODY, EVERYBODY, EVERYBODY, values)


def _own(**values: str) -> Line:
    """Only for the learner who is in this course herself."""
    return Line(LEARNER, NOBODY, NOBODY, values)


def _step(step: str, **values: str) -> Line:
    return _own(area="area", course="course", step=f"={step}", **values)


def _area_desk(who: frozenset[str], **values: str) -> Line:
    """For who works for the area; elsewhere only for who works everywhere."""
    return Line(who, who, ADMIN, values)


def _employer_desk(who: frozenset[str], **values: str) -> Line:
    """For who works for this employer; elsewhere only for who works everywhere."""
    return Line(who, ADMIN, ADMIN, values)


def _employer_list(**values: str) -> Line:
    """A page that names its employer behind the address."""
    return replace(_employer_desk(OFFICERS, **values), queries=("organisation={organisation}",))


def _figures(**values: str) -> Line:
    """Rows name the employer, so that a figure can be checked; people of other areas have no name."""
    return Line(CONSULTANTS, CONSULTANTS, CONSULTANTS, {"key": "=rv3"} | values, frozenset({Kind.EMPLOYER}))


def _platform_course(**values: str) -> Line:
    """A course of an employer's own platform: it names who learns there."""
    return replace(
        _area_desk(CONSULTANTS, uuid="platform", context="context", **values), shows=frozenset({Kind.PERSON})
    )


def _admin(**values: str) -> Line:
    return Line(ADMIN, ADMIN, ADMIN, values)


def _with(line: Line, *answers: int, shows: frozenset[Kind] | None = None, door: str = "sign-in") -> Line:
    return replace(line, answers=frozenset(answers), shows=shows or frozenset(), door=door)


PROOF = frozenset({Kind.PERSON, Kind.EMPLOYER})
SESSION = {"uuid": "session"}
TARGET = {"uuid": "target"}

LINES: dict[str, Line] = {
    # ---- machines
    "static": _open(filename="=img/favicon.svg"),
    "health.live": _open(),
    "health.ready": _open(),
    "health.metrics": _open(),
    "documents.activity_profile": Line(NOBODY, programs=True),
    "documents.agent_profile": Line(NOBODY, programs=True),
    "documents.state": Line(NOBODY, programs=True),
    "statements.activities": Line(NOBODY, programs=True),
    "statements.agents": Line(NOBODY, programs=True),
    "statements.about": Line(EVERYBODY, programs=True),
    "statements.missing": Line(NOBODY, values={"rest": "=nothing"}, programs=True),
    "statements.statements": Line(NOBODY, programs=True),
    # ---- other organisations' learning platforms
    "lti_keys.jwks": _open(),
    "lti_launch.login": Line(NOBODY, programs=True),
    "lti_launch.launch": Line(NOBODY, programs=True),
    "lti_launch.window": Line(NOBODY, programs=True),
    "lti_launch.link_begin": Line(NOBODY, programs=True),
    "lti_linking.link": _with(_open(token="=nothing"), 410),
    "lti_linking.link_confirm": _with(Line(SIGNED_IN, SIGNED_IN, SIGNED_IN, {"token": "=nothing"}), 410),
    "lti_linking.link_code_ask": _with(_open(token="=nothing"), 410),
    "lti_linking.link_code_use": _with(_open(token="=nothing"), 410),
    "lti_own_account.new": _with(_open(token="=nothing"), 410),
    "lti_own_account.new_ask": _with(_open(token="=nothing"), 410),
    "lti_own_account.new_prove": _with(_open(token="=nothing"), 410),
    "lti_deep_linking.choose": _with(Line(NOBODY), door="refused"),  # only in a visit
    "lti_deep_linking.search": _with(Line(NOBODY), door="refused"),
    "lti_deep_linking.arrange": _with(Line(NOBODY), door="refused"),
    "lti_deep_linking.answer": _with(Line(NOBODY), door="refused"),
    "lti_deep_linking.cancel": _with(Line(NOBODY), door="refused"),
    "lti_visit.home": _with(Line(NOBODY), door="refused"),  # only in a visit
    "lti_keys.icon": _open(),
    "lti_keys.tool_keys": _admin(),
    "lti_keys.tool_keys_rotate": _admin(),
    "platforms.platforms": Line(CONSULTANTS),
    "platforms.platform_new": Line(CONSULTANTS),
    "platforms.platform_create": Line(CONSULTANTS),
    "platforms.platform": _area_desk(CONSULTANTS, uuid="platform"),
    "platforms.platform_edit": _area_desk(CONSULTANTS, uuid="platform"),
    "platforms.platform_change": _area_desk(CONSULTANTS, uuid="platform"),
    "platforms.platform_off": _area_desk(CONSULTANTS, uuid="platform"),
    "platforms.platform_on": _area_desk(CONSULTANTS, uuid="platform"),
    "platforms.deployment_add": _area_desk(CONSULTANTS, uuid="platform"),
    "platforms.deployment_off": _area_desk(CONSULTANTS, uuid="platform", row="deployment"),
    "platforms.deployment_on": _area_desk(CONSULTANTS, uuid="platform", row="deployment"),
    "platforms.invitation_new": Line(CONSULTANTS),
    "platforms.invitation_create": Line(CONSULTANTS),
    "platforms.invitation": _area_desk(CONSULTANTS, uuid="registration_link"),
    "platforms.invitation_withdraw": _area_desk(CONSULTANTS, uuid="registration_link"),
    # A platform opens these in a frame of its own; who holds the link sees whose it is.
    "lti_register.nothing": _with(_open(), 404),
    "lti_register.register": _with(_open(token="registration_token"), shows=frozenset({Kind.EMPLOYER, Kind.DESK})),
    "platforms.contexts": _area_desk(CONSULTANTS, uuid="platform"),
    "platforms.context": _platform_course(),
    "platforms.context_sent": _platform_course(),
    "platforms.score_again": _platform_course(score="score"),
    "platforms.column_again": _platform_course(column="column"),
    "platforms.column_read": _platform_course(column="column"),
    "platforms.roster_read": _platform_course(),
    "lti_register.register_confirm": replace(_open(token="registration_token"), programs=True),
    "platforms.check": _area_desk(CONSULTANTS, uuid="platform"),
    "platforms.check_carry_out": _area_desk(CONSULTANTS, uuid="platform"),
    # ---- the demo's mails: here is no demo
    "demo.mails": _with(Line(NOBODY), door="refused"),
    # ---- an area and its pages
    "site.home": _open(),
    "site.home_beside_area": _open(),
    "site.areas": _open(),
    "site.area_page": _open(area="area"),
    "site.help_page": _open(),
    "site.privacy": _open(),
    "site.accessibility": _open(),
    "site.my_courses": Line(SIGNED_IN),
    "catalogue.courses": _open(area="area"),
    "player.course": _open(area="area", course="course"),
    "player.media": _open(area="area", course="course", version="version", path="=media/plaat.svg"),
    # ---- the desk of an area
    "site.areas_desk": Line(CONSULTANTS),
    "site.area_edit": _area_desk(CONSULTANTS, area="area"),
    "site.area_save": _area_desk(CONSULTANTS, area="area"),
    "site.news_publish": _area_desk(CONSULTANTS, area="area"),
    "site.news_archive": _area_desk(CONSULTANTS, area="area", news="news"),
    "site.offer_change": replace(_area_desk(CONSULTANTS, area="area", course="course"), astray=CONSULTANTS),
    # ---- learning
    "enrolment.enrolment": Line(SIGNED_IN, SIGNED_IN, SIGNED_IN, {"area": "area", "course": "course"}),
    "enrolment.withdrawal": _own(area="area", course="course"),
    "player.launch": _own(area="area", course="course"),
    "player.step": _step("welkom"),
    "player.page": _step("welkom", page="=verder"),
    "player.page_done": _step("welkom", page="=verder"),
    "player.page_answer": _step("welkom"),
    "player.step_done": _step("welkom"),
    "player.quiz": _step("toets"),
    "player.quiz_start": _step("toets"),
    "player.question": _step("toets", question="=begin"),
    "player.question_answer": _step("toets", question="=begin"),
    "player.session": _step("samen"),
    "player.booking": _step("samen", **SESSION),
    "player.booking_cancel": _step("samen", **SESSION),
    "player.cancellation": _step("samen", **SESSION),
    "player.calendar": _step("samen", **SESSION),
    "player.assignment": _step("praktijk"),
    "player.assignment_hand_in": _step("praktijk"),
    "player.assignment_draft": _with(_step("praktijk"), 409),
    "certificates.certificate_pdf": _own(uuid="certificate"),
    "certificates.check": _open(),
    "certificates.check_code": _with(_open(code="code"), shows=PROOF),
    # ---- one's own account
    "accounts.sign_in": _open(),
    "accounts.sign_in_try": _open(),
    "accounts.sign_out": _open(),
    "accounts.language_choose": _with(_open(), 409),
    "accounts.handover": _with(_open(), 409),
    "accounts.handover_arrive": _open(token="handover"),
    "accounts.invitation": _open(token="invitation"),
    "accounts.invitation_use": _open(token="invitation"),
    "accounts.reset": _open(),
    "accounts.reset_ask": _open(),
    "accounts.reset_link": _open(token="reset"),
    "accounts.reset_link_use": _open(token="reset"),
    "accounts.account": Line(SIGNED_IN),
    "accounts.account_password": Line(SIGNED_IN),
    "accounts.account_preferences": Line(SIGNED_IN),
    "accounts.account_sign_in_end": Line(SIGNED_IN, SIGNED_IN, SIGNED_IN, {"sign_in_id": "sign_in"}),
    "accounts.account_sign_out_everywhere": Line(SIGNED_IN),
    # ---- the trainer's desk
    "authoring.courses": Line(TRAINERS),
    "authoring.course": _area_desk(TRAINERS, slug="course"),
    "authoring.offers_change": _area_desk(TRAINERS, slug="course"),
    "authoring.upload": Line(TRAINERS),
    "authoring.upload_check": Line(TRAINERS),
    "authoring.draft": _area_desk(AUTHOR, uuid="draft"),
    "authoring.draft_media": _area_desk(AUTHOR, uuid="draft", path="=media/route.svg"),
    "authoring.draft_publish": _area_desk(AUTHOR, uuid="draft"),
    "authoring.preview": _area_desk(AUTHOR, uuid="draft", number="=1"),
    "sessions.sessions": replace(Line(TRAINERS), queries=("", "when=to-mark", "when=held", "when=cancelled")),
    "sessions.session_new": replace(_area_desk(TRAINERS), queries=("", "course={course}&step=samen")),
    "sessions.session_plan": replace(_area_desk(TRAINERS), queries=("course={course}&step=samen",)),
    "sessions.session_edit": _area_desk(TRAINERS, uuid="session"),
    "sessions.session_change": _area_desk(TRAINERS, uuid="session"),
    "sessions.session_cancel": _area_desk(TRAINERS, uuid="session"),
    "sessions.session_close": _area_desk(TRAINERS, uuid="past_session"),
    "sessions.attendance": _area_desk(TRAINERS, uuid="past_session"),
    "sessions.attendance_mark": _area_desk(TRAINERS, uuid="past_session"),
    "sessions.walk_in_add": _with(_area_desk(TRAINERS, uuid="past_session"), 409),
    "assignments.submissions": replace(Line(TRAINERS), queries=("", "pile=returned", "pile=accepted")),
    "assignments.submission": _area_desk(TRAINERS, uuid="submission"),
    "assignments.submission_accept": _area_desk(TRAINERS, uuid="submission"),
    "assignments.submission_return": _area_desk(TRAINERS, uuid="submission"),
    "assignments.submission_file": Line(TRAINERS | LEARNER, TRAINERS, ADMIN, {"uuid": "submission"}),
    # ---- the officer's desk
    "planning.desks": Line(OFFICERS),
    "planning.staff": _employer_list(),
    "planning.staff_sheet": _employer_list(),
    "planning.staff_member": _employer_list(uuid="colleague"),
    "planning.staff_enrol": _employer_list(uuid="colleague"),
    "planning.staff_invite": _with(_employer_list(uuid="colleague"), 409),
    "planning.staff_withdraw": _employer_list(uuid="colleague", course="course"),
    "planning.reminders_send": _employer_list(),
    "planning.enrolments": _employer_list(),
    "planning.enrolment_new": _employer_list(),
    "planning.enrolment_people": _employer_list(),
    "planning.enrolment_create": _employer_list(),
    "planning.batch": _employer_desk(OFFICERS, uuid="batch"),
    "planning.batch_progress": _employer_desk(OFFICERS, uuid="batch"),
    "planning.batch_run": _employer_desk(OFFICERS, uuid="batch"),
    "planning.batch_undo": _employer_desk(OFFICERS, uuid="batch"),
    "planning.batch_columns": _employer_desk(OFFICERS, uuid="batch"),
    "planning.batch_cards": _with(_employer_desk(OFFICERS, uuid="batch"), 404),
    "planning.batch_row": _employer_desk(OFFICERS, uuid="batch", number="=1"),
    "planning.batch_row_change": _employer_desk(OFFICERS, uuid="batch", number="=1"),
    "planning.batch_row_decide": _with(_employer_desk(OFFICERS, uuid="batch", number="=1"), 404),
    # ---- the covenant: its figures are everybody's who answers for it, names only those of one's own areas
    "covenant.cockpit": Line(CONSULTANTS),
    "covenant.cockpit_export": Line(CONSULTANTS),
    "covenant.report": Line(CONSULTANTS),
    "covenant.commitment": replace(_figures(), queries=("", "period=all", "cut_off=2024-06-30&search=kim")),
    "covenant.commitment_export": replace(_figures(), queries=("", "period=all")),
    "covenant.row": _figures(row_id="row"),
    "covenant.counter_choose": _with(_figures(), 404),
    "covenant.decision_add": _figures(),
    "covenant.evidence": _with(_figures(key="=rv2"), shows=frozenset({Kind.STAFF})),
    "covenant.evidence_add": _with(_figures(key="=rv2"), shows=frozenset({Kind.STAFF})),
    "covenant.evidence_file": _figures(key="=rv2", uuid="evidence"),
    "covenant.evidence_withdraw": _with(_figures(key="=rv2", uuid="evidence"), shows=frozenset({Kind.STAFF})),
    "covenant.funding": Line(CONSULTANTS),
    "covenant.absence_add": Line(CONSULTANTS),
    "covenant.absence_withdraw": _with(Line(CONSULTANTS, values={"absence_id": "=1"}), 404),
    # ---- the reading room: the record of one's own areas
    "reading.statements": replace(Line(CONSULTANTS), queries=("", "search=kim", "area=ouderenzorg")),
    "reading.statement": _area_desk(CONSULTANTS, uuid="statement"),
    # ---- keys to the record store, of one's own areas
    "credentials.credentials": Line(CONSULTANTS),
    "credentials.credential_new": Line(CONSULTANTS),
    "credentials.credential_create": Line(CONSULTANTS),
    "credentials.credential": _area_desk(CONSULTANTS, uuid="credential_uuid"),
    "credentials.credential_revoke": _area_desk(CONSULTANTS, uuid="credential_uuid"),
    # ---- other stores that get our statements, of one's own areas
    "forwarding.targets": Line(CONSULTANTS),
    "forwarding.target_new": Line(CONSULTANTS),
    "forwarding.target_create": Line(CONSULTANTS),
    "forwarding.target": _area_desk(CONSULTANTS, **TARGET),
    "forwarding.target_edit": _area_desk(CONSULTANTS, **TARGET),
    "forwarding.target_change": _area_desk(CONSULTANTS, **TARGET),
    "forwarding.target_switch": _area_desk(CONSULTANTS, **TARGET),
    "forwarding.letters": _area_desk(CONSULTANTS, **TARGET),
    "forwarding.letters_again": _area_desk(CONSULTANTS, **TARGET),
    "forwarding.letter_again": _area_desk(CONSULTANTS, **TARGET, letter="letter"),
    "forwarding.letter_drop": _area_desk(CONSULTANTS, **TARGET, letter="letter"),
    "reading.export_make": replace(Line(CONSULTANTS), queries=("kind=csv", "kind=jsonl&search=kim")),
    "reading.export": Line(CONSULTANT, values={"uuid": "export"}),
    "reading.export_progress": Line(CONSULTANT, values={"uuid": "export"}),
    "reading.export_file": Line(CONSULTANT, values={"uuid": "export"}),
    # ---- the administrator's desk
    "accounts.people": _admin(),
    "accounts.person": _admin(uuid="person"),
    "accounts.person_new": _admin(),
    "accounts.person_create": _admin(),
    "accounts.person_edit": _admin(uuid="person"),
    "accounts.person_change": _admin(uuid="person"),
    "accounts.person_invite": _admin(uuid="person"),
    "accounts.person_role_grant": _admin(uuid="person"),
    "accounts.person_role_revoke": _with(_admin(uuid="person"), 409),
    "accounts.person_block": _admin(uuid="person"),
    "accounts.person_unblock": _admin(uuid="person"),
    "accounts.person_erase": _admin(uuid="person"),
    "accounts.organisations": _admin(),
    "accounts.organisation": _admin(uuid="organisation"),
    "accounts.organisation_new": _admin(),
    "accounts.organisation_create": _admin(),
    "accounts.organisation_change": _admin(uuid="organisation"),
    "accounts.organisation_archive": _admin(uuid="organisation"),
    "accounts.establishment_add": _admin(uuid="organisation"),
}
