"""A wrong setting stops the start with one sentence that names it; without any setting it is the demo."""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.kernel.config import PREFIX, ConfigError, Settings
from tests.services.platform import SECRET_KEY

WITH_PEOPLE = {"LEERLABO_SECRET_KEY": SECRET_KEY}


def read(**environ: str) -> Settings:
    return Settings.from_environ(environ)


def test_without_any_setting_it_is_the_demo_with_its_data_in_var() -> None:
    settings = read()
    data_dir = Path("var").resolve()
    assert settings.demo
    assert settings.data_dir == data_dir
    assert settings.database_url == f"sqlite:///{data_dir / 'leerlabo.db'}"
    assert settings.storage_url == f"file://{data_dir / 'files'}"
    assert settings.mail_url == f"folder://{data_dir / 'mail'}"
    assert settings.redis_url is None
    assert (settings.port, settings.content_port) == (8000, 8001)
    assert settings.base_url == "http://localhost:8000"
    assert settings.content_origin == "http://localhost:8001"
    assert settings.iri_base == "https://leerlabo.example/"
    assert len(settings.secret_key) >= 32


def test_with_a_secret_key_there_are_people_in_it_and_it_is_not_the_demo() -> None:
    settings = read(**WITH_PEOPLE)
    assert not settings.demo
    assert settings.secret_key == SECRET_KEY
    assert settings.mail_url == "smtp://localhost:25"


def test_the_demo_may_bring_a_key_and_may_be_said_in_so_many_words() -> None:
    assert read(**WITH_PEOPLE, LEERLABO_DEMO="yes").demo
    assert read(LEERLABO_DEMO="YES").demo


@pytest.mark.parametrize(
    "given", [{"LEERLABO_DATABASE_URL": "postgresql://db/leerlabo"}, {"LEERLABO_BASE_URL": "https://leren.example"}]
)
def test_a_forgotten_secret_never_turns_an_installation_into_the_demo(given: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="SECRET_KEY"):
        read(**given)


def test_every_setting_is_read_from_the_environment(tmp_path: Path) -> None:
    settings = read(
        LEERLABO_DATABASE_URL="postgresql://leer:labo@db/leerlabo",
        LEERLABO_REDIS_URL="redis://queue:6379/1",
        LEERLABO_STORAGE_URL="s3://bucket/files",
        LEERLABO_SECRET_KEY=SECRET_KEY,
        LEERLABO_BASE_URL="https://leren.example/",
        LEERLABO_IRI_BASE="https://iri.example",
        LEERLABO_CONTENT_ORIGIN="https://inhoud.example/",
        LEERLABO_DATA_DIR=str(tmp_path),
        LEERLABO_MAIL_URL="smtps://me:secret@mail:465",
        LEERLABO_MAIL_FROM="Leren <leren@leren.example>",
        LEERLABO_SQLITE_SYNCHRONOUS="full",
        LEERLABO_WEB_PROCESSES="8",
        LEERLABO_WEB_THREADS="16",
        LEERLABO_PROXIES="1",
        LEERLABO_MAY_GO_INSIDE="yes",
        LEERLABO_LRS_REQUESTS_A_MINUTE="600",
        LEERLABO_LRS_LARGEST_DOCUMENT_MB="8",
        PORT="80",
        CONTENT_PORT="81",
    )
    assert settings == Settings(
        database_url="postgresql+psycopg://leer:labo@db/leerlabo",
        redis_url="redis://queue:6379/1",
        storage_url="s3://bucket/files",
        secret_key=SECRET_KEY,
        base_url="https://leren.example",
        iri_base="https://iri.example/",
        content_origin="https://inhoud.example",
        data_dir=tmp_path,
        mail_url="smtps://me:secret@mail:465",
        mail_from="Leren <leren@leren.example>",
        port=80,
        content_port=81,
        demo=False,
        sqlite_synchronous="FULL",
        web_processes=8,
        web_threads=16,
        proxies=1,
        may_go_inside=True,
        lrs_requests_a_minute=600,
        lrs_largest_document_mb=8,
    )
    assert settings.is_https
    assert settings.base_host == "leren.example"


def test_only_on_somebodys_own_machine_others_are_looked_for_inside_the_network() -> None:
    assert read().may_go_inside
    assert read(**WITH_PEOPLE).may_go_inside
    assert not read(**WITH_PEOPLE, LEERLABO_BASE_URL="https://leren.example").may_go_inside
    assert not read(**WITH_PEOPLE, LEERLABO_MAY_GO_INSIDE="no").may_go_inside


