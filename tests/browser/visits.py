"""Every page is visited by a browser and looked at by axe, or excused by name: a plugin that judges the whole run.

The workers write down what they met; when all browser tests have run and passed, the routes of the platform are held
against it. A run of some tests, or a run that failed, judges nothing.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from tests.browser.excused import EXCUSED

FOLDER = "LEERLABO_TEST_VISITS"  # tells the workers of a parallel run where to write
PAGE, PART, AXE = "page", "part", "axe"
IN_A_VISIT = re.compile(r"^/in/[0-9a-f-]{36}(?=/)")
TESTS = Path(__file__).parents[1]
FINDINGS = pytest.StashKey[list[str]]()


def record(kind: str, url: str) -> None:
    """Write down that a browser met this address."""
    if folder := os.environ.get(FOLDER):
        with Path(folder, f"{os.getpid()}.txt").open("a") as file:
            file.write(f"{kind} {url}\n")


def judge(
    app: Flask, areas: Iterable[str], met: Iterable[tuple[str, str]], excused: Mapping[str, str]
) -> Iterator[str]:
    """One sentence for each route that no browser saw, each page that axe did not see, each excuse without a route."""
    slugs = frozenset(areas)
    seen: dict[str, set[str]] = {PAGE: set(), PART: set(), AXE: set()}
    for kind, url in met:
        if endpoint := endpoint_of(app, slugs, url):
            seen[kind].add(endpoint)
    routes = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    unseen = routes - seen[PAGE] - seen[PART] - excused.keys()
    yield from (f"no browser visited {endpoint}" for endpoint in sorted(unseen))
    yield from (f"axe did not look at {endpoint}" for endpoint in sorted(seen[PAGE] - seen[AXE] - excused.keys()))
    yield from (f"excused, but there is no route {endpoint}" for endpoint in sorted(excused.keys() - routes))


def endpoint_of(app: Flask, areas: frozenset[str], url: str) -> str | None:
    """The endpoint behind an address; on an area's own host its pages lack the slug in front."""
    parts = urlsplit(url)
    parts = parts._replace(path=IN_A_VISIT.sub("", parts.path))
    slug = (parts.hostname or "").partition(".")[0]
    paths = [f"/{slug}{parts.path}", parts.path] if slug in areas else [parts.path]
    return next((endpoint for path in paths if (endpoint := _match(app, path))), None)


def _match(app: Flask, path: str) -> str | None:
    try:
        endpoint: str = app.url_map.bind("localhost").match(path, method="GET")[0]
    except (HTTPException, RequestRedirect):
        return None
    return endpoint


# ---- the plugin, in the process that leads the run -------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder in which the workers write."""
    if not hasattr(config, "workerinput"):
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="leerlabo-visits-")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Judge a complete run that has passed until now."""
    if hasattr(session.config, "workerinput") or exitstatus != pytest.ExitCode.OK or not is_complete(session.config):
        return
    findings = list(_judge_run())
    session.config.stash[FINDINGS] = findings
    if findings:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what is missing, below the tests."""
    if findings := config.stash.get(FINDINGS, []):
        terminalreporter.section("routes that no browser test covers", red=True)
        for finding in findings:
            terminalreporter.line(finding)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(FOLDER, ""), ignore_errors=True)


def is_complete(config: pytest.Config) -> bool:
    """Whether this run holds all browser tests."""
    if config.getoption("keyword") or config.getoption("markexpr") or config.getoption("deselect"):
        return False
    asked = {Path(config.invocation_params.dir, argument.partition("::")[0]).resolve() for argument in config.args}
    return bool(asked & {TESTS.parent, TESTS, TESTS / "browser"}) and not any(
        "::" in argument for argument in config.args
    )


def _judge_run() -> Iterator[str]:
    from lms.app import create_app  # noqa: PLC0415  most runs judge nothing and need no platform
    from sectors.areas import all_areas  # noqa: PLC0415
    from tests.services.platform import settings_for  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        app = create_app(settings_for(f"sqlite:///{folder}/none.db", Path(folder)))
        lines = [line for file in Path(os.environ[FOLDER]).glob("*.txt") for line in file.read_text().splitlines()]
        met = [(kind, url) for kind, _, url in (line.partition(" ") for line in lines)]
        yield from judge(app, all_areas(), met, EXCUSED)
