"""Why a launch is refused. Each reason is one word in the log and one number for who asks her administrator."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """What is wrong with a login or a launch."""

    # the login
    LOGIN_INCOMPLETE = "login-incomplete"
    UNKNOWN_PLATFORM = "unknown-platform"
    SWITCHED_OFF = "switched-off"
    TARGET_ELSEWHERE = "target-elsewhere"
    # how the answer came
    NOT_SIGNED_IN = "not-signed-in"  # there, at the platform
    PLATFORM_REFUSED = "platform-refused"
    FORM_INCOMPLETE = "form-incomplete"
    TOO_LARGE = "too-large"
    STATE_UNKNOWN = "state-unknown"
    OTHER_BROWSER = "other-browser"
    # the token
    NOT_A_TOKEN = "not-a-token"  # noqa: S105  no secret
    WRONG_ALGORITHM = "wrong-algorithm"
    UNKNOWN_KEY = "unknown-key"
    NO_KEYS = "no-keys"
    WRONG_SIGNATURE = "wrong-signature"
    WRONG_ISSUER = "wrong-issuer"
    WRONG_AUDIENCE = "wrong-audience"
    WRONG_NONCE = "wrong-nonce"
    EXPIRED = "expired"
    FROM_THE_FUTURE = "from-the-future"
    # the message
    WRONG_CLAIM = "wrong-claim"
    WRONG_VERSION = "wrong-version"
    UNKNOWN_MESSAGE = "unknown-message"
    UNKNOWN_DEPLOYMENT = "unknown-deployment"
    OTHER_TARGET = "other-target"
    # what it asks for
    NOT_FOR_LEARNERS = "not-for-learners"
    NOTHING_TO_PLACE = "nothing-to-place"
    NO_CONTENT = "no-content"
    COURSE_CLOSED = "course-closed"
    ACCOUNT_CLOSED = "account-closed"


class LaunchRefused(Exception):  # noqa: N818  said as people say it: the launch is refused
    """This login or launch is not carried out. `facts` go into the log and may be shown: never a token, nor a name."""

    def __init__(self, reason: Reason, **facts: str) -> None:
        super().__init__(reason.value)
        self.reason, self.facts = reason, facts
