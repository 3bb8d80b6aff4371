"""Deep Linking 2.0: a teacher picks in her own LMS, her platform takes our answer, and the links launch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask

from courses.catalogue.models import Course, Offer
from lms.kernel import clock
from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.lti.models import PlatformRegistration, ResourceLink
from tests.factories.courses import make_course, make_outline
from tests.services.lti_platform import Client, LtiPlatform, User
from tests.services.lti_platform.browsing import Launcher
from tests.services.lti_platform.choosing import DATA, DL, SETTINGS, TEACHER, asking, chosen_of, take
from tests.services.lti_platform.launching import CLAIM
from tests.services.platform import HOST
from tests.web.page import Page
from tests.web.visitor import Visitor, visitor_of

TOOL = f"http://{HOST}"
WORDS = "rustig-helpen"


class Teacher:
    """Somebody who teaches in the platform, and opens us to choose."""

    def __init__(self, launcher: Launcher, platform: LtiPlatform, client: Client) -> None:
        self.launcher, self.platform, self.client = launcher, platform, client
        self.browser: Visitor = launcher.browser  # type: ignore[assignment]
        platform.users["lore"] = User("lore", "Lore", roles=(TEACHER,))

    def open(self, **asked: Any) -> Page:
        """The list of what she may place."""
        place = asking(self.platform, TOOL, **asked)
        answer = self.launcher.launch(self.client, place, self.platform.users["lore"])
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return self.browser.page(answer.headers["Location"])

    def pick(self, page: Page, *contents: str, status: int = 200) -> Page:
        return self.browser.submit(page.form("/items"), content=list(contents), status=status)

    def search(self, page: Page, words: str, *contents: str, button: str = "search") -> Page:
        """Press *Zoek*, or *Toon alles*: with these chosen besides what is ticked on the page."""
        form = page.form("/items")
        ticked = [*form.values.get("content", []), *contents]
        fields = {"search": words, "content": ticked} | ({button: "yes"} if button != "search" else {})
        return self.browser.submit(replace(form, action=form.action.removesuffix("/items")), fields)

    def place(self, page: Page, status: int = 200, **typed: Any) -> Page:
        """Fill in the fields of the first item on the page (`title__0`), the second one, and send."""
        form = page.form("/answer")
        contents = form.values["content"]
        named = {}
        for name, value in typed.items():
            field, _between, number = name.partition("__")
            named[f"{field}-{contents[int(number)]}"] = value
        return self.browser.submit(form, named, status=status)

    def send(self, page: Page) -> dict[str, Any]:
        """What her platform then gets, checked as it checks."""
        [form] = [form for form in page.forms() if "JWT" in form.values]
        settings = self.platform.links["choose"].more[SETTINGS]
        assert form.action == settings["deep_link_return_url"]
        take(self.platform, form.values["JWT"][0])
        return chosen_of(self.platform).answers[-1]


@pytest.fixture
def teacher(app: Flask, launcher: Launcher, platform: LtiPlatform, tool: Client) -> Teacher:
    chosen_of(platform).find_keys = lambda _uri: visitor_of(app).get("/lti/jwks").json or {}
    return Teacher(launcher, platform, tool)


def test_a_course_is_placed_and_its_link_launches(teacher: Teacher, platform: LtiPlatform, database: Database) -> None:
    page = teacher.open()
    assert page.h1 == "Kies wat je plaatst"
    assert "Rustig helpen" in page.text
    page = teacher.place(teacher.pick(page, WORDS))
    said = teacher.send(page)
    with database.read() as db:
        registration = db.query(PlatformRegistration).one()
    assert (said["iss"], said["aud"]) == (registration.client_id, platform.issuer)
    assert said[f"{CLAIM}deployment_id"] == "1"
    assert said[f"{DL}data"] == DATA
    assert said["exp"] - said["iat"] <= 600
    [item] = said[f"{DL}content_items"]
    assert item["type"] == "ltiResourceLink"
    assert item["title"] == "Rustig helpen"
    assert item["url"] == f"{TOOL}/gezinszorg/courses/{WORDS}"
    assert item["custom"] == {"content": WORDS}
    assert item["lineItem"] == {"scoreMaximum": 100.0, "label": "Rustig helpen", "resourceId": WORDS, "tag": "leerlabo"}
    assert not {"available", "submission", "window"} & item.keys()
    [name] = [name for name in platform.links if name.startswith("placed-")]
    answer = teacher.launcher.launch(teacher.client, platform.links[name], platform.users["ilse"])
    assert Page(teacher.browser.get(answer.headers["Location"], follow_redirects=True)).h1 == "Rustig helpen"
    with database.read() as db:
        assert [link.content for link in db.query(ResourceLink)] == [WORDS]


def test_a_link_launches_where_custom_parameters_get_lost(
    teacher: Teacher, platform: LtiPlatform, database: Database
) -> None:
    content = f"{WORDS}/welkom"
    teacher.send(teacher.place(teacher.pick(teacher.open(), content)))
    [name] = [name for name in platform.links if name.startswith("placed-")]
    platform.links[name].custom = {}
    answer = teacher.launcher.launch(teacher.client, platform.links[name], platform.users["ilse"])
    assert answer.status_code == 303
    with database.read() as db:
        assert [link.content for link in db.query(ResourceLink)] == [content]


def test_several_at_once_with_columns_and_dates(teacher: Teacher) -> None:
    page = teacher.pick(teacher.open(), WORDS, f"{WORDS}/welkom")
    assert page.h1 == "Plaats 2 onderdelen"
    page = teacher.place(
        page,
        title__0="Eerst dit",
        column__0=None,
        title__1="Dan welkom",
        available_start__1="2026-12-01",
        available_end__1="2026-12-24",
        submission_end__1="2026-07-31",
        status=200,
    )
    first, second = teacher.send(page)[f"{DL}content_items"]
    assert (first["title"], second["title"]) == ("Eerst dit", "Dan welkom")
    assert "lineItem" not in first
    assert second["lineItem"]["resourceId"] == f"{WORDS}/welkom"
    assert second["custom"] == {"content": f"{WORDS}/welkom"}
    assert second["available"] == {"startDateTime": "2026-11-30T23:00:00Z", "endDateTime": "2026-12-24T22:59:59Z"}
    assert second["submission"] == {"endDateTime": "2026-07-31T21:59:59Z"}  # summer time


@pytest.mark.parametrize("path", ["/chosen;jsessionid=1?a=1,2", "/o'brien/chosen", "/cours/été"])
def test_the_answer_goes_back_to_any_address_that_browsers_go_to(
    teacher: Teacher, platform: LtiPlatform, path: str
) -> None:
    page = teacher.open(deep_link_return_url=f"{platform.address}{path}")
    page = teacher.place(teacher.pick(page, WORDS))
    assert page.response.headers["Content-Security-Policy"].endswith(f" {platform.address}")
    assert len(teacher.send(page)[f"{DL}content_items"]) == 1


def test_she_goes_back_without_anything(teacher: Teacher) -> None:
    page = teacher.browser.submit(teacher.open().form("/cancellation"))
    said = teacher.send(page)
    assert said[f"{DL}content_items"] == []
    assert said[f"{DL}data"] == DATA


def test_the_answer_may_go_to_her_platform_and_nowhere_else(teacher: Teacher, platform: LtiPlatform) -> None:
    page = teacher.open()
    policy = page.response.headers["Content-Security-Policy"]
    assert platform.address not in policy.partition("form-action")[2]
    page = teacher.place(teacher.pick(page, WORDS))
    policy = page.response.headers["Content-Security-Policy"]
    assert policy.endswith(f" {platform.address}")
    assert f"frame-ancestors {platform.address};" in policy
    visit = urlsplit(page.url).path.removesuffix("/lti/deep-linking/answer")
    assert visit.startswith("/in/")


def test_what_a_platform_does_not_take_is_not_sent(teacher: Teacher) -> None:
    page = teacher.open(
        accept_multiple=False, accept_lineitem=False, accept_presentation_document_targets=["window"], data=None
    )
    assert 'type="radio"' in page.response.get_data(as_text=True)
    page = teacher.pick(page, WORDS, f"{WORDS}/welkom")  # past the page
    assert "puntenboek" not in page.text
    said = teacher.send(teacher.place(page, column__0="yes"))
    [item] = said[f"{DL}content_items"]
    assert "lineItem" not in item
    assert item["window"] == {"targetName": "_blank"}
    assert f"{DL}data" not in said


def test_what_real_platforms_send_is_understood(teacher: Teacher) -> None:
    """Switches as words, some left out, words of an older version, and data that is no text."""
    page = teacher.open(
        accept_types=["ltiResourceLink", "html", "file"],
        accept_presentation_document_targets=["frame", "iframe", "window"],
        accept_multiple="true",
        accept_lineitem=None,
        data={"any": ["thing"]},
    )
    page = teacher.pick(page, WORDS, f"{WORDS}/welkom")
    said = teacher.send(teacher.place(page))
    assert len(said[f"{DL}content_items"]) == 2
    assert "lineItem" in said[f"{DL}content_items"][0]
    assert said[f"{DL}data"] == {"any": ["thing"]}


def test_she_searches_in_her_areas_offer(teacher: Teacher, database: Database, settings: Settings) -> None:
    with database.write() as db:
        make_course(db, settings.data_dir, make_outline("tillen", title="Veilig tillen"))
        make_course(db, settings.data_dir, make_outline("elders", title="Ergens anders", areas=("ouderenzorg",)))
    page = teacher.open()
    assert "Veilig tillen" in page.text
    assert "Ergens anders" not in page.text
    found = teacher.search(page, "tillen")
    assert "Veilig tillen" in found.text
    assert "Rustig helpen" not in found.text
    found = teacher.search(page, "WELKOM")
    assert "1 onderdeel apart" in found.text
    assert "Niets gevonden" in teacher.search(page, "zzz").text
    assert teacher.pick(page, "elders", status=422).h1 == "Kies wat je plaatst"
    assert teacher.pick(page, status=422).h1 == "Kies wat je plaatst"
    assert "Kies eerst iets om te plaatsen." in teacher.pick(page, "../etc", status=422).text


def test_what_she_chose_stays_chosen_when_she_searches_on(
    teacher: Teacher, database: Database, settings: Settings
) -> None:
    with database.write() as db:
        make_course(db, settings.data_dir, make_outline("tillen", title="Veilig tillen"))
    page = teacher.search(teacher.open(), "rustig")
    page = teacher.search(page, "tillen", f"{WORDS}/welkom")
    assert page.form("/items").values["content"] == [f"{WORDS}/welkom"]
    assert "Al gekozen Welkom Module" in page.text
    page = teacher.search(page, "zzz", "tillen")
    assert page.form("/items").values["content"] == [f"{WORDS}/welkom", "tillen"]
    page = teacher.search(page, "zzz", button="all")
    assert page.form("/items").values["content"] == [f"{WORDS}/welkom", "tillen"]
    assert "Al gekozen" not in page.text  # each stands in its own place again, and none twice
    page = teacher.browser.submit(page.form("/items"))
    assert page.h1 == "Plaats 2 onderdelen"
    page = teacher.browser.submit(page.form("/lti/deep-linking"))  # Kies iets anders
    assert page.h1 == "Kies wat je plaatst"
    assert page.form("/items").values["content"] == [f"{WORDS}/welkom", "tillen"]


def test_what_is_no_longer_offered_is_said_and_takes_nothing_from_the_rest(
    teacher: Teacher, database: Database, settings: Settings
) -> None:
    with database.write() as db:
        make_course(db, settings.data_dir, make_outline("aarzelen", title="Aarzelen mag"))
    page = teacher.pick(teacher.open(), "aarzelen", WORDS)
    with database.write() as db:
        yesterday = clock.today() - timedelta(days=1)
        first = db.scalars(sa.select(Course.id).where(Course.slug == "aarzelen")).one()
        db.execute(sa.update(Offer).where(Offer.course_id == first).values(closed_on=yesterday))
    typed = {"title__0": "Over aarzelen", "title__1": "Over hulp", "column__0": None, "available_end__1": "2026-12-24"}
    page = teacher.place(page, status=422, **typed)
    assert "Dit staat er niet meer in. We plaatsen het niet: Over aarzelen." in page.text
    said = teacher.send(teacher.place(page))
    [item] = said[f"{DL}content_items"]
    assert (item["title"], item["custom"]) == ("Over hulp", {"content": WORDS})
    assert "lineItem" in item
    assert item["available"] == {"endDateTime": "2026-12-24T22:59:59Z"}


def test_when_nothing_she_chose_is_offered_any_more_she_chooses_again(teacher: Teacher, database: Database) -> None:
    page = teacher.pick(teacher.open(), WORDS)
    with database.write() as db:
        db.execute(sa.update(Offer).values(closed_on=clock.today() - timedelta(days=1)))
    page = teacher.place(page, status=422)
    assert page.h1 == "Kies wat je plaatst"
    assert "Dit staat er niet meer in. We plaatsen het niet: Rustig helpen." in page.text


def test_in_a_window_she_reads_how_to_place_a_link_by_hand(teacher: Teacher) -> None:
    page = teacher.open()
    assert "los venster" not in page.text
    in_window = {"Sec-Fetch-Dest": "document"}
    page = teacher.browser.page(page.url, headers=in_window)
    assert "Sommige leerplatformen, zoals Moodle, nemen niets over uit een los venster." in page.text
    form = page.form("/items")
    data = form.values | {"content": [WORDS, f"{WORDS}/welkom"]}
    answer = Page(teacher.browser.post(form.action, data=data, headers=in_window))
    assert f"content={WORDS} content={WORDS}/welkom" in answer.text
    assert "content=" not in teacher.pick(page, WORDS).text


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"title__0": ""}, "Vul een titel in."),
        ({"title__0": "x" * 201}, "Vul een titel in."),
        ({"available_start__0": "2026-13-01"}, "Kies een dag."),
        ({"submission_end__0": "morgen"}, "Kies een dag."),
        ({"available_start__0": "2026-05-02", "available_end__0": "2026-05-01"}, "Deze dag ligt voor de eerste."),
        ({"available_end__0": "9999-12-31"}, "Kies een dag."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    teacher: Teacher, typed: dict[str, str], message: str
) -> None:
    page = teacher.pick(teacher.open(), WORDS)
    back = teacher.place(page, status=422, **({"title__0": "Mijn titel", "column__0": None} | typed))
    assert message in back.text
    values = back.form("/answer").values
    assert values[f"title-{WORDS}"] == [typed.get("title__0", "Mijn titel")]
    assert f"column-{WORDS}" not in values


@pytest.mark.parametrize(
    "asked",
    [
        {"deep_link_return_url": None},
        {"deep_link_return_url": 3},
        {"deep_link_return_url": "javascript:alert(1)"},
        {"deep_link_return_url": "data:text/html,x"},
        {"deep_link_return_url": "https://me:secret@evil.example/"},
        {"deep_link_return_url": "https://evil.example/; script-src *"},
        {"deep_link_return_url": "https://evil.example:x/"},
        {"deep_link_return_url": "https://*/chosen"},
        {"deep_link_return_url": "/chosen"},
        {"deep_link_return_url": "https://evil.example/" + "x" * 2000},
        {"accept_types": None},
        {"accept_types": ["file", "html"]},
        {"accept_types": [1]},
        {"accept_types": {"ltiResourceLink": True}},
        {"accept_presentation_document_targets": None},
        {"accept_presentation_document_targets": ["embed"]},
        {"accept_multiple": 7},
        {"accept_lineitem": ["true"]},
    ],
)
def test_settings_that_cannot_be_are_refused(teacher: Teacher, platform: LtiPlatform, asked: dict[str, Any]) -> None:
    place = asking(platform, TOOL, **asked)
    answer = teacher.launcher.launch(teacher.client, place, platform.users["lore"])
    assert answer.status_code == 400
    assert "evil.example" not in answer.headers["Content-Security-Policy"]
    is_list = all(isinstance(value, list) and isinstance(value[0], str) for value in asked.values())
    is_place = asked.keys() <= {"accept_types", "accept_presentation_document_targets"}
    assert ("nothing-to-place" in answer.get_data(as_text=True)) is (is_list and is_place)


def test_a_learner_places_nothing(teacher: Teacher, platform: LtiPlatform) -> None:
    answer = teacher.launcher.launch(teacher.client, asking(platform, TOOL), platform.users["ilse"])
    assert answer.status_code == 400
    assert "Dit is voor lesgevers" in answer.get_data(as_text=True)


def test_a_visit_of_one_kind_opens_nothing_of_the_other(
    teacher: Teacher, platform: LtiPlatform, another_visitor: Callable[[], Visitor]
) -> None:
    choosing = teacher.open()
    visit = "/".join(choosing.url.split("/")[:3]) if choosing.url.startswith("/in/") else ""
    answer = teacher.launcher.launch(teacher.client, platform.links["link-1"], platform.users["lore"])
    course = answer.headers["Location"]
    looking = "/".join(course.split("/")[:3])
    for path in ("/lti/deep-linking", "/lti/visit"):
        assert teacher.browser.get(f"{looking}{path}", follow_redirects=True).status_code in (200, 403, 404)
    assert teacher.browser.get(f"{looking}/lti/deep-linking").status_code in (303, 403, 404)
    if visit:
        assert teacher.browser.get(f"{visit}/gezinszorg/courses/{WORDS}").status_code in (401, 403, 404)
        assert another_visitor().get(f"{visit}/lti/deep-linking").status_code in (303, 401, 403, 404)


def test_a_platform_that_was_switched_off_meanwhile_gets_nothing(teacher: Teacher, database: Database) -> None:
    page = teacher.pick(teacher.open(), WORDS)
    with database.write() as db:
        registration = db.query(PlatformRegistration).one()
        registration.switched_off_at = registration.created_at
    form = page.form("/answer")
    assert teacher.browser.post(form.action, data=form.values).status_code in (401, 403, 404)
