"""Who a row of a list means: somebody who works here, somebody new, or nobody yet. Nothing here reads the database.

Only the organisation's own staff is looked at. That an address belongs to an account elsewhere is known, but not whose:
such a row waits, because an address in a list proves nothing about who typed it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from courses.enrolment.formats import ListedPerson, is_email, is_user_name, plain_name

CLOSE_FROM = 5  # letters: shorter names are too often one letter apart
MOST_CANDIDATES = 4


class State(StrEnum):
    """Where a row stands."""

    BAD = "bad"
    READY = "ready"
    ALREADY = "already"
    SKIPPED = "skipped"
    DONE = "done"
    UNDONE = "undone"


class Decision(StrEnum):
    """What the officer said of a row."""

    NONE = ""
    PERSON = "person"
    NEW = "new"
    SKIP = "skip"


class Problem(StrEnum):
    """Why a row cannot go through yet; `ELSEWHERE`: need not, she takes the course for another employer."""

    NONE = ""
    NAME_MISSING = "name-missing"
    NUMBER_UNKNOWN = "number-unknown"
    NUMBER_OF_OTHER = "number-of-other"
    EMAIL_WRONG = "email-wrong"
    EMAIL_OF_OTHER = "email-of-other"
    EMAIL_DIFFERS = "email-differs"
    EMAIL_TAKEN = "email-taken"
    USER_NAME_WRONG = "user-name-wrong"
    USER_NAME_TAKEN = "user-name-taken"
    SAME_NAME = "same-name"
    CLOSE_NAME = "close-name"
    BLOCKED = "blocked"
    TWICE = "twice"
    GONE = "gone"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who works for the organisation now. `has_been_in`: she chose a password once."""

    person_id: int
    employment_id: int
    first_name: str
    last_name: str
    email: str
    user_name: str
    staff_number: str
    is_blocked: bool
    has_been_in: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found about a row. `is_new`: an account is made, or one that an undone list made is opened again.
    `detail`: the number of the row it repeats.
    """

    state: State
    problem: Problem = Problem.NONE
    person_id: int | None = None
    is_new: bool = False
    candidates: tuple[int, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row to judge, with what the officer said of it."""

    number: int
    person: ListedPerson
    decision: Decision = Decision.NONE
    chosen_id: int | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """The addresses and user names in the list that have an account outside this organisation."""

    emails: Collection[str] = ()
    user_names: Collection[str] = ()


class Staff:
    """The organisation's people, found by number, address, user name or name."""

    def __init__(self, colleagues: Iterable[Colleague]) -> None:
        self._by_id: dict[int, Colleague] = {}
        self._numbers: dict[str, list[int]] = defaultdict(list)
        self._emails: dict[str, int] = {}
        self._user_names: dict[str, int] = {}
        self._names: dict[str, list[int]] = defaultdict(list)
        self._nearly: dict[str, set[int]] | None = None
        for colleague in colleagues:
            self._add(colleague)

    def _add(self, colleague: Colleague) -> None:
        self._by_id[colleague.person_id] = colleague
        if colleague.staff_number:
            self._numbers[_plain_number(colleague.staff_number)].append(colleague.person_id)
        if colleague.email:
            self._emails[colleague.email] = colleague.person_id
        if colleague.user_name:
            self._user_names[colleague.user_name] = colleague.person_id
        self._names[_name_key(colleague.first_name, colleague.last_name)].append(colleague.person_id)

    def get(self, person_id: int | None) -> Colleague | None:
        """The colleague with this id, or None."""
        return None if person_id is None else self._by_id.get(person_id)

    def by_number(self, number: str) -> list[Colleague]:
        """Who has this staff number. A spreadsheet drops leading zeros, so they do not count."""
        return self._all(self._numbers.get(_plain_number(number), ())) if number else []

    def by_email(self, email: str) -> Colleague | None:
        """Who has this address."""
        return self.get(self._emails.get(email))

    def by_user_name(self, user_name: str) -> Colleague | None:
        """Who signs in with this name."""
        return self.get(self._user_names.get(user_name))

    def by_name(self, person: ListedPerson) -> list[Colleague]:
        """Who is called so, accents and capitals aside, whichever name stands first."""
        return self._all(self._names.get(_name_key(person.first_name, person.last_name), ()))

    def nearly_called(self, person: ListedPerson) -> list[Colleague]:
        """Whose name differs by a letter: one too many, one too few, another, or two swapped."""
        if self._nearly is None:
            self._nearly = self._index_spellings()
        found: set[int] = set()
        for spelling in _spellings(person.first_name, person.last_name):
            for shorter in _without_one(spelling):
                found |= self._nearly.get(shorter, set())
        return self._all(sorted(found))[:MOST_CANDIDATES]

    def _index_spellings(self) -> dict[str, set[int]]:
        index: dict[str, set[int]] = defaultdict(set)
        for colleague in self._by_id.values():
            for spelling in _spellings(colleague.first_name, colleague.last_name)[:1]:
                for shorter in _without_one(spelling):
                    index[shorter].add(colleague.person_id)
        return index

    def _all(self, person_ids: Iterable[int]) -> list[Colleague]:
        return [self._by_id[person_id] for person_id in person_ids]


