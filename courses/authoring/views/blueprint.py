"""What the desk's views share."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("authoring", __name__, template_folder="../templates")

COURSES = "/desk/courses"
DRAFT = f"{COURSES}/drafts/<uuid:uuid>"
