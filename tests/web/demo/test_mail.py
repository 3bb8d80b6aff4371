"""The demo's mails can be read by anybody; elsewhere there is no such page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.mail import Mailer
from tests.services.platform import settings_for
from tests.web.visitor import Visitor

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LINK = "http://localhost:8000/invitation/abc"
TEXT = f"Dag Emma,\n\nOpen deze link: {LINK}.\n<script>alert(1)</script> javascript:alert(2)"


@pytest.fixture
def settings(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Settings:
    """A demo, unless the test asks for an ordinary platform."""
    is_demo = getattr(request, "param", True)
    return settings_for(database_url, tmp_path, LEERLABO_DEMO="yes" if is_demo else "no")


@pytest.fixture
def send(database: Database, settings: Settings) -> Any:
    """Sends a mail as the worker does."""

    def send(subject: str, at: datetime, text: str = TEXT) -> None:
        payload = {"to": "emma@linde.example", "subject": subject, "text": text, "at": at.isoformat()}
        Mailer(settings.mail_url)(database, payload)

    return send


def test_the_newest_mail_comes_first(visitor: Visitor, send: Any) -> None:
    send("Oud", NOON)
    send("Nieuw", NOON + timedelta(days=1))
    page = visitor.page("/demo/mail")
    assert page.text.index("Nieuw") < page.text.index("Oud")
    assert "emma@linde.example" in page.text


def test_addresses_are_links_and_nothing_else_is(visitor: Visitor, send: Any) -> None:
    send("Welkom", NOON)
    page = visitor.page("/demo/mail")
    assert page.links()[LINK] == LINK
    assert "<script>alert(1)</script> javascript:alert(2)" in page.text
    assert [url for url in page.links().values() if url.startswith("javascript")] == []


def test_older_mails_are_on_the_next_page(visitor: Visitor, send: Any) -> None:
    for number in range(21):
        send(f"Bericht {number:02}", NOON + timedelta(minutes=number))
    first = visitor.page("/demo/mail")
    assert "Bericht 20" in first.text
    assert "Bericht 00" not in first.text
    assert "Bericht 00" in visitor.page(first.links()["Oudere mails"]).text


def test_without_mails_it_says_what_to_do(visitor: Visitor) -> None:
    assert "Er is nog geen mail." in visitor.page("/demo/mail").text


@pytest.mark.parametrize("number", ["0", "-1", "x", "\u0663", "123456"])
def test_a_page_that_cannot_be_is_the_first(visitor: Visitor, send: Any, number: str) -> None:
    send("Bericht", NOON)
    assert "Bericht" in visitor.page(f"/demo/mail?page={number}").text


@pytest.mark.parametrize("settings", [False], indirect=True)
def test_an_ordinary_platform_has_no_such_page(app: Flask, visitor: Visitor, send: Any) -> None:
    send("Geheim", NOON)
    assert "Geheim" not in visitor.page("/demo/mail", status=404).text