def judge_list(
    rows: Sequence[Candidate],
    staff: Staff,
    taken: Taken,
    enrolled: Collection[int],
    elsewhere: Collection[int] = (),
    seen: Iterable[tuple[int, int]] = (),
) -> list[Verdict]:
    """A verdict for each row, in order. `enrolled`: ids of people who take the course already; `elsewhere`: those of
    them who take it for another employer, or on their own.

    Whom the list names twice goes through once, on her first good row. `seen`: (person id, row number) of rows carried
    out before.
    """
    first: dict[object, int] = {("person", person_id): number for person_id, number in seen}
    verdicts = []
    for row in rows:
        verdict = judge(row, staff, taken)
        if verdict.state is State.READY:
            keys = _keys(row.person, verdict)
            again = next((first[key] for key in keys if key in first), None)
            if again is not None:
                verdict = Verdict(State.BAD, Problem.TWICE, detail=str(again))
            else:
                first.update(dict.fromkeys(keys, row.number))
                if verdict.person_id in enrolled:
                    problem = Problem.ELSEWHERE if verdict.person_id in elsewhere else Problem.NONE
                    verdict = Verdict(State.ALREADY, problem, person_id=verdict.person_id)
        verdicts.append(verdict)
    return verdicts


def judge(row: Candidate, staff: Staff, taken: Taken) -> Verdict:
    """What one row means on its own."""
    if row.decision is Decision.SKIP:
        return Verdict(State.SKIPPED)
    chosen = staff.get(row.chosen_id) if row.decision is Decision.PERSON else None
    if chosen is not None:
        return _go_through(chosen)
    for ask in (_ask_number, _ask_email, _ask_user_name, _ask_name):
        verdict = ask(row, staff, taken)
        if verdict is not None:
            return verdict
    return _newcomer(row)


# ---- the questions, in order of how sure their answer is -------------------------------------------------------------


def _ask_number(row: Candidate, staff: Staff, _taken: Taken) -> Verdict | None:
    found = staff.by_number(row.person.staff_number)
    if not found:
        return None
    fitting = [colleague for colleague in found if _is_alike(row.person, colleague)]
    if len(fitting) != 1:
        return _doubt(Problem.NUMBER_OF_OTHER, fitting or found)
    return _go_through(fitting[0])


def _ask_email(row: Candidate, staff: Staff, taken: Taken) -> Verdict | None:
    email = row.person.email
    if not email:
        return None
    if not is_email(email):
        return _doubt(Problem.EMAIL_WRONG, staff.by_name(row.person))
    found = staff.by_email(email)
    if found is None:
        return Verdict(State.BAD, Problem.EMAIL_TAKEN) if email in taken.emails else None
    if not _is_alike(row.person, found):
        return _doubt(Problem.EMAIL_OF_OTHER, [found])
    return _other_number(row, found) or _go_through(found)


def _ask_user_name(row: Candidate, staff: Staff, taken: Taken) -> Verdict | None:
    user_name = row.person.user_name
    if not user_name:
        return None
    found = staff.by_user_name(user_name)
    if found is not None:
        return _go_through(found) if _is_alike(row.person, found) else _doubt(Problem.SAME_NAME, [found])
    if user_name in taken.user_names:
        return _doubt(Problem.USER_NAME_TAKEN, staff.by_name(row.person))
    return None if is_user_name(user_name) else _doubt(Problem.USER_NAME_WRONG, staff.by_name(row.person))


