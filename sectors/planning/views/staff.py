"""The staff list: find people, see who needs something, remind them, take the list to Excel."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue

from lms.kernel import clock
from lms.kernel.i18n import format_short_date, ngettext
from lms.kernel.i18n import gettext as _
from lms.kernel.web import current_db, current_identity, page_number, render, say, settings
from sectors.planning.formats import status_word, to_xlsx
from sectors.planning.forms import filter_arguments, read_filter, read_uuids
from sectors.planning.queries import staff as queries
from sectors.planning.queries.staff import PAGE_SIZE, Choices, StaffFilter, StaffRow, ViewCounts
from sectors.planning.services import Reminded, send_reminders
from sectors.planning.views.blueprint import address, blueprint, current_desk, go, guard

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/desk/staff")
@guard
def staff() -> ResponseReturnValue:
    db, desk, wanted = current_db(), current_desk(), read_filter(request.args)
    counts = queries.count_views(db, desk.id, wanted)
    total = getattr(counts, wanted.view)
    page = min(page_number(), max(1, -(-total // PAGE_SIZE)))
    rows = queries.list_staff(db, desk.id, wanted, offset=(page - 1) * PAGE_SIZE)
    choices = queries.list_choices(db, desk.id)
    own = {**desk.args, **filter_arguments(wanted)}
    return render(
        "planning/staff.html",
        desk=desk,
        rows=rows,
        wanted=wanted,
        counts=counts,
        views=_views(counts, wanted, desk.args),
        options=_options(choices),
        columns=_columns(wanted, desk.args),
        total=total,
        first=(page - 1) * PAGE_SIZE + 1,
        last=(page - 1) * PAGE_SIZE + len(rows),
        previous=address("planning.staff", **own, page=page - 1) if page > 1 else "",
        next=address("planning.staff", **own, page=page + 1) if page * PAGE_SIZE < total else "",
        own=own,
        today=clock.today(),
    )


@blueprint.get("/desk/staff.xlsx")
@guard
def staff_sheet() -> ResponseReturnValue:
    """The whole list as it is filtered and sorted now."""
    db, desk, wanted = current_db(), current_desk(), read_filter(request.args)
    rows = queries.list_staff(db, desk.id, wanted, limit=None)
    progress = _("Stappen klaar") if wanted.course else _("Opleidingen klaar")
    headings = [
        _("Naam"), _("Voornaam"), _("Personeelsnummer"), _("Functie"), _("Vestiging"), progress, _("Totaal"),
        _("Volgende sessie"), _("Laatst geleerd"), _("Status"),
    ]  # fmt: skip
    data = to_xlsx(_("Medewerkers"), headings, map(_sheet_row, rows))
    name = f"medewerkers-{clock.today().isoformat()}.xlsx"
    return Response(data, mimetype=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@blueprint.post("/desk/staff/reminders")
@guard
def reminders_send() -> ResponseReturnValue:
    desk, identity = current_desk(), current_identity()
    people = read_uuids(request.form.getlist("row"))[: 10 * PAGE_SIZE]
    done = send_reminders(
        current_db(),
        desk,
        people,
        by_person_id=identity.person_id or 0,
        by=identity.name,
        url=f"{settings().base_url}/",
    )
    say(_told(done) if people else _("Kies eerst een of meer medewerkers."))
    return go("planning.staff", **desk.args, **filter_arguments(read_filter(request.form)))


def _views(counts: ViewCounts, wanted: StaffFilter, desk: dict[str, str]) -> list[tuple[str, str, int, bool]]:
    words = {
        "all": _("Iedereen"),
        "todo": _("Nog niet gestart"),
        "behind": _("Ligt stil"),
        "year": _("Klaar dit jaar"),
    }
    return [
        (
            word,
            address("planning.staff", **desk, **filter_arguments(replace(wanted, view=view))),
            getattr(counts, view),
            view == wanted.view,
        )
        for view, word in words.items()
    ]


def _options(choices: Choices) -> dict[str, list[tuple[Any, str]]]:
    places = ngettext("Alle vestigingen", "Alle %(n)s vestigingen", len(choices.places))
    return {
        "place": [("", places), *choices.places],
        "job": [("", _("Alle functies")), *((title, title) for title in choices.job_titles)],
        "course": [("", _("Alle opleidingen")), *choices.courses],
    }


def _columns(wanted: StaffFilter, desk: dict[str, str]) -> list[tuple[str, str, str]]:
    """Head cells that sort: words, address, direction. Sorting again by the same turns it round."""
    words = {
        "name": _("Naam"),
        "job": _("Functie"),
        "place": _("Vestiging"),
        "progress": _("Vooruitgang") if wanted.course else _("Opleidingen klaar"),
        "session": _("Volgende sessie"),
        "learnt": _("Laatst geleerd"),
        "status": _("Status"),
    }
    columns = []
    for sort, word in words.items():
        here = wanted.direction if wanted.sort == sort else ""
        turned = replace(wanted, sort=sort, direction="down" if here == "up" else "up")
        columns.append((word, address("planning.staff", **desk, **filter_arguments(turned)), here))
    return columns


def _sheet_row(row: StaffRow) -> list[object]:
    return [
        row.last_name,
        row.first_name,
        row.staff_number,
        row.job_title,
        row.place,
        row.done,
        row.total,
        format_short_date(row.next_session) if row.next_session else "",
        format_short_date(row.learnt_at) if row.learnt_at else "",
        status_word(row.status),
    ]


def _told(done: Reminded) -> str:
    sentences = [
        ngettext("%(n)s herinnering is onderweg.", "%(n)s herinneringen zijn onderweg.", done.sent),
        ngettext("%(n)s kreeg er vandaag al een.", "%(n)s kregen er vandaag al een.", done.today_already),
        ngettext("%(n)s heeft geen e-mailadres.", "%(n)s hebben geen e-mailadres.", done.without_email),
        ngettext("%(n)s heeft niets te doen.", "%(n)s hebben niets te doen.", done.nothing_to_do),
    ]
    numbers = (1, done.today_already, done.without_email, done.nothing_to_do)
    return " ".join(sentence for sentence, number in zip(sentences, numbers, strict=True) if number)
