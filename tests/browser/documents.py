"""PDFs as a reader meets them: their words, and the tags a screen reader goes by."""

from __future__ import annotations

import io
import re
from typing import Any

from playwright.sync_api import Page
from pypdf import PdfReader

from tests.browser.eye import fetch

DEEPEST = 60
CODE = re.compile(r"\b(?:[2-9A-HJKMNP-Z]{4} ){2}[2-9A-HJKMNP-Z]{4}\b")


class Document:
    """A PDF that was downloaded."""

    def __init__(self, data: bytes) -> None:
        self._reader = PdfReader(io.BytesIO(data))
        root: Any = self._reader.trailer["/Root"]
        self._structure: Any = root.get("/StructTreeRoot")
        self.is_tagged = self._structure is not None and bool(root.get("/MarkInfo", {}).get("/Marked"))

    @property
    def words(self) -> str:
        """All its words, with single spaces."""
        return " ".join(" ".join(page.extract_text() for page in self._reader.pages).split())

    @property
    def tags(self) -> set[str]:
        """The kinds of element it is made of: /H1, /Table, /Figure …"""
        return _tags(self._structure)


def proof_of(page: Page) -> Document:
    """The certificate on the page of a course."""
    answer = fetch(page, page.get_by_role("link", name=re.compile("Jouw attest")).first)
    assert answer.headers["content-type"] == "application/pdf"
    return Document(answer.body())


def check_address(words: str) -> str:
    """The address of the check page, from the code as it stands on the paper."""
    code = CODE.search(words)
    assert code is not None, words
    return f"/check/{code[0].replace(' ', '')}"


def _tags(node: Any, depth: int = 0) -> set[str]:
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        return set().union(*(_tags(child, depth + 1) for child in node))
    if not isinstance(node, dict) or depth > DEEPEST:
        return set()
    own = {str(node["/S"])} if "/S" in node else set()
    return own | (_tags(node["/K"], depth + 1) if "/K" in node else set())
