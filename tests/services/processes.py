"""Throw-away servers: started on a free port, stopped with the test run, however that ends."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

START_S = 60
STOP_S = 20
POLL_S = 0.05


class ServiceMissingError(Exception):
    """A server that the tests need cannot be had. The text says which one and what helps."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_listening(port: int) -> bool:
    """Whether something on 127.0.0.1 answers on this port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(
    command: Sequence[str],
    *,
    name: str,
    log: Path,
    is_ready: Callable[[], bool],
    user: str | None = None,
    env: Mapping[str, str] | None = None,
    stop_with: signal.Signals = signal.SIGTERM,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server inside the block, as `user` when root starts it; its words go to `log`.

    Raises `ServiceMissingError` with the end of the log when it does not become ready.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*_tied_to_us(user, stop_with), *command],
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            env=env,
            start_new_session=True,
        )
    try:
        _wait(process, name, log, is_ready)
        yield process
    finally:
        _stop(process, stop_with)


def _tied_to_us(user: str | None, stop_with: signal.Signals) -> list[str]:
    """The kernel ends the server when this process is killed before it can."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return []
    who = [f"--reuid={user}", f"--regid={user}", "--init-groups"] if user and os.geteuid() == 0 else []
    return [setpriv, *who, f"--pdeathsig={stop_with.name.removeprefix('SIG')}", "--"]


def _wait(process: subprocess.Popen[bytes], name: str, log: Path, is_ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < deadline:
        if is_ready():
            return
        time.sleep(POLL_S)
    said = log.read_text(errors="replace")[-2000:]
    raise ServiceMissingError(f"{name} did not start. It said:\n{said}")


def _stop(process: subprocess.Popen[bytes], stop_with: signal.Signals) -> None:
    process.send_signal(stop_with)
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    with suppress(ProcessLookupError):  # whatever it started and left behind
        os.killpg(process.pid, signal.SIGKILL)
