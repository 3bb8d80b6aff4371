"""The client that reads pages refuses those that are badly made."""

from __future__ import annotations

import pytest
from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue

from tests.web.page import BadPageError, parse
from tests.web.visitor import visitor_of

GOOD = (
    '<!doctype html><html lang="nl"><head><title>Start – Leerlabo</title></head><body><h1>Dag</h1>'
    '<p id="a">Welkom</p><svg aria-hidden="true"><use href="/icons.svg#x"/></svg></body></html>'
)


def test_a_good_page_is_read() -> None:
    root = parse(GOOD, where="/")
    assert [heading.text for heading in root.iter("h1")] == ["Dag"]


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("<h1>Dag</h1>", "", "one h1 with words is needed"),
        ("<h1>Dag</h1>", "<h1>Dag</h1><h1>Nog eens</h1>", "one h1 with words is needed"),
        ("<h1>Dag</h1>", "<h1> </h1>", "one h1 with words is needed"),
        ("<title>Start – Leerlabo</title>", "", "a title is needed"),
        ("Start – Leerlabo", " – Leerlabo", "a title is needed"),
        ("Welkom", '<b id="a">Welkom</b>', "id 'a' stands 2 times"),
        ("Welkom", "<div>Welkom</div>", "unexpected-end-tag"),
        ("Welkom", "<b>Welkom", "unexpected-end-tag"),
        ("<!doctype html>", "", "expected-doctype"),
        ("Welkom", '<b style="color: red">Welkom</b>', "inline code"),
        ("Welkom", '<b onclick="go()">Welkom</b>', "inline code"),
        ("Welkom", '<a href="javascript:go()">Welkom</a>', "inline code"),
        ("</head>", "<style>p {}</style></head>", "a style sheet stands in the page"),
        ("</body>", "<script>go()</script></body>", "a script stands in the page"),
        (' lang="nl"', "", "language"),
    ],
)
def test_a_bad_page_is_refused(before: str, after: str, fault: str) -> None:
    with pytest.raises(BadPageError, match=fault):
        parse(GOOD.replace(before, after, 1), where="/")


def test_a_part_of_a_page_needs_no_heading_but_keeps_the_other_rules() -> None:
    parse("<p>Bewaard</p>", where="/", is_part=True)
    with pytest.raises(BadPageError, match="inline code"):
        parse('<p style="x">Bewaard</p>', where="/", is_part=True)


@pytest.fixture
def shop() -> Flask:
    app = Flask(__name__)

    @app.route("/form", methods=["GET", "POST"])
    def form() -> ResponseReturnValue:
        if request.method == "POST":
            return redirect("/done?" + "&".join(f"{key}={value}" for key, value in request.form.items(multi=True)))
        return GOOD.replace(
            '<p id="a">Welkom</p>',
            '<form method="post"><input type="hidden" name="csrf_token" value="t"><input name="name" value="Emma">'
            '<input type="checkbox" name="news" checked><input type="checkbox" name="spam">'
            '<select name="area"><option value="1">Een</option><option value="2" selected>Twee</option></select>'
            "<textarea name=about>\nHallo</textarea><button name=act value=go>Ga</button></form>",
        )

    @app.get("/done")
    def done() -> ResponseReturnValue:
        return GOOD.replace("Welkom", " ".join(f"{key}={value}" for key, value in request.args.items()))

    return app


def test_a_form_is_sent_as_a_browser_would(shop: Flask) -> None:
    visitor = visitor_of(shop)
    page = visitor.submit(visitor.page("/form").form(holding="name"), name="Lies", about=None)
    assert page.url == "/done"
    assert page.text.endswith("csrf_token=t name=Lies news=on area=2")


def test_another_status_than_expected_fails(shop: Flask) -> None:
    with pytest.raises(AssertionError, match="gave 404 and not 200"):
        visitor_of(shop).page("/nowhere")