def test_an_empty_variable_is_as_good_as_none() -> None:
    names = ("DATABASE_URL", "REDIS_URL", "STORAGE_URL", "BASE_URL", "IRI_BASE", "CONTENT_ORIGIN", "MAIL_URL", "DEMO")
    assert read(**{PREFIX + name: "" for name in names}, PORT="", CONTENT_PORT="") == read()


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("LEERLABO_DATABASE_URL", "mysql://db/leerlabo"),
        ("LEERLABO_DATABASE_URL", "leerlabo.db"),
        ("LEERLABO_REDIS_URL", "queue:6379"),
        ("LEERLABO_REDIS_URL", "http://queue"),
        ("LEERLABO_STORAGE_URL", "/srv/files"),
        ("LEERLABO_STORAGE_URL", "ftp://files"),
        ("LEERLABO_STORAGE_URL", "s3:///files"),
        ("LEERLABO_SECRET_KEY", "too short"),
        ("LEERLABO_BASE_URL", "leren.example"),
        ("LEERLABO_BASE_URL", "ftp://leren.example"),
        ("LEERLABO_BASE_URL", "https://"),
        ("LEERLABO_BASE_URL", "http://[::1"),
        ("LEERLABO_IRI_BASE", "leerlabo"),
        ("LEERLABO_CONTENT_ORIGIN", "//inhoud.example"),
        ("LEERLABO_MAIL_URL", "localhost:25"),
        ("LEERLABO_MAIL_URL", "http://mail"),
        ("LEERLABO_MAIL_URL", "smtp://mail:smtp"),
        ("LEERLABO_MAIL_URL", "folder://"),
        ("LEERLABO_SQLITE_SYNCHRONOUS", "OFF"),
        ("LEERLABO_WEB_PROCESSES", "many"),
        ("LEERLABO_WEB_PROCESSES", "65"),
        ("LEERLABO_WEB_PROCESSES", "0"),
        ("LEERLABO_WEB_THREADS", "-1"),
        ("LEERLABO_WEB_THREADS", "0"),
        ("LEERLABO_PROXIES", "1.5"),
        ("LEERLABO_LRS_REQUESTS_A_MINUTE", "often"),
        ("LEERLABO_LRS_REQUESTS_A_MINUTE", "1000001"),
        ("LEERLABO_LRS_LARGEST_DOCUMENT_MB", "0"),
        ("LEERLABO_LRS_LARGEST_DOCUMENT_MB", "101"),
        ("LEERLABO_DEMO", "true"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "eight"),
        ("PORT", "²"),
        ("CONTENT_PORT", "70000"),
    ],
)
def test_a_wrong_value_is_one_sentence_that_names_the_setting(name: str, wrong: str) -> None:
    with pytest.raises(ConfigError) as refused:
        Settings.from_environ(WITH_PEOPLE | {name: wrong})
    assert re.fullmatch(rf"{name} [^\n]+\.", str(refused.value))


def test_an_installation_with_people_needs_a_secret_key() -> None:
    with pytest.raises(ConfigError, match=r"^LEERLABO_SECRET_KEY is missing: .+\.$"):
        read(LEERLABO_DEMO="no")


def test_a_mistake_in_one_setting_never_shows_the_secret_of_another() -> None:
    with pytest.raises(ConfigError) as refused:
        read(**WITH_PEOPLE, LEERLABO_BASE_URL="nowhere")
    assert SECRET_KEY not in str(refused.value)


def test_settings_do_not_change_while_running() -> None:
    with pytest.raises(FrozenInstanceError):
        read().port = 9000  # type: ignore[misc]


@given(port=st.integers(1, 65534))
def test_the_content_origin_follows_the_port(port: int) -> None:
    settings = read(PORT=str(port))
    assert settings.base_url == f"http://localhost:{port}"
    assert settings.content_port == port + 1


@given(name=st.sampled_from(["PORT", "CONTENT_PORT", "LEERLABO_WEB_THREADS", "LEERLABO_PROXIES"]), value=st.text())
def test_a_number_is_read_or_refused_and_never_fails_in_another_way(name: str, value: str) -> None:
    try:
        outcome = str(Settings.from_environ({name: value}).port)
    except ConfigError as refused:
        outcome = str(refused)
    assert outcome.isdecimal() or outcome.startswith(name)
