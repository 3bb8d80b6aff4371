"""Settings: one frozen object, read once from the environment and handed whole to `create_app`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

PREFIX = "LEERLABO_"
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class ConfigError(Exception):
    """A setting is wrong. Its text is one sentence that names the setting and what would be right."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an installation may choose. Without any setting it is the demo, with its data in `var/`."""

    database_url: str
    redis_url: str | None
    storage_url: str
    secret_key: str
    base_url: str
    iri_base: str
    content_origin: str
    data_dir: Path
    mail_url: str
    mail_from: str
    port: int
    content_port: int
    demo: bool
    sqlite_synchronous: str = "NORMAL"
    web_processes: int = 2
    web_threads: int = 4
    proxies: int = 0
    may_go_inside: bool = False
    lrs_requests_a_minute: int = 0
    lrs_largest_document_mb: int = 32

    @property
    def base_host(self) -> str:
        """Host and port people type, without the scheme: `localhost:8000`."""
        return urlsplit(self.base_url).netloc

    @property
    def is_https(self) -> bool:
        """Whether people reach us over TLS, so cookies may say Secure."""
        return self.base_url.startswith("https://")

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """Read the settings. Raises `ConfigError` with one sentence about the first one that is wrong."""
        data_dir = Path(environ.get(f"{PREFIX}DATA_DIR") or "var").resolve()
        port = _port(environ, "PORT", 8000)
        base_url = _url(environ, "BASE_URL", f"http://localhost:{port}")
        content_port = _port(environ, "CONTENT_PORT", port + 1)
        demo = _switch(environ, "DEMO", default=_is_bare(environ))
        return cls(
            database_url=_database_url(environ, data_dir),
            redis_url=_address(environ, "REDIS_URL", "", "redis://, rediss:// or unix://") or None,
            storage_url=_address(environ, "STORAGE_URL", f"file://{data_dir / 'files'}", "file:// or s3://"),
            secret_key=_secret(environ, data_dir, demo=demo),
            base_url=base_url,
            iri_base=_url(environ, "IRI_BASE", "https://leerlabo.example/"),
            content_origin=_url(environ, "CONTENT_ORIGIN", f"http://localhost:{content_port}"),
            data_dir=data_dir,
            mail_url=_address(
                environ,
                "MAIL_URL",
                f"folder://{data_dir / 'mail'}" if demo else "smtp://localhost:25",
                "smtp://, smtp+starttls://, smtps:// or folder://",
            ),
            mail_from=environ.get(f"{PREFIX}MAIL_FROM") or f"Leerlabo <no-reply@{urlsplit(base_url).hostname}>",
            port=port,
            content_port=content_port,
            demo=demo,
            sqlite_synchronous=_choice(environ, "SQLITE_SYNCHRONOUS", ("NORMAL", "FULL")),
            web_processes=_count(environ, "WEB_PROCESSES", 2, least=1),
            web_threads=_count(environ, "WEB_THREADS", 4, least=1),
            proxies=_count(environ, "PROXIES", 0, least=0),
            may_go_inside=_switch(environ, "MAY_GO_INSIDE", default=urlsplit(base_url).hostname in LOOPBACK),
            lrs_requests_a_minute=_count(environ, "LRS_REQUESTS_A_MINUTE", 0, least=0, most=1_000_000),
            lrs_largest_document_mb=_count(environ, "LRS_LARGEST_DOCUMENT_MB", 32, least=1, most=100),
        )


def _is_bare(environ: Mapping[str, str]) -> bool:
    """Whether nothing was set that only a real installation sets: then it is the demo on somebody's own machine.

    A forgotten secret must stop the start of an installation with people in it, never turn it into the demo.
    """
    host = urlsplit(environ.get(f"{PREFIX}BASE_URL") or "http://localhost").hostname
    names = ("SECRET_KEY", "DATABASE_URL")
    return host in LOOPBACK and not any(environ.get(PREFIX + name) for name in names)


def _database_url(environ: Mapping[str, str], data_dir: Path) -> str:
    url = environ.get(f"{PREFIX}DATABASE_URL") or f"sqlite:///{data_dir / 'leerlabo.db'}"
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ConfigError(f"{PREFIX}DATABASE_URL must start with sqlite:/// or postgresql://.")
    return url


def _secret(environ: Mapping[str, str], data_dir: Path, *, demo: bool) -> str:
    """The signing key. The demo may make its own; an installation with people in it must bring one."""
    secret = environ.get(f"{PREFIX}SECRET_KEY", "")
    if secret:
        if len(secret) < 32:
            raise ConfigError(f"{PREFIX}SECRET_KEY must have at least 32 characters.")
        return secret
    if not demo:
        raise ConfigError(f"{PREFIX}SECRET_KEY is missing: give 32 random characters or more.")
    return f"demo-only-{data_dir}".ljust(32, "-")


def _url(environ: Mapping[str, str], name: str, default: str) -> str:
    url = environ.get(PREFIX + name) or default
    if not _is_whole(url, "http:// or https://"):
        raise ConfigError(f"{PREFIX}{name} must be a full address such as https://leerlabo.example.")
    return url if name == "IRI_BASE" and url.endswith("/") else url.rstrip("/") + ("/" if name == "IRI_BASE" else "")


def _address(environ: Mapping[str, str], name: str, default: str, schemes: str) -> str:
    """An address of another service, or of a folder. `schemes`: as the sentence names them, "file:// or s3://"."""
    url = environ.get(PREFIX + name) or default
    if url and not _is_whole(url, schemes):
        raise ConfigError(f"{PREFIX}{name} must be a full address that starts with {schemes}.")
    return url


def _is_whole(url: str, schemes: str) -> bool:
    """Whether this is an address with one of these schemes and a host; a folder or a socket needs a path instead."""
    try:
        parts = urlsplit(url)
        has_port_or_none = parts.port is None or parts.port > 0
    except ValueError:
        return False
    is_named = parts.path if parts.scheme in ("file", "folder", "unix") else parts.hostname
    return has_port_or_none and bool(is_named) and f"{parts.scheme}://" in re.findall(r"[a-z0-9+]+://", schemes)


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ConfigError(f"{name} must be a port number between 1 and 65535.")
    return int(text)


def _count(environ: Mapping[str, str], name: str, default: int, *, least: int, most: int = 64) -> int:
    text = environ.get(PREFIX + name) or str(default)
    if not text.isdecimal() or len(text) > len(str(most)) or not least <= int(text) <= most:
        raise ConfigError(f"{PREFIX}{name} must be a whole number from {least} to {most}.")
    return int(text)


def _switch(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = environ.get(PREFIX + name, "").lower()
    if text not in ("", "yes", "no"):
        raise ConfigError(f"{PREFIX}{name} must be yes or no.")
    return text == "yes" if text else default


def _choice(environ: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    text = environ.get(PREFIX + name, "").upper() or choices[0]
    if text not in choices:
        raise ConfigError(f"{PREFIX}{name} must be one of {', '.join(choices)}.")
    return text
