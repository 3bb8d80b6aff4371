"""In a teacher's own LMS she picks what to place and says how; our signed answer brings it there (Deep Linking 2.0)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date, datetime
from datetime import time as time_of_day
from uuid import uuid4

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from courses.catalogue.formats import StepKind
from lms.kernel import clock
from lms.kernel.errors import NotFound, NotSignedIn
from lms.kernel.i18n import gettext as _
from lms.kernel.i18n import ngettext
from lms.kernel.web import current_identity, database, drop_changes, reading_db, render, settings
from lms.kernel.web.flow import current_visit
from lms.kernel.web.headers import forms_lead_to
from lms.lti.formats.deep_linking import ContentItem, Span, response_claims
from lms.lti.formats.places import CUSTOM, find_placed
from lms.lti.queries.deep_linking import Choice, Choosing, get_choosing, list_choices, list_chosen
from lms.lti.services.keys import sign

LONGEST_TITLE = 200
LAST_YEAR = 2100
FIELDS = ("title", "column", "available_start", "available_end", "submission_start", "submission_end")
SHOW_ALL = "all"

blueprint = Blueprint("lti_deep_linking", __name__, template_folder="../templates")


@blueprint.get("/lti/deep-linking")
def choose() -> ResponseReturnValue:
    return _list(_choosing(), [])


@blueprint.post("/lti/deep-linking")
def search() -> ResponseReturnValue:
    """The list again, with other words: what she chose before stays chosen, in the form itself."""
    choosing = _choosing()
    chosen, gone = _chosen(choosing)
    return _list(choosing, chosen, gone=gone)


@blueprint.post("/lti/deep-linking/items")
def arrange() -> ResponseReturnValue:
    """She picked: ask for titles, columns and dates."""
    choosing = _choosing()
    chosen, gone = _chosen(choosing)
    if not chosen:
        return _list(choosing, [], 422, gone=gone)
    return _arrange(choosing, chosen, gone=gone)


@blueprint.post("/lti/deep-linking/answer")
def answer() -> ResponseReturnValue:
    """Send it to her platform: a form of ours that leads there, and submits itself."""
    choosing = _choosing()
    chosen, gone = _chosen(choosing)
    if not chosen:
        return _list(choosing, [], 422, gone=gone)
    items, errors = _items(choosing, chosen)
    if errors or gone:
        return _arrange(choosing, chosen, 422, errors=errors, gone=gone)
    return _send(choosing, items)


@blueprint.post("/lti/deep-linking/cancellation")
def cancel() -> ResponseReturnValue:
    return _send(_choosing(), [])


def _choosing() -> Choosing:
    """What this visit is for. Outside of one there is nothing to choose for."""
    visit = current_visit()
    if visit is None:
        raise NotFound("visit")
    if not current_identity().is_signed_in:
        raise NotSignedIn
    return get_choosing(reading_db(), visit.uuid)


def _chosen(choosing: Choosing) -> tuple[list[Choice], list[str]]:
    """What she chose, and what of it is not offered any more."""
    asked = [content for content in request.form.getlist("content") if find_placed(content) is not None]
    chosen = list_chosen(reading_db(), choosing.registration.area, asked)
    offered = {choice.content for choice in chosen}
    gone = [content for content in dict.fromkeys(asked) if content not in offered]
    return (chosen if choosing.settings.takes_several else chosen[:1]), gone


def _list(
    choosing: Choosing, chosen: Sequence[Choice], status: int = 200, *, gone: Sequence[str] = ()
) -> ResponseReturnValue:
    words = "" if SHOW_ALL in request.form else request.form.get("search", "").strip()[:LONGEST_TITLE]
    found = list_choices(reading_db(), choosing.registration.area, search=words)
    shown = {choice.content for each in found for choice in (each.course, *each.steps)}
    return render(
        "lti/deep_linking.html",
        status,
        found=found,
        picked={choice.content for choice in chosen},
        elsewhere=[choice for choice in chosen if choice.content not in shown],
        search=words,
        show_all=SHOW_ALL,
        several=choosing.settings.takes_several,
        in_window=_is_in_window(),
        error=_("Kies eerst iets om te plaatsen.") if status != 200 else "",
        gone=_gone_words(gone),
        kind_of=_kind_of,
    )


def _arrange(
    choosing: Choosing,
    chosen: Sequence[Choice],
    status: int = 200,
    *,
    errors: dict[str, str] | None = None,
    gone: Sequence[str] = (),
) -> ResponseReturnValue:
    return render(
        "lti/deep_linking_items.html",
        status,
        chosen=chosen,
        typed=request.form,
        is_back=status != 200,
        line_items=choosing.settings.takes_line_items,
        errors=errors or {},
        gone=_gone_words(gone),
        by_hand=[f"{CUSTOM}={choice.content}" for choice in chosen] if _is_in_window() else [],
        kind_of=_kind_of,
        title=ngettext("Plaats %(n)s onderdeel", "Plaats %(n)s onderdelen", len(chosen)),
    )


def _items(choosing: Choosing, chosen: Sequence[Choice]) -> tuple[list[ContentItem], dict[str, str]]:
    """What she typed, as content items, and a sentence for each field that is wrong."""
    items, errors = [], {}
    for number, choice in enumerate(chosen):
        # By content and not by number: what is offered may have changed while she typed.
        typed = {name: request.form.get(f"{name}-{choice.content}", "").strip() for name in FIELDS}
        if not 0 < len(typed["title"]) <= LONGEST_TITLE or not typed["title"].isprintable():
            errors[f"title-{number}"] = _("Vul een titel in.")
        spans = {}
        for span in ("available", "submission"):
            start, end = _day(typed[f"{span}_start"]), _day(typed[f"{span}_end"])
            for name, day in (("start", start), ("end", end)):
                if day is None and typed[f"{span}_{name}"]:
                    errors[f"{span}_{name}-{number}"] = _("Kies een dag.")
            if start and end and end < start:
                errors[f"{span}_end-{number}"] = _("Deze dag ligt voor de eerste.")
            spans[span] = Span(_midnight(start), _last_minute(end))
        items.append(
            ContentItem(
                content=choice.content,
                url=_page_of(choosing.registration.area, choice.content),
                title=typed["title"],
                text=choice.text,
                has_column=bool(typed["column"]),
                **spans,
            )
        )
    return items, errors


def _send(choosing: Choosing, items: Sequence[ContentItem]) -> ResponseReturnValue:
    registration = choosing.registration
    drop_changes()
    claims = response_claims(
        choosing.settings,
        items,
        client_id=registration.client_id,
        issuer=registration.issuer,
        deployment_id=choosing.deployment_id,
        nonce=uuid4().hex,
        now=int(time.time()),
    )
    forms_lead_to(choosing.settings.return_origin)
    return render(
        "lti/deep_linking_answer.html",
        url=choosing.settings.return_url,
        token=sign(database(), claims),
        is_cancelled=not items,
    )


def _gone_words(gone: Sequence[str]) -> str:
    """That something is not offered any more, by the title she gave it."""
    if not gone:
        return ""
    titles = ", ".join(request.form.get(f"title-{content}", "")[:LONGEST_TITLE] or content for content in gone)
    return _("Dit staat er niet meer in. We plaatsen het niet: %(titles)s.", titles=titles)


def _is_in_window() -> bool:
    """Whether this page is to stand in a window of its own and in no frame, as the browser says it (Fetch Metadata)."""
    return request.headers.get("Sec-Fetch-Dest") == "document"


def _page_of(area: str, content: str) -> str:
    """Our page of it, outside any visit: launches of it find the content even where custom parameters get lost."""
    placed = find_placed(content)
    if placed is None:
        raise NotFound(content)
    step = f"/steps/{placed.step}" if placed.step else ""
    return f"{settings().base_url}/{area}/courses/{placed.course}{step}"


def _kind_of(choice: Choice) -> str:
    if choice.kind is None:
        return _("Hele opleiding")
    return _("Toets") if choice.kind is StepKind.QUIZ else _("Module")


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year < LAST_YEAR else None


def _midnight(day: date | None) -> datetime | None:
    return clock.from_local(datetime.combine(day, time_of_day())) if day else None


def _last_minute(day: date | None) -> datetime | None:
    """The end of that day: the last day is one on which it is still open."""
    return clock.from_local(datetime.combine(day, time_of_day(23, 59, 59))) if day else None
