"""*Bekijk als deelnemer*: a draft, screen by screen, as a learner will see it. Nothing that is filled in is kept."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import url_for
from flask.typing import ResponseReturnValue

from courses.authoring.models import CourseDraft
from courses.authoring.queries import draft_key, get_checks, get_draft
from courses.authoring.views.blueprint import DRAFT, blueprint
from courses.catalogue.formats import Addresses, Block, Outline, Page, Step, media_type, outline_from_json
from courses.quizzes.formats import Question, choices, question_from_json, targets
from lms.kernel.errors import NotFound
from lms.kernel.identity import Permission
from lms.kernel.web import current_db, current_identity, render, requires, shown_file, storage
from lms.kernel.web.pages import static


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen of the preview: a page of a module, or a whole step of another kind."""

    number: int
    step: Step
    page: Page | None


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """A question with its addresses filled in, ready for its fields."""

    id: str
    question: Question
    prompt: str
    choices: tuple[tuple[str, str], ...]
    targets: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ShownBlock:
    """A block of a page with its addresses filled in."""

    block: Block
    html: str
    transcript: str
    question: ShownQuestion | None


@blueprint.get(f"{DRAFT}/preview/<int:number>")
@requires(Permission.PUBLISH_COURSES)
def preview(uuid: UUID, number: int) -> ResponseReturnValue:
    draft = get_draft(current_db(), current_identity(), uuid)
    if not draft.outline:
        raise NotFound(f"draft {uuid} has no outline")
    outline = outline_from_json(draft.outline)
    screens = list_screens(outline)
    if not 1 <= number <= len(screens):
        raise NotFound(f"screen {number}")
    screen = screens[number - 1]
    addresses = _addresses_of(draft)
    return render(
        "authoring/preview.html",
        draft=draft,
        outline=outline,
        screen=screen,
        total=len(screens),
        place=outline.steps.index(screen.step) + 1,
        blocks=[_block(block, addresses) for block in screen.page.blocks] if screen.page else [],
        questions=[_question(question, addresses) for question in screen.step.questions],
        about=_about(screen.step, addresses),
        media=addresses.media,
    )


@blueprint.get(f"{DRAFT}/media/<path:path>")
@requires(Permission.PUBLISH_COURSES)
def draft_media(uuid: UUID, path: str) -> ResponseReturnValue:
    draft = get_draft(current_db(), current_identity(), uuid)
    kind = media_type(path)
    if kind is None or path not in get_checks(draft).media:
        raise NotFound(path)
    return shown_file(storage().get(draft_key(draft.uuid, path)), kind)


def list_screens(outline: Outline) -> list[Screen]:
    """Every screen of the course, in order."""
    screens: list[Screen] = []
    for step in outline.steps:
        for page in step.pages or (None,):
            screens.append(Screen(len(screens) + 1, step, page))
    return screens


def _addresses_of(draft: CourseDraft) -> Addresses:
    media = url_for("authoring.draft_media", uuid=draft.uuid, path="x").removesuffix("x")
    return Addresses(media, icons=static("img/icons.svg"))


def _block(block: Block, addresses: Addresses) -> ShownBlock:
    question = _question(block.question, addresses) if block.question is not None else None
    return ShownBlock(block, addresses.fill(block.html), addresses.fill(block.transcript), question)


def _question(data: dict[str, object], addresses: Addresses) -> ShownQuestion:
    question = question_from_json(data)
    return ShownQuestion(question.id, question, addresses.fill(question.prompt), choices(question), targets(question))


def _about(step: Step, addresses: Addresses) -> str:
    plan = step.session or step.assignment
    return addresses.fill(plan.about) if plan else ""
