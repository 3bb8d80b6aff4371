"""What consultants write: the areas' own pages, their news, and what they enter by hand for the covenant."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from sqlalchemy.orm import Session

from lms.demo.formats import AreaWords, Piece, Story
from lms.demo.services.agenda import Agenda
from lms.demo.services.cast import Cast
from lms.demo.services.moments import BEGIN, END, FIRST_WORKDAY, at
from lms.kernel.identity import Grant, Identity, Role
from sectors.covenant.formats import Commitment, Covenant, load_covenant
from sectors.covenant.services import NewEvidence, add_absence, add_evidence, decide_commitment, record_user_peak
from sectors.site.queries import Greeting
from sectors.site.services import change_greeting, publish_news


class Writing:
    """Puts what consultants write into the agenda."""

    def __init__(self, agenda: Agenda, cast: Cast, story: Story) -> None:
        self.agenda, self.cast, self.story = agenda, cast, story

    def plan_areas(self) -> None:
        """Every area's page in the first weeks, and news in the last ones."""
        for number, words in enumerate(self.story.areas):
            day = FIRST_WORKDAY + timedelta(days=2 + number)
            self.agenda.at(at(day, 11), partial(self._greet, words))
            for index, item in enumerate(words.news):
                moment = at(date(2025, 5, 12) + timedelta(days=number + 17 * index), 10)
                self.agenda.at(moment, partial(self._tell, words, item.title, item.text))

    def plan_covenant(self, *, every: int = 1) -> None:
        """Evidence on its day, the decision, the absence, and on every so many nights the most accounts of that day."""
        covenant, book = load_covenant(self.story.book.covenant), self.story.book
        for piece in book.evidence:
            self.agenda.at(at(piece.on, 16), partial(self._enter, covenant, piece))
        self.agenda.at(at(book.absence.on, 9), partial(self._enter_absence, covenant))
        self.agenda.at(at(book.decision.on, 9), partial(self._enter_decision, covenant))
        for night in range(0, (END - BEGIN).days + 1, every):
            self.agenda.at(at(BEGIN + timedelta(days=night), 23, 15), _count_accounts)

    def _identity(self, area: str) -> Identity:
        worker = self.cast.consultants[area]
        return Identity(person_id=worker.person_id, grants=(Grant(Role.CONSULTANT, area),))

    def _greet(self, words: AreaWords, db: Session) -> None:
        greeting = Greeting(words.welcome, words.text, words.contact, words.phone, self.story.contact_when)
        change_greeting(db, self._identity(words.slug), words.slug, greeting)

    def _tell(self, words: AreaWords, title: str, text: str, db: Session) -> None:
        publish_news(db, self._identity(words.slug), words.slug, title=title, text=text)

    @property
    def _sofie_id(self) -> int:
        return self.cast.users["sofie"].person_id

    def _enter(self, covenant: Covenant, piece: Piece, db: Session) -> None:
        given = NewEvidence(
            items=piece.items,
            dated_on=piece.on,
            title=piece.title,
            period=piece.period,
            value=Decimal(piece.value) if piece.value else None,
            note=piece.note,
        )
        add_evidence(db, covenant, _commitment(covenant, piece.key), given, by_person_id=self._sofie_id)

    def _enter_absence(self, covenant: Covenant, db: Session) -> None:
        absence = self.story.book.absence
        add_absence(
            db, covenant, first_day=absence.first, last_day=absence.last, fte=Decimal(absence.fte),
            note=absence.note, by_person_id=self._sofie_id,
        )  # fmt: skip

    def _enter_decision(self, covenant: Covenant, db: Session) -> None:
        decision = self.story.book.decision
        decide_commitment(
            db, covenant, _commitment(covenant, decision.key), is_met=decision.is_met, decided_on=decision.on,
            note=decision.note, by_person_id=self._sofie_id,
        )  # fmt: skip


def _commitment(covenant: Covenant, key: str) -> Commitment:
    commitment = covenant.find_commitment(key)
    if commitment is None:
        raise ValueError(f"the covenant {covenant.name} has no commitment {key}")
    return commitment


def _count_accounts(db: Session) -> None:
    record_user_peak(db)
