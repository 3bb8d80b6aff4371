"""PDF by WeasyPrint: tagged (PDF/UA-1), in our own typeface, with nothing fetched from outside.

WeasyPrint takes a third of a second to import, so that waits for the first document.
"""

from __future__ import annotations

import mimetypes
from functools import cache
from pathlib import Path
from typing import Any

STATIC = Path(__file__).parent / "web" / "static"
SCHEME = "static:"
# WeasyPrint knows no unicode-range: the first family that has a letter gives it, so the plain zero comes before all.
FACES = """
@font-face { font-family: "Leerlabo Nul"; font-weight: 200 800;
  src: url("static:vendor/leerlabo-nul/leerlabo-nul.woff2"); }
@font-face { font-family: "Atkinson"; font-weight: 200 800;
  src: url("static:vendor/atkinson-hyperlegible-next/atkinson-hyperlegible-next-latin-wght-normal.woff2"); }
@font-face { font-family: "Atkinson"; font-weight: 200 800;
  src: url("static:vendor/atkinson-hyperlegible-next/atkinson-hyperlegible-next-latin-ext-wght-normal.woff2"); }
@page { font-family: "Leerlabo Nul", "Atkinson", "DejaVu Sans", sans-serif; }
html { font-family: "Leerlabo Nul", "Atkinson", "DejaVu Sans", sans-serif; }
"""


def render_pdf(html: str) -> bytes:
    """A whole HTML document as a tagged PDF. It may refer to `static:…` files and `data:` images only.

    The document says its own language and title; both are required by PDF/UA.
    """
    from weasyprint import CSS, HTML  # noqa: PLC0415
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415

    fetch, fonts = _our_files_only(), FontConfiguration()
    faces = CSS(string=FACES, url_fetcher=fetch, font_config=fonts)
    document = HTML(string=html, base_url=None, url_fetcher=fetch)
    return bytes(document.write_pdf(stylesheets=[faces], font_config=fonts, pdf_variant="pdf/ua-1"))


@cache
def _our_files_only() -> Any:
    """What fetches for a document: `static:…` files of ours and `data:` images; anything else ends the rendering."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse  # noqa: PLC0415

    class OurFilesOnly(URLFetcher):  # type: ignore[misc]  # the library has no types
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
            if url.startswith("data:"):
                return super().fetch(url, headers)
            path = (STATIC / url.removeprefix(SCHEME)).resolve()
            if not url.startswith(SCHEME) or not path.is_relative_to(STATIC) or not path.is_file():
                raise FatalURLFetchingError(f"a document may not fetch {url}")
            mime_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": mime_type})

    return OurFilesOnly()
