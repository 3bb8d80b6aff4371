"""The telling: two covenant years with fixed dates, then the present. Everything goes through everybody's services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random

from sqlalchemy.orm import Session

from courses.authoring.services import prepare_folder, publish_folder, shipped_folders
from lms.demo.formats import Story, course_folders, load_story
from lms.demo.queries import count_rows
from lms.demo.services.agenda import Agenda
from lms.demo.services.cast import Cast
from lms.demo.services.meetings import Teaching
from lms.demo.services.moments import BEGIN, FIRST_WORKDAY, HISTORY_ENDS, at
from lms.demo.services.online import Evenings
from lms.demo.services.opening import Opening
from lms.demo.services.outside import Outside
from lms.demo.services.platform import HospitalPlatform
from lms.demo.services.present import Present
from lms.demo.services.words import Writing
from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.storage import Storage

Report = Callable[[int, str], None]
SEED = "leerlabo"
FEWEST = 3  # dates of each row of the programme, in the smallest story
HISTORY_SHARE = 96  # per cent of the work lies in the two years
OWN_COURSES = ("word-digicoach", "verbindende-communicatie", "positief-begeleiden", "samen-met-het-gezin")


def tell_story(database: Database, storage: Storage, *, report: Report, scale: float = 1.0) -> dict[str, int]:
    """Tell everything into an empty database; returns how much of everything there is then.

    `scale` 1.0 is the whole story; a test tells a small one. `report(percent, month)` hears how far it is.
    """
    story = load_story()
    cast = Cast(Random(SEED))
    history = Agenda(HISTORY_ENDS)
    _plan_history(history, cast, storage, story, scale)
    history.play(database, lambda moment: report(_percent(moment), f"{moment:%Y-%m}"))
    present = Agenda(clock.now())
    Present(present, cast, story, scale).plan()
    HospitalPlatform(present, cast).plan()
    present.play(database, lambda moment: report(HISTORY_SHARE + 2, f"{moment:%Y-%m}"))
    report(100, "done")
    with database.read() as db:
        return count_rows(db)


def _plan_history(agenda: Agenda, cast: Cast, storage: Storage, story: Story, scale: float) -> None:
    Opening(story, cast, scale).plan(agenda)
    _plan_publishing(agenda, cast, storage, story)
    writing = Writing(agenda, cast, story)
    writing.plan_areas()
    writing.plan_covenant(every=_stride(scale))
    _plan_meetings(agenda, cast, story, scale)
    for online in story.programme.online:
        Evenings(agenda, cast, online.slug).plan(online, scale)
    Outside(agenda, cast, scale).plan()


def _plan_publishing(agenda: Agenda, cast: Cast, storage: Storage, story: Story) -> None:
    for folder in (*shipped_folders(), *course_folders()):
        day = story.programme.published.get(folder.name, FIRST_WORKDAY)
        agenda.at(at(day, 8, 45), partial(_publish, folder, cast, storage))


def _publish(folder: Path, cast: Cast, storage: Storage, db: Session) -> None:
    author = cast.trainers[0 if folder.name in OWN_COURSES else 1]
    publish_folder(db, prepare_folder(folder, storage=storage), published_by=author.person_id)


def _plan_meetings(agenda: Agenda, cast: Cast, story: Story, scale: float) -> None:
    """Every meeting at full scale; of a small story one in a few, where there are many."""
    guests = {(it.slug, it.on): it for it in story.programme.guest}
    for taught in story.programme.course:
        teaching = Teaching(agenda, cast, story.programme.place, f"{taught.slug} {taught.area}")
        stride = min(_stride(scale), max(1, len(taught.dates) // FEWEST))
        for index, day in enumerate(taught.dates):
            guest = guests.get((taught.slug, day))
            if index % stride == 0 or guest is not None:
                asks = max(2, round(teaching.rng.randint(*taught.asks) * scale))
                teaching.plan(taught, day, asks=asks, guests=(guest.user,) if guest else ())


def _stride(scale: float) -> int:
    """A small story tells only one in so many of what repeats itself."""
    return max(1, int(0.25 / scale))


def _percent(moment: datetime) -> int:
    whole = HISTORY_ENDS - at(BEGIN, 0)
    return min(HISTORY_SHARE, round(HISTORY_SHARE * ((moment - at(BEGIN, 0) + timedelta(days=1)) / whole)))
