"""What is pure of the covenant: its file as data, its periods, its money, and from milestones to participations."""

from sectors.covenant.formats.covenants import (
    FOLDER,
    Combine,
    Commitment,
    Counter,
    Covenant,
    CovenantError,
    Every,
    Kind,
    Only,
    Part,
    covenant_names,
    load_covenant,
    read_covenant,
)

__all__ = [
    "FOLDER",
    "Combine",
    "Commitment",
    "Counter",
    "Covenant",
    "CovenantError",
    "Every",
    "Kind",
    "Only",
    "Part",
    "covenant_names",
    "load_covenant",
    "read_covenant",
]
