"""Evidence that people enter: the list, the form, the file, and taking it back."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import PurePath
from uuid import UUID, uuid4

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage
from werkzeug.utils import secure_filename

from lms.kernel.errors import NotFound, Refused
from lms.kernel.i18n import gettext as _
from lms.kernel.identity import Permission
from lms.kernel.web import current_db, current_identity, drop_changes, render, requires, say, storage
from sectors.covenant import services
from sectors.covenant.formats import Commitment, Covenant
from sectors.covenant.formats.periods import periods_of
from sectors.covenant.queries.evidence import get_evidence, list_evidence
from sectors.covenant.queries.words import items_in_words, name_of, period_name
from sectors.covenant.services.evidence import items_of, needs_value
from sectors.covenant.views.blueprint import a_file, asked_commitment, asked_covenant, blueprint, kept, read_day

TYPES = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".csv": "text/csv",
    ".txt": "text/plain",
}
MOST_BYTES = 20 * 1024 * 1024


@blueprint.get("/covenant/<key>/evidence")
@requires(Permission.SEE_COVENANT)
def evidence(key: str) -> ResponseReturnValue:
    return _show(key)


@blueprint.post("/covenant/<key>/evidence")
@requires(Permission.SEE_COVENANT)
def evidence_add(key: str) -> ResponseReturnValue:
    covenant = asked_covenant()
    commitment = _taking_evidence(covenant, key)
    try:
        given = _read_form(covenant, commitment)
    except Refused as refusal:
        return _show(key, refusal=refusal, status=422)
    try:
        services.add_evidence(current_db(), covenant, commitment, given, by_person_id=current_identity().person_id)
    except Refused as refusal:
        drop_changes()
        if given.file_key:
            storage().delete(given.file_key)
        return _show(key, refusal=refusal, status=422)
    say(_("Bewaard"))
    return redirect(url_for("covenant.evidence", key=key, **kept()), 303)


@blueprint.post("/covenant/<key>/evidence/<uuid:uuid>/withdrawal")
@requires(Permission.SEE_COVENANT)
def evidence_withdraw(key: str, uuid: UUID) -> ResponseReturnValue:
    covenant = asked_covenant()
    get_evidence(current_db(), covenant, key, uuid)
    try:
        services.withdraw_evidence(
            current_db(),
            covenant,
            uuid,
            reason=request.form.get("reason", ""),
            by_person_id=current_identity().person_id,
        )
    except Refused as refusal:
        drop_changes()
        return _show(key, refusal=Refused(str(refusal), {f"reason-{uuid}": str(refusal)}), status=422)
    say(_("Ingetrokken. Het blijft in de lijst staan."))
    return redirect(url_for("covenant.evidence", key=key, **kept()), 303)


@blueprint.get("/covenant/<key>/evidence/<uuid:uuid>/file")
@requires(Permission.SEE_COVENANT)
def evidence_file(key: str, uuid: UUID) -> ResponseReturnValue:
    found = get_evidence(current_db(), asked_covenant(), key, uuid)
    if not found.file_key:
        raise NotFound(str(uuid))
    kind = TYPES.get(PurePath(found.file_name).suffix.lower(), "application/octet-stream")
    return a_file(storage().get(found.file_key), kind, found.file_name)


def _show(key: str, *, refusal: Refused | None = None, status: int = 200) -> ResponseReturnValue:
    covenant = asked_covenant()
    commitment = _taking_evidence(covenant, key)
    items = items_of(current_db(), commitment)
    labels = {
        period.label: period_name(part, period) for part in commitment.part for period in periods_of(covenant, part)
    }
    return render(
        "covenant/evidence.html",
        status,
        commitment=commitment,
        name=name_of(commitment),
        pieces=list_evidence(current_db(), covenant, key),
        items=items_in_words(items),
        takes_value=needs_value(commitment, tuple(items)),
        periods=[("", _("De periode van de datum")), *labels.items()],
        labels=labels,
        accept=",".join(TYPES),
        kept=kept,
        form=request.form if request.form.get("title") is not None else {},
        chosen=request.form.getlist("items"),
        errors=refusal.fields if refusal else {},
        summary=str(refusal) if refusal else "",
    )


def _taking_evidence(covenant: Covenant, key: str) -> Commitment:
    commitment = asked_commitment(covenant, key)
    if not commitment.takes_evidence:
        raise NotFound(key)
    return commitment


def _read_form(covenant: Covenant, commitment: Commitment) -> services.NewEvidence:
    """What was filled in. The file is stored at once, before the request's transaction begins: a store may be slow, and
    others would wait for it. Its key is one nobody can guess. Raises `Refused`.
    """
    form = request.form
    given = services.NewEvidence(
        items=tuple(form.getlist("items")),
        dated_on=read_day(form.get("dated_on", "")),
        title=form.get("title", ""),
        period=form.get("period", ""),
        value=_read_value(form.get("value", "")),
        note=form.get("note", ""),
    )
    file = request.files.get("file")
    if file is None or not file.filename:
        return given
    name, data = _read_file(file)
    file_key = f"evidence/{covenant.name}/{commitment.key}/{uuid4()}/{name}"
    storage().put(file_key, data)
    return replace(given, file_key=file_key, file_name=name)


def _read_value(text: str) -> Decimal | None:
    """A figure as people write it here: 1.012, 12,5 or 12.5."""
    text = text.strip().replace(" ", "").replace("€", "")
    if not text:
        return None
    if "," in text:
        text = text.replace(".", "").replace(",", ".")
    elif text.count(".") == 1 and len(text.partition(".")[2]) == 3:
        text = text.replace(".", "")
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise Refused(_("Kijk even na wat hieronder staat."), {"value": _("Vul alleen een cijfer in.")}) from None
    if not value.is_finite() or abs(value) >= Decimal(10) ** 12:
        raise Refused(_("Kijk even na wat hieronder staat."), {"value": _("Dit cijfer is te groot.")})
    return value


def _read_file(file: FileStorage) -> tuple[str, bytes]:
    name = secure_filename(file.filename or "") or "bestand"
    if PurePath(name).suffix.lower() not in TYPES:
        raise Refused(
            _("Kijk even na wat hieronder staat."), {"file": _("Kies een pdf, een foto, of een bestand van Office.")}
        )
    data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Refused(_("Kijk even na wat hieronder staat."), {"file": _("Dit bestand is groter dan 20 MB.")})
    return name[-150:], data
