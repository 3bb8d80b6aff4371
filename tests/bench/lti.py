"""`./dev bench lti`: 200 launches in 10 s, as when classes begin at the same hour, on PostgreSQL.

A launch is its login, its message and the first page of the visit; client, platform and server share the machine. The
launches are due one every 50 ms, whether or not those before are done, and each is a person of her own, half of them
new. A launch counts from the moment it is due, also while all clients of the bench wait for the server: a slow server
makes `waited` long, and does not look faster because it is asked less. Figures stand beside their ratio to a floor: the
same server's smallest answer (`/health/live`), asked alone.
"""

from __future__ import annotations

import argparse
import http.client
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from lms.kernel.db import Database
from tests.bench.server import Bench, empty_on
from tests.factories.courses import make_course
from tests.factories.lti import make_registration
from tests.services.lti_platform import Client, Link, LtiPlatform, User, lti_platform
from tests.services.lti_platform.launching import launch_claims, login_fields

LAUNCHES, SECONDS, LIMIT_MS = 200, 10.0, 300.0
CLIENTS = 16
LOOK_EVERY = 10  # launches: then we look which web process holds how many connections


@dataclass(frozen=True, slots=True)
class Timed:
    """Milliseconds a launch took before a client was free for it, in its three answers, and in all."""

    waited: float
    login: float
    launch: float
    page: float

    @property
    def all(self) -> float:
        """What she waited for us; the platform's own time is not ours."""
        return self.waited + self.login + self.launch + self.page


def main() -> None:
    """Measure, print, and end with 1 when it is too slow."""
    parser = argparse.ArgumentParser(prog="./dev bench lti")
    parser.add_argument("--launches", type=int, default=LAUNCHES)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--only", choices=("sqlite", "postgresql"), default="postgresql")
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        empty_on(chosen.only, Path(folder) / "platform") as bench,
        lti_platform() as platform,
    ):
        school = School(bench, platform)
        floor = school.floor()
        school.run(chosen.launches, chosen.seconds)  # everybody comes once, and is known
        school.held.clear()
        timed, elapsed = school.run(chosen.launches, chosen.seconds, newcomers=chosen.launches // 2)
    _print(chosen.only, timed, elapsed, floor)
    print(
        "connections of each web process, all looks together:", [sum(each) for each in zip(*school.held, strict=True)]
    )
    sys.exit(0 if _p95([one.all for one in timed]) <= LIMIT_MS else 1)


class School:
    """A platform with a course in which everybody clicks on the same link."""

    def __init__(self, bench: Bench, platform: LtiPlatform) -> None:
        self._bench, self._port, self._platform = bench, bench.port, platform
        self.held: list[list[int]] = []
        self._client: Client = platform.know(bench.settings.base_url)
        self._link = Link("link-1", self._client.launch_url, custom={"content": "rustig-helpen"})
        database = Database(bench.settings.database_url)
        with database.write() as db:
            make_registration(db, platform, self._client)
            make_course(db, bench.settings.data_dir)
        database.dispose()

    def floor(self) -> float:
        """Median of the smallest answer, in ms."""
        with self._connected() as connection:
            times = sorted(_ask(connection, "GET", "/health/live")[0] for _one in range(200))
        return times[len(times) // 2]

    def run(self, launches: int, seconds: float, newcomers: int = 0) -> tuple[list[Timed], float]:
        """Let so many people click, evenly over so many seconds; the last of them are new."""
        started, waiting = time.perf_counter(), list[Future[Timed]]()
        with ThreadPoolExecutor(CLIENTS) as pool:
            for number in range(launches):
                due = started + number * seconds / launches
                time.sleep(max(0.0, due - time.perf_counter()))
                waiting.append(pool.submit(self._click, f"{number + newcomers}", due))
                if number % LOOK_EVERY == 0:
                    self.held.append(self._bench.connections())
            timed = [one.result() for one in waiting]
        return timed, time.perf_counter() - started

    def _click(self, subject: str, due: float) -> Timed:
        user, waited = User(subject), (time.perf_counter() - due) * 1000
        with self._connected() as connection:
            fields = login_fields(self._platform, self._client, self._link, user)
            login, headers = _ask(connection, "POST", "/lti/login", fields)
            question = dict(parse_qsl(urlsplit(headers["location"]).query))
            claims = launch_claims(self._platform, self._client, self._link, user, question["nonce"])
            form = {"state": question["state"], "id_token": self._platform.sign(claims)}
            launch, headers = _ask(connection, "POST", "/lti/launch", form, headers["set-cookie"])
            page, _headers = _ask(connection, "GET", headers["location"], None, headers["set-cookie"])
        return Timed(waited, login, launch, page)

    @contextmanager
    def _connected(self) -> Iterator[http.client.HTTPConnection]:
        connection = http.client.HTTPConnection("localhost", self._port, timeout=30)
        yield connection
        connection.close()


def _ask(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    fields: dict[str, str] | None = None,
    cookie: str = "",
) -> tuple[float, dict[str, str]]:
    """One request: how long it took in ms, and the headers. A cookie header may hold what Set-Cookie said."""
    headers = {"Cookie": cookie.partition(";")[0]}
    if fields is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    started = time.perf_counter()
    connection.request(method, path, urlencode(fields) if fields is not None else None, headers)
    answer = connection.getresponse()
    body = answer.read()
    took = (time.perf_counter() - started) * 1000
    if answer.status not in (200, 303):
        raise RuntimeError(f"{method} {path[:80]} gave {answer.status}: {body[:300]!r}")
    kept = {}
    for name, value in answer.getheaders():
        if name.lower() != "set-cookie" or not value.startswith("lti_") or "set-cookie" not in kept:
            kept[name.lower()] = value
    return took, kept


def _print(kind: str, timed: list[Timed], elapsed: float, floor: float) -> None:
    print(f"\n{kind}: {len(timed)} launches in {elapsed:.1f} s; floor {floor:.1f} ms")
    print(f"{'':8} {'p50 ms':>8} {'p95 ms':>8} {'of floor':>9}")
    for name in ("waited", "login", "launch", "page", "all"):
        times = sorted(getattr(one, name) for one in timed)
        p50 = times[len(times) // 2]
        print(f"{name:8} {p50:8.1f} {_p95(times):8.1f} {p50 / floor:9.1f}")
    print(f"p95 of all may be {LIMIT_MS:.0f} ms")


def _p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


if __name__ == "__main__":
    main()
