"""The macros every page is made of: valid HTML, labels that belong to their field, words beside every figure."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import jinja2
import pytest

from lms.kernel.web import pages

TEMPLATES = Path(__file__).parents[3] / "lms/kernel/web/templates"
OPEN = '{% import "components.html" as c %}{% import "fields.html" as f %}{% import "desk_parts.html" as d %}'
PAGE = "<!doctype html><html><head><title>t</title></head><body>%s</body></html>"

SAMPLES = (Path(__file__).parent / "component_samples.html").read_text().splitlines()[1:]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def words() -> jinja2.Environment:
    """The templates with our own words, as the app reads them."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
    )
    pages.teach(env)
    env.globals["csrf_token"] = lambda: "token"
    return env


def body(env: jinja2.Environment, sample: str) -> Element:
    """What a sample of macros makes, parsed strictly: any error of HTML raises."""
    html = PAGE % env.from_string(OPEN + sample).render()
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)
    found: Element | None = tree.find("body")
    assert found is not None
    return found


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_macro_makes_valid_html(words: jinja2.Environment, sample: str) -> None:
    made = body(words, sample)
    ids = [id for element in made.iter() if (id := element.get("id"))]
    assert sorted(ids) == sorted(set(ids))
    assert not [element for element in made.iter() if element.get("style") is not None]


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_field_has_its_words(words: jinja2.Environment, sample: str) -> None:
    made = body(words, sample)
    labelled = {label.get("for") for label in made.iter("label")}
    inside = {field for label in made.iter("label") for field in label.iter()}
    for field in (element for name in ("input", "select", "textarea") for element in made.iter(name)):
        if field.get("type") != "hidden":
            assert field.get("id") in labelled or field in inside or field.get("aria-label")


@pytest.mark.parametrize("sample", SAMPLES)
def test_what_describes_a_field_is_there(words: jinja2.Environment, sample: str) -> None:
    made = body(words, sample)
    ids = {element.get("id") for element in made.iter()}
    named = {name for element in made.iter() for name in (element.get("aria-describedby") or "").split()}
    assert named <= ids


def test_the_gap_of_a_bullet_is_what_today_lacks(words: jinja2.Environment) -> None:
    made = body(words, "{{ d.bullet(812, 1000, 851) }}")
    bars = {rect.get("class"): rect for rect in made.iter(f"{SVG}rect")}
    assert bars["v"].get("width") == "243.6"
    assert (bars["gap"].get("x"), bars["gap"].get("width")) == ("243.6", "11.7")
    assert bars["e"].get("x") == "255.3"


@pytest.mark.parametrize(("value", "due"), [(851, 851), (900, 851), (1, None)])
def test_who_is_on_time_has_no_red(words: jinja2.Environment, value: int, due: int | None) -> None:
    html = words.from_string(OPEN + "{{ d.bullet(value, 1000, due) }}").render(value=value, due=due)
    assert "<rect" in html
    assert 'class="gap"' not in html


def test_a_bullet_takes_money(words: jinja2.Environment) -> None:
    html = words.from_string(OPEN + "{{ d.bullet(paid, goal) }}").render(
        paid=Decimal("148400.00"), goal=Decimal(222600)
    )
    assert 'width="200.0"' in html


def test_the_mini_route_says_the_step_in_words(words: jinja2.Environment) -> None:
    made = body(words, '{{ c.mini([("done", false), ("now", true), ("later", false)], "Zo help je") }}')
    assert "Stap 2 van 3: Zo help je" in "".join(made.itertext())


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("c.step_bar(1, 4)", ["d", "n", "", ""]),
        ("c.step_bar(1, 4, 2)", ["d", "", "n", ""]),
        ("c.step_bar(3, 4, 1)", ["d", "n", "d", ""]),
    ],
)
def test_the_strip_shows_where_she_is_and_what_is_done(
    words: jinja2.Environment, sample: str, expected: list[str]
) -> None:
    made = body(words, f"{{{{ {sample} }}}}")
    assert [part.get("class", "") for part in made.iter("i")] == expected


def test_a_long_mail_address_may_break_before_its_sign(words: jinja2.Environment) -> None:
    html = words.from_string(OPEN + """{{ d.pairs([("Mail", "emma@<b>.example")]) }}""").render()
    assert "<dd>emma<wbr>@&lt;b&gt;.example</dd>" in html


def test_words_of_a_person_are_escaped(words: jinja2.Environment) -> None:
    made = body(words, """{{ c.note("<script>alert(1)</script>") }}{{ f.textarea("t", "T", "</textarea><script>") }}""")
    assert not list(made.iter("script"))


def test_a_pager_spells_its_numbers_for_the_language(words: jinja2.Environment) -> None:
    made = body(words, "{{ d.pager(1201, 1250, 12480) }}")
    assert "1.201 tot 1.250 van 12.480" in "".join(made.itertext())
