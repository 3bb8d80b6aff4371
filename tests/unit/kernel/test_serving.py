"""`leerlabo serve`: the web and the worker start as one, answer, and stop as one."""

from __future__ import annotations

import os
import signal
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen

import pytest

from tests.services.processes import free_port, is_listening, running

STARTS_S = 60
STOPS_S = 15


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def served(port: int, tmp_path: Path) -> Iterator[Popen[bytes]]:
    """The platform without settings, but for its place and its port."""
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("LEERLABO_")},
        "LEERLABO_DATA_DIR": str(tmp_path / "data"),
        "PORT": str(port),
    }
    command = [sys.executable, "-m", "lms.cli", "serve"]
    with running(
        command, name="leerlabo serve", log=tmp_path / "log", is_ready=lambda: answers(port), env=environ
    ) as process:
        yield process


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5) as answer:
            return bool(answer.read() == b"ready\n")
    except OSError:
        return False


def children(pid: int) -> dict[int, str]:
    """The processes this one started, with what they were started as."""
    pids = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {int(child): Path(f"/proc/{child}/cmdline").read_text().replace("\0", " ") for child in pids}


def all_children(pid: int) -> dict[int, str]:
    """The web and the worker, which starts once pages answer. Fails when it does not."""
    deadline = time.monotonic() + STARTS_S
    while not any("lms.cli worker" in command for command in children(pid).values()):
        assert time.monotonic() < deadline, "the worker did not start"
        time.sleep(0.02)
    return children(pid)


def is_alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_it_answers_on_its_port_and_stops_on_a_signal(served: Popen[bytes], port: int, tmp_path: Path) -> None:
    started = all_children(served.pid)
    assert sum("gunicorn" in command for command in started.values()) == 2
    assert sum("lms.cli worker" in command for command in started.values()) == 1
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
        assert b"<h1" in answer.read()
    assert f"http://localhost:{port}" in (tmp_path / "log").read_text()
    served.send_signal(signal.SIGTERM)
    assert served.wait(STOPS_S) == 0
    assert not any(is_alive(pid) for pid in started)
    assert not is_listening(port)


def test_when_one_of_them_dies_all_stop(served: Popen[bytes], port: int) -> None:
    started = all_children(served.pid)
    [worker] = [pid for pid, command in started.items() if "lms.cli worker" in command]
    os.kill(worker, signal.SIGKILL)
    assert served.wait(STOPS_S) == 1
    assert not any(is_alive(pid) for pid in started)


def test_a_signal_in_the_first_moment_leaves_nothing_behind(port: int, tmp_path: Path) -> None:
    environ = {**os.environ, "LEERLABO_DATA_DIR": str(tmp_path / "data"), "PORT": str(port)}
    log = tmp_path / "log"
    seen: dict[int, str] = {}

    def has_children(deadline: float) -> bool:
        while not seen and time.monotonic() < deadline:
            seen.update(children(process.pid))
        return bool(seen)

    command = [sys.executable, "-m", "lms.cli", "serve"]
    with running(command, name="leerlabo serve", log=log, is_ready=lambda: True, env=environ) as process:
        assert has_children(time.monotonic() + 60)
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOPS_S) == 0
        assert not any(is_alive(pid) for pid in seen)
