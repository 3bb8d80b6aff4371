"""Tokens, grade book and roster of the platform side that others wrote: lti1p3platform checks who asks and what for,
reads the question and words the answer. Ours are the routes, the headers of an answer, and lists in memory.

What it cannot do, so what these tests do not show: of a token request it checks the signature and the time, and not
`aud`, `sub`, `jti` nor the client it names; a token is good for all of a service once it has one of its scopes, so who
may only read may write; neither `Accept` nor the media type of a score is looked at, and a score is taken as it comes,
whatever it holds; `page` in a question stays a text, with which it cannot count, so lists have one page here; `rlid` is
a yes or a no (403), and what it lists is left to us.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue
from lti1p3platform.exceptions import LineItemNotFoundException
from lti1p3platform.membership import Context
from lti1p3platform.response import Response as Said
from lti1p3platform.score import UpdateScoreStatus
from lti1p3platform.service_connector import AssignmentsGradesService, NamesRoleProvisioningService

from tests.services.lti_platform.second import Asked
from tests.services.lti_platform.server import LtiPlatform


@dataclass
class SecondBook:
    """What its services keep."""

    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    scores: list[dict[str, Any]] = field(default_factory=list)
    members: list[dict[str, Any]] = field(default_factory=list)
    links: set[str] = field(default_factory=set)


class _Grades(AssignmentsGradesService):  # type: ignore[misc]  # a library without types
    def __init__(self, platform: LtiPlatform) -> None:
        super().__init__(Asked(), platform.kept["second"], f"{platform.address}/second/lineitems")
        self._book: SecondBook = platform.kept["second_book"]

    def find_lineitems(
        self, *, resource_link_id: str | None = None, resource_id: str | None = None, **_more: Any
    ) -> dict[str, Any]:
        return _all(
            item
            for item in self._book.items.values()
            if resource_link_id in (None, item.get("resourceLinkId")) and resource_id in (None, item.get("resourceId"))
        )

    def find_lineitem(self, line_item_id: str) -> dict[str, Any]:
        if line_item_id not in self._book.items:
            raise LineItemNotFoundException
        return self._book.items[line_item_id]

    def create_lineitem(self, creation_data: dict[str, Any]) -> dict[str, Any]:
        name = str(len(self._book.items) + 1)
        self._book.items[name] = {**creation_data, "id": f"{self.ags.lineitems_url}/{name}"}
        return self._book.items[name]

    def update_lineitem(self, update_data: dict[str, Any]) -> dict[str, Any]:
        raise NotImplementedError("nobody here changes a column")

    def delete_lineitem(self, line_item_id: str) -> None:
        raise NotImplementedError("nobody here removes a column")

    def update_score(self, line_item_id: str, score: dict[str, Any]) -> UpdateScoreStatus:
        self.find_lineitem(line_item_id)
        known = [had["timestamp"] for had in self._book.scores if had["userId"] == score["userId"]]
        if known and score["timestamp"] <= max(known):
            return UpdateScoreStatus.OLD_TIMESTAMP
        self._book.scores.append(score)
        return UpdateScoreStatus.SUCCESS

    def get_results(self, line_item_id: str, user_id: str | None = None, **_more: Any) -> dict[str, Any]:
        self.find_lineitem(line_item_id)
        newest = {score["userId"]: score for score in self._book.scores if user_id in (None, score["userId"])}
        return _all(
            {"id": user, "userId": user, "resultScore": score["scoreGiven"], "resultMaximum": score["scoreMaximum"]}
            for user, score in newest.items()
        )


class _Roster(NamesRoleProvisioningService):  # type: ignore[misc]  # a library without types
    def __init__(self, platform: LtiPlatform) -> None:
        super().__init__(Asked(), platform.kept["second"], f"{platform.address}/second/memberships")
        self._book: SecondBook = platform.kept["second_book"]

    def get_member_data_page(self, **_question: Any) -> dict[str, Any]:
        return _all(self._book.members)

    def get_context_by_id(self) -> Context:
        return Context("context-1", "Onthaal", "Onthaal nieuwe medewerkers")

    def is_resource_link_valid(self, context_id: str, resource_link_id: str) -> bool:
        return context_id == "context-1" and resource_link_id in self._book.links


def mount(platform: LtiPlatform) -> None:
    """Let the library's services answer under `/second`."""
    app, _book = platform.app, platform.kept.setdefault("second_book", SecondBook())

    @app.post("/second/token")
    def second_token() -> ResponseReturnValue:
        return jsonify(platform.kept["second"].get_access_token(request.form.to_dict()))

    @app.get("/second/lineitems")
    def second_items() -> ResponseReturnValue:
        service = _Grades(platform)
        return _answer(service.handle_resp(service.handle_get_lineitems))

    @app.post("/second/lineitems")
    def second_item_create() -> ResponseReturnValue:
        service = _Grades(platform)
        return _answer(service.handle_resp(service.handle_create_lineitem))

    @app.post("/second/lineitems/<name>/scores")
    def second_score(name: str) -> ResponseReturnValue:
        service = _Grades(platform)
        return _answer(service.handle_resp(service.handle_update_score, line_item_id=name))

    @app.get("/second/lineitems/<name>/results")
    def second_results(name: str) -> ResponseReturnValue:
        service = _Grades(platform)
        return _answer(service.handle_resp(service.handle_get_results, line_item_id=name))

    @app.get("/second/memberships")
    def second_members() -> ResponseReturnValue:
        service = _Roster(platform)
        return _answer(service.handle_resp(service.handle_get_members))


def _all(rows: Any) -> dict[str, Any]:
    return {"content": list(rows), "has_next": False}


def _answer(said: Said) -> Response:
    """A list is the library's page without its wrapping; a refusal has its words."""
    is_page = isinstance(said.result, dict) and "content" in said.result
    answer = jsonify(
        said.result["content"] if is_page else {"message": said.message} if said.result is None else said.result
    )
    answer.status_code, answer.mimetype = said.code, said.media_type
    return answer
