"""Versions are numbered and never change; offers open, close and open again."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from courses.catalogue import queries
from courses.catalogue.formats import Outline
from courses.catalogue.models import CourseVersion
from courses.catalogue.services import offer_course, prepare_version, publish_version, set_offers, withdraw_offer
from lms.kernel import clock
from lms.kernel.storage import Storage
from sectors.areas import all_areas
from tests.factories.courses import make_course, make_outline, make_person


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(f"file://{tmp_path}")


def publish(db: Session, storage: Storage, outline: Outline, media: dict[str, bytes] | None = None) -> CourseVersion:
    return publish_version(db, prepare_version(outline, media or {}, storage=storage), published_by=None)


def test_the_first_version_makes_the_course_with_what_lists_need(db: Session, storage: Storage) -> None:
    author = make_person(db)
    prepared = prepare_version(make_outline(), {}, storage=storage)
    version = publish_version(db, prepared, published_by=author.id, reason="De film volgt.")
    course = queries.get_course(db, "rustig-helpen")
    assert (version.number, version.reason, version.published_by) == (1, "De film volgt.", author.id)
    assert (course.title, course.topic, course.version_id) == ("Rustig helpen", "digitaal", version.id)
    assert queries.get_current_outline(db, course.id) == make_outline()


def test_equal_content_is_the_version_that_stands_already(db: Session, storage: Storage) -> None:
    first = publish(db, storage, make_outline(), {"media/a.svg": b"<svg/>"})
    again = publish(db, storage, make_outline(), {"media/a.svg": b"<svg/>"})
    assert again.id == first.id
    assert queries.count_versions(db, first.course_id) == 1


@pytest.mark.parametrize(
    ("outline", "media"),
    [
        (make_outline(title="Heel rustig helpen"), {"media/a.svg": b"<svg/>"}),
        (make_outline(), {"media/a.svg": b"<svg>new</svg>"}),
        (make_outline(), {"media/b.svg": b"<svg/>"}),
    ],
)
def test_other_content_is_a_new_version_and_leaves_the_old_one(
    db: Session, storage: Storage, outline: Outline, media: dict[str, bytes]
) -> None:
    first = publish(db, storage, make_outline(), {"media/a.svg": b"<svg/>"})
    before = first.outline
    second = publish(db, storage, outline, media)
    assert second.number == 2
    assert first.outline == before
    assert queries.get_course(db, "rustig-helpen").version_id == second.id
    assert storage.get(queries.media_key("rustig-helpen", first.sha256, "media/a.svg")) == b"<svg/>"
    for path, data in media.items():
        assert storage.get(queries.media_key("rustig-helpen", second.sha256, path)) == data


def test_going_back_to_earlier_content_is_a_new_version(db: Session, storage: Storage) -> None:
    numbers = [publish(db, storage, make_outline(title=title)).number for title in ("Een", "Twee", "Een")]
    assert numbers == [1, 2, 3]
    assert queries.get_course(db, "rustig-helpen").title == "Een"


def test_a_withdrawn_offer_is_found_no_more_that_same_day_and_may_open_again(db: Session, tmp_path: Path) -> None:
    course = make_course(db, tmp_path)
    assert queries.list_offered_areas(db, course.id) == ["gezinszorg"]
    withdraw_offer(db, course, "gezinszorg")
    assert queries.list_offered_areas(db, course.id) == []
    offer_course(db, course, "gezinszorg")
    assert queries.list_offered_areas(db, course.id) == ["gezinszorg"]


def test_an_offer_starts_on_its_day(db: Session, tmp_path: Path) -> None:
    course = make_course(db, tmp_path, make_outline(areas=()))
    offer_course(db, course, "ziekenhuizen", opened_on=date(2026, 3, 3))
    with clock.moved_to(datetime(2026, 3, 2, 12, tzinfo=UTC)):
        assert queries.list_offered_areas(db, course.id) == []
    with clock.moved_to(datetime(2026, 3, 3, 12, tzinfo=UTC)):
        assert queries.list_offered_areas(db, course.id) == ["ziekenhuizen"]


def test_an_open_offer_keeps_its_first_day(db: Session, tmp_path: Path) -> None:
    with clock.moved_to(datetime(2026, 3, 2, 9, tzinfo=UTC)):
        course = make_course(db, tmp_path)
    with clock.moved_to(datetime(2026, 4, 2, 9, tzinfo=UTC)):
        assert offer_course(db, course, "gezinszorg").opened_on == date(2026, 3, 2)


def test_all_means_every_area(db: Session, tmp_path: Path) -> None:
    course = make_course(db, tmp_path, make_outline(areas=("all",)))
    assert queries.list_offered_areas(db, course.id) == sorted(all_areas())


def test_offers_outside_ones_areas_stay_as_they_are(db: Session, tmp_path: Path) -> None:
    course = make_course(db, tmp_path, make_outline(areas=("gezinszorg", "onderwijs")))
    set_offers(db, course, ("maatwerk",), within={"gezinszorg", "maatwerk"})
    assert queries.list_offered_areas(db, course.id) == ["maatwerk", "onderwijs"]
