"""Whether a launch is what it says: pylti1p3 checks it in its order, with the parts that it leaves open mended.

It accepts a token that was used before, one without `exp`, and any client of the issuer as `aud`. Here state and nonce
were consumed before it begins (`take_login`), the moments are required and have little leeway, and the audience must
be the client of the login. Keys come from our own cache (`key_sets`).
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any, NoReturn, cast

import jwt
from pylti1p3.cookie import CookieService
from pylti1p3.deployment import Deployment as KnownDeployment
from pylti1p3.exception import LtiException
from pylti1p3.message_launch import MessageLaunch
from pylti1p3.registration import Registration
from pylti1p3.request import Request
from pylti1p3.session import SessionService
from pylti1p3.tool_config.abstract import ToolConfAbstract

from lms.accounts.queries import hash_of
from lms.kernel.db import Database
from lms.kernel.outgoing import Outgoing
from lms.lti.formats.deep_linking import read_settings
from lms.lti.formats.messages import LONGEST_ID, LaunchMessage, MessageType, check_moments, read_message
from lms.lti.formats.refusals import LaunchRefused, Reason
from lms.lti.formats.tokens import ALGORITHM, UnverifiedToken, read_token
from lms.lti.models import Deployment, Login, PlatformRegistration
from lms.lti.queries.launches import find_deployment
from lms.lti.services.key_sets import get_key
from lms.lti.services.logins import check_target

LEEWAY_S = 30

_REFUSED: tuple[tuple[type[jwt.PyJWTError], Reason], ...] = (
    (jwt.ExpiredSignatureError, Reason.EXPIRED),
    (jwt.ImmatureSignatureError, Reason.FROM_THE_FUTURE),
    (jwt.InvalidSignatureError, Reason.WRONG_SIGNATURE),
    (jwt.InvalidIssuerError, Reason.WRONG_ISSUER),
    (jwt.InvalidAudienceError, Reason.WRONG_AUDIENCE),
    (jwt.exceptions.InvalidSubjectError, Reason.WRONG_CLAIM),
    (jwt.exceptions.InvalidJTIError, Reason.WRONG_CLAIM),
)


class LaunchChecker:
    """Checks launches of one registration. The login they answer was taken: nobody can answer it again."""

    def __init__(
        self, database: Database, outgoing: Outgoing, registration: PlatformRegistration, login: Login, base_url: str
    ) -> None:
        self._database, self._outgoing, self._base_url = database, outgoing, base_url
        self._registration, self._login = registration, login
        self.client_id = registration.client_id

    def check(self, id_token: str) -> LaunchMessage:
        """The message, when all is right. Raises `LaunchRefused` with the first thing that is not."""
        token = read_token(id_token)
        if token.claims.get("iss") != self._registration.issuer:
            raise LaunchRefused(Reason.WRONG_ISSUER)
        self._check_audience(token.claims)
        check_moments(token.claims)
        _Launch(self, token, id_token).validate()
        message = read_message(token.claims)
        check_target(message.target_link_uri or self._login.target_link_uri, self._base_url)
        if message.target_link_uri not in ("", self._login.target_link_uri):
            raise LaunchRefused(Reason.OTHER_TARGET)
        return message

    def _check_audience(self, claims: Mapping[str, Any]) -> None:
        """`aud` is our client id, or a list with it; of several, `azp` says that it is ours (5.1.3, 3–5)."""
        audience, client_id = claims.get("aud"), self._registration.client_id
        several = audience if isinstance(audience, list) else [audience]
        if client_id not in several or not all(isinstance(one, str) for one in several):
            raise LaunchRefused(Reason.WRONG_AUDIENCE)
        if ("azp" in claims or len(several) > 1) and claims.get("azp") != client_id:
            raise LaunchRefused(Reason.WRONG_AUDIENCE, claim="azp")

    # ---- what pylti1p3 asks ------------------------------------------------------------------------------------------

    def is_nonce(self, nonce: object) -> bool:
        """Whether this is the nonce of the login."""
        return isinstance(nonce, str) and hmac.compare_digest(hash_of(nonce), self._login.nonce_hash)

    def as_registration(self, issuer: str) -> Registration:
        """The registration in the library's shape."""
        if issuer != self._registration.issuer:
            raise LaunchRefused(Reason.WRONG_ISSUER)
        known = Registration()
        known.set_issuer(self._registration.issuer).set_client_id(self._registration.client_id)
        return known

    def check_signature(self, token: UnverifiedToken, id_token: str) -> None:
        """Raises `LaunchRefused`."""
        kept = get_key(self._database, self._registration.id, self._registration.jwks_uri, token.kid, self._outgoing)
        try:
            jwt.decode(
                id_token,
                jwt.PyJWK(kept, algorithm=ALGORITHM).key,
                algorithms=[ALGORITHM],
                audience=self._registration.client_id,
                issuer=self._registration.issuer,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iat", "iss", "aud", "sub", "nonce"]},
            )
        except jwt.PyJWTError as error:
            _refuse(error)
        except (ValueError, TypeError, OverflowError) as error:  # a key or a number that is none
            raise LaunchRefused(Reason.WRONG_SIGNATURE) from error

    def get_deployment(self, deployment_id: object) -> Deployment:
        """The deployment, unless nobody told us of it. Raises `LaunchRefused`."""
        if not isinstance(deployment_id, str) or len(deployment_id) > LONGEST_ID:
            raise LaunchRefused(Reason.WRONG_CLAIM, claim="deployment_id")
        with self._database.read() as db:
            found = find_deployment(db, self._registration.id, deployment_id)
        if found is None or found.switched_off_at is not None:
            raise LaunchRefused(
                Reason.UNKNOWN_DEPLOYMENT if found is None else Reason.SWITCHED_OFF, deployment=deployment_id
            )
        return found


