"""The roles, sizes and looks in the words of the field."""

from __future__ import annotations

from lms.kernel.i18n import gettext as _
from lms.kernel.identity import Role


def role_name(role: Role) -> str:
    """What people call this role."""
    return {
        Role.LEARNER: _("medewerker"),
        Role.OFFICER: _("VTO-verantwoordelijke"),
        Role.TEACHER: _("leerkracht"),
        Role.TRAINER: _("opleider"),
        Role.DIGICOACH: _("digicoach"),
        Role.DELEGATE: _("vakbondsafgevaardigde"),
        Role.CONSULTANT: _("sectorconsulent"),
        Role.ADMIN: _("beheerder"),
    }[role]


def text_sizes() -> list[tuple[str, str]]:
    """The sizes of text somebody can choose, as (value, words)."""
    return [("", _("Gewoon")), ("large", _("Groot")), ("larger", _("Heel groot"))]


def themes() -> list[tuple[str, str]]:
    """Light or dark, as (value, words)."""
    return [("", _("Zoals mijn toestel")), ("light", _("Licht")), ("dark", _("Donker"))]
