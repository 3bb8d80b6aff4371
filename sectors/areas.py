"""Which areas exist: thirteen, as data in `areas.toml`. Everybody may ask; nobody needs a table for it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lms.kernel.errors import NotFound
from lms.kernel.i18n import gettext
from lms.kernel.identity import Identity, Permission


@dataclass(frozen=True, slots=True)
class Area:
    """One sector area. `joint_committee` is empty where there is none; `education` marks the area of the schools.

    `dutch_name` is the one in the file, for what is kept; `name` is the one people read.
    """

    slug: str
    dutch_name: str
    joint_committee: str
    tint: str
    icon: str
    education: bool = False

    @property
    def name(self) -> str:
        """What it is called in the language of the page."""
        return gettext(self.dutch_name)


@cache
def all_areas() -> dict[str, Area]:
    """Every area by its slug, in the order of the file."""
    with (Path(__file__).parent / "areas.toml").open("rb") as file:
        rows = tomllib.load(file)["area"]
    return {row["slug"]: Area(dutch_name=row.pop("name"), **row) for row in rows}


def find_area(slug: str) -> Area | None:
    """The area with this slug, or None."""
    return all_areas().get(slug)


def get_area(slug: str) -> Area:
    """The area with this slug. Raises `NotFound`."""
    area = find_area(slug)
    if area is None:
        raise NotFound(slug)
    return area


def area_name(slug: str | None) -> str:
    """What people call it; empty for none, and for one that is gone."""
    area = find_area(slug or "")
    return area.name if area else ""


def areas_where(identity: Identity, permission: Permission) -> list[Area]:
    """The areas where she may do this, in the order of the file."""
    hers = identity.areas(permission)
    return [area for area in all_areas().values() if hers is None or area.slug in hers]


def area_choices(identity: Identity, permission: Permission) -> list[tuple[str, str]]:
    """The same as slugs with names, to choose from."""
    return [(area.slug, area.name) for area in areas_where(identity, permission)]


def limit_choices(identity: Identity, permission: Permission) -> list[tuple[str, str]]:
    """The areas to limit something to; to leave it open is only for who looks after all."""
    choices = area_choices(identity, permission)
    return [("", gettext("Alle afdelingen")), *choices] if identity.areas(permission) is None else choices
