"""Proof: a PDF for who earned it, and a public page that says whether a code is genuine."""

from __future__ import annotations

import base64
import io
from uuid import UUID

import segno
from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from courses.certificates.models import Certificate
from courses.certificates.queries import find_certificate_by_code, get_own_certificate
from lms.kernel.pdf import render_pdf
from lms.kernel.web import current_db, current_identity, render, signed_in

blueprint = Blueprint("certificates", __name__, template_folder="templates")


@blueprint.get("/certificates/<uuid:uuid>.pdf")
@signed_in
def certificate_pdf(uuid: UUID) -> ResponseReturnValue:
    """The certificate as a tagged PDF with a QR code that opens the check page."""
    certificate = get_own_certificate(current_db(), current_identity(), uuid)
    html = render_template(
        "certificates/certificate_pdf.html",
        certificate=certificate,
        code=grouped(certificate.code),
        check_url=_check_url(certificate),
        qr=_qr(_check_url(certificate)),
    )
    return Response(
        render_pdf(html),
        mimetype="application/pdf",
        headers={"Content-Disposition": f'inline; filename="attest-{certificate.code}.pdf"'},
    )


@blueprint.get("/check")
def check() -> ResponseReturnValue:
    """Type a code over, and see whether it is genuine."""
    code = request.args.get("code", "")
    if code:
        return redirect(url_for("certificates.check_code", code=code[:40]), 303)
    return render("certificates/check.html", certificate=None, code="")


@blueprint.get("/check/<code>")
def check_code(code: str) -> ResponseReturnValue:
    """Whether this code is genuine: who, what and when, as it stands on the paper. Nothing more."""
    certificate = find_certificate_by_code(current_db(), code)
    return render(
        "certificates/check.html", 200 if certificate else 404, certificate=certificate, code=grouped(code.upper())
    )


def grouped(code: str) -> str:
    """A code in groups of four, easier to read aloud."""
    bare = "".join(sign for sign in code if sign.isalnum())
    return " ".join(bare[place : place + 4] for place in range(0, len(bare), 4))


def _check_url(certificate: Certificate) -> str:
    return url_for("certificates.check_code", code=certificate.code, _external=True)


def _qr(text: str) -> str:
    """A QR code as the address of an SVG picture."""
    picture = io.BytesIO()
    segno.make(text, error="m").save(picture, kind="svg", scale=4, border=2, dark="#2a1b26", light="#ffffff")
    return "data:image/svg+xml;base64," + base64.b64encode(picture.getvalue()).decode()
