"""Who is in a course, as a platform tells it (Names and Roles Provisioning 2.0), in pages."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue

from tests.services.lti_platform.server import ROSTER, LtiPlatform

TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"


@dataclass
class Roster:
    """The members of one context. `only`: who may open a link, by its id; everybody when it is not named."""

    members: list[dict[str, Any]] = field(default_factory=list)
    only: dict[str, set[str]] = field(default_factory=dict)
    page: int = 3
    next_host: str = ""  # where the next page is said to be, when not here
    loops: bool = False  # every page says that there is another one
    context_id: str = "context-1"
    knows_links: bool = True  # else `rlid` is a bad request
    gone: dict[str, int] = field(default_factory=dict)  # links that were deleted, and the status that says so
    quotes: str = '""'  # about the names of its links: Moodle writes curly ones
    tells_differences: bool = False  # in a second `Link` line (NRPS 2.0, 2.4.1)


def roster_of(platform: LtiPlatform) -> Roster:
    """The roster of this platform."""
    roster: Roster = platform.kept["roster"]
    return roster


def memberships_url(platform: LtiPlatform) -> str:
    """Where it is read, with a query of its own."""
    return f"{platform.address}/context-1/memberships?v=2"


def add(platform: LtiPlatform, subject: str, *, role: str = LEARNER, status: str = "", **values: Any) -> dict[str, Any]:
    """Put somebody on it."""
    member: dict[str, Any] = {"user_id": subject, "roles": [role], "given_name": "Ilse", "family_name": subject.title()}
    member |= values | ({"status": status} if status else {})
    roster_of(platform).members.append(member)
    return member


def remove(platform: LtiPlatform, subject: str) -> None:
    """Take somebody off it."""
    roster = roster_of(platform)
    roster.members = [member for member in roster.members if member.get("user_id") != subject]


def mount(platform: LtiPlatform) -> None:
    """Let this platform have a roster. Tokens are the grade book's."""
    roster = platform.kept["roster"] = Roster()

    @platform.app.get("/context-1/memberships")
    def memberships() -> ResponseReturnValue:
        tokens = platform.kept["grade_book"].tokens
        header = request.headers.get("Authorization", "")
        granted, until = tokens.get(header.removeprefix("Bearer "), ("", 0.0))
        if ROSTER not in granted.split() or until < time.time():
            return jsonify(error="invalid_token"), 401
        if TYPE not in request.headers.get("Accept", ""):
            return "not acceptable", 406
        rlid = request.args.get("rlid")
        if rlid is not None and not roster.knows_links:
            return "unknown parameter", 400
        if rlid in roster.gone:
            return "no such link", roster.gone[rlid]
        members = [m for m in roster.members if rlid not in roster.only or m.get("user_id") in roster.only[rlid]]
        return _page(platform, roster, members)


def in_header(quotes: str, text: str) -> str:
    """A quoted text in UTF-8, as headers carry it: octet by octet."""
    return f"{quotes[0]}{text}{quotes[1]}".encode().decode("latin-1")


def _page(platform: LtiPlatform, roster: Roster, members: list[dict[str, Any]]) -> Response:
    start = int(request.args.get("from", "0"))
    answer = jsonify(
        id=request.url,
        context={"id": roster.context_id, "label": "Onthaal"},
        members=members[start : start + roster.page],
    )
    answer.mimetype = TYPE
    if roster.loops or len(members) > start + roster.page:
        then = 0 if roster.loops else start + roster.page
        query = "&".join(f"{name}={value}" for name, value in {**request.args, "from": then}.items())
        answer.headers["Link"] = (
            f"<{roster.next_host or platform.address}{request.path}?{query}>; rel={in_header(roster.quotes, 'next')}"
        )
    if roster.tells_differences:
        answer.headers.add("Link", f'<{platform.address}{request.path}?since=1>; rel="differences"')
    return answer
