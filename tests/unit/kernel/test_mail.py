"""Mail: put in the outbox with the change it tells of, sent over SMTP, or kept in a folder to read."""

from __future__ import annotations

import smtplib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms.kernel import clock, mail
from lms.kernel.db import Database
from lms.kernel.jobs import Handlers, OutboxRow, run_due
from lms.kernel.mail import Mailer, queue_mail
from tests.services.processes import free_port
from tests.services.smtp import Mailbox

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def payload(**changes: str) -> dict[str, Any]:
    return {"to": "emma@example.org", "subject": "Dag", "text": "Tot morgen.", "at": AT.isoformat()} | changes


def send(database: Database, mailer: Mailer, **words: str) -> None:
    handlers = Handlers()
    handlers.register(mail.KIND, mailer)
    with clock.moved_to(AT):
        with database.write() as db:
            queue_mail(db, **({"to": "emma@example.org", "subject": "Dag", "text": "Tot morgen."} | words))
        run_due(database, handlers)


def test_a_mail_arrives_with_its_words_and_the_moment_it_was_about(database: Database, mailbox: Mailbox) -> None:
    send(database, Mailer(mailbox.url), subject="Één plaats vrij – 25 maart", text="Dag Emma,\n\n€ 50 per dag.\n")
    [message] = mailbox.messages
    assert message["To"] == "emma@example.org"
    assert message["From"] == mail.SENDER
    assert message["Subject"] == "Één plaats vrij – 25 maart"
    assert message["Date"].datetime == AT
    assert str(message["Message-ID"]).endswith("@leerlabo.example>")
    assert message.get_content_type() == "text/plain"
    assert message.get_content().replace("\r\n", "\n") == "Dag Emma,\n\n€ 50 per dag.\n"


def test_a_mail_that_was_sent_is_not_kept_in_the_outbox(database: Database, mailbox: Mailbox) -> None:
    send(database, Mailer(mailbox.url), text="https://leerlabo.example/links/secret")
    with database.read() as db:
        assert db.scalars(sa.select(OutboxRow.payload)).all() == [{}]
        assert db.scalars(sa.select(OutboxRow.key)).all() == ["emma@example.org"]


def test_a_server_that_does_not_answer_leaves_the_mail_for_another_time(database: Database) -> None:
    send(database, Mailer(f"smtp://127.0.0.1:{free_port()}"))
    with database.read() as db:
        row = db.scalars(sa.select(OutboxRow)).one()
    assert row.done_at is None
    assert "ConnectionRefusedError" in row.last_error
    assert row.payload["text"] == "Tot morgen."


def test_a_password_is_never_sent_to_a_server_that_does_not_ask_for_it(database: Database, mailbox: Mailbox) -> None:
    url = mailbox.url.replace("smtp://", "smtp://me:p%40ss@")
    with pytest.raises(smtplib.SMTPNotSupportedError):
        Mailer(url)(database, payload())
    assert mailbox.messages == []


def test_encryption_that_was_asked_for_is_not_left_out(database: Database, mailbox: Mailbox) -> None:
    with pytest.raises(smtplib.SMTPNotSupportedError):
        Mailer(mailbox.url.replace("smtp://", "smtp+starttls://"))(database, payload())
    assert mailbox.messages == []


@pytest.mark.parametrize("field", ["to", "subject"])
def test_nobody_slips_a_header_into_a_mail(database: Database, mailbox: Mailbox, field: str) -> None:
    with pytest.raises(ValueError, match=r"linefeed|newline|header"):
        Mailer(mailbox.url)(database, payload(**{field: "x\r\nBcc: all@example.org"}))
    assert mailbox.messages == []


def test_the_demo_keeps_mails_in_a_folder_newest_first(database: Database, tmp_path: Path) -> None:
    mailer = Mailer(f"folder://{tmp_path / 'mail'}")
    assert list(mailer.kept()) == []
    for number, subject in enumerate(["eerste", "tweede", "één derde"]):
        mailer(database, payload(subject=subject, at=(AT + timedelta(minutes=number)).isoformat()))
    kept = list(mailer.kept())
    assert [one.subject for one in kept] == ["één derde", "tweede", "eerste"]
    assert kept[-1].sent_at == AT
    assert kept[-1].to == "emma@example.org"
    assert kept[-1].text.strip() == "Tot morgen."


def test_where_mail_really_leaves_there_is_nothing_to_read(mailbox: Mailbox) -> None:
    assert list(Mailer(mailbox.url).kept()) == []


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), max_size=400))
def test_every_text_can_be_mailed_and_read_again(
    database: Database, tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    mailer = Mailer(f"folder://{tmp_path_factory.mktemp('mail')}")
    mailer(database, payload(text=text))
    [kept] = mailer.kept()
    assert kept.text.rstrip("\n") == text.rstrip("\n")
