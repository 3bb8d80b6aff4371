"""Publishing a course, and offering it in areas. A version never changes: what somebody learnt from stays as it was."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.catalogue import queries
from courses.catalogue.events import VersionPublished
from courses.catalogue.formats import Outline, outline_to_json
from courses.catalogue.models import Course, CourseVersion, Offer
from lms.kernel import clock
from lms.kernel.events import emit
from lms.kernel.storage import Storage
from sectors.areas import all_areas


@dataclass(frozen=True, slots=True)
class PreparedVersion:
    """What is ready to be published: the outline, and the SHA-256 under which its files are stored."""

    outline: Outline
    sha256: str


def prepare_version(outline: Outline, media: Mapping[str, bytes], *, storage: Storage) -> PreparedVersion:
    """Store the files of a version to be. Outside any transaction: a store may be slow, and writers would wait.

    `media`: bytes by path within the course (`media/kijk.webm`). Files lie under the hash of all that the version
    holds: one that is never published does no harm, and preparing it again writes the same.
    """
    sha256 = _fingerprint(outline_to_json(outline), media)
    for path, data in media.items():
        storage.put(queries.media_key(outline.id, sha256, path), data)
    return PreparedVersion(outline, sha256)


def publish_version(
    db: Session, prepared: PreparedVersion, *, published_by: int | None, reason: str = ""
) -> CourseVersion:
    """Publish this, under the next number. Equal content is the version that stands already.

    `published_by`: the id of a person, or None from the command line. `reason`: why it goes out with warnings.
    """
    outline = prepared.outline
    course = _create_or_lock(db, outline, author_id=published_by)
    current = queries.find_current_version(db, course.id)
    if current is not None and current.sha256 == prepared.sha256:
        return current
    version = CourseVersion(
        course_id=course.id,
        number=queries.count_versions(db, course.id) + 1,
        outline=outline_to_json(outline),
        sha256=prepared.sha256,
        published_at=clock.now(),
        published_by=published_by,
        reason=reason,
    )
    db.add(version)
    db.flush()
    _describe(course, outline, version)
    db.flush()
    emit(db, VersionPublished(course.id, version.number, version.published_at))
    return version


def offer_course(db: Session, course: Course, area: str, *, opened_on: date | None = None) -> Offer:
    """Let the course be found in this area, from `opened_on` (today) on. An offer that was withdrawn opens again."""
    offer = queries.find_offer(db, course.id, area)
    if offer is None:
        offer = Offer(course_id=course.id, area=area, opened_on=opened_on or clock.today())
        db.add(offer)
    elif offer.closed_on is not None:
        offer.opened_on, offer.closed_on = opened_on or clock.today(), None
    db.flush()
    return offer


def withdraw_offer(db: Session, course: Course, area: str) -> None:
    """From today on the course is not found in this area. Who is enrolled goes on. No harm when it was not offered."""
    offer = queries.find_offer(db, course.id, area)
    if offer is not None and offer.closed_on is None:
        offer.closed_on = clock.today() - timedelta(days=1)
        db.flush()


def set_offers(db: Session, course: Course, areas: Collection[str], *, within: Collection[str] | None = None) -> None:
    """Offer the course in exactly these areas; "all" means every area. Areas outside `within` stay as they are."""
    named = queries.named_areas(areas)
    for area in all_areas():
        if within is not None and area not in within:
            continue
        if area in named:
            offer_course(db, course, area)
        else:
            withdraw_offer(db, course, area)


def _create_or_lock(db: Session, outline: Outline, *, author_id: int | None) -> Course:
    """The course's row, held until the commit: two people publishing at once get two numbers."""
    course = db.scalar(sa.select(Course).where(Course.slug == outline.id).with_for_update())
    if course is None:
        course = Course(
            slug=outline.id,
            title=outline.title,
            summary=outline.summary,
            marks=[],
            author_id=author_id,
            created_at=clock.now(),
        )
        db.add(course)
        db.flush()
    return course


def _describe(course: Course, outline: Outline, version: CourseVersion) -> None:
    course.title, course.summary, course.topic = outline.title, outline.summary, outline.topic
    course.is_intersectoral, course.marks = outline.intersectoral, list(outline.marks)
    course.version_id, course.archived_at = version.id, None


def _fingerprint(body: bytes, media: Mapping[str, bytes]) -> str:
    """SHA-256 of everything a learner could see: the outline, and each file with its path."""
    whole = hashlib.sha256(body)
    for path in sorted(media):
        whole.update(f"\n{path} {hashlib.sha256(media[path]).hexdigest()}".encode())
    return whole.hexdigest()
