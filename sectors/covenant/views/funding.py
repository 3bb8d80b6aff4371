"""How the money is computed, and the absences that take some of it away."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from lms.kernel.errors import Refused
from lms.kernel.i18n import gettext as _
from lms.kernel.identity import Permission
from lms.kernel.web import current_db, current_identity, drop_changes, render, requires, say
from sectors.covenant import services
from sectors.covenant.formats.funding import absence_cost
from sectors.covenant.queries import compute_targets
from sectors.covenant.queries.settings import list_absences
from sectors.covenant.queries.words import name_of, share_text
from sectors.covenant.views.blueprint import asked_covenant, asked_day, blueprint, kept, read_day, stand


@blueprint.get("/covenant/funding")
@requires(Permission.SEE_COVENANT)
def funding() -> ResponseReturnValue:
    return _show()


@blueprint.post("/covenant/absences")
@requires(Permission.SEE_COVENANT)
def absence_add() -> ResponseReturnValue:
    try:
        first_day, last_day, fte = _read_absence()
        services.add_absence(
            current_db(),
            asked_covenant(),
            first_day=first_day,
            last_day=last_day,
            fte=fte,
            note=request.form.get("note", ""),
            by_person_id=current_identity().person_id,
        )
    except Refused as refusal:
        drop_changes()
        return _show(refusal=refusal, status=422)
    say(_("Bewaard"))
    return redirect(url_for("covenant.funding", **kept()), 303)


@blueprint.post("/covenant/absences/<int:absence_id>/withdrawal")
@requires(Permission.SEE_COVENANT)
def absence_withdraw(absence_id: int) -> ResponseReturnValue:
    services.withdraw_absence(current_db(), asked_covenant(), absence_id)
    say(_("Ingetrokken. Het blijft in de lijst staan."))
    return redirect(url_for("covenant.funding", **kept()), 303)


def _show(*, refusal: Refused | None = None, status: int = 200) -> ResponseReturnValue:
    covenant, cut_off = asked_covenant(), asked_day()
    targets = compute_targets(current_db(), covenant, cut_off=cut_off)
    groups = [
        (targets.groups[name], ", ".join(name_of(member) for member in members))
        for name, members in covenant.groups.items()
    ]
    return render(
        "covenant/funding.html",
        status,
        covenant=covenant,
        funding=targets.funding,
        groups=groups,
        stand=stand(covenant, cut_off),
        shares=(share_text(covenant.effort_share), share_text(covenant.result_share)),
        day_cost=absence_cost(covenant.terms, Decimal(1)),
        absences=list_absences(current_db(), covenant),
        kept=kept,
        form=request.form,
        errors=refusal.fields if refusal else {},
        summary=str(refusal) if refusal else "",
    )


def _read_absence() -> tuple[date, date, Decimal]:
    """First and last day, and how much of a full-time consultant. Raises `Refused`."""
    first_day, last_day = (read_day(request.form.get(name, "")) for name in ("first_day", "last_day"))
    fte = _read_fte(request.form.get("fte", ""))
    if first_day is None or last_day is None or fte is None:
        raise Refused(_("Kijk even na wat hieronder staat."), _problems(first_day, last_day, fte))
    return first_day, last_day, fte


def _read_fte(text: str) -> Decimal | None:
    try:
        fte = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
    return fte if fte.is_finite() else None


def _problems(first_day: date | None, last_day: date | None, fte: Decimal | None) -> dict[str, str]:
    given = {"first_day": first_day, "last_day": last_day}
    problems = {name: _("Vul een datum in, zoals 25-03-2025.") for name, day in given.items() if day is None}
    if fte is None:
        problems["fte"] = _("Vul een deel van een voltijdse in, zoals 1 of 0,5.")
    return problems
