"""A page as a person meets it: its words, links and forms. A page that is badly made is refused."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

import html5lib
from werkzeug.test import TestResponse

HANDLER = re.compile(r"on[a-z]+")
DATA_TYPES = {"application/json", "application/ld+json"}


class BadPageError(AssertionError):
    """The page breaks one of the rules every page keeps. The text says which, and where."""


@dataclass
class Form:
    """A form with what a browser would send: `values` by field name, hidden ones too."""

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)


class Page:
    """One answer. HTML is parsed and checked at once; `status`, `url` and `response` are there for any answer."""

    def __init__(self, response: TestResponse, *, is_part: bool = False) -> None:
        self.response = response
        self.status = response.status_code
        self.url = response.request.path
        self.root = Element("nothing")
        if response.mimetype == "text/html" and response.data:
            self.root = parse(response.get_data(as_text=True), where=self.url, is_part=is_part)

    @property
    def text(self) -> str:
        """All words of the page, with single spaces."""
        return words(self.root)

    @property
    def h1(self) -> str:
        """The words of the one main heading."""
        return words(next(self.root.iter("h1")))

    @property
    def title(self) -> str:
        """The words in the browser's tab."""
        return words(next(self.root.iter("title")))

    def links(self) -> dict[str, str]:
        """Addresses by the words of their link."""
        return {words(link): link.get("href", "") for link in self.root.iter("a")}

    def forms(self) -> list[Form]:
        """The forms of the page, in its order."""
        return [read_form(element, self.url) for element in self.root.iter("form")]

    def form(self, action: str = "", *, holding: str = "") -> Form:
        """The one form whose action ends with `action`, or that has a field named `holding`."""
        found = [
            form for form in self.forms() if form.action.endswith(action) and (not holding or holding in form.values)
        ]
        if len(found) != 1:
            raise AssertionError(
                f"{self.url} has {len(found)} such forms among {[form.action for form in self.forms()]}"
            )
        return found[0]


def parse(html: str, *, where: str, is_part: bool = False) -> Element:
    """The tree of a page, or of a part of one that htmx asked for. Raises `BadPageError`."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    html = html.replace("<wbr>", "")  # where a word may break is no part of it
    root: Element = parser.parseFragment(html) if is_part else parser.parse(html)
    faults = [f"line {place[0]}: {code} {values}" for place, code, values in parser.errors]
    faults += [*_structure_faults(root), *([] if is_part else _page_faults(root))]
    if faults:
        raise BadPageError(f"{where}: {'; '.join(faults)}")
    return root


def words(element: Element) -> str:
    """The words inside an element, with single spaces."""
    return " ".join(" ".join(element.itertext()).split())


def read_form(element: Element, url: str) -> Form:
    """What a browser would send if nobody filled anything in."""
    form = Form(element.get("action") or url, (element.get("method") or "get").lower())
    for control in element.iter():
        name = control.get("name")
        if name and control.get("disabled") is None:
            for value in _values(control):
                form.values.setdefault(name, []).append(value)
    return form


def _values(control: Element) -> Iterator[str]:
    if control.tag == "input":
        kind = control.get("type", "text")
        if kind in ("checkbox", "radio"):
            if control.get("checked") is not None:
                yield control.get("value", "on")
        elif kind not in ("submit", "button", "image", "file", "reset"):
            yield control.get("value", "")
    elif control.tag == "textarea":
        yield "".join(control.itertext()).removeprefix("\n")
    elif control.tag == "select":
        yield from _chosen(control)


def _chosen(select: Element) -> Iterator[str]:
    options = list(select.iter("option"))
    chosen = [option for option in options if option.get("selected") is not None]
    if not chosen and select.get("multiple") is None:
        chosen = options[:1]
    yield from (option.get("value", words(option)) for option in chosen)


def _page_faults(root: Element) -> Iterator[str]:
    headings = [words(heading) for heading in root.iter("h1")]
    if len(headings) != 1 or not headings[0]:
        yield f"one h1 with words is needed, there are {headings}"
    titles = [words(title) for title in root.findall("head/title")]
    if len(titles) != 1 or not titles[0].partition("–")[0].strip():
        yield f"a title is needed, there is {titles}"
    if not root.get("lang"):
        yield "the language of the page is not said"


def _structure_faults(root: Element) -> Iterator[str]:
    counts = Counter(identifier for element in root.iter() if (identifier := element.get("id")) is not None)
    yield from (f"id {identifier!r} stands {count} times" for identifier, count in counts.items() if count > 1)
    for element in root.iter():
        yield from _inline_faults(element)


def _inline_faults(element: Element) -> Iterator[str]:
    if element.tag == "style":
        yield "a style sheet stands in the page"
    if element.tag == "script" and not element.get("src") and element.get("type") not in DATA_TYPES:
        yield "a script stands in the page"
    for name, value in element.attrib.items():
        if name == "style" or HANDLER.fullmatch(name) or value.lower().startswith("javascript:"):
            yield f"{element.tag} has inline code: {name}={value!r}"
