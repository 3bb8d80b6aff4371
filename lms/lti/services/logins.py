"""Third-party logins: begun once, answered once (Security Framework 1.0, 5.1.1)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode, urlsplit, urlunsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts.queries import hash_of
from lms.kernel import clock
from lms.lti.formats.refusals import LaunchRefused, Reason
from lms.lti.models import Login, PlatformRegistration
from lms.lti.queries.launches import find_registration

LASTS = timedelta(minutes=10)
LONGEST = 4000  # octets of one hint; platforms put whole tokens there
LONGEST_STORAGE = 120
AT_ONCE = 20  # old logins that a new one takes away


@dataclass(frozen=True, slots=True)
class LoginRequest:
    """What a platform begins a login with (LTI 1.3 core, 4.1)."""

    issuer: str
    login_hint: str
    target_link_uri: str
    message_hint: str = ""
    client_id: str = ""
    deployment_id: str = ""
    storage_target: str = ""


@dataclass(frozen=True, slots=True)
class BegunLogin:
    """A login that was begun: the secret the browser keeps, and where it goes now."""

    state: str
    url: str


def begin_login(
    db: Session, asked: LoginRequest, registration: PlatformRegistration, *, base_url: str, launch_url: str
) -> BegunLogin:
    """Keep what must come back, and say where the browser asks for the message. Raises `LaunchRefused`.

    Anybody may begin a login, and none is counted, since a whole school may do so behind one address: so each takes old
    ones away, and there are never many more than were begun in the last minutes.
    """
    check_target(asked.target_link_uri, base_url)
    if max(len(asked.login_hint), len(asked.message_hint)) > LONGEST or len(asked.storage_target) > LONGEST_STORAGE:
        raise LaunchRefused(Reason.TOO_LARGE)
    drop_old_logins(db, most=AT_ONCE)
    state, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    now = clock.now()
    db.execute(
        sa.insert(Login).values(
            state_hash=hash_of(state),
            nonce_hash=hash_of(nonce),
            registration_id=registration.id,
            target_link_uri=asked.target_link_uri,
            storage_target=asked.storage_target,
            login_hint=asked.login_hint,
            message_hint=asked.message_hint,
            created_at=now,
            expires_at=now + LASTS,
        )
    )
    return BegunLogin(state, _authorization_url(asked, registration, launch_url, state, nonce))


def get_registration(db: Session, asked: LoginRequest) -> PlatformRegistration:
    """The platform that begins this login. Raises `LaunchRefused`."""
    if not (asked.issuer and asked.login_hint and asked.target_link_uri):
        raise LaunchRefused(Reason.LOGIN_INCOMPLETE)
    registration = find_registration(db, asked.issuer, asked.client_id, asked.deployment_id)
    if registration is None:
        raise LaunchRefused(Reason.UNKNOWN_PLATFORM, issuer=asked.issuer[:200], client=asked.client_id[:100])
    if registration.switched_off_at is not None:
        raise LaunchRefused(Reason.SWITCHED_OFF, issuer=asked.issuer[:200])
    return registration


def check_target(url: str, base_url: str) -> None:
    """A link may open pages of ours and no others. Raises `LaunchRefused`."""
    try:
        ours, theirs = urlsplit(base_url), urlsplit(url)
    except ValueError as error:
        raise LaunchRefused(Reason.TARGET_ELSEWHERE) from error
    is_same = (theirs.scheme, theirs.netloc.lower()) == (ours.scheme, ours.netloc.lower())
    if not is_same or not url.isprintable() or "\\" in url or len(url) > LONGEST:
        raise LaunchRefused(Reason.TARGET_ELSEWHERE, target=url)


def find_login(db: Session, state: str) -> Login | None:
    """The login with this state that nobody answered yet, and that is not too old."""
    return db.scalar(sa.select(Login).where(Login.state_hash == hash_of(state), Login.expires_at > clock.now()))


def take_login(db: Session, state: str) -> Login:
    """The same, and it is gone: of two answers at once only one gets it. Raises `LaunchRefused`."""
    login: Login | None = db.scalar(
        sa.delete(Login).where(Login.state_hash == hash_of(state), Login.expires_at > clock.now()).returning(Login)
    )
    if login is None:
        raise LaunchRefused(Reason.STATE_UNKNOWN)
    db.expunge(login)
    return login


def drop_old_logins(db: Session, *, most: int | None = None) -> None:
    """Forget logins that nobody answered in time: all, or the oldest of them that nobody else is forgetting."""
    old = sa.select(Login.state_hash).where(Login.expires_at < clock.now()).order_by(Login.expires_at)
    db.execute(sa.delete(Login).where(Login.state_hash.in_(old.limit(most).with_for_update(skip_locked=True))))


def _authorization_url(
    asked: LoginRequest, registration: PlatformRegistration, launch_url: str, state: str, nonce: str
) -> str:
    question = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": registration.client_id,
        "redirect_uri": launch_url,
        "login_hint": asked.login_hint,
        "state": state,
        "nonce": nonce,
    }
    if asked.message_hint:
        question["lti_message_hint"] = asked.message_hint
    parts = urlsplit(registration.authorization_endpoint)
    query = "&".join(filter(None, (parts.query, urlencode(question))))
    return urlunsplit(parts._replace(query=query))
