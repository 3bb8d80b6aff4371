"""The demo's mails: nothing leaves the machine, so that anybody may read what people would have received."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from flask import Blueprint
from flask.typing import ResponseReturnValue

from lms.kernel.errors import NotFound
from lms.kernel.mail import KeptMail, Mailer
from lms.kernel.web import page_number, render, settings

blueprint = Blueprint("demo", __name__, template_folder="templates")

PER_PAGE = 20
_ADDRESS = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")


class Piece(NamedTuple):
    """A part of a mail's text: words, or an address one can open."""

    text: str
    is_link: bool


@blueprint.get("/demo/mail")
def mails() -> ResponseReturnValue:
    """The newest mails first. Only the demo has this page: elsewhere mail is nobody's but who receives it."""
    if not settings().demo:
        raise NotFound("demo mail")
    page = page_number()
    kept = list(islice(Mailer(settings().mail_url).kept(), (page - 1) * PER_PAGE, page * PER_PAGE + 1))
    return render(
        "demo/mail.html",
        mails=[(mail, _lines(mail)) for mail in kept[:PER_PAGE]],
        newer=page - 1,
        older=page + 1 if len(kept) > PER_PAGE else 0,
    )


def _lines(mail: KeptMail) -> list[list[Piece]]:
    return [list(_pieces(line)) for line in mail.text.strip().splitlines()]


def _pieces(line: str) -> Iterator[Piece]:
    """Words and addresses in turn. Only http and https become links; the template escapes both."""
    place = 0
    for found in _ADDRESS.finditer(line):
        yield Piece(line[place : found.start()], is_link=False)
        yield Piece(found.group(), is_link=True)
        place = found.end()
    yield Piece(line[place:], is_link=False)
