"""How gunicorn serves us. Loaded by path (`-c`); `leerlabo serve` starts one for each web process.

They all listen on the same port (SO_REUSEPORT), so that the kernel spreads connections over them. With one gunicorn and
several workers, keep-alive connections tend to land on whichever worker wakes first: half the speed, by bad luck.
"""

import gc
import os
from typing import Any

from lms.kernel.config import Settings

YOUNG_OBJECTS = 10_000  # Python begins to look for what is no longer used after so many; its own number is 700

_settings = Settings.from_environ(os.environ)

wsgi_app = "lms.wsgi:app"
bind = [f"{os.environ.get('LEERLABO_BIND', '127.0.0.1')}:{_settings.port}"]
reuse_port = True
workers = 1
threads = _settings.web_threads
worker_class = "gthread"
keepalive = 75
backlog = 512
graceful_timeout = 20
control_socket_disable = True
accesslog = None
loglevel = "warning"


def post_worker_init(_worker: Any) -> None:
    """What was loaded stays for ever: the collector need not look at it again, nor run ten times a page."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)


def post_fork(_server: Any, _worker: Any) -> None:
    """Keep this process on a core of its own, where the machine lets us: that gave a quarter more writes."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[int(os.environ.get("LEERLABO_PROCESS", "0")) % len(cores)]})
