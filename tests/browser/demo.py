"""The demo, told once and copied for whoever plays with it, and the platform that serves a copy."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen
from uuid import UUID

import sqlalchemy as sa

from courses.sessions.models import CourseSession
from lms.kernel.db import Database
from tests.services.processes import free_port, running

HOUSE = Path(__file__).parents[2]
COMMAND = Path(sys.executable).with_name("leerlabo")
TOLD = HOUSE / "var" / "test-demo"
TELLS = {".py", ".toml", ".yml", ".md", ".gift", ".json", ".csv"}  # what the story is made of
PAGES_ONLY = {"views", "forms"}


def told_demo() -> Path:
    """The folder of a demo as today's code tells it. Told at most once, whatever the number of workers and runs."""
    TOLD.mkdir(parents=True, exist_ok=True)
    with (TOLD / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = TOLD / _fingerprint()
        if not folder.exists():
            for old in (path for path in TOLD.iterdir() if path.is_dir()):
                shutil.rmtree(old)
            _tell(folder)
        return folder


@contextmanager
def serving(data: Path, log: Path) -> Iterator[str]:
    """Serve this data as in production, web processes and worker, on a free port; yield the platform's address."""
    port = free_port()
    address = f"http://localhost:{port}"
    env = _environment(data) | {
        "PORT": str(port),
        "CONTENT_PORT": str(free_port()),
        "LEERLABO_BASE_URL": address,
    }
    with running([str(COMMAND), "serve"], name="leerlabo serve", log=log, env=env, is_ready=lambda: _is_ready(port)):
        yield address


def let_days_pass(data: Path, session: str, days: int) -> None:
    """As if this meeting stood so many days earlier: nobody can move the clock of a platform that is served."""
    database, passed = Database(f"sqlite:///{data / 'leerlabo.db'}"), timedelta(days=days)
    with database.write() as db:
        meeting = db.scalars(sa.select(CourseSession).where(CourseSession.uuid == UUID(session))).one()
        meeting.starts_at -= passed
        meeting.ends_at -= passed
    database.dispose()


def _fingerprint() -> str:
    """Changes with the code, the courses, and the day: upcoming sessions follow today."""
    digest = hashlib.sha256(datetime.now(UTC).date().isoformat().encode())
    for root in ("lms", "courses", "xapi", "sectors"):
        for file in sorted((HOUSE / root).rglob("*")):
            if file.suffix in TELLS and file.stem not in PAGES_ONLY and file.is_file():
                digest.update(file.relative_to(HOUSE).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def _tell(folder: Path) -> None:
    making = folder.with_suffix(".making")
    done = subprocess.run(
        [COMMAND, "demo"], env=_environment(making), cwd=HOUSE, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise AssertionError(f"leerlabo demo ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    making.rename(folder)


def _environment(data: Path) -> dict[str, str]:
    """Ours, without the settings of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LEERLABO_")}
    return kept | {"LEERLABO_DATA_DIR": str(data)}


def _is_ready(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
