"""The platform as it runs in production, for a bench: with the demo's data or empty, behind gunicorn on a free port."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from lms.kernel import serving
from lms.kernel.config import Settings
from tests.services.postgresql import database_on, postgresql

START_S = 60


@dataclass(frozen=True, slots=True)
class Bench:
    """A running platform: its settings, its port and its gunicorns."""

    settings: Settings
    port: int
    environ: Mapping[str, str]
    processes: list[subprocess.Popen[bytes]]

    def start(self) -> None:
        """Start the web processes, and wait until they answer."""
        self.processes[:] = serving.start_web(self.settings, self.environ)
        _wait(self.port)

    def kill(self) -> None:
        """End every web process at once, as a machine that stops does (`kill -9`)."""
        for pid in [*(process.pid for process in self.processes), *self.workers()]:
            os.kill(pid, signal.SIGKILL)
        for process in self.processes:
            process.wait()

    def workers(self) -> list[int]:
        """The process ids of the web processes: the one child of each gunicorn."""
        masters = [process.pid for process in self.processes]
        children = [Path(f"/proc/{pid}/task/{pid}/children").read_text() for pid in masters]
        return [int(pid) for line in children for pid in line.split()]

    def memory_mb(self) -> list[int]:
        """Resident memory of each web process."""
        return [_resident_kb(pid) // 1024 for pid in self.workers()]

    def connections(self) -> list[int]:
        """How many open connections each web process holds: an uneven split explains an odd figure."""
        inodes = _established(self.port)
        return [len(inodes & _sockets_of(pid)) for pid in self.workers()]


def demo_on(kind: str, folder: Path) -> AbstractContextManager[Bench]:
    """The demo on `sqlite` or `postgresql`, made afresh and thrown away."""
    return _made_on(kind, folder, ("demo",))


def empty_on(kind: str, folder: Path) -> AbstractContextManager[Bench]:
    """A platform without anything in it, on `sqlite` or `postgresql`, made afresh and thrown away."""
    return _made_on(kind, folder, ("db", "upgrade"))


@contextmanager
def _made_on(kind: str, folder: Path, make: tuple[str, ...]) -> Iterator[Bench]:
    if kind == "sqlite":
        with _serving(f"sqlite:///{folder / 'leerlabo.db'}", folder, make) as bench:
            yield bench
    else:
        with (
            postgresql(durable=True) as server,
            database_on(server) as url,
            _serving(url.render_as_string(hide_password=False), folder, make) as bench,
        ):
            yield bench


@contextmanager
def _serving(database_url: str, folder: Path, make: tuple[str, ...]) -> Iterator[Bench]:
    port = _free_port()
    environ = {
        **os.environ,
        "LEERLABO_DEMO": "yes",
        "LEERLABO_DATABASE_URL": database_url,
        "LEERLABO_DATA_DIR": str(folder),
        "LEERLABO_BASE_URL": f"http://localhost:{port}",
        "PORT": str(port),
    }
    subprocess.run([sys.executable, "-m", "lms.cli", *make], env=environ, check=True, stdout=subprocess.DEVNULL)
    settings = Settings.from_environ(environ)
    bench = Bench(settings, port, environ, [])
    try:
        bench.start()
        yield bench
    finally:
        for process in bench.processes:
            process.terminate()
        for process in bench.processes:
            process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(port: int) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://localhost:{port}/health/ready"):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the platform did not start")


def _resident_kb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


def _established(port: int) -> set[str]:
    """The inodes of open connections to this port, from the kernel's own table."""
    found = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _number, local, _remote, state, *rest = line.split()
        if int(local.split(":")[1], 16) == port and state == "01":
            found.add(rest[5])
    return found


def _sockets_of(pid: int) -> set[str]:
    links = _links(Path(f"/proc/{pid}/fd"))
    return {link[len("socket:[") : -1] for link in links if link.startswith("socket:[")}


def _links(folder: Path) -> Iterator[str]:
    for path in folder.iterdir():
        with suppress(FileNotFoundError):  # closed in this moment
            yield str(path.readlink())
