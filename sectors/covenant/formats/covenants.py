"""A covenant as data: read from `covenants/<name>.toml`, checked, and frozen.

theme → tactical goal → operational goal → commitment → part. A part is what is counted: a target, a period, and a
counter with its settings. A commitment is met when each of its parts is met in every period of it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path

import msgspec

from sectors.covenant.formats.funding import Deduction, Terms

FOLDER = Path(__file__).parents[1] / "covenants"


class CovenantError(Exception):
    """A covenant's file is wrong. The text names the file, the place in it and what would be right."""


class Kind(StrEnum):
    """What the department judges by: the result itself, or the effort."""

    RESULT = "result"
    EFFORT = "effort"


class Every(StrEnum):
    """How long a target's period lasts."""

    COVENANT = "covenant"
    COVENANT_YEAR = "covenant-year"
    CALENDAR_YEAR = "calendar-year"
    SEMESTER = "semester"
    SCHOOL_YEAR = "school-year"
    NOW = "now"


class Counter(StrEnum):
    """How a figure is made. Each is a function in `queries`."""

    SESSIONS_HELD = "sessions-held"
    DELEGATES = "delegates"
    WORKPLACES = "workplaces"
    LIVE_ATTENDEES = "live-attendees"
    PARTICIPATIONS = "participations"
    PEOPLE = "people"
    EVALUATORS = "evaluators"
    AREAS = "areas"
    ACCOUNTS = "accounts"
    TESTED_PATHS = "tested-paths"
    MODULES = "modules"
    TRACKS = "tracks"
    SEATS_SHARE = "seats-share"
    BUDGET_SHARE = "budget-share"
    DELIVERABLES = "deliverables"
    EVIDENCE_COUNT = "evidence-count"
    EVIDENCE_FIGURE = "evidence-figure"
    EVIDENCE_RATIO = "evidence-ratio"
    CALLS_INFORMED = "calls-informed"

    @property
    def is_share(self) -> bool:
        """Whether the figure is a percentage of something."""
        return self in _SHARES


_SHARES = frozenset({Counter.SEATS_SHARE, Counter.BUDGET_SHARE, Counter.EVIDENCE_RATIO, Counter.CALLS_INFORMED})
_NEEDS_MARK = frozenset(
    {
        Counter.SESSIONS_HELD,
        Counter.DELEGATES,
        Counter.WORKPLACES,
        Counter.LIVE_ATTENDEES,
        Counter.PEOPLE,
        Counter.EVALUATORS,
        Counter.TESTED_PATHS,
        Counter.MODULES,
        Counter.TRACKS,
        Counter.SEATS_SHARE,
        Counter.BUDGET_SHARE,
    }
)
_NEEDS_ITEM = frozenset(
    {Counter.EVIDENCE_COUNT, Counter.EVIDENCE_FIGURE, Counter.EVIDENCE_RATIO, Counter.CALLS_INFORMED}
)


class Evidence(StrEnum):
    """What may stand behind a figure."""

    STATEMENT = "statement"
    SESSION = "session"
    ATTENDANCE = "attendance"
    COURSE = "course"
    AREA = "area"
    ACCOUNT = "account"
    DOCUMENT = "document"
    FIGURE = "figure"

    @property
    def is_entered(self) -> bool:
        """Whether a person adds it here, by hand."""
        return self in (Evidence.DOCUMENT, Evidence.FIGURE)


class Only(StrEnum):
    """Which of the counted things a part is about."""

    ALL = ""
    INTERSECTORAL = "intersectoral"
    EDUCATION = "education"


class Combine(StrEnum):
    """What several entered figures of one period make together."""

    SUM = "sum"
    LAST = "last"


