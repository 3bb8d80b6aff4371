"""Actors: agents and groups, and the one identifier that makes them known (1.0.3 Data 2.4.2; 2.0 4.2.2.1)."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from xapi.standard.decoding import decode_json
from xapi.standard.errors import StandardError
from xapi.standard.formatting import check_array, check_object, check_string, required
from xapi.standard.iri import check_iri

CLAUSE = "1.0.3 Data 2.4.2; 2.0 4.2.2.1"
AGENT_CLAUSE = "1.0.3 Data 2.4.2.1; 2.0 4.2.2.1"
GROUP_CLAUSE = "1.0.3 Data 2.4.2.2; 2.0 4.2.2.1"
IFI_CLAUSE = "1.0.3 Data 2.4.2.3; 2.0 4.2.2.1"
ACCOUNT_CLAUSE = "1.0.3 Data 2.4.2.4; 2.0 4.2.2.1"
AUTHORITY_CLAUSE = "1.0.3 Data 2.4.9; 2.0 4.2.4.2"

IFI = frozenset({"mbox", "mbox_sha1sum", "openid", "account"})
_AGENT = frozenset({"objectType", "name"}) | IFI
_GROUP = _AGENT | {"member"}
_ACCOUNT = frozenset({"homePage", "name"})

_MBOX = re.compile(r'mailto:[^\s@<>,;:"\\()\[\]?\x00-\x1f\x7f]+@[^\s@<>,;:"\\()\[\]?\x00-\x1f\x7f]+')
_SHA1 = re.compile(r"[0-9a-fA-F]{40}")


def check_actor(value: Any, path: str) -> None:
    """An agent, or a group when its objectType says so."""
    if type(value) is dict and value.get("objectType") == "Group":
        check_group(value, path)
    else:
        check_agent(value, path)


def check_agent(value: Any, path: str) -> None:
    """An agent has exactly one inverse functional identifier."""
    agent = check_object(value, path, _AGENT, AGENT_CLAUSE)
    if agent.get("objectType", "Agent") != "Agent":
        raise StandardError(f"{path}.objectType", "must be Agent", AGENT_CLAUSE)
    _check_name(agent, path)
    if not _check_identifier(agent, path):
        raise StandardError(path, "must have one of mbox, mbox_sha1sum, openid and account", IFI_CLAUSE)


def check_group(value: Any, path: str) -> None:
    """A group has one identifier, or none and then members; members are agents, never groups."""
    group = check_object(value, path, _GROUP, GROUP_CLAUSE)
    if group.get("objectType") != "Group":
        raise StandardError(f"{path}.objectType", "must be Group", GROUP_CLAUSE)
    _check_name(group, path)
    identified = _check_identifier(group, path)
    if "member" in group:
        for index, member in enumerate(check_array(group["member"], f"{path}.member", GROUP_CLAUSE)):
            check_agent(member, f"{path}.member[{index}]")
    if not identified and not group.get("member"):
        raise StandardError(path, "must have members, for it has no identifier", GROUP_CLAUSE)


def check_authority(value: Any, path: str) -> None:
    """An agent; or, for OAuth, a group without identifier that holds exactly an application and a user."""
    if type(value) is not dict or value.get("objectType") != "Group":
        check_agent(value, path)
        return
    check_group(value, path)
    if value.keys() & IFI or len(value["member"]) != 2:
        raise StandardError(path, "must be an agent, or an anonymous group of two agents", AUTHORITY_CLAUSE)


def read_agent(text: str, path: str) -> dict[str, Any]:
    """The agent that a parameter holds as JSON. Raises `StandardError`, also for a group."""
    agent: dict[str, Any] = decode_json(text.encode(), path)
    check_agent(agent, path)
    return agent


def ifi_of(actor: dict[str, Any]) -> str | None:
    """The identifier of a valid actor as one string, equal for equal actors; None for an anonymous group.

    The domain of a mail address and the digits of a SHA-1 are compared without case (1.0.3 Data 2.3.1).
    """
    if "account" in actor:
        account = actor["account"]
        return f"account {account['homePage']} {account['name']}"
    if "mbox" in actor:
        local, _, domain = actor["mbox"].rpartition("@")
        return f"mbox {local}@{domain.lower()}"
    if "mbox_sha1sum" in actor:
        return f"mbox_sha1sum {actor['mbox_sha1sum'].lower()}"
    return f"openid {actor['openid']}" if "openid" in actor else None


def mail_agents(address: str) -> list[dict[str, Any]]:
    """How statements may name whoever has this mail address: by it, or by its SHA-1 (1.0.3 Data 2.4.2.3)."""
    mbox = f"mailto:{address}"
    return [{"mbox": mbox}, {"mbox_sha1sum": hashlib.sha1(mbox.encode(), usedforsecurity=False).hexdigest()}]


def _check_name(actor: dict[str, Any], path: str) -> None:
    if "name" in actor:
        check_string(actor["name"], f"{path}.name", CLAUSE)


def _check_identifier(actor: dict[str, Any], path: str) -> bool:
    """Check the identifier; false when there is none."""
    kinds = actor.keys() & IFI
    if not kinds:
        return False
    if len(kinds) > 1:
        raise StandardError(path, "must have only one of mbox, mbox_sha1sum, openid and account", IFI_CLAUSE)
    kind = kinds.pop()
    _CHECKS[kind](actor[kind], f"{path}.{kind}")
    return True


def _check_mbox(value: Any, path: str) -> None:
    if type(value) is not str or _MBOX.fullmatch(value) is None:
        raise StandardError(path, "must be mailto: and one e-mail address", IFI_CLAUSE)


def _check_sha1(value: Any, path: str) -> None:
    if type(value) is not str or _SHA1.fullmatch(value) is None:
        raise StandardError(path, "must be a SHA-1 of 40 hexadecimal digits", IFI_CLAUSE)


def _check_account(value: Any, path: str) -> None:
    account = check_object(value, path, _ACCOUNT, ACCOUNT_CLAUSE)
    check_iri(required(account, "homePage", path, ACCOUNT_CLAUSE), f"{path}.homePage")
    check_string(required(account, "name", path, ACCOUNT_CLAUSE), f"{path}.name", ACCOUNT_CLAUSE)


_CHECKS = {"mbox": _check_mbox, "mbox_sha1sum": _check_sha1, "openid": check_iri, "account": _check_account}
