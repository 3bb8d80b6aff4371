"""Whose is what: the sides of the world, and the words that give them away."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a marker stands in; who may read it follows from this and from whose it is."""

    PERSON = "mens"  # the name of a learner
    STAFF = "team"  # the name of an officer, trainer or consultant
    EMPLOYER = "baas"  # the name of an organisation
    PRIVATE = "geheim"  # what somebody wrote, or a link only for who has a place
    DESK = "bureau"  # what a trainer or officer prepares and nobody else sees yet
    OPEN = "open"  # what an area tells everybody on its own pages


@dataclass(frozen=True)
class Marker:
    """A word that stands nowhere else. `owner`: the visitor whose own it is, or empty."""

    word: str
    side: str
    area: str
    kind: Kind
    owner: str = ""


@dataclass
class Side:
    """One employer in one area, with what belongs to it: the values with which the walk fills addresses."""

    name: str
    area: str
    markers: list[Marker] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)

    def mark(self, kind: Kind, owner: str = "") -> str:
        """A new word for this side; the same every time for the same kind and owner."""
        word = f"{self.name}{kind.value}{owner}"
        marker = Marker(word.lower(), self.name, self.area, kind, owner)
        if marker not in self.markers:
            self.markers.append(marker)
        return word.capitalize()
