"""Statements as hypothesis makes them: any valid one, and any one mutation that the standard forbids."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from tests.unit.xapi.examples import REMOVED, fresh
from tests.unit.xapi.wrong import wrong_values
from xapi.standard.version import Version

MAPS = ("display", "name", "description")  # language maps: their keys are free, their values are strings

text = st.text(st.characters(codec="utf-8"), max_size=30)
iri_text = st.text(
    st.characters(codec="utf-8", categories=("L", "N"), include_characters="/?#%.:@-_~"), min_size=1, max_size=30
)
iris = st.builds(
    lambda scheme, rest: f"{scheme}:{rest}", st.sampled_from(["http", "https", "urn", "tag", "x+y.z-1"]), iri_text
)
uuids = st.uuids().map(str) | st.uuids().map(lambda value: str(value).upper())
languages = st.sampled_from(["nl", "nl-BE", "en-GB", "fr", "zh-Hant-TW", "de-CH-1996", "tlh", "und", "x-own"])
language_maps = st.dictionaries(languages, text, max_size=3)
numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=5,
)
extensions = st.dictionaries(iris, json_values, max_size=2)
EXTREME_DURATIONS = ("P9999999D", "PT99999999999H", f"PT{'9' * 400}H", f"P{'9' * 400}Y", f"P{'9' * 5_000}W")
durations = st.sampled_from(["PT1S", "P1Y2M3DT4H5M6.789S", "P4W", "PT0.5H", "P1D", "PT16559.14S", *EXTREME_DURATIONS])
EXTREME_MOMENTS = (
    "0001-01-01T00:00:00Z",
    "0001-01-01T23:59:59.999999+14:00",
    "9999-12-31T23:30:00Z",
    "9999-12-31T23:59:59.999999Z",
    "9999-12-31T00:00:00-12:00",
)
timestamps = st.sampled_from(EXTREME_MOMENTS) | st.datetimes().map(
    lambda moment: moment.isoformat(timespec="milliseconds") + "Z"
)
domains = st.from_regex(r"[a-zA-Z0-9]{1,8}\.(org|be)", fullmatch=True)
mails = st.builds(
    lambda local, domain: f"mailto:{local}@{domain}", st.from_regex(r"[a-zA-Z0-9.+_-]{1,12}", fullmatch=True), domains
)
accounts = st.fixed_dictionaries({"homePage": iris, "name": text})
identifiers = st.one_of(
    st.fixed_dictionaries({"mbox": mails}),
    st.fixed_dictionaries({"mbox_sha1sum": st.from_regex(r"[0-9a-fA-F]{40}", fullmatch=True)}),
    st.fixed_dictionaries({"openid": iris}),
    st.fixed_dictionaries({"account": accounts}),
)


def _merged(*parts: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.tuples(*parts).map(lambda found: {key: value for part in found for key, value in part.items()})


def _some(**parts: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=parts)


def _kind(name: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.just({"objectType": name})


def _interaction(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.just({"interactionType": kind})


agents = _merged(_some(objectType=st.just("Agent"), name=text), identifiers)
members = st.lists(agents, min_size=1, max_size=2)
groups = _merged(_kind("Group"), _some(name=text), members.map(lambda found: {"member": found})) | _merged(
    _kind("Group"), _some(name=text, member=members), identifiers
)
actors = agents | groups
verbs = _merged(st.fixed_dictionaries({"id": iris}), _some(display=language_maps))
components = st.lists(
    _merged(st.fixed_dictionaries({"id": text}), _some(description=language_maps)),
    max_size=3,
    unique_by=lambda item: item["id"],
)
component_lists = {
    "true-false": [],
    "choice": ["choices"],
    "matching": ["source", "target"],
    "performance": ["steps"],
    "likert": ["scale"],
    "other": [],
}
patterns = st.lists(text, max_size=2)
interactions = st.one_of(
    [
        _merged(
            st.just({"interactionType": kind}),
            _some(correctResponsesPattern=patterns, **dict.fromkeys(lists, components)),
        )
        for kind, lists in component_lists.items()
    ]
)
definitions = _merged(
    _some(name=language_maps, description=language_maps, type=iris, moreInfo=iris, extensions=extensions),
    st.just({}) | interactions,
)
activities = _merged(_some(objectType=st.just("Activity"), definition=definitions), st.fixed_dictionaries({"id": iris}))
references = _merged(_kind("StatementRef"), st.fixed_dictionaries({"id": uuids}))
scores = _some(scaled=st.floats(-1, 1), raw=st.integers(0, 10), min=st.just(0), max=st.integers(10, 20))
results = _some(
    score=scores,
    success=st.booleans(),
    completion=st.booleans(),
    response=text,
    duration=durations,
    extensions=extensions,
)
context_activities = _some(
    **{name: activities | st.lists(activities, max_size=2) for name in ("parent", "grouping", "category", "other")}
)
shared_context = {
    "registration": uuids,
    "instructor": actors,
    "team": groups,
    "contextActivities": context_activities,
    "language": languages,
    "statement": references,
    "extensions": extensions,
}
relevant = _some(relevantTypes=st.lists(iris, min_size=1, max_size=2))
second_context = {
    "contextAgents": st.lists(
        _merged(_kind("contextAgent"), agents.map(lambda agent: {"agent": agent}), relevant), max_size=2
    ),
    "contextGroups": st.lists(
        _merged(_kind("contextGroup"), groups.map(lambda group: {"group": group}), relevant), max_size=2
    ),
}
attachments = st.lists(
    _merged(
        st.fixed_dictionaries(
            {
                "usageType": iris,
                "display": language_maps,
                "contentType": st.sampled_from(["text/plain", "image/svg+xml", "text/plain; charset=utf-8"]),
                "length": st.integers(0, 2**40),
                "sha2": st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
                "fileUrl": iris,
            }
        ),
        _some(description=language_maps),
    ),
    max_size=1,
)


@st.composite
def statements(draw: st.DrawFn, version: Version, *, inner: bool = False) -> dict[str, Any]:
    """Any valid statement of a version; `inner` makes one without sub-statement and without what a store adds."""
    kinds = [activities, _merged(_kind("Agent"), agents), groups, references]
    thing = draw(st.one_of(kinds if inner else [*kinds, _sub_statements(version)]))
    context = {**shared_context, **(second_context if version is Version.V2 else {})}
    if thing.get("objectType", "Activity") == "Activity":
        context |= {"revision": text, "platform": text}
    optional = {"result": results, "context": _some(**context), "timestamp": timestamps, "attachments": attachments}
    if not inner:
        version_text = "1.0.0" if version is Version.V1 else "2.0.0"
        optional |= {"id": uuids, "stored": timestamps, "authority": agents, "version": st.just(version_text)}
    rest = draw(_some(**optional))
    return fresh({"actor": draw(actors), "verb": draw(verbs), "object": thing, **rest})  # type: ignore[no-any-return]


def _sub_statements(version: Version) -> st.SearchStrategy[dict[str, Any]]:
    return _merged(_kind("SubStatement"), statements(version, inner=True))


@st.composite
def mutants(draw: st.DrawFn, version: Version) -> dict[str, Any]:
    """A valid statement with one change, somewhere outside extensions, that no statement may have."""
    statement = draw(statements(version))
    if draw(st.booleans()):
        wrong = wrong_values(statement, version)
        name = draw(
            st.sampled_from(sorted({str(key) for _, key, _ in wrong}))
        )  # first, lest long lists crowd out the rest
        put_in_place(*draw(st.sampled_from([change for change in wrong if str(change[1]) == name])))
        return statement
    holder, key = draw(st.sampled_from(list(_places(statement))))
    value = holder[key]
    change = draw(st.sampled_from(["null", "type", "case", "unknown"]))
    if change == "case" and type(holder) is dict and not _is_map(holder):
        del holder[key]
        holder[key.swapcase()] = value
    elif change == "unknown" and type(value) is dict and not _is_map(value):
        value["unknown"] = draw(json_values)
    elif change == "null":
        holder[key] = None
    else:
        holder[key] = {"str": 1, "bool": "true", "int": "1", "float": "1.5", "dict": "x", "list": "x"}[
            type(value).__name__
        ]
    return statement


def put_in_place(holder: Any, key: Any, value: Any) -> None:
    """Make one change to what is held: `REMOVED` takes it out."""
    if value is REMOVED:
        del holder[key]
    else:
        holder[key] = fresh(value)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every property and item outside extensions, with what holds it."""
    keys = value.keys() if type(value) is dict else range(len(value)) if type(value) is list else ()
    for key in list(keys):
        yield value, key
        if key != "extensions":
            yield from _places(value[key])


def _is_map(value: dict[str, Any]) -> bool:
    """Whether the keys of this object are free: a language map or extensions, which look like nothing else."""
    return not value.keys() & KNOWN


KNOWN = frozenset(
    {"actor", "verb", "id", "mbox", "mbox_sha1sum", "openid", "account", "homePage", "usageType", "agent", "group"}
    | {"interactionType", "score", "success", "completion", "response", "duration", "scaled", "raw", "registration"}
    | {"contextActivities", "parent", "grouping", "category", "other", "member", "objectType", "instructor", "team"}
)
