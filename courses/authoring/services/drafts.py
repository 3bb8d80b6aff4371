"""Checking an upload, and publishing it where its author may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import msgspec
import yaml
from sqlalchemy.orm import Session

from courses.authoring.formats import CourseReading, read_course, read_zip
from courses.authoring.models import CourseDraft
from courses.authoring.queries import MANIFEST, Checks, StepSource, areas_to_offer, draft_key, get_checks, may_replace
from courses.catalogue.formats import Outline, outline_from_json, outline_to_json
from courses.catalogue.models import Course, CourseVersion
from courses.catalogue.queries import find_course, find_offer, get_course
from courses.catalogue.services import PreparedVersion, offer_course, prepare_version, publish_version
from lms.kernel import clock
from lms.kernel.errors import Refused
from lms.kernel.i18n import gettext as _
from lms.kernel.identity import Identity
from lms.kernel.storage import Storage
from sectors.areas import all_areas

SHORTEST_REASON = 10


def check_upload(*, data: bytes, file_name: str, author_id: int, storage: Storage) -> CourseDraft:
    """Read and check a zip, and store its files, for a draft to be saved. Outside any transaction: all of it takes a
    while. Raises `Refused` for what is not a zip with a course in it.
    """
    files = read_zip(data)
    reading = read_course(files, known_areas=all_areas())
    sources = list_step_sources(files)
    uuid = uuid4()
    for path in reading.media:
        storage.put(draft_key(uuid, path), files[path])
    return CourseDraft(
        uuid=uuid,
        author_id=author_id,
        slug=_words(files).get("id", "")[:60],
        title=(_words(files).get("title") or file_name)[:200],
        file_name=file_name[-200:],
        outline=outline_to_json(reading.outline) if reading.outline else b"",
        checks=_checks(reading, sources),
        created_at=clock.now(),
    )


def save_upload(db: Session, draft: CourseDraft) -> None:
    """Keep what was checked."""
    db.add(draft)
    db.flush()


def check_publishable(db: Session, draft: CourseDraft, identity: Identity, *, reason: str) -> None:
    """Raise `Refused` when something must be mended first, when what needs a typed reason stands without one, when the
    course is somebody else's, or when none of its areas is hers.
    """
    if not draft.outline:
        raise Refused(_("Er zijn nog fouten. Verbeter ze en laad het zip-bestand opnieuw op."))
    outline = outline_from_json(draft.outline)
    _check_reason(get_checks(draft), reason)
    _check_author(db, identity, outline)
    if not areas_to_offer(identity, outline):
        raise Refused(_("Je mag in geen van deze afdelingen aanbieden. Vraag het je sectorconsulent."))


def prepare_draft(draft: CourseDraft, *, storage: Storage) -> PreparedVersion:
    """Store the files of a draft that is publishable for the version it becomes, outside any transaction."""
    media = {path: storage.get(draft_key(draft.uuid, path)) for path in get_checks(draft).media}
    return prepare_version(outline_from_json(draft.outline), media, storage=storage)


def publish_draft(
    db: Session, draft: CourseDraft, prepared: PreparedVersion, identity: Identity, *, reason: str
) -> CourseVersion:
    """Publish a draft that was prepared, and offer it in those of its areas that are the author's too.

    Raises `Refused` as `check_publishable` does: something may have changed since.
    """
    check_publishable(db, draft, identity, reason=reason)
    version = publish_version(db, prepared, published_by=identity.person_id, reason=reason.strip())
    _offer_where_new(db, get_course(db, prepared.outline.id), areas_to_offer(identity, prepared.outline))
    draft.published_at, draft.version_id = clock.now(), version.id
    db.flush()
    return version


def list_step_sources(files: Mapping[str, bytes]) -> list[StepSource]:
    """Which file each step comes from, as far as `course.yml` can be read: findings are shown by step."""
    steps = _pairs(_manifest(files)).get("steps")
    rows = steps.value if isinstance(steps, yaml.SequenceNode) else []
    return [_source(row) for row in rows]


def _source(row: yaml.Node) -> StepSource:
    words = _texts(row)
    return StepSource(
        id=words.get("id", ""),
        kind=words.get("kind", ""),
        title=words.get("title", ""),
        file=words.get("file", ""),
        first_line=row.start_mark.line + 1,
        last_line=row.end_mark.line,
    )


def _words(files: Mapping[str, bytes]) -> dict[str, str]:
    return _texts(_manifest(files))


def _manifest(files: Mapping[str, bytes]) -> yaml.Node | None:
    """The manifest as YAML has it, or None where it cannot be read: its own findings say why."""
    try:
        return yaml.compose(files.get(MANIFEST, b""), Loader=yaml.BaseLoader)
    except (yaml.YAMLError, ValueError):
        return None


def _pairs(node: yaml.Node | None) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {key.value: value for key, value in node.value if isinstance(key, yaml.ScalarNode)}


def _texts(node: yaml.Node | None) -> dict[str, str]:
    return {key: value.value for key, value in _pairs(node).items() if isinstance(value, yaml.ScalarNode)}


def _checks(reading: CourseReading, sources: list[StepSource]) -> dict[str, Any]:
    checks = Checks(
        findings=list(reading.findings),
        readability=list(reading.readability),
        media=list(reading.media),
        sources=sources,
    )
    built: dict[str, Any] = msgspec.to_builtins(checks)
    return built


def _check_reason(checks: Checks, reason: str) -> None:
    if checks.to_excuse and len(reason.strip()) < SHORTEST_REASON:
        sentence = _("Er zijn nog punten. Verbeter ze, of schrijf waarom je toch publiceert.")
        raise Refused(sentence, {"reason": sentence})


def _check_author(db: Session, identity: Identity, outline: Outline) -> None:
    course = find_course(db, outline.id)
    if course is not None and not may_replace(db, identity, course):
        raise Refused(_("De opleiding “%(id)s” is van iemand anders. Kies een andere id.", id=outline.id))


def _offer_where_new(db: Session, course: Course, areas: Sequence[str]) -> None:
    """Offer the course in areas that never had it; what an area opened or withdrew by hand since stays so."""
    for area in areas:
        if find_offer(db, course.id, area) is None:
            offer_course(db, course, area)
