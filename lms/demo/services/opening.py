"""The employers and their people: organisations, places, accounts, work and roles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from itertools import count
from random import Random

from sqlalchemy.orm import Session

from lms.accounts.formats.numbers import check_digits
from lms.accounts.services import add_establishment, create_organisation, create_person, employ, grant_role
from lms.demo.formats import AreaWords, Employer, Field, HeldRole, Helper, SignIn, Story
from lms.demo.services.agenda import Agenda
from lms.demo.services.cast import Cast, Names, Worker
from lms.demo.services.moments import BEGIN, FIRST_WORKDAY, at, some_time
from lms.kernel.identity import Role
from sectors.areas import get_area

KBO_RANGE = "1999"  # numbers that nobody has, with valid check digits
PLACE_RANGE = "8999"
FUND = "Vormingsfonds Thuis in Zorg"
WAVES = (date(2023, 9, 18), date(2023, 11, 13), date(2024, 1, 15), date(2024, 3, 11), date(2024, 5, 13),
         date(2024, 8, 26), date(2024, 10, 14), date(2024, 12, 2), date(2025, 2, 3), date(2025, 4, 7))  # fmt: skip
FEWEST = 4  # the officer, two who lead, a delegate
AT_ONCE = 0.6  # of the people get their account in the first weeks


@dataclass(slots=True)
class House:
    """An employer of the story once it is in the database."""

    employer: Employer
    field: Field
    id: int
    places: list[int]


class Opening:
    """Opens everything in the agenda, at the scale asked for."""

    def __init__(self, story: Story, cast: Cast, scale: float) -> None:
        self.story, self.cast, self.scale = story, cast, scale
        self.rng = Random("opening")
        self.names = Names(Random("names"), story.families)
        self.houses: list[House] = []
        self._numbers = count(1)

    def plan(self, agenda: Agenda) -> None:
        """Put the organisations, their first people and those who come later into the agenda."""
        agenda.at(at(FIRST_WORKDAY, 8), self._open_houses)
        agenda.at(at(FIRST_WORKDAY, 8, 30), self._open_named)
        for number, (_field, employer) in enumerate(_employers(self.story)):
            named = len(self._named(employer.name))
            some = max(FEWEST, round(employer.staff * self.scale) - named)
            first = max(FEWEST, round(some * AT_ONCE))
            moment = at(FIRST_WORKDAY + timedelta(days=number // 8), 9, number % 60)
            agenda.at(moment, partial(self._open_people, number, first, is_first=True))
            later = some - first
            for wave, day in enumerate(WAVES):
                share = later * (wave + 1) // len(WAVES) - later * wave // len(WAVES)
                if share > 0:
                    last = day + timedelta(days=12)
                    agenda.at(some_time(self.rng, day, last), partial(self._open_people, number, share))
        agenda.at(at(date(2023, 8, 21), 9), self._open_second_jobs)

    def _open_houses(self, db: Session) -> None:
        for field, employer in _employers(self.story):
            self.houses.append(self._open_house(db, field, employer))

    def _open_house(self, db: Session, field: Field, employer: Employer) -> House:
        number = f"{KBO_RANGE}{len(self.houses) * 37 + 1100:04d}"
        organisation = create_organisation(
            db,
            name=employer.name,
            kbo=number + check_digits(number),
            area=field.slug,
            joint_committee=get_area(field.slug).joint_committee,
            employer_category=field.category,
            fte=Decimal(employer.staff * 3) / 4,
        )
        places = [self._open_place(db, organisation.id, employer, index) for index in range(employer.places)]
        return House(employer, field, organisation.id, places)

    def _open_place(self, db: Session, organisation_id: int, employer: Employer, index: int) -> int:
        number = f"{PLACE_RANGE}{next(self._numbers) * 13 + 2000:04d}"
        name = employer.town if index == 0 else f"{employer.town} {('Noord', 'Zuid', 'Centrum', 'Station')[index - 1]}"
        return add_establishment(db, organisation_id, name=name, number=number + check_digits(number)).id

    # ---- people with a name of their own -----------------------------------------------------------------------------

    def _named(self, organisation: str) -> list[SignIn | AreaWords | Helper]:
        """Who of an organisation stands in the story by name or by work."""
        found: list[SignIn | AreaWords | Helper] = [it for it in self.story.sign_ins if it.organisation == organisation]
        for helper in self.story.helpers:
            found += [helper] * helper.number if helper.organisation == organisation else []
        if organisation == FUND:
            users = {f"{it.first} {it.last}" for it in self.story.sign_ins}
            found += [words for words in self.story.areas if words.contact not in users]
        return found

    def _open_named(self, db: Session) -> None:
        for house in self.houses:
            for one in self._named(house.employer.name):
                if isinstance(one, SignIn):
                    self._open_sign_in(db, house, one)
                elif isinstance(one, Helper):
                    self._open_helper(db, house, one)
                else:
                    self._open_consultant(db, house, one)
        users = {f"{it.first} {it.last}": self.cast.users[it.user] for it in self.story.sign_ins}
        for words in self.story.areas:
            if words.contact in users:
                self.cast.consultants[words.slug] = users[words.contact]

    def _open_sign_in(self, db: Session, house: House, one: SignIn) -> None:
        address = self.names.address(one.first, one.last, house.employer.name)
        worker = self._open(db, house, one.first, one.last, one.job, email=address, user=one.user)
        worker.is_officer = any(it.role is Role.OFFICER for it in one.roles)
        worker.is_staff_of_fund = house.employer.name == FUND
        self.cast.add(worker)
        for held in one.roles:
            _grant(db, worker, held)
        if any(it.role is Role.TRAINER for it in one.roles):
            self.cast.trainers.insert(0, worker)

    def _open_helper(self, db: Session, house: House, one: Helper) -> None:
        first, last = self.names.draw()
        address = self.names.address(first, last, house.employer.name)
        worker = self._open(db, house, first, last, one.job, email=address)
        worker.is_staff_of_fund = one.role is not None
        worker.is_delegate = one.role is None
        self.cast.add(worker)
        if one.role is not None:
            grant_role(db, worker.person_id, one.role)
            self.cast.trainers.append(worker)

    def _open_consultant(self, db: Session, house: House, words: AreaWords) -> None:
        first, last = words.contact.split(" ", 1)
        address = self.names.address(first, last, house.employer.name)
        worker = self._open(db, house, first, last, "Sectorconsulent", email=address)
        worker.is_staff_of_fund = True
        self.cast.add(worker)
        grant_role(db, worker.person_id, Role.CONSULTANT, area=words.slug)
        self.cast.consultants[words.slug] = worker

    # ---- everybody else ----------------------------------------------------------------------------------------------

    def _open_people(self, number: int, many: int, db: Session, *, is_first: bool = False) -> None:
        """Some people of one employer: the first of all is its officer, the next lead, then one delegate a place."""
        house = self.houses[number]
        for index in range(many):
            is_officer = is_first and index == 0 and house.id not in self.cast.officers
            is_leader = is_first and index in (1, 2)
            place = index - 3
            is_delegate = is_first and 0 <= place < len(house.places) and house.employer.name != FUND
            job = "VTO-verantwoordelijke" if is_officer else "Leidinggevende" if is_leader else self._job(house)
            worker = self._open_somebody(db, house, job, house.places[place] if is_delegate else None)
            worker.is_officer, worker.is_leader, worker.is_delegate = is_officer, is_leader, is_delegate
            self.cast.add(worker)
            if is_officer:
                grant_role(db, worker.person_id, Role.OFFICER, organisation_id=house.id)
            if is_delegate:
                grant_role(db, worker.person_id, Role.DELEGATE, organisation_id=house.id)

    def _job(self, house: House) -> str:
        return self.rng.choice(house.field.jobs)

    def _open_somebody(self, db: Session, house: House, job: str, place: int | None) -> Worker:
        """Every fifth person has no address: a user name and a card are enough to learn."""
        first, last = self.names.draw()
        address = "" if self.rng.random() < 0.2 else self.names.address(first, last, house.employer.name)
        return self._open(db, house, first, last, job, email=address, place=place)

    def _open(
        self, db: Session, house: House, first: str, last: str, job: str, *, email: str,
        user: str = "", place: int | None = None,
    ) -> Worker:  # fmt: skip
        person = create_person(db, first_name=first, last_name=last, email=email, user_name=user)
        employ(
            db,
            person.id,
            house.id,
            establishment_id=place or self.rng.choice(house.places),
            job_title=job,
            staff_number=f"{person.id:05d}",
            started_on=BEGIN - timedelta(days=self.rng.randint(40, 5000)),
        )
        return Worker(person.id, house.id, house.field.slug, person.created_at.date(), user)

    def _open_second_jobs(self, db: Session) -> None:
        """Some work in two houses, and a few of them represent colleagues in both."""
        for worker in self.rng.sample(self.cast.workers, round(len(self.cast.workers) * 0.06)):
            house = self.rng.choice(self.houses)
            if worker.user or worker.is_staff_of_fund or house.id == worker.organisation_id:
                continue
            began = BEGIN - timedelta(days=self.rng.randint(5000, 7000))  # the first job stays the one that began last
            place = self.rng.choice(house.places)
            employ(db, worker.person_id, house.id, establishment_id=place, job_title=self._job(house), started_on=began)


def _employers(story: Story) -> Iterator[tuple[Field, Employer]]:
    for field in story.fields:
        for employer in field.organisations:
            yield field, employer


def _grant(db: Session, worker: Worker, held: HeldRole) -> None:
    organisation_id = worker.organisation_id if held.own else None
    grant_role(db, worker.person_id, held.role, area=held.area, organisation_id=organisation_id)
