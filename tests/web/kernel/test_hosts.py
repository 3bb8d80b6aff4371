"""One platform on many hosts: an area's host adds its slug and takes it off again; other hosts are refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask, url_for

from lms.kernel.web.hosts import own_host
from sectors.areas import all_areas
from tests.services.platform import HOST
from tests.web.visitor import Visitor

# Nothing here depends on the make of database.
pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)

AREA = "gezinszorg"
AREA_HOST = f"http://{AREA}.{HOST}"


@pytest.mark.parametrize("slug", [AREA, "onderwijs", "gehandicaptenzorg-jeugdhulp"])
def test_an_areas_host_shows_the_area(visitor: Visitor, slug: str) -> None:
    page = visitor.page("/", base_url=f"http://{slug}.{HOST}")
    assert page.title.startswith(all_areas()[slug].name)
    assert page.h1 == visitor.page(f"/{slug}/").h1


def test_a_host_is_the_same_in_capitals(visitor: Visitor) -> None:
    assert visitor.page("/", base_url=f"http://Gezinszorg.{HOST.upper()}").title.startswith("Gezinszorg")


def test_its_pages_have_no_slug_there_and_links_stay_on_the_host(visitor: Visitor) -> None:
    page = visitor.page("/courses", base_url=AREA_HOST)
    assert page.h1 == "Aanbod van Gezinszorg"
    links = set(visitor.page("/", base_url=AREA_HOST).links().values())
    assert "/courses" in links
    assert not any(link.startswith(f"/{AREA}/") for link in links)


@pytest.mark.parametrize(
    ("base_url", "host"),
    [
        ("https://leren.example.be", "gezinszorg.leren.example.be"),
        ("http://localhost:8000", "gezinszorg.localhost:8000"),
        ("http://127.0.0.1:8000", ""),
        ("http://[::1]:8000", ""),
    ],
)
def test_an_area_has_a_host_of_its_own_unless_ours_is_a_number(app: Flask, base_url: str, host: str) -> None:
    assert own_host(replace(app.extensions["settings"], base_url=base_url), AREA) == host


def test_the_full_address_works_there_too_and_another_area_keeps_its_slug(visitor: Visitor) -> None:
    assert visitor.page(f"/{AREA}/courses", base_url=AREA_HOST).h1 == "Aanbod van Gezinszorg"
    page = visitor.page("/onderwijs/", base_url=AREA_HOST)
    assert page.title.startswith("Onderwijs")
    assert "/onderwijs/courses" in page.links().values()


def test_what_belongs_to_no_area_stays_where_it_is(visitor: Visitor) -> None:
    for path in ("/sign-in", "/help", "/areas", "/check", "/health/live", "/static/css/1-tokens.css"):
        there, here = visitor.get(path, base_url=AREA_HOST, buffered=True), visitor.get(path, buffered=True)
        assert there.status_code == here.status_code == 200, path
    assert visitor.get("/courses/", follow_redirects=True).status_code == 404, "the platform itself has no courses"


def test_an_address_is_built_for_the_host_that_was_asked(app: Flask) -> None:
    with app.test_request_context("/", base_url=f"http://{HOST}"):
        assert url_for("catalogue.courses", area=AREA) == f"/{AREA}/courses"
    with app.test_request_context("/", base_url=AREA_HOST, environ_overrides={"leerlabo.area_host": AREA}):
        assert url_for("catalogue.courses", area=AREA) == "/courses"
        assert url_for("site.area_page", area=AREA) == "/"
        assert url_for("catalogue.courses", area="onderwijs") == "/onderwijs/courses"
        assert url_for("catalogue.courses", area=AREA, q="gsm & co") == "/courses?q=gsm+%26+co"
        assert url_for("accounts.sign_in") == "/sign-in"
        assert url_for("site.home") == "/home"
        assert url_for("catalogue.courses", area=AREA, _external=True) == f"http://{HOST}/{AREA}/courses"
    with app.test_request_context("/"):
        assert url_for("catalogue.courses", area=AREA, _anchor="top") == f"/{AREA}/courses#top"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        f"evil.{HOST}",
        f"www.{AREA}.{HOST}",
        f"{HOST}.evil.example",
        "localhost:9000",
        f"{AREA}.localhost",
        f"{AREA}.evil.example:8000",
        "localhost:8000:8000",
        "local host",
    ],
)
def test_a_host_that_is_not_ours_is_refused_with_a_page(visitor: Visitor, host: str) -> None:
    page = visitor.page("/", headers={"Host": host}, status=400)
    assert page.h1
    assert host not in page.response.text


def test_the_machine_itself_may_ask_by_its_number(visitor: Visitor) -> None:
    assert visitor.get("/health/ready", base_url="http://127.0.0.1:8000").status_code == 200


def test_an_unknown_area_is_not_found(visitor: Visitor) -> None:
    for path in ("/nergens/", "/nergens/courses", "/nergens/courses/word-digicoach", "/Gezinszorg/"):
        assert visitor.page(path, status=404).h1 == "Deze pagina bestaat niet"


def test_all_thirteen_areas_answer_to_anyone(visitor: Visitor) -> None:
    assert len(all_areas()) == 13
    for slug, area in all_areas().items():
        assert visitor.page(f"/{slug}/").title.startswith(area.name)