def _refuse(error: jwt.PyJWTError) -> NoReturn:
    if isinstance(error, jwt.MissingRequiredClaimError):
        raise LaunchRefused(Reason.WRONG_CLAIM, claim=error.claim) from error
    reason = next((reason for kind, reason in _REFUSED if isinstance(error, kind)), Reason.WRONG_SIGNATURE)
    raise LaunchRefused(reason) from error


class _Request(Request):
    def __init__(self, params: Mapping[str, str]) -> None:
        self._params = params

    @property
    def session(self) -> dict[str, Any]:
        return {}

    def is_secure(self) -> bool:
        return True

    def get_param(self, key: str) -> str:
        return self._params.get(key, "")


class _Session(SessionService):
    """The library would keep states and nonces; ours are consumed before it begins, and it keeps nothing."""

    def __init__(self, request: _Request, checker: LaunchChecker) -> None:
        super().__init__(request)
        self._checker = checker

    def check_nonce(self, nonce: str) -> bool:
        return self._checker.is_nonce(nonce)

    def check_state_is_valid(self, _state: str, _id_token_hash: str) -> bool:
        return True

    def set_state_valid(self, _state: str, _id_token_hash: str) -> None:
        return None

    def save_launch_data(self, _key: str, _jwt_body: Mapping[str, Any]) -> None:
        return None


class _Cookies(CookieService):
    def get_cookie(self, _name: str) -> str | None:
        return None

    def set_cookie(self, _name: str, _value: str | int, _exp: int | None = 3600) -> None:
        return None


class _Known(ToolConfAbstract[_Request]):
    def __init__(self, checker: LaunchChecker) -> None:
        self._checker = checker

    def check_iss_has_one_client(self, _iss: str) -> bool:
        return False

    def check_iss_has_many_clients(self, _iss: str) -> bool:
        return True

    def find_registration_by_issuer(self, iss: str, *_more: Any, **_named: Any) -> Registration:
        return self._checker.as_registration(iss)

    def find_registration_by_params(self, iss: str, client_id: str, *_more: Any, **_named: Any) -> Registration:
        return self._checker.as_registration(iss)

    def find_deployment(self, _iss: str, deployment_id: str) -> KnownDeployment:
        return KnownDeployment().set_deployment_id(self._checker.get_deployment(deployment_id).deployment_id)

    def find_deployment_by_params(
        self, iss: str, deployment_id: str, client_id: str, *_more: Any, **_named: Any
    ) -> KnownDeployment:
        return self.find_deployment(iss, deployment_id)


_Message = MessageLaunch[_Request, _Known, _Session, _Cookies]


class _Launch(_Message):
    """The library's own checks, in its order; where it falls short, `LaunchChecker` is asked."""

    def __init__(self, checker: LaunchChecker, token: UnverifiedToken, id_token: str) -> None:
        request = _Request({"id_token": id_token, "state": "taken"})
        super().__init__(
            request, _Known(checker), session_service=_Session(request, checker), cookie_service=_Cookies()
        )
        self._checker, self._token, self._id_token = checker, token, id_token
        self._requests_session.close()  # keys come from our own cache

    def validate(self) -> _Message:
        """As the library does; its words become ours."""
        try:
            return super().validate()
        except LtiException as error:
            raise LaunchRefused(_reason_of(error)) from error

    def _get_request_param(self, key: str) -> str:
        return str(self._request.get_param(key))

    def validate_jwt_format(self) -> _Message:
        """It was read strictly before: a second reading could read something else."""
        self._jwt = {"header": {"kid": self._token.kid, "alg": ALGORITHM}, "body": cast("Any", self._token.claims)}
        return self

    def get_client_id(self) -> str:
        """Of several audiences it is not the first one, but ours: that was checked."""
        return self._checker.client_id

    def validate_jwt_signature(self) -> _Message:
        """With `exp` and `iat` required, and leeway."""
        self._checker.check_signature(self._token, self._id_token)
        return self

    def validate_message(self) -> _Message:
        """Every claim is read once, with its type and size; then the library's own rules for the message."""
        message = read_message(self._token.claims)
        if message.type is MessageType.DEEP_LINKING:
            read_settings(message.deep_linking)
        return super().validate_message()


def _reason_of(error: LtiException) -> Reason:
    return Reason.WRONG_NONCE if "nonce" in str(error).lower() else Reason.WRONG_CLAIM
