"""Cards to print, for who has no e-mail address: a QR code that opens the account, once."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from datetime import timedelta

import segno
from flask import Response, render_template
from flask.typing import ResponseReturnValue

from lms.accounts.services.links import LIFETIMES, LinkKind
from lms.kernel import clock
from lms.kernel.i18n import current_language
from lms.kernel.pdf import render_pdf
from lms.kernel.web import database, drop_changes
from sectors.planning.services import StartCard, make_cards


def cards_pdf(person_ids: Sequence[int]) -> ResponseReturnValue:
    """The cards of these people as a PDF. Cards made before for them stop working.

    The request has only read so far. Its transaction ends here, and the links are written in a short one of their own:
    nobody may wait for a database lock while a hundred cards are drawn.
    """
    drop_changes()
    with database().write() as db:
        made = make_cards(db, person_ids)
    cards = [(card, _code(card)) for card in made]
    lifetime: timedelta = LIFETIMES[LinkKind.INVITATION]
    html = render_template(
        "planning/cards_pdf.html", cards=cards, until=clock.now() + lifetime, language=current_language()
    )
    headers = {"Content-Disposition": 'attachment; filename="startkaarten.pdf"', "Cache-Control": "no-store"}
    return Response(render_pdf(html), mimetype="application/pdf", headers=headers)


def _code(card: StartCard) -> str:
    picture = io.BytesIO()
    segno.make(card.url, error="m").save(picture, kind="svg", border=2, scale=4)
    return f"data:image/svg+xml;base64,{base64.b64encode(picture.getvalue()).decode()}"