def _ask_name(row: Candidate, staff: Staff, _taken: Taken) -> Verdict | None:
    if row.decision is Decision.NEW or not row.person.name:
        return None
    called = staff.by_name(row.person)
    if len(called) == 1:
        return _other_number(row, called[0]) or _other_email(row, called[0]) or _go_through(called[0])
    if called:
        return _doubt(Problem.SAME_NAME, called)
    nearly = staff.nearly_called(row.person)
    if nearly:
        return _doubt(Problem.NUMBER_UNKNOWN if row.person.staff_number else Problem.CLOSE_NAME, nearly)
    return None


def _newcomer(row: Candidate) -> Verdict:
    if row.person.first_name and row.person.last_name:
        return Verdict(State.READY, is_new=True)
    is_number_alone = bool(row.person.staff_number) and not row.person.name
    return Verdict(State.BAD, Problem.NUMBER_UNKNOWN if is_number_alone else Problem.NAME_MISSING)


def _other_number(row: Candidate, colleague: Colleague) -> Verdict | None:
    mine, hers = row.person.staff_number, colleague.staff_number
    differs = mine and hers and _plain_number(mine) != _plain_number(hers)
    return _doubt(Problem.NUMBER_UNKNOWN, [colleague]) if differs else None


def _other_email(row: Candidate, colleague: Colleague) -> Verdict | None:
    differs = row.person.email and colleague.email and row.person.email != colleague.email
    return _doubt(Problem.EMAIL_DIFFERS, [colleague]) if differs else None


def _go_through(colleague: Colleague) -> Verdict:
    """Who is blocked stays out, unless nobody ever used the account: then an earlier list was undone."""
    if colleague.is_blocked and colleague.has_been_in:
        return Verdict(State.BAD, Problem.BLOCKED)
    return Verdict(State.READY, person_id=colleague.person_id, is_new=colleague.is_blocked)


def _doubt(problem: Problem, colleagues: Sequence[Colleague]) -> Verdict:
    ids = tuple(colleague.person_id for colleague in colleagues)[:MOST_CANDIDATES]
    return Verdict(State.BAD, problem, candidates=ids)


# ---- names and numbers -----------------------------------------------------------------------------------------------


def _keys(person: ListedPerson, verdict: Verdict) -> list[tuple[str, object]]:
    """By what a second row would be the same person."""
    if verdict.person_id is not None:
        return [("person", verdict.person_id)]
    keys: list[tuple[str, object]] = []
    if person.email:
        keys.append(("email", person.email))
    if person.user_name:
        keys.append(("user name", person.user_name))
    if person.staff_number:
        keys.append(("number", _plain_number(person.staff_number)))
    return keys or [("name", _name_key(person.first_name, person.last_name))]


def _is_alike(person: ListedPerson, colleague: Colleague) -> bool:
    """Whether the names can be of one person: they share a name, as after a marriage, or differ by a letter."""
    if not person.name:
        return True
    mine = {plain_name(word) for word in person.name.split()}
    hers = {plain_name(word) for word in f"{colleague.first_name} {colleague.last_name}".split()}
    if mine & hers:
        return True
    listed = _spellings(person.first_name, person.last_name)
    known = {
        shorter
        for spelling in _spellings(colleague.first_name, colleague.last_name)
        for shorter in _without_one(spelling)
    }
    return any(shorter in known for spelling in listed for shorter in _without_one(spelling))


def _plain_number(number: str) -> str:
    return plain_name(number).lstrip("0") or "0"


def _name_key(first: str, last: str) -> str:
    return " ".join(sorted((plain_name(first), plain_name(last))))


def _spellings(first: str, last: str) -> list[str]:
    """The whole name as one word, both ways round, when it is long enough to be nearly something else."""
    one, other = plain_name(first), plain_name(last)
    return [one + other, other + one] if len(one + other) >= CLOSE_FROM else []


def _without_one(word: str) -> Iterator[str]:
    """The word itself, and the word without each of its letters: two words a letter apart share one of these."""
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]