class Theme(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A theme of the covenant."""

    id: str
    title: str


class Tactical(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A priority within a theme."""

    id: str
    theme: str
    title: str


class Operational(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An action within a priority."""

    id: str
    tactical: str
    title: str


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename={"from_": "from"}):
    """What is counted. `unit`: the word for one and for many. `from` and `until` narrow the covenant's own dates.

    `mark`: of the courses that count. `item`, `of` and `items` (with their words): which evidence counts.
    `secretaries`: job titles that count apart. `minimum_minutes`: shorter presence does not count.
    `before_and_after`: only sessions with a step of the course on each side. `each`: count these instead of people.
    """

    key: str
    title: str
    target: int
    unit: tuple[str, str]
    period: Every
    counter: Counter
    from_: date | None = None
    until: date | None = None
    mark: str = ""
    only: Only = Only.ALL
    mode: str = ""
    before_and_after: bool = False
    minimum_minutes: int = 0
    secretaries: tuple[str, ...] = ()
    each: str = ""
    item: str = ""
    of: str = ""
    items: dict[str, str] = {}
    combine: Combine = Combine.SUM


class Commitment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the sector promised.

    `soft`: the text says "streefdoel", so the department may decide. `has_choice`: the consultant chooses between
    participations and people.
    """

    key: str
    title: str
    kind: Kind
    operational: str
    definition: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    part: tuple[Part, ...]
    label: str = ""
    group: str = ""
    soft: bool = False
    has_choice: bool = False

    @property
    def takes_evidence(self) -> bool:
        """Whether people add evidence to it by hand."""
        return any(kind.is_entered for kind in self.evidence)

    @property
    def items(self) -> dict[str, str]:
        """What an entered piece of evidence may be about: key and title. Course slugs are not among them."""
        found: dict[str, str] = {}
        for part in self.part:
            found |= part.items or {name: part.title for name in (part.item, part.of) if name}
        return found

    def get_part(self, key: str) -> Part:
        """The part with this key. Raises `KeyError`."""
        return next((part for part in self.part if part.key == key), None) or _missing(key)


class Covenant(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One agreement between the government and the sector. Amounts are decimal text."""

    name: str
    title: str
    starts_on: date
    ends_on: date
    maximum: str
    effort_share: str
    result_share: str
    consultants_fte: str
    progress_report_due: date
    final_report_due: date
    joint_committees: tuple[str, ...]
    absence_deduction: Deduction
    marks: dict[str, str]
    theme: tuple[Theme, ...]
    tactical: tuple[Tactical, ...]
    operational: tuple[Operational, ...]
    commitment: tuple[Commitment, ...]

    @property
    def days(self) -> int:
        """How many days it lasts, the first and the last included."""
        return (self.ends_on - self.starts_on).days + 1

    @property
    def groups(self) -> dict[str, tuple[Commitment, ...]]:
        """The result commitments the money follows, each with its members."""
        names = dict.fromkeys(item.group for item in self.commitment if item.kind is Kind.RESULT)
        return {name: tuple(item for item in self.commitment if item.group == name) for name in names}

    @property
    def terms(self) -> Terms:
        """What the money is computed from."""
        return Terms(
            maximum=Decimal(self.maximum),
            effort_share=Decimal(self.effort_share),
            result_share=Decimal(self.result_share),
            consultants_fte=Decimal(self.consultants_fte),
            days=self.days,
            result_commitments=len(self.groups),
            deduction=self.absence_deduction,
        )

    def find_commitment(self, key: str) -> Commitment | None:
        """The commitment with this key, or None."""
        return next((item for item in self.commitment if item.key == key), None)

    def goals(self, commitment: Commitment) -> tuple[str, str, str]:
        """Where a commitment stands in the outline: titles of theme, tactical and operational goal."""
        operational = next(goal for goal in self.operational if goal.id == commitment.operational)
        tactical = next(goal for goal in self.tactical if goal.id == operational.tactical)
        theme = next(goal for goal in self.theme if goal.id == tactical.theme)
        return theme.title, tactical.title, operational.title


def covenant_names() -> tuple[str, ...]:
    """The covenants we know, oldest first."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def load_covenant(name: str) -> Covenant:
    """The covenant of this name. Raises `KeyError` when there is none, `CovenantError` when its file is wrong."""
    if name not in covenant_names():
        raise KeyError(name)
    return read_covenant((FOLDER / f"{name}.toml").read_text(encoding="utf-8"), source=f"{name}.toml")


def read_covenant(text: str, *, source: str) -> Covenant:
    """Read a covenant from TOML. Raises `CovenantError` with the first thing that is wrong."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CovenantError(f"{source}: {error}") from None
    try:
        covenant = msgspec.convert(data, Covenant)
    except msgspec.ValidationError as error:
        raise CovenantError(f"{source}: {_place(data, str(error))}") from None
    for fault in _faults(covenant):
        raise CovenantError(f"{source}: {fault}")
    return covenant


def _place(data: dict[str, object], message: str) -> str:
    """The message with the commitment's key in the place of its number."""
    found = re.search(r"\$\.commitment\[(\d+)\]", message)
    commitments = data.get("commitment")
    if found is None or not isinstance(commitments, list):
        return message
    row = commitments[int(found[1])]
    return message.replace(found[0], f"commitment {row.get('key', found[1])}")


def _faults(covenant: Covenant) -> Iterator[str]:
    if covenant.ends_on < covenant.starts_on:
        yield "ends_on comes before starts_on"
    if Decimal(covenant.effort_share) + Decimal(covenant.result_share) != 1:
        yield "effort_share and result_share make no whole"
    yield from _broken_outline(covenant)
    yield from _doubles("commitment", [item.key for item in covenant.commitment])
    for commitment in covenant.commitment:
        for fault in _commitment_faults(covenant, commitment):
            yield f"commitment {commitment.key}: {fault}"


def _broken_outline(covenant: Covenant) -> Iterator[str]:
    themes = {goal.id for goal in covenant.theme}
    tactical = {goal.id for goal in covenant.tactical}
    for priority in covenant.tactical:
        if priority.theme not in themes:
            yield f"tactical goal {priority.id} names theme {priority.theme}, which does not exist"
    for action in covenant.operational:
        if action.tactical not in tactical:
            yield f"operational goal {action.id} names tactical goal {action.tactical}, which does not exist"


def _commitment_faults(covenant: Covenant, commitment: Commitment) -> Iterator[str]:
    if commitment.operational not in {goal.id for goal in covenant.operational}:
        yield f"operational goal {commitment.operational} does not exist"
    if (commitment.kind is Kind.RESULT) != bool(commitment.group):
        yield "a result commitment has a group, an effort commitment has none"
    if not commitment.part:
        yield "it has no part"
    if not commitment.definition:
        yield "it has no definition"
    yield from _doubles("part", [part.key for part in commitment.part])
    for part in commitment.part:
        for fault in _part_faults(covenant, part):
            yield f"part {part.key}: {fault}"


def _part_faults(covenant: Covenant, part: Part) -> Iterator[str]:
    if part.target < 1:
        yield "a target is at least 1"
    if part.counter in _NEEDS_MARK and not part.mark:
        yield f"counter {part.counter} needs a mark"
    if part.mark and part.mark not in covenant.marks:
        yield f"mark {part.mark} is not explained under [marks]"
    if part.counter in _NEEDS_ITEM and not part.item:
        yield f"counter {part.counter} needs an item"
    if part.counter in (Counter.EVIDENCE_RATIO, Counter.CALLS_INFORMED) and not part.of:
        yield f"counter {part.counter} needs of"
    if part.counter is Counter.DELIVERABLES and len(part.items) != part.target:
        yield "as many items as the target"


def _doubles(what: str, keys: list[str]) -> Iterator[str]:
    for key in {key for key in keys if keys.count(key) > 1}:
        yield f"{what} {key} stands there twice"


def _missing(key: str) -> Part:
    raise KeyError(key)
