"""Persons: what the store knows of whoever is behind an agent (1.0.3 Communication 2.4; 2.0 4.1.6.3)."""

from __future__ import annotations

from typing import Any

from xapi.standard.actor import IFI


def person_of(agent: dict[str, Any]) -> dict[str, Any]:
    """The person behind a valid agent: each property as an array.

    It says no more than was asked. Which identifiers belong to one person is known to her employer and to us, and not
    for every program with a key: the standard wants permission for that, and answers without it.
    """
    return {"objectType": "Person"} | {key: [agent[key]] for key in agent if key in IFI or key == "name"}
