"""People stand in the same order on both databases and in Python."""

from __future__ import annotations

from random import Random

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts.models import Person
from lms.kernel.names import name_key, name_order
from tests.factories.accounts import make_person

IN_ORDER = (
    ("Aerts", "Zoë"),
    ("Çelik", "Ayşe"),
    ("de Backer", "An"),
    ("De Backer", "Bo"),
    ("Debacker", "Cis"),
    ("Decoster", "An"),
    ("De Smet", "An"),
    ("D'Hondt", "An"),
    ("Maes", "Zita"),
    ("Maesen", "An"),
    ("Pérez", "An"),
    ("Perez", "Bo"),
    ("Van den Berg", "An"),
    ("Vandenberghe", "An"),
    ("Zwart", "Élise"),
    ("Zwart", "Emma"),
)


def test_names_stand_as_people_here_look_for_them(db: Session) -> None:
    made = [make_person(db, last_name=last, first_name=first) for last, first in shuffled()]
    listed = db.execute(
        sa.select(Person.last_name, Person.first_name)
        .where(Person.id.in_([person.id for person in made]))
        .order_by(name_order(Person.last_name, Person.first_name))
    )
    assert tuple(map(tuple, listed)) == IN_ORDER
    assert tuple(sorted(shuffled(), key=lambda name: name_key(*name))) == IN_ORDER


def shuffled() -> list[tuple[str, str]]:
    names = list(IN_ORDER)
    Random(1).shuffle(names)
    return names
