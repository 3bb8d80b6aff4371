"""A consultant edits her own area's words, news and offer, and nobody else's."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from courses.catalogue.models import Offer
from lms.kernel import clock
from lms.kernel.db import Database
from sectors.site.models import AreaPage, NewsItem
from tests.web.site.conftest import House, form_of
from tests.web.visitor import Visitor

DESK = "/desk/areas/gezinszorg"
WORDS = {
    "welcome": "Leren in de zorg <thuis>",
    "text": "Kort & goed.",
    "contact_name": "Sofie Claes",
    "contact_phone": "0470 12 34 56",
    "contact_when": "elke werkdag",
}


def test_what_she_writes_stands_on_the_page(house: House, visitor: Visitor) -> None:
    page = house.sofie.submit(house.sofie.page(DESK).form(holding="welcome"), WORDS)
    assert "Bewaard" in page.text
    shown = visitor.page("/gezinszorg/")
    assert shown.h1 == WORDS["welcome"]
    for words in ("Kort & goed.", "Sofie Claes", "elke werkdag"):
        assert words in shown.text
    assert house.sofie.page(DESK).form(holding="welcome").values["text"] == ["Kort & goed."]
    assert visitor.page("/onderwijs/").h1 == "Leren in Onderwijs"
    assert "Sofie Claes" in house.emma.page("/help").text


def test_without_a_welcome_nothing_is_saved_and_nothing_typed_is_lost(house: House, database: Database) -> None:
    form = house.sofie.page(DESK).form(holding="welcome")
    page = house.sofie.submit(form, WORDS | {"welcome": "  "}, status=422)
    assert "Vul een welkom in." in page.text
    assert page.form(holding="welcome").values["contact_name"] == ["Sofie Claes"]
    with database.read() as db:
        assert db.scalars(sa.select(AreaPage)).all() == []


@pytest.mark.parametrize(("field", "length"), [("welcome", 81), ("contact_name", 121), ("contact_phone", 31)])
def test_words_that_are_too_long_to_keep_are_refused_with_a_sentence(house: House, field: str, length: int) -> None:
    form = house.sofie.page(DESK).form(holding="welcome")
    page = house.sofie.submit(form, WORDS | {field: "x" * length}, status=422)
    assert page.form(holding="welcome").values[field] == ["x" * length]


def test_news_is_placed_and_taken_off_again(house: House, visitor: Visitor, database: Database) -> None:
    form = house.sofie.page(DESK).form("/news")
    assert "Vul de tekst in." in house.sofie.submit(form, title="Nieuw", status=422).text
    page = house.sofie.submit(form, title="Nieuw & fris", text="Kom maar.")
    assert "Nieuw & fris" in visitor.page("/gezinszorg/").text
    assert "Nieuw & fris" not in visitor.page("/onderwijs/").text
    house.sofie.submit(form_of(page, "/archive"))
    assert "Nieuw & fris" not in visitor.page("/gezinszorg/").text
    with database.read() as db:
        assert db.scalars(sa.select(NewsItem.archived_at)).one() is not None


def test_a_course_enters_and_leaves_the_offer(house: House, visitor: Visitor) -> None:
    here = "/gezinszorg/courses/rustig-leren"
    page = house.sofie.submit(form_of(house.sofie.page(DESK), "/offers/rustig-leren"))
    assert "De opleiding staat in het aanbod." in page.text
    assert visitor.page(here).status == 200
    house.sofie.submit(form_of(house.sofie.page(DESK), "/offers/rustig-leren"))
    visitor.page(here, status=404)
    assert visitor.page("/onderwijs/courses/rustig-leren").status == 200


def test_her_desk_shows_her_area_only(house: House, visitor: Visitor) -> None:
    links = house.sofie.page("/desk/areas").links().values()
    assert DESK in links
    assert not any("onderwijs" in link for link in links)
    house.sofie.page("/desk/areas/onderwijs", status=403)
    house.sofie.page("/desk/areas/nergens", status=404)
    house.emma.page(DESK, status=403)
    assert visitor.get(DESK).status_code == 303


@pytest.mark.parametrize("act", ["", "/news", "/offers/rustig-leren", "/news/{news}/archive"])
def test_another_area_is_not_hers_to_change(house: House, database: Database, act: str) -> None:
    house.sofie.submit(house.sofie.page(DESK).form("/news"), title="Van hier", text="Kom maar.")
    with database.read() as db:
        news, before = (
            db.scalars(sa.select(NewsItem.id)).one(),
            db.execute(sa.select(Offer.area, Offer.closed_on)).all(),
        )
    token = form_of(house.sofie.page(DESK), "/news").values["csrf_token"][0]
    path = f"/desk/areas/onderwijs{act.format(news=news)}"
    fields = {"csrf_token": token, "title": "Van elders", "text": "x", "offered": "no"} | WORDS
    assert house.sofie.post(path, data=fields).status_code == 403
    assert house.emma.post(path, data=fields).status_code in (400, 403)
    with database.read() as db:
        assert db.scalars(sa.select(NewsItem.title)).all() == ["Van hier"]
        assert db.execute(sa.select(Offer.area, Offer.closed_on)).all() == before
        assert db.scalars(sa.select(AreaPage.area)).all() == []


def test_news_of_one_area_is_not_archived_through_another(house: House, database: Database, visitor: Visitor) -> None:
    with database.write() as db:
        item = NewsItem(area="onderwijs", title="Daar", text="x", published_at=clock.now())
        db.add(item)
        db.flush()
    form = form_of(house.sofie.page(DESK), "/news")
    answer = house.sofie.post(f"{DESK}/news/{item.id}/archive", data=form.values)
    assert answer.status_code == 404
    assert "Daar" in visitor.page("/onderwijs/").text
