"""The platform's key set is slow, down, huge or lying; and it changes, as it may."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from time import sleep

import pytest
from flask import Response, redirect
from flask.typing import ResponseReturnValue
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from lms.kernel import clock
from lms.kernel.db import Database
from lms.lti.models import KeySet
from lms.lti.services.key_sets import read_keys
from tests.services.lti_platform import Client, LtiPlatform
from tests.services.lti_platform.browsing import Launcher
from tests.services.lti_platform.server import Key, hanging

NEW = Key()
CLASS = 5


def launch(launcher: Launcher, tool: Client) -> TestResponse:
    platform = launcher.platform
    return launcher.launch(tool, platform.links["link-1"], platform.users["ilse"])


def launch_signed(launcher: Launcher, tool: Client, key: Key) -> TestResponse:
    platform = launcher.platform
    begun = launcher.begin(tool, platform.links["link-1"], platform.users["ilse"])
    return launcher.answer(begun, platform.sign(launcher.claims(begun), key))


def refused(launcher: Launcher, tool: Client) -> str:
    with capture_logs() as lines:
        answer = launch(launcher, tool)
    assert answer.status_code == 400, answer.get_data(as_text=True)[:500]
    reasons = [line["reason"] for line in lines if line["event"] == "launch_refused"]
    assert len(reasons) == 1, lines
    return str(reasons[0])


TROUBLE: dict[str, Callable[[LtiPlatform], Callable[[], ResponseReturnValue]]] = {
    "hangs": hanging,
    "says 500": lambda _platform: lambda: Response("no", 500),
    "is no JSON": lambda _platform: lambda: Response("<html>keys</html>"),
    "is a list": lambda _platform: lambda: Response("[]"),
    "has keys that are a text": lambda _platform: lambda: {"keys": "abc"},
    "is huge": lambda _platform: lambda: Response(b'{"keys": [' + b" " * 5_000_000 + b"]}"),
    "is nested without end": lambda _platform: lambda: Response('{"keys": ' * 20_000),
    "has a thousand keys": lambda platform: lambda: {"keys": [platform.keys[0].jwk] * 1000},
    "leads to another host": lambda _platform: lambda: redirect("http://elders.example/jwks"),
    "leads into our own network": lambda _platform: lambda: redirect("http://169.254.169.254/latest"),
    "leads round and round": lambda platform: lambda: redirect(platform.jwks_uri),
    "is empty": lambda _platform: lambda: Response(b""),
}


@pytest.mark.parametrize("name", TROUBLE)
def test_a_key_set_that(name: str, launcher: Launcher, platform: LtiPlatform, tool: Client) -> None:
    platform.trouble["/jwks"] = TROUBLE[name](platform)
    assert refused(launcher, tool) == "no-keys"
    assert not platform.over.is_set()


def test_a_platform_that_is_down_is_asked_once_a_minute(
    launcher: Launcher, platform: LtiPlatform, tool: Client
) -> None:
    platform.trouble["/jwks"] = lambda: Response("no", 503)
    for _launch in range(3):
        assert refused(launcher, tool) == "no-keys"
    assert len(platform.asked_for("/jwks")) == 1
    platform.trouble.clear()
    with clock.moved_to(clock.now() + timedelta(seconds=61)):
        assert launch(launcher, tool).status_code == 303
    assert len(platform.asked_for("/jwks")) == 2


def test_keys_are_kept(launcher: Launcher, platform: LtiPlatform, tool: Client) -> None:
    for _launch in range(3):
        assert launch(launcher, tool).status_code == 303
    assert len(platform.asked_for("/jwks")) == 1


def test_a_new_key_is_looked_up_and_the_old_one_is_gone(
    launcher: Launcher, platform: LtiPlatform, tool: Client
) -> None:
    assert launch(launcher, tool).status_code == 303
    old = list(platform.keys)
    platform.keys = [NEW]
    assert refused(launcher, tool) == "unknown-key"  # it was asked less than a minute ago
    with clock.moved_to(clock.now() + timedelta(seconds=61)):
        assert launch(launcher, tool).status_code == 303
    platform.keys = old
    with clock.moved_to(clock.now() + timedelta(seconds=90)):
        assert refused(launcher, tool) == "unknown-key"


def test_a_key_that_was_taken_away_is_good_for_an_hour(
    launcher: Launcher, platform: LtiPlatform, tool: Client, database: Database
) -> None:
    assert launch(launcher, tool).status_code == 303
    old, platform.keys = platform.keys[-1], [NEW]
    _grow_older(database, timedelta(minutes=59))
    assert launch_signed(launcher, tool, old).status_code == 303
    _grow_older(database, timedelta(minutes=2))
    assert "unknown-key" in launch_signed(launcher, tool, old).get_data(as_text=True)
    assert launch(launcher, tool).status_code == 303


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_a_key_that_is_too_short_opens_nothing(launcher: Launcher, platform: LtiPlatform, tool: Client) -> None:
    platform.keys = [Key(1024)]
    assert refused(launcher, tool) == "unknown-key"


def test_who_comes_with_a_new_key_within_the_minute_is_told_to_wait(
    launcher: Launcher, platform: LtiPlatform, tool: Client
) -> None:
    assert launch(launcher, tool).status_code == 303
    platform.keys = [NEW]
    assert "Wacht een minuut en klik opnieuw." in launch(launcher, tool).get_data(as_text=True)


def test_a_class_waits_for_the_keys_after_a_failure_too(
    launcher: Launcher, platform: LtiPlatform, tool: Client, database: Database
) -> None:
    platform.trouble["/jwks"] = lambda: Response("no", 503)
    assert refused(launcher, tool) == "no-keys"
    with database.write() as db:
        db.query(KeySet).one().tried_at -= timedelta(minutes=5)
    assert _class_launches(launcher, platform, tool) == [303] * CLASS
    assert len(platform.asked_for("/jwks")) == 2


def test_a_class_waits_for_the_keys_after_a_holiday_too(
    launcher: Launcher, platform: LtiPlatform, tool: Client, database: Database
) -> None:
    assert launch(launcher, tool).status_code == 303
    _grow_older(database, timedelta(days=9))
    assert _class_launches(launcher, platform, tool) == [303] * CLASS
    assert len(platform.asked_for("/jwks")) == 2


def _class_launches(launcher: Launcher, platform: LtiPlatform, tool: Client) -> list[int]:
    """All of them at once, while the platform takes its time to show its keys; the statuses."""
    browsers = [launcher.elsewhere() for _learner in range(CLASS)]
    link, user = platform.links["link-1"], platform.users["ilse"]
    begun = [browser.begin(tool, link, user) for browser in browsers]
    start = Barrier(CLASS)

    def slowly() -> ResponseReturnValue | None:
        sleep(1)
        return None

    def arrive(number: int) -> int:
        start.wait()
        return browsers[number].answer(begun[number]).status_code

    platform.trouble["/jwks"] = slowly
    with ThreadPoolExecutor(CLASS) as pool:
        return list(pool.map(arrive, range(CLASS)))


def test_keys_go_on_for_a_day_when_the_platform_is_down(
    launcher: Launcher, platform: LtiPlatform, tool: Client, database: Database
) -> None:
    assert launch(launcher, tool).status_code == 303
    platform.trouble["/jwks"] = lambda: Response("no", 503)
    _grow_older(database, timedelta(hours=23))
    assert launch(launcher, tool).status_code == 303
    _grow_older(database, timedelta(hours=2))
    assert refused(launcher, tool) == "no-keys"


def _grow_older(database: Database, age: timedelta) -> None:
    with database.write() as db:
        kept = db.query(KeySet).one()
        assert kept.fetched_at is not None
        kept.fetched_at -= age
        kept.tried_at -= age


def test_only_keys_for_signatures_of_ours_are_read() -> None:
    good = NEW.jwk
    odd = [
        {**good, "use": "enc"},
        {**good, "alg": "RS512"},
        {"kty": "oct", "kid": good["kid"], "k": "c2VjcmV0"},
        {**good, "kid": None},
        {**good, "n": 7},
        "key",
    ]
    assert read_keys(json.dumps({"keys": [*odd, good]}).encode()) == [
        {name: good[name] for name in ("kty", "kid", "n", "e")}
    ]
