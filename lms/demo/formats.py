"""The story as text: who is in it, where they work, what was taught when. Everybody in it is invented."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import TypeVar

import msgspec

from lms.kernel.identity import Role

FOLDER = Path(__file__).parent
STORY = FOLDER / "story"
COURSES = FOLDER / "courses"

Part = TypeVar("Part")


class Family(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """First and last names that go together; `weight` says how often they are drawn."""

    weight: int
    first: tuple[str, ...]
    last: tuple[str, ...]


class Employer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An organisation: how many of its people are in the story, and in how many places it works."""

    name: str
    town: str
    staff: int
    places: int


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The employers of one area, their employer category, and what people do there."""

    slug: str
    category: str
    jobs: tuple[str, ...]
    organisations: tuple[Employer, ...]


class HeldRole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A role: for one area, for the own organisation (`own`), or everywhere."""

    role: Role
    area: str | None = None
    own: bool = False


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of the eight anybody can sign in as."""

    user: str
    first: str
    last: str
    organisation: str
    job: str
    roles: tuple[HeldRole, ...] = ()


class Helper(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many people of an organisation with this job, and perhaps a role everywhere."""

    organisation: str
    job: str
    number: int
    role: Role | None = None


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A piece of news."""

    title: str
    text: str


class AreaWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an area says of itself. `contact` is also its consultant."""

    slug: str
    welcome: str
    text: str
    contact: str
    phone: str
    news: tuple[Message, ...] = ()


class Taught(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Meetings of one course. `asks`: from how many to how many people ask for a place; `days`: between two steps.

    `diligence`: how many per cent of the people do what there is to do at home, each time.
    """

    slug: str
    steps: tuple[str, ...]
    at: str
    minutes: int
    seats: int
    asks: tuple[int, int]
    dates: tuple[date, ...]
    days: int = 0
    area: str = ""
    who: str = "anyone"
    diligence: int = 55


class Coming(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A meeting so many days from today; before tomorrow its list is still to be marked. `asks`: who wants a place."""

    slug: str
    step: str
    in_days: int
    at: str
    minutes: int
    seats: int
    asks: int
    area: str = ""
    who: str = "anyone"
    users: tuple[str, ...] = ()


class Online(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A course without meetings. `begin`: how many begin in each covenant year; `teachers`: per cent of them."""

    slug: str
    begin: tuple[int, int]
    teachers: int


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A house where people meet."""

    name: str
    address: str
    travel: str


class Guest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of the eight at a meeting of the past."""

    user: str
    slug: str
    on: date


class Piece(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Evidence a consultant entered on a day. `value` is decimal text."""

    key: str
    items: tuple[str, ...]
    on: date
    title: str
    note: str
    value: str = ""
    period: str = ""


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the department decided about a soft target."""

    key: str
    is_met: bool
    on: date
    note: str


class Absence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A consultant who was not replaced; entered on a day."""

    first: date
    last: date
    fte: str
    note: str
    on: date


class _Names(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    family: tuple[Family, ...]


class _Organisations(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    area: tuple[Field, ...]


class _People(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    password: str
    sign_in: tuple[SignIn, ...]
    helper: tuple[Helper, ...]


class _Areas(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    when: str
    area: tuple[AreaWords, ...]


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What people write, and what the trainer answers: with praise, or asking for `more`."""

    thoughts: tuple[str, ...]
    tasks: tuple[str, ...]
    praise: tuple[str, ...]
    more: str


class Programme(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was taught, online and together, and where."""

    course: tuple[Taught, ...]
    online: tuple[Online, ...]
    place: tuple[Place, ...]
    coming: tuple[Coming, ...]
    published: dict[str, date]
    guest: tuple[Guest, ...]


class Book(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was entered by hand for one covenant."""

    covenant: str
    decision: Decision
    absence: Absence
    evidence: tuple[Piece, ...]


class Story(msgspec.Struct, frozen=True):
    """The whole of it."""

    families: tuple[Family, ...]
    fields: tuple[Field, ...]
    password: str
    sign_ins: tuple[SignIn, ...]
    helpers: tuple[Helper, ...]
    areas: tuple[AreaWords, ...]
    contact_when: str
    programme: Programme
    said: Said
    book: Book

    @property
    def user_names(self) -> frozenset[str]:
        """The names of the eight."""
        return frozenset(sign_in.user for sign_in in self.sign_ins)


@cache
def load_story() -> Story:
    """Read the story. Raises `msgspec.ValidationError`, naming what is wrong."""
    people, areas = _read("people", _People), _read("areas", _Areas)
    return Story(
        families=_read("names", _Names).family,
        fields=_read("organisations", _Organisations).area,
        password=people.password,
        sign_ins=people.sign_in,
        helpers=people.helper,
        areas=areas.area,
        contact_when=areas.when,
        programme=_read("programme", Programme),
        said=_read("said", Said),
        book=_read("evidence", Book),
    )


def course_folders() -> list[Path]:
    """The small courses that only the demo has, by name."""
    return sorted(path.parent for path in COURSES.glob("*/course.yml"))


def _read(name: str, kind: type[Part]) -> Part:
    return msgspec.toml.decode((STORY / f"{name}.toml").read_bytes(), type=kind)
