"""The three document resources, as a program asks them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import orjson
from werkzeug.test import TestResponse

from tests.web.xapi.conftest import Program

EMMA = {"account": {"homePage": "https://leerlabo.example/", "name": "emma"}}
TOM = {"mbox": "mailto:tom@example.org"}
REGISTRATION = "ec531277-b57b-4c15-8d91-d292c5b2b8f7"


@dataclass(frozen=True)
class Place:
    """One document's address: the resource, the parameters that say whose, and the name of the one that is its id."""

    resource: str
    owners: dict[str, str]
    name: str

    @property
    def path(self) -> str:
        return f"/xapi/{self.resource}"

    @property
    def one(self) -> dict[str, str]:
        """The parameters of one document."""
        return {**self.owners, self.name: "bladwijzer"}


def as_json(agent: dict[str, Any]) -> str:
    """An agent as a parameter holds it."""
    return orjson.dumps(agent).decode()


ACTIVITY = {"activityId": "https://leerlabo.example/activity/tillen"}
STATE = Place("activities/state", {**ACTIVITY, "agent": as_json(EMMA)}, "stateId")
ACTIVITY_PROFILE = Place("activities/profile", ACTIVITY, "profileId")
AGENT_PROFILE = Place("agents/profile", {"agent": as_json(EMMA)}, "profileId")
PLACES = (STATE, ACTIVITY_PROFILE, AGENT_PROFILE)


METHODS: dict[str, Any] = {"GET": None, "HEAD": None, "PUT": {}, "POST": {}, "DELETE": None}


class Documents:
    """The documents at one place: `put`, `post`, `get`, `delete`; parameters and headers may be changed by name."""

    def __init__(self, program: Program, place: Place) -> None:
        self.program, self.place = program, place

    def call(self, method: str, body: Any = None, *, query: dict[str, str] | None = None, **more: Any) -> TestResponse:
        asked = self.place.one if query is None else query
        return self.program.call(method, self.place.path, body, query_string=asked, **more)

    def put(self, body: Any, **more: Any) -> TestResponse:
        """Put a document where none is, unless the headers say something else."""
        return self.call("PUT", body, **{"headers": {"If-None-Match": "*"}, **more})

    def post(self, body: Any, **more: Any) -> TestResponse:
        return self.call("POST", body, **more)

    def get(self, **more: Any) -> TestResponse:
        return self.call("GET", **more)

    def delete(self, **more: Any) -> TestResponse:
        return self.call("DELETE", **more)

    def listed(self, **query: str) -> list[str]:
        """The ids of the documents of this place's owners."""
        answer = self.get(query={**self.place.owners, **query})
        assert answer.status_code == 200, answer.data
        names: list[str] = answer.get_json()
        return names


def refused(answer: Any, status: int, path: str) -> None:
    """Check that an answer is a refusal with its place, rule and clause."""
    assert answer.status_code == status, answer.data
    error = answer.get_json()["error"]
    assert error["path"] == path, error
    assert error["rule"]
    assert "1.0.3" in error["clause"]


def etag(content: bytes) -> str:
    """The ETag that 1.0.3 asks for: the SHA-1 of the content, in quotes."""
    return f'"{hashlib.sha1(content).hexdigest()}"'
