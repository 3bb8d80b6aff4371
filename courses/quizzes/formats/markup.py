"""Text of a question to safe HTML, and back to the plain words in it."""

from __future__ import annotations

import html
import re

import nh3
from markdown_it import MarkdownIt

INLINE_TAGS = {"b", "strong", "em", "i", "code", "sub", "sup", "br", "img", "a", "u", "span"}
BLOCK_TAGS = INLINE_TAGS | {"p", "ul", "ol", "li", "pre", "blockquote", "table", "thead", "tbody", "tr", "th", "td"}
ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}, "ol": {"start"}}
SCHEMES = {"https", "http", "mailto", "tel"}

_KNOWN_TAG = re.compile(
    r"</?(?:p|br|b|i|em|strong|u|ul|ol|li|div|span|code|pre|img|a|table|tr|td|th|sub|sup)\b[^<>]*>", re.IGNORECASE
)
_BLOCK_EDGE = re.compile(
    r"</?(?:p|li|ul|ol|br|hr|div|h[1-6]|pre|blockquote|table|thead|tbody|tr|td|th)\b[^>]*>", re.IGNORECASE
)
_TAG = re.compile(r"<[^>]*>")

# A question is a few sentences: a "#" or "____" in it is a sign, not a heading or a rule.
_markdown = MarkdownIt("commonmark", {"html": False}).disable(["heading", "lheading", "hr", "code", "reference"])


def render(text: str, markup: str, *, inline: bool = False) -> str:
    """Safe HTML of a text in GIFT's `markup`: "markdown", "html", "plain", "moodle", or "" when the file names none.

    Without a name it is Markdown, unless it visibly holds HTML: Moodle exports that way.
    """
    tidy = "\n".join(line.strip() for line in text.strip().split("\n"))
    if markup in {"", "moodle"}:
        markup = "html" if _KNOWN_TAG.search(tidy) else markup or "markdown"
    return safe_html(_to_html(tidy, markup, inline=inline), inline=inline)


def _to_html(text: str, markup: str, *, inline: bool) -> str:
    if markup == "html":
        return text
    if markup == "markdown":
        html_text: str = _markdown.renderInline(text) if inline else _markdown.render(text)
        return html_text
    escaped = html.escape(text, quote=False).replace("\n", "<br>")
    return escaped if inline else f"<p>{escaped}</p>"


def safe_html(text: str, *, inline: bool = False) -> str:
    """Keep what a question may hold; pictures only from the course's own `media/`."""
    return nh3.clean(
        text,
        tags=INLINE_TAGS if inline else BLOCK_TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_keep_attribute,
        url_schemes=SCHEMES,
    ).strip()


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    if tag == "img" and name == "src" and not re.fullmatch(r"media/[\w./-]+", value):
        return None
    return value


def plain_text(fragment: str) -> str:
    """The words of safe HTML; blocks stand on lines of their own."""
    text = html.unescape(_TAG.sub("", _BLOCK_EDGE.sub("\n", " ".join(fragment.split()))))
    return "\n".join(line for line in (" ".join(line.split()) for line in text.split("\n")) if line)
