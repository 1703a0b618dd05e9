"""What a user writes into ``Cors(...)``, checked as a policy file is.

The keywords of :class:`Options` are the keys of a policy in ``cors.yaml`` and go through the same
rules (:mod:`corsage.policy.load`), so that both refuse the same things in the same words.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias, TypedDict

from corsage.middleware.asked import AskedOrigins, AskOrigin, is_async
from corsage.middleware.plan import Rules, standing_for
from corsage.policy import nodes, rules
from corsage.policy.load import load_policy, read_nodes
from corsage.policy.model import Policy
from corsage.policy.problems import PolicyError, Problem, quoted
from corsage.policy.rules import Rule
from corsage.policy.shapes import nearest

Words: TypeAlias = str | Iterable[str]


class Options(TypedDict, total=False):
    """The keywords of :class:`corsage.Cors`, which documents them."""

    allow_origins: Words | AskOrigin
    allow_methods: Words
    allow_headers: Words
    expose_headers: Words
    allow_credentials: bool
    max_age: int | None
    allow_timing: bool
    dangerously_allow_null_origin: bool
    dangerously_allow_insecure_origins: bool
    dangerously_allow_public_suffix_origins: bool
    origin_ttl: float
    policy: Policy | str | PathLike[str]
    service: str


_log = logging.getLogger("corsage")

_OF_A_FILE = {"policy", "service"}
_OF_TOOLS = {"yaml": "a policy file", "publicsuffixlist": "a wildcard origin"}
_DEFAULT_TTL = 60.0
_NAME = "Cors"  # of the one policy that keywords make
_SERVICE = "app"
_ALL_PATHS = ({"path": "/", "cors": _NAME},)
_PLACEHOLDER = "https://asked.invalid"  # where a callable decides; never allowed itself


def rules_from(options: Mapping[str, Any], *, can_await: bool) -> Rules:
    """The rules that the keywords mean. Raises :class:`PolicyError` with all that is wrong.

    Keywords that are None are as good as left out. ``can_await``: there is an event loop.
    """
    given = {key: value for key, value in options.items() if value is not None}
    try:
        if _OF_A_FILE & given.keys():
            return Rules(_from_file(given))
        if callable(given.get("allow_origins")):
            return _asking(given, can_await=can_await)
        if "origin_ttl" in given:
            message = "it is for an allow_origins that is a callable"
            raise _refusal("origin_ttl", rules.BAD_VALUE, message)
        return Rules(checked({_NAME: given}, _ALL_PATHS))
    except ModuleNotFoundError as error:
        if error.name not in _OF_TOOLS:
            raise
        # Nothing is let in unchecked: a wildcard that cannot be looked up is not accepted.
        msg = f"{_OF_TOOLS[error.name]} needs {error.name}: pip install 'corsage[tools]'"
        raise ModuleNotFoundError(msg, name=error.name) from error


def _asking(given: dict[str, Any], *, can_await: bool) -> Rules:
    ask = given.pop("allow_origins")
    ttl = given.pop("origin_ttl", _DEFAULT_TTL)
    if isinstance(ttl, bool) or not isinstance(ttl, int | float) or not ttl >= 0:
        raise _refusal("origin_ttl", rules.BAD_VALUE, f"{quoted(str(ttl))} is not seconds")
    if is_async(ask) and not can_await:
        message = "a coroutine function cannot be awaited in a WSGI app"
        raise _refusal("allow_origins", rules.WRONG_TYPE, message, "Give a plain function.")

    def refusal(origin: str) -> str | None:
        """What a policy file would have against the origin."""
        _, problems = _read_parts({_NAME: {**given, "allow_origins": [origin]}}, _ALL_PATHS)
        return "\n".join(str(p) for p in problems if p.severity == "error") or None

    policy = checked({_NAME: {**given, "allow_origins": [_PLACEHOLDER]}}, _ALL_PATHS)
    return Rules(policy, AskedOrigins(ask, ttl, refusal))


def checked(
    policies: Mapping[str, Mapping[str, Any]],
    routes: Iterable[Mapping[str, Any]],
    found: Iterable[Problem] = (),
) -> Policy:
    """The policy of one app that these parts of a policy file mean.

    Raises :class:`PolicyError` with all that is wrong, and what was ``found`` before.
    """
    policy, problems = _read_parts(policies, routes)
    errors = [p for p in (*found, *problems) if p.severity == "error"]
    if errors or policy is None:
        raise PolicyError(errors)
    for problem in problems:
        # A hatch for the origins of a callable is in use whenever the callable says so.
        if problem.severity == "warning" and problem.rule != rules.UNUSED_HATCH.id:
            _log.warning("%s", problem)
    return policy


def _read_parts(
    policies: Mapping[str, Mapping[str, Any]], routes: Iterable[Mapping[str, Any]]
) -> tuple[Policy | None, list[Problem]]:
    labels: list[str] = []
    file = {
        "version": 1,
        "services": {_SERVICE: "http://127.0.0.1"},
        "policies": policies,
        "routes": [{"service": _SERVICE, **route} for route in routes],
    }
    reading = read_nodes(_node(file, "", labels), _NAME)
    return reading.policy, [
        replace(problem, file=_where(labels[problem.line - 1]), line=0, column=0)
        for problem in reading.problems
    ]


def _node(value: object, label: str, labels: list[str]) -> nodes.Node:
    """A value as a node whose line is the place of its label in ``labels``, counted from 1."""
    labels.append(label)
    line = len(labels)
    if isinstance(value, str):
        return nodes.Scalar(line, 1, value, "text")
    if isinstance(value, bool):
        return nodes.Scalar(line, 1, str(value).lower(), "boolean")
    if isinstance(value, int):
        return nodes.Scalar(line, 1, str(value), "integer")
    if isinstance(value, Mapping):
        pairs = []
        for key, item in value.items():
            below = f"{label}.{key}"
            labels.append(below)
            name = nodes.Scalar(len(labels), 1, str(key), "text")
            pairs.append((name, _node(item, below, labels)))
        return nodes.Mapping(line, 1, tuple(pairs))
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        items = [_node(item, f"{label}[{index}]", labels) for index, item in enumerate(value)]
        return nodes.Sequence(line, 1, tuple(items))
    return nodes.Scalar(line, 1, repr(value), "other")


def _where(label: str) -> str:
    """A place in the file that was never written, in the words of who gave the values."""
    own = f".policies.{_NAME}"
    return label.removeprefix(own).removeprefix(".policies").removeprefix(".") or "Cors()"


def _from_file(given: Mapping[str, Any]) -> Policy:
    policy, service = given.get("policy"), given.get("service")
    others = [name for name in given if name not in _OF_A_FILE]
    if policy is None:
        raise _refusal("service", rules.BAD_VALUE, "a service is one of a policy: give policy=")
    if others:
        message = f"policy= says it all; {', '.join(others)} cannot stand beside it"
        raise _refusal("policy", rules.BAD_VALUE, message)
    if not isinstance(policy, Policy):
        policy = _read(Path(policy))
    if service is not None and service not in policy.services:
        message = f"there is no service named {quoted(str(service))}"
        fix = nearest(str(service), policy.services)
        raise _refusal("service", rules.UNKNOWN_NAME, message, fix=fix)
    own = standing_for(policy, service)
    if not any(route.owner == "gateway" and route.cors for route in own.routes):
        raise _refusal("service", rules.BAD_VALUE, *_nothing_owned(service))
    return own


def _nothing_owned(service: str | None) -> tuple[str, str, str]:
    why = "Every route has one owner, or the browser gets two answers."
    if service is None:
        return "the policy leaves every route to its service", why, "service=..."
    return f"the gateway answers for all routes of {service}", why, "owner: service"


def _read(path: Path) -> Policy:
    return load_policy(
        path.read_bytes(),
        str(path),
        read_file=lambda name: (path.parent / name).read_text("utf-8"),
    )


def _refusal(
    label: str, rule: Rule, message: str, why: str = "", fix: str | None = None
) -> PolicyError:
    return PolicyError([problem_of(label, rule, message, why, fix)])


def problem_of(
    label: str, rule: Rule, message: str, why: str = "", fix: str | None = None
) -> Problem:
    """A problem of a value that stands in no file."""
    return Problem(rule.id, rule.severity, message, why, fix, label, 0, 0)
