"""The desk page of what went to a platform's grade books: look, send again, read what it says, read its roster."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from lms.kernel.i18n import gettext as _
from lms.kernel.i18n import ngettext
from lms.kernel.jobs import enqueue
from lms.kernel.web import current_db, current_identity, reading_db, render, say
from lms.lti.formats.grades import ActivityProgress, GradingProgress
from lms.lti.models import LtiContext
from lms.lti.queries.grade_books import (
    MOST_SCORES,
    ContextRow,
    ScoreRow,
    find_services,
    get_column_id,
    get_context,
    list_columns,
    list_contexts,
    list_score_ids,
)
from lms.lti.queries.platforms import get_platform
from lms.lti.services.noting import ask_again
from lms.lti.services.rosters import ask_roster
from lms.lti.services.sending import RESULTS_KIND
from lms.lti.views.pages import blueprint, guard, load


@blueprint.get("/desk/platforms/<uuid:uuid>/courses")
@guard
def contexts(uuid: UUID) -> ResponseReturnValue:
    found = load(uuid).registration
    services = find_services(current_db(), found.id)
    return render(
        "platforms/contexts.html",
        platform=found,
        found=list_contexts(current_db(), found.id),
        trouble=_said(services.problem) if services is not None and services.problem else "",
        until=services.paused_until if services is not None else None,
        roster_of=_roster_said,
    )


@blueprint.get("/desk/platforms/<uuid:uuid>/courses/<uuid:context>")
@guard
def context(uuid: UUID, context: UUID) -> ResponseReturnValue:
    return render("platforms/context.html", **_page(uuid, context))


@blueprint.get("/desk/platforms/<uuid:uuid>/courses/<uuid:context>/sent")
@guard
def context_sent(uuid: UUID, context: UUID) -> ResponseReturnValue:
    """The columns: a part of the page, asked for every few seconds while something waits."""
    found = _page(uuid, context)
    if "HX-Request" not in request.headers:
        return _go(uuid, context)
    return render("platforms/context_sent.html", **found)


@blueprint.post("/desk/platforms/<uuid:uuid>/courses/<uuid:context>/scores/<uuid:score>/again")
@guard
def score_again(uuid: UUID, context: UUID, score: UUID) -> ResponseReturnValue:
    found = _load_to_change(uuid, context)
    ask_again(current_db(), list_score_ids(current_db(), found.id, uuid=score))
    say(_("We sturen het opnieuw"))
    return _go(uuid, context)


@blueprint.post("/desk/platforms/<uuid:uuid>/courses/<uuid:context>/columns/<int:column>/again")
@guard
def column_again(uuid: UUID, context: UUID, column: int) -> ResponseReturnValue:
    found = _load_to_change(uuid, context)
    get_column_id(current_db(), found.id, column)
    count = ask_again(current_db(), list_score_ids(current_db(), found.id, column=column))
    say(ngettext("We sturen %(n)s resultaat opnieuw", "We sturen %(n)s resultaten opnieuw", count))
    return _go(uuid, context)


@blueprint.post("/desk/platforms/<uuid:uuid>/courses/<uuid:context>/columns/<int:column>/results")
@guard
def column_read(uuid: UUID, context: UUID, column: int) -> ResponseReturnValue:
    found = _load_to_change(uuid, context)
    enqueue(current_db(), RESULTS_KIND, {"line_item": get_column_id(current_db(), found.id, column)})
    say(_("We vragen wat er in het puntenboek staat"))
    return _go(uuid, context)


@blueprint.post("/desk/platforms/<uuid:uuid>/courses/<uuid:context>/roster")
@guard
def roster_read(uuid: UUID, context: UUID) -> ResponseReturnValue:
    ask_roster(current_db(), _load_to_change(uuid, context).id)
    say(_("We lezen de deelnemers"))
    return _go(uuid, context)


def _page(uuid: UUID, context: UUID) -> dict[str, Any]:
    platform = load(uuid).registration
    found = get_context(reading_db(), platform.id, context)
    [row] = [row for row in list_contexts(reading_db(), platform.id) if row.uuid == context]
    return {
        "platform": platform,
        "context": row,
        "columns": list_columns(reading_db(), found.id),
        "most": MOST_SCORES,
        "roster": _roster_said(row),
        "has_roster": bool(found.memberships_url),
        "state_of": _state_of,
        "reached": _reached,
        "said_of": lambda score: _said(score.answer.partition(":")[0]),
        "said": _said,
    }


def _load_to_change(uuid: UUID, context: UUID) -> LtiContext:
    return get_context(current_db(), get_platform(current_db(), current_identity(), uuid).registration.id, context)


def _go(uuid: UUID, context: UUID) -> ResponseReturnValue:
    return redirect(url_for("platforms.context", uuid=uuid, context=context), 303)


def _state_of(score: ScoreRow) -> tuple[str, str]:
    """How far it got: the key of a chip, and a word."""
    if score.is_waiting:
        return "waiting", _("Wacht")
    if score.answer:
        return "error", _("Gestopt")
    return "done", _("Verstuurd")


def _reached(score: ScoreRow) -> str:
    if score.activity == ActivityProgress.COMPLETED:
        return _("Klaar")
    if score.grading == GradingProgress.PENDING_MANUAL:
        return _("Ingediend, nog te lezen")
    return _("Ingediend") if score.activity == ActivityProgress.SUBMITTED else _("Bezig")


def _roster_said(row: ContextRow) -> str:
    """How reading the roster went last."""
    if row.roster_problem:
        return _said(row.roster_problem)
    return "" if row.roster_read_at is None else _("In orde")


def _said(problem: str) -> str:
    """What went wrong, and where that mostly lies."""
    return {
        "token": _("Het leerplatform gaf ons geen toegang. Kijk de verbinding na."),
        "not-let-in": _("Het leerplatform ziet ons toegangsbewijs niet. Vaak laat een proxy “Authorization” weg."),
        "broken-answer": _("Het leerplatform gaf een antwoord dat we niet begrijpen."),
        "server": _("Er ging iets stuk in het leerplatform. We proberen het later opnieuw."),
        "busy": _("Het leerplatform heeft het te druk. We proberen het later opnieuw."),
        "refused": _("Het leerplatform weigerde het."),
        "gone": _("De kolom bestaat niet meer in het leerplatform."),
        "older": _("Het leerplatform heeft al een nieuwer resultaat."),
        "no-column": _("Er is geen kolom, en we mogen er geen maken."),
        "no-scope": _("Het leerplatform geeft ons deze dienst niet."),
        "not-its-address": _("Het leerplatform gaf een adres dat niet klopt."),
        "too-many-pages": _("Er kwam geen einde aan de lijst."),
        "given-up": _("Het lukte een week lang niet. We proberen het niet meer."),
        "empty": _("De lijst was leeg. We lieten iedereen staan."),
        "course-closed": _("Een opleiding loopt niet in deze afdeling. Niet iedereen is ingeschreven."),
        "": "",
    }.get(problem, _("We kunnen het leerplatform niet bereiken. We proberen het later opnieuw."))
