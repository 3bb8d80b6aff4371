"""What a consultant changes of her area's page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from sqlalchemy.orm import Session

from lms.kernel import clock
from lms.kernel.db import Base
from lms.kernel.errors import NotFound, Refused
from lms.kernel.i18n import gettext as _
from lms.kernel.identity import Identity, Permission, Scope
from sectors.areas import get_area
from sectors.site.models import AreaPage, NewsItem
from sectors.site.queries import Greeting


def change_greeting(db: Session, identity: Identity, area: str, greeting: Greeting) -> None:
    """Change the words of an area's page. Raises `Forbidden` for another's area, `Refused` without a welcome."""
    identity.require(Permission.EDIT_AREA, Scope(area=get_area(area).slug))
    wrong = _too_long(AreaPage, asdict(greeting))
    if not greeting.welcome:
        wrong["welcome"] = _("Vul een welkom in.")
    if wrong:
        raise Refused(_("We konden dit nog niet bewaren."), wrong)
    page = db.get(AreaPage, area)
    if page is None:
        page = AreaPage(area=area)
        db.add(page)
    page.welcome, page.text = greeting.welcome, greeting.text
    page.contact_name, page.contact_phone = greeting.contact_name, greeting.contact_phone
    page.contact_when = greeting.contact_when
    page.changed_at, page.changed_by = clock.now(), identity.person_id
    db.flush()


def publish_news(db: Session, identity: Identity, area: str, *, title: str, text: str) -> None:
    """Put a message on an area's page. Raises `Forbidden`, or `Refused` when a part is empty."""
    identity.require(Permission.EDIT_AREA, Scope(area=get_area(area).slug))
    wrong = _too_long(NewsItem, {"title": title, "text": text})
    if not title:
        wrong["title"] = _("Vul een titel in.")
    if not text:
        wrong["text"] = _("Vul de tekst in.")
    if wrong:
        raise Refused(_("We konden dit bericht nog niet plaatsen."), wrong)
    db.add(NewsItem(area=area, title=title, text=text, published_at=clock.now(), published_by=identity.person_id))
    db.flush()


def _too_long(table: type[Base], values: Mapping[str, str]) -> dict[str, str]:
    """A sentence for each text that does not fit where it is kept."""
    limits = {name: getattr(table.__table__.columns[name].type, "length", None) for name in values}
    return {
        name: _("Dit is te lang. Hou het bij %(n)s tekens.", n=limit)
        for name, limit in limits.items()
        if limit is not None and len(values[name]) > limit
    }


def archive_news(db: Session, identity: Identity, area: str, news_id: int) -> None:
    """Take a message off the page. Raises `Forbidden`, or `NotFound` when it is not of this area."""
    identity.require(Permission.EDIT_AREA, Scope(area=get_area(area).slug))
    item = db.get(NewsItem, news_id)
    if item is None or item.area != area:
        raise NotFound(f"news {news_id}")
    item.archived_at = clock.now()
    db.flush()
