"""Files that people gave us, as answers."""

from __future__ import annotations

from flask import Response


def shown_file(data: bytes, content_type: str) -> Response:
    """A picture, film or text that a page of ours shows. Opened by itself it runs nothing, whatever a drawing holds."""
    response = Response(data, content_type=content_type)
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response
