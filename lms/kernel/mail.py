"""Mail: written to the outbox with what it is about, sent by the worker over SMTP, or kept in a folder by the demo."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from sqlalchemy.orm import Session

from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.jobs import enqueue

KIND = "mail"
TIMEOUT_S = 20
SENDER = "Leerlabo <no-reply@leerlabo.example>"


@dataclass(frozen=True, slots=True)
class KeptMail:
    """A mail in the demo's folder, as its page shows it."""

    sent_at: datetime
    to: str
    subject: str
    text: str


def queue_mail(db: Session, *, to: str, subject: str, text: str) -> None:
    """Send a plain mail once this transaction is committed. Plain text reads well on every phone."""
    enqueue(db, KIND, {"to": to, "subject": subject, "text": text, "at": clock.now().isoformat()}, key=to)


class Mailer:
    """The outbox handler for mail. `url`: smtp://, smtp+starttls://, smtps:// (user:password@host:port) or folder://."""

    def __init__(self, url: str, sender: str = SENDER) -> None:
        self._url, self._sender = urlsplit(url), sender

    def __call__(self, _database: Database, payload: dict[str, Any]) -> None:
        """Send one mail. Raises what SMTP raises; the outbox tries again."""
        message = _message(payload, self._sender)
        if self._url.scheme == "folder":
            self._keep(message)
        else:
            self._send(message)

    def kept(self) -> Iterator[KeptMail]:
        """The mails in the folder, newest first; nothing when mail really leaves."""
        if self._url.scheme != "folder":
            return
        for path in sorted(self._folder().glob("*.eml"), reverse=True):
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            body = message.get_body(("plain",))
            yield KeptMail(
                sent_at=message["Date"].datetime,
                to=str(message["To"]),
                subject=str(message["Subject"]),
                text="" if body is None else body.get_content(),
            )

    def _keep(self, message: EmailMessage) -> None:
        folder = self._folder()
        folder.mkdir(parents=True, exist_ok=True)
        moment = message["Date"].datetime.strftime("%Y%m%dT%H%M%S")
        (folder / f"{moment}-{uuid4().hex[:8]}.eml").write_bytes(bytes(message))

    def _folder(self) -> Path:
        return Path(self._url.netloc + self._url.path)

    def _send(self, message: EmailMessage) -> None:
        host, port = self._url.hostname or "localhost", self._url.port
        context = ssl.create_default_context()
        if self._url.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT_S, context=context)
        else:
            server = smtplib.SMTP(host, port or 25, timeout=TIMEOUT_S)
        with server:
            if self._url.scheme == "smtp+starttls":
                server.starttls(context=context)
            if self._url.username:
                server.login(unquote(self._url.username), unquote(self._url.password or ""))
            server.send_message(message)


def _message(payload: dict[str, Any], sender: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = payload["to"]
    message["Subject"] = payload["subject"]
    message["Date"] = format_datetime(datetime.fromisoformat(payload["at"]))
    message["Message-ID"] = make_msgid(domain=parseaddr(sender)[1].rpartition("@")[2])
    message.set_content(payload["text"])
    return message
