"""The way in: a platform begins a login, the browser brings its message back, and a visit begins.

Platforms send browsers here from their own site, so there is no token of ours in these forms; the state of the login,
kept by the browser, takes its place.
"""

from __future__ import annotations

import hmac
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, g, make_response, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from lms.accounts.queries import hash_of
from lms.kernel.outgoing import Outgoing
from lms.kernel.web import current_db, database, frames, render, settings, writes
from lms.kernel.web.headers import framed_by
from lms.lti.formats.endpoints import origin_of
from lms.lti.formats.refusals import LaunchRefused, Reason
from lms.lti.models import Login, PlatformRegistration
from lms.lti.queries.launches import find_deployment
from lms.lti.services.arriving import LASTS, Arrival, OpenedVisit, open_visit, open_window
from lms.lti.services.logins import LASTS as LOGIN_LASTS
from lms.lti.services.logins import (
    LoginRequest,
    begin_login,
    find_login,
    get_registration,
    take_login,
)
from lms.lti.services.verifying import LaunchChecker
from lms.lti.views.refusing import refuse

blueprint = Blueprint("lti_launch", __name__, template_folder="../templates")
blueprint.called_by_programs = True  # type: ignore[attr-defined]  # platforms: see the docstring

LARGEST = 256 * 1024
COOKIE_PATH = "/lti"
TOKEN, STATE, STORED, PASS = "id_token", "state", "stored", "pass"


@blueprint.errorhandler(LaunchRefused)
def _refused(refused: LaunchRefused) -> ResponseReturnValue:
    if "frame_ancestors" not in g:
        framed_by(*_sender())
    known = {"registration": g.registration} if "registration" in g else {}
    return refuse(refused, **known)


# ---- the login -------------------------------------------------------------------------------------------------------


@blueprint.route("/lti/login", methods=["GET", "POST"])
@writes
def login() -> ResponseReturnValue:
    """A platform begins a login (Security Framework 1.0, 5.1.1.1): keep a state, and ask it for its message."""
    asked = _login_request(_fields(request.args if request.method == "GET" else _form()))
    registration = get_registration(current_db(), asked)
    _let_frame(registration)
    begun = begin_login(
        current_db(), asked, registration, base_url=settings().base_url, launch_url=_address("lti_launch.launch")
    )
    response = _go(begun.url) if not asked.storage_target else _put_state(asked, registration, begun.state, begun.url)
    response.set_cookie(
        _cookie_name(begun.state),
        begun.state,
        max_age=LOGIN_LASTS,
        path=COOKIE_PATH,
        secure=True,
        httponly=True,
        samesite="None",
        partitioned=True,
    )
    return response


def _login_request(fields: dict[str, str]) -> LoginRequest:
    return LoginRequest(
        issuer=fields.get("iss", ""),
        login_hint=fields.get("login_hint", ""),
        target_link_uri=fields.get("target_link_uri", ""),
        message_hint=fields.get("lti_message_hint", ""),
        client_id=fields.get("client_id", ""),
        deployment_id=fields.get("lti_deployment_id", ""),
        storage_target=fields.get("lti_storage_target", ""),
    )


def _put_state(asked: LoginRequest, registration: PlatformRegistration, state: str, url: str) -> Response:
    return make_response(
        render(
            "lti/passing.html",
            act="put",
            target=asked.storage_target,
            origin=origin_of(registration.authorization_endpoint),
            name=_cookie_name(state),
            value=state,
            next_url=url,
            fields={},
        )
    )


# ---- the launch ------------------------------------------------------------------------------------------------------


@blueprint.post("/lti/launch")
def launch() -> ResponseReturnValue:
    """The browser brings the message (5.1.1.3). It must be the browser that began; then the login is used up."""
    fields = _fields(_form())
    state = fields.get(STATE, "")
    begun, registration = _find_begun(state)
    _let_frame(registration)
    has_cookie = hmac.compare_digest(request.cookies.get(_cookie_name(state), "").encode(), state.encode())
    if not has_cookie and not _is_kept_by_platform(fields, state):
        return _ask_the_browser(fields, begun, registration)
    with database().write() as db:
        taken = take_login(db, state)
    if "error" in fields:
        is_out = fields["error"] == "login_required"  # OpenID Connect Core 1.0, 3.1.2.6
        raise LaunchRefused(Reason.NOT_SIGNED_IN if is_out else Reason.PLATFORM_REFUSED, error=fields["error"])
    arrival = _check(fields, taken, registration)
    opened = open_visit(current_db(), arrival)
    framed_by(opened.frame_origin, *_sender())
    response = _enter(opened) if has_cookie else _offer_window(opened)
    response.delete_cookie(
        _cookie_name(state), path=COOKIE_PATH, secure=True, httponly=True, samesite="None", partitioned=True
    )
    return response


def _find_begun(state: str) -> tuple[Login, PlatformRegistration]:
    """The login this answers, which nobody answered yet. Raises `LaunchRefused`."""
    if not state:
        raise LaunchRefused(Reason.FORM_INCOMPLETE, claim=STATE)
    with database().read() as db:
        begun = find_login(db, state)
        if begun is None:
            raise LaunchRefused(Reason.STATE_UNKNOWN)
        registration = db.get_one(PlatformRegistration, begun.registration_id)
    if registration.switched_off_at is not None:
        raise LaunchRefused(Reason.SWITCHED_OFF)
    return begun, registration


