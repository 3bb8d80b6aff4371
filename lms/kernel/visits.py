"""A visit in somebody else's frame, as the kernel knows it: who is in it, who may frame it, and what it may show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from lms.kernel.identity import Identity


class Door(Enum):
    """What a visit may do with an address: open it, be led back to what its link places, or nothing at all."""

    OPEN = "open"
    HOME = "home"
    SHUT = "shut"


@dataclass(frozen=True, slots=True)
class FramedVisit:
    """A visit as its pages need it. `identity` is nobody when the cookie is not the visit's, or the visit is over.

    `frame_origin`: who alone may frame it. `door` says of an endpoint and its arguments whether it belongs here.
    `is_linked`: she proved that she has an account of her own.
    """

    uuid: UUID
    identity: Identity
    frame_origin: str
    language: str
    door: Callable[[Session, str, Mapping[str, Any]], Door]
    return_url: str = ""
    is_preview: bool = False
    is_linked: bool = False


FindVisit = Callable[[Session, UUID, str], "FramedVisit | None"]
