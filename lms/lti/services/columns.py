"""Find our column in a platform's grade book, or make it: once, however often we try."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from lms.lti.formats.grades import FoundColumn, column_json, find_own, read_column, read_columns
from lms.lti.formats.services import LINE_ITEM, LINE_ITEM_READ, LINE_ITEM_TYPE, LINE_ITEMS_TYPE, Problem, with_query
from lms.lti.models import LineItem, LtiContext, ResourceLink
from lms.lti.services.calling import MOST_SAID, PlatformCaller, json_of
from lms.lti.services.tokens import ServiceFailure

MOST_PAGES = 50
FIND_S = 60.0  # of a column, all pages together: far less than the claim under which one worker looks for it


@dataclass(frozen=True, slots=True)
class Column:
    """What is needed to find or make a column."""

    id: int
    url: str
    label: str
    content: str
    resource_link_id: str
    line_items_url: str
    scopes: tuple[str, ...]


def get_column(caller: PlatformCaller, item_id: int) -> Column:
    """The column with this id, read."""
    with caller.database.read() as db:
        item, link_id, context = db.execute(
            sa.select(LineItem, ResourceLink.resource_link_id, LtiContext)
            .join(LtiContext, LtiContext.id == LineItem.context_id)
            .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
            .where(LineItem.id == item_id)
        ).one()
        scopes = tuple(context.grade_scopes)
        return Column(item.id, item.url, item.label, item.content, link_id, context.line_items_url, scopes)


def have_column(caller: PlatformCaller, column: Column) -> str:
    """The address of this column; found in the platform, or made there, when we do not know it yet.

    First it is looked for, always: what was made and not written down by us is found again. One worker at a time does
    this for a platform. Raises `ServiceFailure`.
    """
    if column.url:
        return column.url
    try:
        found = _find(caller, column) or _make(caller, column)
    except ServiceFailure as failure:
        _write(caller, column, problem=failure.problem)
        raise
    _write(caller, column, url=found.url, problem="")
    return found.url


def forget_column(caller: PlatformCaller, column: Column) -> None:
    """It is there no more: the next time it is looked for, or made."""
    _write(caller, column, url="")


def _find(caller: PlatformCaller, column: Column) -> FoundColumn | None:
    """By the link first, then by what it is about: a platform may know our column by only one of them.

    A platform that does not filter gives its whole grade book: we look through it ourselves (AGS 2.0, 3.2.4).
    """
    scope = next((scope for scope in (LINE_ITEM, LINE_ITEM_READ) if scope in column.scopes), None)
    if scope is None or not column.line_items_url:
        raise ServiceFailure(Problem.NO_COLUMN)
    hurried = caller.within(FIND_S)
    for filters in ({"resource_link_id": column.resource_link_id}, {"resource_id": column.content}):
        url = with_query(column.line_items_url, **filters)
        for data in hurried.pages(url, scope=scope, accept=LINE_ITEMS_TYPE, most=MOST_PAGES):
            try:
                found = find_own(read_columns(data), column.content, column.resource_link_id)
            except ValueError as error:
                raise ServiceFailure(Problem.BROKEN_ANSWER, said=str(error)) from error
            if found is not None:
                return found
    return None


def _make(caller: PlatformCaller, column: Column) -> FoundColumn:
    if LINE_ITEM not in column.scopes:
        raise ServiceFailure(Problem.NO_COLUMN)
    data = column_json(column.label, column.content, column.resource_link_id)
    answer = caller.post(column.line_items_url, data, scope=LINE_ITEM, media_type=LINE_ITEM_TYPE, accept=LINE_ITEM_TYPE)
    made = read_column(json_of(answer))
    if made is None:
        raise ServiceFailure(Problem.BROKEN_ANSWER, answer.status)
    return made


def _write(caller: PlatformCaller, column: Column, **values: str) -> None:
    values = {name: value[: 10 * MOST_SAID] for name, value in values.items()}
    with caller.database.write() as db:
        db.execute(sa.update(LineItem).where(LineItem.id == column.id).values(**values))
