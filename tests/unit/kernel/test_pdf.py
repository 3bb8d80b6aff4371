"""A document for paper and for a screen reader: tagged, in a language, and made of our own files only."""

from __future__ import annotations

import io
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from weasyprint.urls import FatalURLFetchingError

from lms.kernel.pdf import STATIC, render_pdf

PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
PAGE = '<html lang="nl"><head><title>Attest</title></head><body><h1>Dag Zoë</h1>{}</body></html>'


def read(extra: str = "") -> PdfReader:
    return PdfReader(io.BytesIO(render_pdf(PAGE.format(extra))))


def tags(reader: PdfReader) -> set[str]:
    """Every structure element of the document."""
    found: set[str] = set()
    waiting: list[Any] = [reader.root_object["/StructTreeRoot"]]
    while waiting:
        node: Any = waiting.pop().get_object()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            found.add(str(node.get("/S", "")))
            waiting += [node["/K"]] if "/K" in node else []
    return found


def test_its_face_is_ours_and_a_zero_has_no_slash() -> None:
    page: Any = read("<p>10 dagen, € 1.000</p>").pages[0]
    faces = {str(font.get_object()["/BaseFont"]) for font in page["/Resources"]["/Font"].values()}
    assert {face.partition("+")[2].partition("-")[0] for face in faces} == {"Atkinson", "Leerlabo"}


def test_it_is_tagged_and_says_its_language_and_title() -> None:
    reader = read(f'<p>Je was er bij.</p><img alt="Een bus" src="{PIXEL}">')
    root: Any = reader.root_object
    assert root["/MarkInfo"]["/Marked"].value
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value
    assert root["/Lang"] == "nl"
    assert b"pdfuaid" in root["/Metadata"].get_data()
    assert reader.metadata is not None
    assert reader.metadata.title == "Attest"
    assert {"/H1", "/P", "/Figure"} <= tags(reader)
    assert "Dag Zoë" in reader.pages[0].extract_text()


def test_our_own_files_may_be_used() -> None:
    sheet = next(STATIC.rglob("*.css"))
    read(f'<link rel="stylesheet" href="static:{sheet.relative_to(STATIC)}">')


@pytest.mark.parametrize(
    "part", ['<img src="{}">', '<link rel="stylesheet" href="{}">', '<style>@import "{}";</style>']
)
def test_nothing_is_fetched_from_outside(part: str, tmp_path: Path) -> None:
    asked: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(FatalURLFetchingError):
            read(part.format(f"http://127.0.0.1:{server.server_port}/x"))
        server.shutdown()
    assert asked == []


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "static:../../config.py", "static:/etc/passwd", "static:missing.svg", "ftp://x/y"]
)
def test_no_file_but_ours_is_read(address: str) -> None:
    with pytest.raises(FatalURLFetchingError):
        read(f'<img src="{address}">')
