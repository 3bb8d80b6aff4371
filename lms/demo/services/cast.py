"""Who is in the story: opened through the services of accounts, and remembered here by their ids."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from random import Random

from lms.demo.formats import Family

DOTLESS_I = "\N{LATIN SMALL LETTER DOTLESS I}"  # has no parts for Unicode to take apart
_SIGNS = re.compile(r"[^a-z0-9]+")


@dataclass(slots=True)
class Worker:
    """Somebody with an account. `since`: the day it was opened. `met`: how often she was at a delegates' meeting."""

    person_id: int
    organisation_id: int
    area: str
    since: date
    user: str = ""
    is_officer: bool = False
    is_leader: bool = False
    is_delegate: bool = False
    is_staff_of_fund: bool = False
    met: int = 0
    courses: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Cast:
    """Everybody, and who officers are."""

    rng: Random
    workers: list[Worker] = field(default_factory=list)
    officers: dict[int, Worker] = field(default_factory=dict)
    users: dict[str, Worker] = field(default_factory=dict)
    trainers: list[Worker] = field(default_factory=list)
    consultants: dict[str, Worker] = field(default_factory=dict)

    def add(self, worker: Worker) -> None:
        """Remember her."""
        self.workers.append(worker)
        if worker.is_officer:
            self.officers[worker.organisation_id] = worker
        if worker.user:
            self.users[worker.user] = worker

    def pick(
        self,
        count: int,
        *,
        course: str,
        day: date,
        areas: Collection[str],
        who: Callable[[Worker], bool] = lambda _worker: True,
    ) -> list[Worker]:
        """So many people of these areas with an account on this day, who never took the course; fewer if need be.

        The eight are never picked: their story is told apart.
        """
        free = [
            worker
            for worker in self.workers
            if worker.area in areas
            and worker.since <= day
            and course not in worker.courses
            and not worker.user
            and not worker.is_staff_of_fund
            and who(worker)
        ]
        return self.rng.sample(free, min(count, len(free)))

    def officer_of(self, worker: Worker) -> int | None:
        """The id of the officer of her organisation."""
        officer = self.officers.get(worker.organisation_id)
        return officer.person_id if officer else None


class Names:
    """Names for people, and addresses that are nobody's: they end in `.example`."""

    def __init__(self, rng: Random, families: Iterable[Family]) -> None:
        self._rng = rng
        self._families = list(families)
        self._weights = [family.weight for family in self._families]
        self._taken: set[str] = set()

    def draw(self) -> tuple[str, str]:
        """A first name and a last name."""
        family = self._rng.choices(self._families, self._weights)[0]
        first = self._rng.choice(family.first)
        if self._rng.random() < 0.06:  # who grew up between two languages
            family = self._rng.choice(self._families)
        return first, self._rng.choice(family.last)

    def address(self, first: str, last: str, organisation: str) -> str:
        """An e-mail address at this organisation that nobody in the story has yet."""
        name, host = f"{_plain(first)}.{_plain(last)}", _plain(organisation, "-")
        address, number = f"{name}@{host}.example", 1
        while address in self._taken:
            number += 1
            address = f"{name}{number}@{host}.example"
        self._taken.add(address)
        return address


def _plain(text: str, between: str = "") -> str:
    bare = unicodedata.normalize("NFKD", text.replace(DOTLESS_I, "i")).encode("ascii", "ignore").decode().lower()
    return _SIGNS.sub(between, bare).strip("-")
