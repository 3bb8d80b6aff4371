"""`./dev bench pages`: how many pages a second, on the demo's data, on SQLite and on PostgreSQL.

Client and server share the machine. Each figure stands beside its ratio to a floor: the same server's smallest answer
(`/health/live` for a stranger: no database, no template). Sign-in is bound by argon2, which is slow on purpose. *Page
done* is a page that was not done before: one commit with her progress and the statement, and with her participation
where it changes; *first page* is the dearest of them, with three statements and a participation that begins.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Flask, session
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import generate_csrf

from courses.catalogue.queries import get_offered_course, get_outline
from courses.enrolment.models import Enrolment
from courses.enrolment.services import enrol_learner
from lms.accounts.models import Person
from lms.accounts.services.signing_in import open_sign_in
from lms.app import create_app
from lms.kernel.db import Database
from lms.kernel.web.flow import SESSION_KEY
from tests.bench import load
from tests.bench.server import Bench, demo_on

CONNECTIONS = (1, 8, 32)
AREA, COURSE = "gezinszorg", "word-digicoach"
COURSES_TO_BEGIN = ("digitaal-aan-de-slag-administratie", "in-gesprek-over-diversiteit", "leerbeleid-vto")
LEARNERS = 1_900
PEOPLE = sa.select(Person.id).where(Person.password_hash.is_(None)).order_by(Person.id)
QUERIES_ALLOWED = 12


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="./dev bench pages")
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    chosen = parser.parse_args()
    for kind in (chosen.only,) if chosen.only else ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory() as folder, demo_on(kind, Path(folder)) as bench:
            measure(kind, bench, chosen.seconds)


def measure(kind: str, bench: Bench, seconds: float) -> None:
    """Every page at every number of connections, one line each."""
    app = create_app(bench.settings)
    pages = Pages(app, bench)
    print(f"\n{kind}, {bench.settings.web_processes} processes of {bench.settings.web_threads} threads")
    print(f"{'page':14} {'conn':>4} {'req/s':>8} {'p50 ms':>8} {'p95 ms':>8} {'of floor':>9}  per process")
    floors: dict[int, float] = {}
    for name, requests, expect in pages.all():
        for connections in CONNECTIONS:
            result, split = _run(bench, requests, connections, seconds, expect)
            floor = floors.setdefault(connections, result.rate)
            share = result.rate / floor
            figures = f"{result.rate:8.0f} {result.p50:8.1f} {result.p95:8.1f} {share:9.2f}"
            print(f"{name:14} {connections:4} {figures}  {split}", flush=True)
    print(
        "queries a page, the storing of its statements apart:",
        ", ".join(f"{name} {count}" for name, count in pages.queries().items()),
    )
    print("memory a process:", ", ".join(f"{size} MB" for size in bench.memory_mb()))


def _run(
    bench: Bench, requests: load.Requests, connections: int, seconds: float, expect: tuple[int, ...]
) -> tuple[load.Measured, list[int]]:
    split: list[int] = []

    def watched(number: int, count: int) -> bytes:
        if number == connections - 1 and count == 1:
            split.extend(bench.connections())
        return requests(number, count)

    return load.run(bench.port, watched, connections=connections, seconds=seconds, expect=expect), split


class Pages:
    """The requests of each page, for learners of the demo who never signed in by hand."""

    def __init__(self, app: Flask, bench: Bench) -> None:
        self._app, self._host = app, f"localhost:{bench.port}"
        cookies = {person: self._cookie(person) for person in self._people()}
        self._steps = self._module_pages(COURSE)
        self._learners = [cookies[person] for person in self._enrol(COURSE)]
        self._walks: dict[int, Iterator[bytes]] = {}
        self._fresh = iter(self._learners)
        self._beginnings = iter(
            [
                self._leave(course, self._module_pages(course)[0], cookies[person])
                for course in COURSES_TO_BEGIN
                for person in self._enrol(course)
            ]
        )

    def all(self) -> Iterator[tuple[str, load.Requests, tuple[int, ...]]]:
        """Name, requests and expected statuses; the floor first."""
        yield "floor", lambda _number, _count: self._request("GET", "/health/live"), (200,)
        yield "sign-in", self._sign_in, (303,)
        yield "home", self._get("/"), (200,)
        yield "catalogue", self._get(f"/{AREA}/courses"), (200,)
        yield "course page", self._get(f"/{AREA}/courses/{COURSE}"), (200,)
        yield "page done", self._page_done, (303,)
        yield "first page", self._begin, (303,)

    def queries(self) -> dict[str, int]:
        """How many statements each page sends to the database."""
        pages = (page for page in self.all() if page[0] not in {"floor", "sign-in"})
        return {name: self._count(requests(0, 0)) for name, requests, _expect in pages}

    def _get(self, path: str) -> load.Requests:
        return lambda number, _count: self._request("GET", path, self._learners[number % len(self._learners)][0])

    def _sign_in(self, number: int, _count: int) -> bytes:
        cookie, token = self._visitor()
        form = urlencode({"name": "emma", "password": "leerlabo", "csrf_token": token}).encode()
        return self._request("POST", "/sign-in", cookie, form)

    def _page_done(self, number: int, _count: int) -> bytes:
        """The next page of somebody who never left it before, on to the end of the modules; then somebody else."""
        request = next(self._walks.get(number, iter(())), None)
        if request is None:
            self._walks[number] = self._walk(next(self._fresh))
            request = next(self._walks[number])
        return request

    def _begin(self, _number: int, _count: int) -> bytes:
        """The first page of somebody who never opened the course: it begins, and so does her participation."""
        return next(self._beginnings)

    def _walk(self, learner: tuple[str, str]) -> Iterator[bytes]:
        """*Volgende* on every page that is open from the start, by a learner who did not begin yet."""
        return (self._leave(COURSE, page, learner) for page in self._steps)

    def _leave(self, course: str, page: tuple[str, str], learner: tuple[str, str]) -> bytes:
        cookie, token = learner
        form = urlencode({"csrf_token": token}).encode()
        return self._request("POST", f"/{AREA}/courses/{course}/steps/{page[0]}/pages/{page[1]}", cookie, form)

    def _module_pages(self, course: str) -> list[tuple[str, str]]:
        """The pages of every module that is open from the start, in order."""
        with self._database().read() as db:
            offered = get_offered_course(db, AREA, course)
            outline = get_outline(db, offered.version_id, offered.version_sha)
        free = [step for step in outline.steps if not step.requires and not step.after]
        return [(step.id, page.id) for step in free for page in step.pages]

    def _people(self) -> list[int]:
        with self._database().read() as db:
            return list(db.scalars(PEOPLE))

    def _enrol(self, course: str) -> list[int]:
        """Put everybody in this course who is not in it yet; who they are."""
        with self._database().write() as db:
            course_id = get_offered_course(db, AREA, course).id
            busy = sa.select(Enrolment.person_id).where(Enrolment.course_id == course_id)
            people = list(db.scalars(PEOPLE.where(Person.id.not_in(busy)).limit(LEARNERS)))
            for person in people:
                enrol_learner(db, person_id=person, course_id=course_id, area=AREA)
        return people

    def _cookie(self, person_id: int) -> tuple[str, str]:
        """What this learner's browser holds: her session cookie, and the token of her forms."""
        with self._database().write() as db:
            return self._session({SESSION_KEY: open_sign_in(db, person_id)})

    def _visitor(self) -> tuple[str, str]:
        return self._session({})

    def _session(self, values: dict[str, str]) -> tuple[str, str]:
        with self._app.test_request_context("/"):
            token = generate_csrf()
            signer = SecureCookieSessionInterface().get_signing_serializer(self._app)
            if signer is None:
                raise RuntimeError("the app has no secret key")
            return signer.dumps({**values, "csrf_token": session["csrf_token"]}), token

    def _request(self, method: str, path: str, cookie: str = "", body: bytes = b"") -> bytes:
        head = [f"{method} {path} HTTP/1.1", f"Host: {self._host}", "Accept-Language: nl"]
        if cookie:
            head.append(f"Cookie: leerlabo={cookie}")
        if method == "POST":
            head += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        return "\r\n".join(head).encode() + b"\r\n\r\n" + body

    def _count(self, message: bytes) -> int:
        """Send one request to an app of our own and count what it asks of the database."""
        statements: list[str] = []
        engine = self._database().engine

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            statements.append(statement)

        head, _end, body = message.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        method, path, _version = first.split()
        sa.event.listen(engine, "before_cursor_execute", note)
        try:
            self._app.test_client(use_cookies=False).open(
                path, method=method, data=body, headers=[tuple(line.split(": ", 1)) for line in lines]
            )
        finally:
            sa.event.remove(engine, "before_cursor_execute", note)
        return len([statement for statement in statements if not statement.startswith(("BEGIN", "SAVEPOINT"))])

    def _database(self) -> Database:
        database: Database = self._app.extensions["database"]
        return database


if __name__ == "__main__":
    main()