def _is_kept_by_platform(fields: dict[str, str], state: str) -> bool:
    """Whether our own page found the state in the platform's frame. Another site's page cannot say so: its `Origin`
    is its own.
    """
    is_ours = request.headers.get("Origin") == f"{request.scheme}://{request.host}"
    return is_ours and hmac.compare_digest(fields.get(STORED, "").encode(), state.encode())


def _ask_the_browser(fields: dict[str, str], begun: Login, registration: PlatformRegistration) -> ResponseReturnValue:
    """Nothing says yet that this browser began the login: look in the platform's frame, where there is one."""
    if begun.storage_target and STORED not in fields:
        return render(
            "lti/passing.html",
            act="get",
            target=begun.storage_target,
            origin=origin_of(registration.authorization_endpoint),
            name=_cookie_name(fields[STATE]),
            value="",
            next_url="",
            fields={name: fields[name] for name in (STATE, TOKEN) if name in fields},
        )
    return refuse(
        LaunchRefused(Reason.OTHER_BROWSER),
        again=f"{_address('lti_launch.login')}?{urlencode(_same_login(begun, registration))}",
        registration=g.registration,
    )


def _same_login(begun: Login, registration: PlatformRegistration) -> dict[str, str]:
    """What begins the same login again, in a window of our own, where cookies do work."""
    return {
        "iss": registration.issuer,
        "client_id": registration.client_id,
        "login_hint": begun.login_hint,
        "lti_message_hint": begun.message_hint,
        "target_link_uri": begun.target_link_uri,
    }


def _check(fields: dict[str, str], taken: Login, registration: PlatformRegistration) -> Arrival:
    if not fields.get(TOKEN):
        raise LaunchRefused(Reason.FORM_INCOMPLETE, claim=TOKEN)
    outgoing = Outgoing(may_go_inside=settings().may_go_inside)
    checker = LaunchChecker(database(), outgoing, registration, taken, settings().base_url)
    message = checker.check(fields[TOKEN])
    deployment = find_deployment(current_db(), registration.id, message.deployment_id)
    if deployment is None:
        raise LaunchRefused(Reason.UNKNOWN_DEPLOYMENT, deployment=message.deployment_id)
    return Arrival(message, registration, deployment)


# ---- into the visit --------------------------------------------------------------------------------------------------


@blueprint.post("/lti/window")
def window() -> ResponseReturnValue:
    """Go on in a window of our own: the frame's cookie is not sent there, so the visit gets another."""
    if request.headers.get("Origin") != f"{request.scheme}://{request.host}":
        raise LaunchRefused(Reason.OTHER_BROWSER)
    uuid = frames.read_window_pass(_fields(_form()).get(PASS, ""), int(LASTS.total_seconds()))
    opened = open_window(current_db(), uuid) if uuid is not None else None
    if opened is None:
        raise LaunchRefused(Reason.STATE_UNKNOWN)
    return _enter(opened)


def _enter(opened: OpenedVisit) -> Response:
    response = _go(frames.path_in(opened.uuid, _home(opened)))
    frames.give_cookie(response, opened.uuid, opened.token)
    return response


def _home(opened: OpenedVisit) -> str:
    if opened.placed is not None and not opened.placed.step:
        return current_app.url_for("player.course", area=opened.area, course=opened.placed.course)
    return current_app.url_for("lti_visit.home")


def _offer_window(opened: OpenedVisit) -> Response:
    """The browser keeps no cookie of ours in this frame, so there can be no visit in it."""
    carried = {PASS: frames.window_pass(opened.uuid)}
    return make_response(render("lti/window.html", url=_address("lti_launch.window"), fields=carried))


# ---- what browsers send ----------------------------------------------------------------------------------------------


def _form() -> MultiDict[str, str]:
    """The fields of a form of a bearable size. Raises `LaunchRefused`."""
    if request.content_length is None or request.content_length > LARGEST:
        raise LaunchRefused(Reason.TOO_LARGE, octets=str(request.content_length))
    return request.form


def _fields(given: MultiDict[str, str]) -> dict[str, str]:
    """Each field once, without what no field holds. Raises `LaunchRefused`."""
    for name, values in given.lists():
        if len(values) > 1 or "\0" in name or "\0" in values[0]:
            raise LaunchRefused(Reason.FORM_INCOMPLETE, claim=name[:40])
    return given.to_dict()


def _cookie_name(state: str) -> str:
    """Each login has its own: two links may be opened at once."""
    return f"lti_{hash_of(state)[:16]}"


def _sender() -> tuple[str, ...]:
    """The site that sent the browser here, as the browser says it."""
    origin = origin_of(request.headers.get("Origin") or request.headers.get("Referer") or "")
    return (origin,) if origin else ()


def _let_frame(registration: PlatformRegistration) -> None:
    """A page on the way in may stand in a frame of the platform, or of whoever of its sites sent the browser."""
    g.registration = str(registration.uuid)  # for the log, should it be refused
    framed_by(origin_of(registration.issuer), origin_of(registration.authorization_endpoint), *_sender())


def _address(endpoint: str) -> str:
    return current_app.url_for(endpoint, _external=True)


def _go(url: str) -> Response:
    return make_response(redirect(url, 303))
