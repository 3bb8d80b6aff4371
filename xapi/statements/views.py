"""Statements, Agents, Activities and About (1.0.3 Communication 2.1, 2.4, 2.5, 2.8; 2.0 4.1.6.1, 3, 4 and 7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import chain
from operator import itemgetter
from urllib.parse import urlencode
from uuid import UUID

import orjson
import psycopg
import sqlalchemy as sa
from flask import Blueprint, Response, current_app, g, request
from flask.typing import ResponseReturnValue
from werkzeug.http import http_date

from lms.kernel import clock
from lms.kernel.web import current_db, database, drop_changes, settings, storage
from xapi import http
from xapi.credentials.models import Scope
from xapi.credentials.queries import Access, find_authority
from xapi.standard.actor import IFI_CLAUSE, check_actor, ifi_of, read_agent
from xapi.standard.decoding import decode_json, decode_kept, encode_json
from xapi.standard.errors import StandardError
from xapi.standard.identifier import parse_uuid
from xapi.standard.iri import check_iri
from xapi.standard.multipart import Part, split_multipart
from xapi.standard.person import person_of
from xapi.standard.relations import activities_of
from xapi.standard.representation import as_canonical, as_ids
from xapi.standard.timestamp import format_timestamp, parse_timestamp
from xapi.standard.version import Version
from xapi.statements.formats import Received, match_files, receive, statements_part
from xapi.statements.queries import (
    Cursor,
    Filter,
    consistent_through,
    define_activities,
    find_files,
    find_statement,
    list_statements,
    multipart_of,
)
from xapi.statements.services import keep_files, store_received

CLAUSE = "1.0.3 Communication 2.1; 2.0 4.1.6.1"
AGENTS_CLAUSE = "1.0.3 Communication 2.4; 2.0 4.1.6.3"
ACTIVITIES_CLAUSE = "1.0.3 Communication 2.5; 2.0 4.1.6.4"
CONTENT_CLAUSE = "1.0.3 Communication 1.5; 2.0 4.1.3"
PAGE, LONGEST_PAGE = 100, 1_000
CONSISTENT_MS = 100
RETRIES = 3
RETRIED = frozenset({"40P01", "40001"})  # a deadlock, a serialisation failure: the same again will do

_SINGLE = frozenset({"statementId", "voidedStatementId", "format", "attachments"})
_LISTED = frozenset(
    {
        "agent",
        "verb",
        "activity",
        "registration",
        "related_activities",
        "related_agents",
        "since",
        "until",
        "limit",
        "format",
        "attachments",
        "ascending",
        "cursor",
    }
)

blueprint = Blueprint("statements", __name__)
http.prepare(blueprint)


def about() -> ResponseReturnValue:
    if request.method not in ("GET", "HEAD"):
        raise http.MethodError("GET, HEAD")
    return http.json_answer(orjson.dumps({"version": ["1.0.3", "2.0.0"]}))


def statements() -> ResponseReturnValue:
    if request.method in ("GET", "HEAD"):
        g.consistent_through = _consistent_through()  # before we look: what is stored meanwhile is not in the answer
        return _statements_show()
    if request.method == "PUT":
        return _statement_put()
    if request.method == "POST":
        return _statements_post()
    raise http.MethodError("GET, HEAD, PUT, POST")


def agents() -> ResponseReturnValue:
    if request.method not in ("GET", "HEAD"):
        raise http.MethodError("GET, HEAD")
    http.allow(Scope.READ, Scope.READ_MINE)
    given = http.check_parameters(frozenset({"agent"}))
    agent = read_agent(http.required(given, "agent", AGENTS_CLAUSE), "agent")
    return http.with_etag(http.json_answer(orjson.dumps(person_of(agent))))


def activities() -> ResponseReturnValue:
    """What the newest statements about an activity say of it, those that the credential may see."""
    if request.method not in ("GET", "HEAD"):
        raise http.MethodError("GET, HEAD")
    access = http.allow(Scope.READ, Scope.READ_MINE)
    given = http.check_parameters(frozenset({"activityId"}))
    iri = check_iri(http.required(given, "activityId", ACTIVITIES_CLAUSE), "activityId")
    definition = define_activities(current_db(), [iri], access).get(iri)
    activity = {"objectType": "Activity", "id": iri} | ({"definition": definition} if definition else {})
    return http.with_etag(http.json_answer(encode_json(activity)))


def missing(rest: str = "$") -> ResponseReturnValue:
    raise StandardError(rest, "is no resource of this store", CLAUSE, 404)


for _rule in http.rules("about"):
    blueprint.add_url_rule(_rule, view_func=about, methods=http.METHODS)
for _rule in http.rules("agents"):
    blueprint.add_url_rule(_rule, view_func=agents, methods=http.METHODS)
for _rule in http.rules("activities"):
    blueprint.add_url_rule(_rule, view_func=activities, methods=http.METHODS)
for _rule in http.rules("statements"):
    blueprint.add_url_rule(_rule, view_func=statements, methods=http.METHODS)
for _rule in ("/xapi", "/xapi/", "/xapi/<path:rest>"):
    blueprint.add_url_rule(_rule, view_func=missing, methods=http.METHODS)


@blueprint.after_request
def _add_consistent_through(response: Response) -> Response:
    if request.endpoint == f"{blueprint.name}.statements" and request.method != "OPTIONS":
        response.headers[http.CONSISTENT_HEADER] = g.get("consistent_through") or _consistent_through()
    return response


# ---- storing ---------------------------------------------------------------------------------------------------------


def _statement_put() -> ResponseReturnValue:
    """Keep one statement under the id in the query (1.0.3 Communication 2.1.1)."""
    access = http.allow(Scope.WRITE)
    given = http.check_parameters(frozenset({"statementId"}))
    uuid = parse_uuid(http.required(given, "statementId", CLAUSE), "statementId")
    _store([_with_id(_read_one(), uuid)], access, is_batch=False)
    return Response(status=204)


def _statements_post() -> ResponseReturnValue:
    """Keep one statement or a batch, all or none; answers their ids (1.0.3 Communication 2.1.2)."""
    access = http.allow(Scope.WRITE)
    http.check_parameters(frozenset())
    received, is_batch = _read()
    ids = _store(received, access, is_batch=is_batch)
    return http.json_answer(orjson.dumps([str(uuid) for uuid in ids]))


def _read() -> tuple[list[Received], bool]:
    """The statements of this request, judged; the data of their attachments is stored already."""
    parts = _parts()
    received, is_batch = receive(
        statements_part(parts) if parts else request.get_data(cache=False), http.current_version()
    )
    received, data = match_files(received, parts[1:], is_batch=is_batch)
    if data:
        keep_files(storage(), data)
    return received, is_batch


def _parts() -> list[Part]:
    """The parts of a multipart request; none when it is plain JSON."""
    if request.mimetype == "application/json":
        return []
    if request.mimetype != "multipart/mixed":
        raise StandardError("Content-Type", "must be application/json or multipart/mixed", CONTENT_CLAUSE)
    return split_multipart(request.get_data(cache=False), request.mimetype_params.get("boundary"))


def _read_one() -> Received:
    received, is_batch = _read()
    if is_batch:
        raise StandardError("$", "must be one statement, not an array", CLAUSE)
    return received[0]


def _with_id(item: Received, uuid: UUID) -> Received:
    if "id" not in item.statement:
        head = item.head + b',"id":' + orjson.dumps(str(uuid))
        return replace(item, statement={**item.statement, "id": str(uuid)}, head=head)
    if UUID(item.statement["id"]) != uuid:
        raise StandardError("$.id", "must be the statementId of the request", CLAUSE)
    return item


def _store(received: list[Received], access: Access, *, is_batch: bool) -> list[UUID]:
    """Store; when another transaction was in the way, once more from the start: the caller need not know."""
    for attempt in range(RETRIES):
        try:
            return store_received(current_db(), received, access, is_batch=is_batch)
        except (sa.exc.DBAPIError, psycopg.Error) as error:
            state = getattr(getattr(error, "orig", error), "sqlstate", None)
            if state not in RETRIED or attempt == RETRIES - 1:
                raise
            drop_changes()
    raise AssertionError("unreachable: the last attempt returns or raises")


# ---- showing ---------------------------------------------------------------------------------------------------------


def _statements_show() -> ResponseReturnValue:
    """One statement, or a list of them (1.0.3 Communication 2.1.3)."""
    access = http.allow(Scope.READ, Scope.READ_MINE)
    if "statementId" in request.args or "voidedStatementId" in request.args:
        return _show_one(access)
    return _show_list(access)


def _show_one(access: Access) -> ResponseReturnValue:
    given = http.check_parameters(_SINGLE)
    if "statementId" in given and "voidedStatementId" in given:
        raise StandardError("voidedStatementId", "must not stand beside statementId", CLAUSE)
    voided = "voidedStatementId" in given
    name = "voidedStatementId" if voided else "statementId"
    form, with_attachments = _form(given), _boolean(given, "attachments")
    found = find_statement(current_db(), parse_uuid(given[name], name), voided=voided, access=access)
    if found is None:
        raise StandardError(name, "is the id of no statement you can see", CLAUSE, 404)
    [body] = _shown([found.payload], form, access)
    answer = _answer(body, {found.id: found.payload}, with_attachments=with_attachments)
    answer.headers["Last-Modified"] = http_date(found.stored)
    return answer


def _show_list(access: Access) -> ResponseReturnValue:
    given = http.check_parameters(_LISTED)
    wanted, form = _filter(given), _form(given)
    page = list_statements(current_db(), wanted, cursor=_cursor(given), access=access)
    more = _more(given, page.next) if page.next else ""
    body = b'{"statements":[' + b",".join(_shown(page.payloads, form, access))
    body += b'],"more":' + orjson.dumps(more) + b"}"
    return _answer(body, page.rows, with_attachments=_boolean(given, "attachments"))


def _answer(body: bytes, rows: Mapping[int, bytes], *, with_attachments: bool) -> Response:
    """JSON; or, when attachments were asked for, a multipart of which JSON is the first part (Communication 1.5.2).

    `rows` are the statements in it, by id. What came with them follows, each data once, read while it is sent.
    """
    if not with_attachments:
        return http.json_answer(body)
    content_type, octets = multipart_of(storage(), body, find_files(current_db(), rows))
    return Response(octets, content_type=content_type)


def _shown(payloads: Sequence[bytes], form: str, access: Access) -> Sequence[bytes]:
    """Statements in the format that was asked (Communication 2.1.3)."""
    if form == "exact":
        return payloads
    statements = [decode_kept(payload) for payload in payloads]
    if form == "ids":
        return [encode_json(as_ids(statement)) for statement in statements]
    languages = [tag.lower() for tag in request.accept_languages.values()]
    iris = chain.from_iterable(map(activities_of, statements))
    said = sorted(statements, key=itemgetter("stored"))
    definitions = define_activities(current_db(), iris, access, said=said)
    return [encode_json(as_canonical(statement, languages, definitions)) for statement in statements]


def _filter(given: dict[str, str]) -> Filter:
    version = http.current_version()
    agent = _agent(given["agent"]) if "agent" in given else None
    related_agents = _boolean(given, "related_agents")
    base = settings().iri_base
    return Filter(
        agent=agent,
        verb=check_iri(given["verb"], "verb") if "verb" in given else None,
        activity=check_iri(given["activity"], "activity") if "activity" in given else None,
        registration=parse_uuid(given["registration"], "registration") if "registration" in given else None,
        since=parse_timestamp(given["since"], "since", version) if "since" in given else None,
        until=parse_timestamp(given["until"], "until", version) if "until" in given else None,
        related_agents=related_agents,
        related_activities=_boolean(given, "related_activities"),
        authority=find_authority(current_db(), agent, base) if agent and related_agents else None,
        ascending=_boolean(given, "ascending"),
        limit=_limit(given),
    )


def _agent(text: str) -> str:
    value = decode_json(text.encode(), "agent")
    check_actor(value, "agent")
    identifier = ifi_of(value)
    if identifier is None:
        raise StandardError("agent", "must be an agent or an identified group", IFI_CLAUSE)
    return identifier


def _boolean(given: dict[str, str], name: str) -> bool:
    value = given.get(name, "false")
    if value not in ("true", "false"):
        raise StandardError(name, "must be true or false", CLAUSE)
    return value == "true"


def _limit(given: dict[str, str]) -> int:
    """As many as asked, at most what we give in one page; 0 asks for as many as we like (Communication 2.1.3)."""
    value = given.get("limit", "0")
    if not (value.isascii() and value.isdecimal()):
        raise StandardError("limit", "must be a whole number, not negative", CLAUSE)
    return min(int(value[-9:]) if len(value) < 10 else LONGEST_PAGE, LONGEST_PAGE) or PAGE


def _form(given: dict[str, str]) -> str:
    value = given.get("format", "exact")
    if value not in ("exact", "ids", "canonical"):
        raise StandardError("format", "must be ids, exact or canonical", CLAUSE)
    return value


def _cursor(given: dict[str, str]) -> Cursor | None:
    """Where the page begins, from a `more` of ours."""
    if "cursor" not in given:
        return None
    parts = given["cursor"].split(".")
    if len(parts) > 2 or not all(part.isascii() and part.isdecimal() and len(part) < 19 for part in parts):
        raise StandardError("cursor", "must come from the more of an answer", CLAUSE)
    return Cursor(*map(int, parts))


def _more(given: dict[str, str], cursor: Cursor) -> str:
    """The address of the next page, from the root of this host (1.0.3 Data 2.5)."""
    mount = (
        http.MOUNTS[Version.V1] if request.path.startswith(f"{http.MOUNTS[Version.V1]}/") else http.MOUNTS[Version.V2]
    )
    where = str(cursor.last) if cursor.newest is None else f"{cursor.last}.{cursor.newest}"
    return f"{mount}/statements?{urlencode({**given, 'cursor': where})}"


def _consistent_through() -> str:
    """Asked of the database at most ten times a second: an older answer stays true."""
    now = clock.now()
    seen, text = current_app.extensions.get("xapi_consistent", (None, ""))
    if seen is None or not timedelta(0) <= now - seen < timedelta(milliseconds=CONSISTENT_MS):
        text = format_timestamp(consistent_through(database()))
        current_app.extensions["xapi_consistent"] = (now, text)
    return str(text)
