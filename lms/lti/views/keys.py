"""`/lti/jwks` and our icon, as platforms ask for them; and the desk where our keys are replaced."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, current_app, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect

from lms.kernel import clock
from lms.kernel.i18n import gettext as _
from lms.kernel.identity import Permission
from lms.kernel.web import current_db, database, drop_changes, render, requires, say, shown_file
from lms.lti.models import ToolKey
from lms.lti.queries.keys import find_signing_key, is_published, list_published_keys, list_tool_keys
from lms.lti.services.keys import have_signing_key, rotate_keys

KEPT_S = 3600  # far less than the day a key is published before it signs
AT_ONCE = "at-once"

blueprint = Blueprint("lti_keys", __name__)
guard = requires(Permission.ADMINISTER)


@blueprint.get("/lti/jwks")
def jwks() -> Response:
    """Our public JWK Set (Security Framework 1.0, 6.3). Whoever asks first of all has our first key made."""
    have_signing_key(database())
    with database().read() as db:
        answer = jsonify(keys=list_published_keys(db))
    answer.headers["Cache-Control"] = f"public, max-age={KEPT_S}"
    return answer


@blueprint.get("/lti/icon.svg")
def icon() -> Response:
    """Our mark, which pages of other sites may show."""
    folder = Path(current_app.static_folder or "")
    answer = shown_file((folder / "img" / "favicon.svg").read_bytes(), "image/svg+xml")
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.headers["Cache-Control"] = f"public, max-age={KEPT_S}"
    return answer


@blueprint.get("/desk/platforms/keys")
@guard
def tool_keys() -> ResponseReturnValue:
    found = list_tool_keys(current_db())
    signing = find_signing_key(current_db())
    kid = signing.kid if signing else ""
    return render(
        "platforms/tool_keys.html",
        found=found,
        state_of=lambda key: _state_of(key, kid),
        is_waiting=any(key.signs_from > clock.now() and is_published(key) for key in found),
        at_once=AT_ONCE,
    )


@blueprint.post("/desk/platforms/keys")
@guard
def tool_keys_rotate() -> ResponseReturnValue:
    drop_changes()
    at_once = request.form.get("act") == AT_ONCE
    rotate_keys(database(), at_once=at_once)
    say(_("De nieuwe sleutel tekent nu") if at_once else _("De nieuwe sleutel is bekendgemaakt"))
    return redirect(url_for("lti_keys.tool_keys"), 303)


def _state_of(key: ToolKey, signing: str) -> tuple[str, str]:
    if key.kid == signing:
        return "open", _("Tekent nu")
    if not is_published(key):
        return "todo", _("Voorbij")
    if key.signs_from > clock.now():
        return "waiting", _("Tekent straks")
    return "done", _("Tekende vroeger")
