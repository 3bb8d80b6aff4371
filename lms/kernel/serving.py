"""`leerlabo serve`: the web processes and the worker beside them, started and stopped as one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from lms.kernel.config import Settings

GUNICORN = Path(__file__).with_name("gunicorn.py")
POLL_S = 0.2
GRACE_S = 25
WORKER_BY_S = 10


def serve(settings: Settings) -> int:
    """Run until a signal comes or one of them ends; then stop all. Returns the exit code."""
    stopping = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    # Before anything is started: a signal that comes early must still stop all of it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    processes = start_web(settings, os.environ)
    # People wait for pages, nobody waits for the worker: it starts when the web processes no longer need the cores.
    worker_at = time.monotonic() + WORKER_BY_S
    has_worker = False
    while not stopping and all(process.poll() is None for process in processes):
        if not has_worker and (_answers(settings.port) or time.monotonic() > worker_at):
            processes.append(start_worker(os.environ))
            has_worker = True
            sys.stdout.write(f"Leerlabo: {settings.base_url} (ook http://127.0.0.1:{settings.port})\n")
            sys.stdout.flush()
        time.sleep(POLL_S)
    return _stop(processes, wanted=stopping)


def start_web(settings: Settings, environ: Mapping[str, str]) -> list[subprocess.Popen[bytes]]:
    """Start the web processes: one gunicorn each, all on the same port."""
    command = [sys.executable, "-m", "gunicorn", "-c", str(GUNICORN)]
    return [
        subprocess.Popen(command, env={**environ, "LEERLABO_PROCESS": str(number)})  # noqa: S603  our own words only
        for number in range(settings.web_processes)
    ]


def start_worker(environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start the worker that sends mail and does what was put off."""
    return subprocess.Popen([sys.executable, "-m", "lms.cli", "worker"], env=dict(environ))


def _answers(port: int) -> bool:
    """Whether a web process gives answers on this machine's own address; any answer will do."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=POLL_S):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _stop(processes: list[subprocess.Popen[bytes]], *, wanted: bool) -> int:
    for process in processes:
        if process.poll() is None:
            process.terminate()
    for process in processes:
        try:
            process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    return 0 if wanted else 1
