"""A trainer uploads a zip, sees what must be mended and where, looks at it as a learner, and publishes."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from courses.authoring.formats import new_course
from courses.authoring.services import zip_files
from courses.catalogue.models import Course, CourseVersion
from courses.catalogue.queries import list_areas_by_course
from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.storage import Storage
from tests.web.courses.trainer.conftest import House
from tests.web.page import Page
from tests.web.visitor import Visitor

MakeZip = Callable[..., bytes]
LONG = "Deze zin is met opzet veel te lang gemaakt, want ze telt meer dan vijftien woorden."


def upload(visitor: Visitor, data: bytes, *, status: int = 200) -> Page:
    form = visitor.page("/desk/courses/upload").form("/desk/courses/upload")
    return visitor.submit(form, {"course": (io.BytesIO(data), "opleiding.zip")}, status=status)


def publish(visitor: Visitor, draft: Page, *, status: int = 200, **fields: str) -> Page:
    return visitor.submit(draft.form("/publication"), fields, status=status)


def offers(database: Database) -> dict[str, list[str]]:
    with database.read() as db:
        slugs = dict(db.execute(sa.select(Course.id, Course.slug)).all())
        return {slugs[id]: areas for id, areas in list_areas_by_course(db).items()}


def test_a_good_course_is_seen_previewed_and_published_in_her_own_area(
    house: House, course_zip: MakeZip, database: Database
) -> None:
    draft = upload(house.tom, course_zip())
    assert draft.h1 == "Opbouw: Mijn opleiding"
    assert "2. Toets: wat kan jij al?" in draft.links()
    assert "Nog 1 punt" not in draft.text
    assert "Komt in het aanbod van: Gezinszorg." in draft.text
    assert "Nog 12 andere afdelingen" in draft.text
    course = publish(house.tom, draft)
    assert course.h1 == "Mijn opleiding"
    assert "versie 1 van" in course.text
    assert offers(database)["mijn-opleiding"] == ["gezinszorg"]


def test_every_screen_can_be_seen_as_a_learner_sees_it(house: House, course_zip: MakeZip) -> None:
    draft = upload(house.tom, course_zip())
    page = house.tom.page(draft.links()["Bekijk als deelnemer"])
    seen = [page.h1]
    while "Volgende" in page.links():
        page = house.tom.page(page.links()["Volgende"])
        seen.append(page.h1)
    assert seen[:3] == ["Waarover gaat het?", "Wat denk jij?", "Toets: wat kan jij al?"]
    assert len(seen) >= 6
    assert "Naar de opbouw" in page.links()


def test_a_draft_gives_only_the_files_of_its_course_and_lets_them_run_nothing(
    house: House, course_zip: MakeZip, settings: Settings
) -> None:
    draft = upload(house.tom, course_zip()).url
    Storage(settings.storage_url).put(f"drafts/{draft.rsplit('/', 1)[1]}/media/beside.svg", b"<svg/>")
    picture = house.tom.get(f"{draft}/media/media/route.svg")
    assert picture.content_type == "image/svg+xml"
    assert "sandbox" in picture.headers["Content-Security-Policy"]
    assert picture.headers["X-Content-Type-Options"] == "nosniff"
    for path in ("course.yml", "media/../course.yml", "modules/welkom.md", "media/none.svg", "media/beside.svg"):
        assert house.tom.get(f"{draft}/media/{path}").status_code == 404


@pytest.mark.parametrize("rest", ["", "/preview/1", "/media/media/route.svg"])
def test_a_draft_is_its_authors(house: House, course_zip: MakeZip, visitor: Visitor, rest: str) -> None:
    address = upload(house.tom, course_zip()).url + rest
    assert house.tom.get(address).status_code == 200
    assert house.sofie.get(address).status_code == 200
    assert house.ria.get(address).status_code == 404
    assert house.learner.get(address).status_code == 403
    assert visitor.get(address).status_code == 303


def test_somebody_elses_draft_is_not_hers_to_publish(house: House, course_zip: MakeZip, database: Database) -> None:
    draft = upload(house.tom, course_zip())
    form = house.ria.page("/desk/courses/upload").form("/desk/courses/upload")
    answer = house.ria.post(f"{draft.url}/publication", data={"csrf_token": form.values["csrf_token"]})
    assert answer.status_code == 404
    assert "mijn-opleiding" not in offers(database)


# ---- what must be mended ---------------------------------------------------------------------------------------------


def test_an_error_is_shown_at_its_step_with_file_and_line_and_blocks(house: House, course_zip: MakeZip) -> None:
    draft = upload(house.tom, course_zip(samen=("mode: classroom", "mode: ergens")))
    assert "Nog 1 punt" in draft.text
    assert "Laad de verbeterde versie op" in draft.links()
    assert not any(form.action.endswith("/publication") for form in draft.forms())
    step = house.tom.page(f"{draft.url}?step=samen")
    assert "sessions/samen.md, regel 3" in step.text


def test_a_long_sentence_needs_a_typed_reason_which_stays_with_the_version(
    house: House, course_zip: MakeZip, database: Database
) -> None:
    draft = upload(house.tom, course_zip(welkom=("Schrijf hier één idee.", LONG)))
    assert "1 zin is te lang" in draft.text
    refused = publish(house.tom, draft, status=422, reason="nee")
    assert "schrijf waarom je toch publiceert" in refused.text
    assert refused.form("/publication").values["reason"] == ["nee"]
    course = publish(house.tom, refused, reason="Dit is een citaat uit de wet.")
    assert "Dit is een citaat uit de wet." in course.text
    with database.read() as db:
        reasons = db.scalars(sa.select(CourseVersion.reason)).all()
    assert "Dit is een citaat uit de wet." in reasons


def test_a_mere_warning_asks_for_no_reason(house: House) -> None:
    files = new_course("mijn-opleiding", "Mijn opleiding")
    draft = upload(house.tom, zip_files({**files, "media/los.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>"}))
    assert "Niets in de opleiding gebruikt dit bestand." in draft.text
    assert "Waarom publiceer je toch?" not in draft.text
    assert publish(house.tom, draft).h1 == "Mijn opleiding"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "Dit zip-bestand is niet te lezen."),
        (b"PK\x03\x04 not really", "Dit zip-bestand is niet te lezen."),
    ],
)
def test_what_is_no_zip_is_refused_and_nothing_is_kept(house: House, data: bytes, says: str) -> None:
    page = upload(house.tom, data, status=422)
    assert says in page.text
    assert "Nog niet gepubliceerd" not in house.tom.page("/desk/courses").text


def test_choosing_no_file_says_what_to_do(house: House) -> None:
    form = house.tom.page("/desk/courses/upload").form("/desk/courses/upload")
    assert "Kies het zip-bestand" in house.tom.submit(form, status=422).text


def test_a_manifest_that_cannot_be_read_still_gives_a_page(house: House) -> None:
    files = new_course("mijn-opleiding", "Mijn opleiding") | {"course.yml": b"steps: [\xff"}
    draft = upload(house.tom, zip_files(files))
    assert "course.yml, regel 1" in draft.text


# ---- whose it is -----------------------------------------------------------------------------------------------------


def test_a_course_for_another_area_cannot_be_published_by_her(
    house: House, course_zip: MakeZip, database: Database
) -> None:
    draft = upload(house.tom, course_zip(course=("areas: all", "areas: [onderwijs]")))
    assert "Jij mag deze opleiding niet publiceren." in draft.text
    refused = publish(house.tom, draft, status=422)
    assert "in geen van deze afdelingen" in refused.text
    assert "mijn-opleiding" not in offers(database)


def test_another_areas_course_cannot_be_replaced(house: House, course_zip: MakeZip, database: Database) -> None:
    draft = upload(house.tom, course_zip("rustig-leren"))
    refused = publish(house.tom, draft, status=422)
    assert "is van iemand anders" in refused.text
    with database.read() as db:
        assert db.scalar(sa.select(Course.title).where(Course.slug == "rustig-leren")) == "Rustig leren"


def test_another_areas_course_cannot_be_replaced_once_it_is_withdrawn(house: House, course_zip: MakeZip) -> None:
    course = house.ria.page("/desk/courses/rustig-leren")
    house.ria.submit(course.form("/offers"), {"area": []})
    refused = publish(house.tom, upload(house.tom, course_zip("rustig-leren")), status=422)
    assert "is van iemand anders" in refused.text


def test_a_consultant_without_limits_offers_everywhere(house: House, course_zip: MakeZip, database: Database) -> None:
    publish(house.sofie, upload(house.sofie, course_zip()))
    assert len(offers(database)["mijn-opleiding"]) == 13


def test_the_next_version_leaves_what_was_withdrawn_by_hand(
    house: House, course_zip: MakeZip, database: Database
) -> None:
    course = publish(house.tom, upload(house.tom, course_zip()))
    house.tom.submit(course.form("/offers"), {"area": []})
    assert "mijn-opleiding" not in offers(database)
    again = publish(house.tom, upload(house.tom, course_zip(welkom=("één idee", "één nieuw idee"))))
    assert "versie 2 van" in again.text
    assert "mijn-opleiding" not in offers(database)


# ---- her courses -----------------------------------------------------------------------------------------------------


def test_the_desk_shows_her_areas_courses_and_her_drafts(house: House, course_zip: MakeZip) -> None:
    upload(house.tom, course_zip())
    desk = house.tom.page("/desk/courses")
    assert "Rustig helpen" in desk.links()
    assert "Mijn opleiding" in desk.links()
    assert "Rustig leren" not in desk.text
    assert "Rustig leren" in house.sofie.page("/desk/courses").text


def test_only_her_last_upload_of_a_course_waits_on_her_desk(house: House, course_zip: MakeZip) -> None:
    upload(house.tom, course_zip(samen=("mode: classroom", "mode: ergens")))
    last = upload(house.tom, course_zip())
    desk = house.tom.page("/desk/courses")
    assert [url for url in desk.links().values() if "/drafts/" in url] == [last.url]
    publish(house.tom, last)
    assert "Nog niet gepubliceerd" not in house.tom.page("/desk/courses").text


def test_a_step_without_its_file_is_shown_as_that_step(house: House) -> None:
    files = new_course("mijn-opleiding", "Mijn opleiding")
    del files["modules/terugblik.md"]
    draft = upload(house.tom, zip_files(files))
    step = house.tom.page(f"{draft.url}?step=terugblik")
    assert "course.yml, regel" in step.text
    assert "De opleiding zelf" not in step.text


def test_an_offer_is_changed_in_her_areas_and_in_no_other(house: House, database: Database) -> None:
    course = house.tom.page("/desk/courses/rustig-helpen")
    assert course.form("/offers").values["area"] == ["gezinszorg"]
    house.tom.submit(course.form("/offers"), {"area": ["onderwijs"]})
    assert "rustig-helpen" not in offers(database)


def test_another_areas_course_is_not_on_her_desk(house: House) -> None:
    house.tom.page("/desk/courses/rustig-leren", status=404)
    house.ria.page("/desk/courses/rustig-helpen", status=404)


@pytest.mark.parametrize("path", ["/desk/courses", "/desk/courses/upload", "/desk/courses/rustig-helpen"])
def test_the_desk_is_for_who_publishes(house: House, visitor: Visitor, path: str) -> None:
    assert house.learner.get(path).status_code == 403
    assert visitor.get(path).status_code == 303
