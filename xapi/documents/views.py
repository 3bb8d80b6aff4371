"""The State, Activity Profile and Agent Profile resources (1.0.3 Communication 2.2, 2.3, 2.6 and 2.7; 2.0 4.1.6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from lms.kernel.web import current_db, settings
from xapi import http
from xapi.credentials.models import Scope
from xapi.credentials.queries import Access
from xapi.documents.formats import Address, Content, Holder, Kind, check_size
from xapi.documents.queries import find_document, list_documents
from xapi.documents.services import delete_document, delete_documents, post_document, put_document
from xapi.standard.actor import ifi_of, read_agent
from xapi.standard.concurrency import Condition, Guard, condition_of
from xapi.standard.errors import StandardError
from xapi.standard.identifier import parse_uuid
from xapi.standard.iri import check_iri
from xapi.standard.timestamp import parse_timestamp
from xapi.standard.version import Version

MB = 1024 * 1024
UNKNOWN_TYPE = "application/octet-stream"  # what RFC 9110 takes for content that does not say what it is
METHODS = "GET, HEAD, PUT, POST, DELETE"


@dataclass(frozen=True, slots=True)
class Resource:
    """One of the three: which parameters say whose its documents are, and which one is their id.

    Only documents of state belong to a registration, and may be taken away all at once. `guards` says when a PUT must
    have a condition (1.0.3 Communication 3.1; 2.0 4.1.4).
    """

    kind: Kind
    scope: Scope
    owners: tuple[str, ...]
    name: str
    guards: dict[Version, Guard]
    clause: str

    @property
    def context(self) -> tuple[str, ...]:
        """The parameters that every request may have."""
        return (*self.owners, "registration") if self.kind is Kind.STATE else self.owners


STATE = Resource(
    Kind.STATE,
    Scope.STATE,
    ("activityId", "agent"),
    "stateId",
    {Version.V1: Guard.NEVER, Version.V2: Guard.REPLACING},
    "1.0.3 Communication 2.3; 2.0 4.1.6.2",
)
ACTIVITY_PROFILE = Resource(
    Kind.ACTIVITY_PROFILE,
    Scope.PROFILE,
    ("activityId",),
    "profileId",
    {Version.V1: Guard.ALWAYS, Version.V2: Guard.REPLACING},
    "1.0.3 Communication 2.7; 2.0 4.1.6.6",
)
AGENT_PROFILE = Resource(
    Kind.AGENT_PROFILE,
    Scope.PROFILE,
    ("agent",),
    "profileId",
    {Version.V1: Guard.ALWAYS, Version.V2: Guard.REPLACING},
    "1.0.3 Communication 2.6; 2.0 4.1.6.5",
)

blueprint = Blueprint("documents", __name__)
http.prepare(blueprint)


def state() -> ResponseReturnValue:
    return _answer(STATE)


def activity_profile() -> ResponseReturnValue:
    return _answer(ACTIVITY_PROFILE)


def agent_profile() -> ResponseReturnValue:
    return _answer(AGENT_PROFILE)


for _rule in http.rules("activities/state"):
    blueprint.add_url_rule(_rule, view_func=state, methods=http.METHODS)
for _rule in http.rules("activities/profile"):
    blueprint.add_url_rule(_rule, view_func=activity_profile, methods=http.METHODS)
for _rule in http.rules("agents/profile"):
    blueprint.add_url_rule(_rule, view_func=agent_profile, methods=http.METHODS)


def _answer(resource: Resource) -> ResponseReturnValue:
    """Do what the method asks for, with one document or with many."""
    access = http.allow(resource.scope)
    is_one = resource.name in request.args
    if request.method in ("GET", "HEAD"):
        return _document_show(resource, access) if is_one else _documents_list(resource, access)
    if request.method == "PUT":
        return _document_put(resource, access)
    if request.method == "POST":
        return _document_post(resource, access)
    if request.method == "DELETE":
        is_all = resource.kind is Kind.STATE and not is_one
        return _documents_delete(resource, access) if is_all else _document_delete(resource, access)
    raise http.MethodError(METHODS)


# ---- one document ----------------------------------------------------------------------------------------------------


def _document_show(resource: Resource, access: Access) -> ResponseReturnValue:
    address = _address(resource, access)
    kept = find_document(current_db(), address)
    if kept is None:
        raise StandardError(resource.name, "must be the id of a document here", resource.clause, 404)
    answer = Response(kept.content.data, content_type=kept.content.type)
    return http.with_etag(answer, kept.updated)


def _document_put(resource: Resource, access: Access) -> ResponseReturnValue:
    address = _address(resource, access)
    put_document(current_db(), address, _content(), _condition(), resource.guards[http.current_version()])
    return Response(status=204)


def _document_post(resource: Resource, access: Access) -> ResponseReturnValue:
    post_document(current_db(), _address(resource, access), _content(), _condition(), most=_most())
    return Response(status=204)


def _document_delete(resource: Resource, access: Access) -> ResponseReturnValue:
    delete_document(current_db(), _address(resource, access), _condition())
    return Response(status=204)


def _content() -> Content:
    """What was sent. A document is read, compared and merged in memory: so it has a largest size."""
    check_size(request.content_length or 0, _most())
    data = request.get_data(cache=False)
    check_size(len(data), _most())
    return Content(request.headers.get("Content-Type") or UNKNOWN_TYPE, data)


def _most() -> int:
    """The bytes of the largest document."""
    return settings().lrs_largest_document_mb * MB


def _condition() -> Condition:
    return condition_of(request.headers.get("If-Match"), request.headers.get("If-None-Match"))


# ---- many documents --------------------------------------------------------------------------------------------------


def _documents_list(resource: Resource, access: Access) -> ResponseReturnValue:
    given = http.check_parameters(frozenset({*resource.context, "since"}))
    holder, registration = _holder(resource, access, given), _registration(given)
    listed = list_documents(current_db(), holder, registration=registration, since=_since(given))
    return http.with_etag(http.json_answer(orjson.dumps(listed.names)), listed.updated)


def _documents_delete(resource: Resource, access: Access) -> ResponseReturnValue:
    given = http.check_parameters(frozenset(resource.context))
    delete_documents(current_db(), _holder(resource, access, given), registration=_registration(given))
    return Response(status=204)


# ---- parameters ------------------------------------------------------------------------------------------------------


def _address(resource: Resource, access: Access) -> Address:
    given = http.check_parameters(frozenset({*resource.context, resource.name}))
    name = http.required(given, resource.name, resource.clause)
    if "\0" in name:
        raise StandardError(resource.name, "must not hold the character NUL", resource.clause)
    return Address(_holder(resource, access, given), name, _registration(given))


def _holder(resource: Resource, access: Access, given: dict[str, str]) -> Holder:
    """Whose documents are asked for, within the limits of the credential."""
    activity = agent = None
    if "activityId" in resource.owners:
        activity = check_iri(http.required(given, "activityId", resource.clause), "activityId")
    if "agent" in resource.owners:
        agent = ifi_of(read_agent(http.required(given, "agent", resource.clause), "agent"))
    return Holder(resource.kind, activity, agent, access.area, access.organisation)


def _registration(given: dict[str, str]) -> UUID | None:
    return parse_uuid(given["registration"], "registration") if "registration" in given else None


def _since(given: dict[str, str]) -> datetime | None:
    return parse_timestamp(given["since"], "since", http.current_version()) if "since" in given else None
