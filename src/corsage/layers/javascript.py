"""JavaScript source, as the two Node frameworks share it: literals, policies and routes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from urllib.parse import unquote

from corsage.layers.application import Duty
from corsage.layers.origin_regex import origin_regex
from corsage.layers.target import Clause
from corsage.policy.model import ANY, CorsPolicy, Policy, Route
from corsage.policy.origins import OriginSet

# What decodeURI leaves encoded: the characters that have a meaning of their own in a URL.
_RESERVED = re.compile("%(?=3B|2C|2F|3F|3A|40|26|3D|2B|24|23)", re.IGNORECASE)
_MALFORMED = re.compile("%(?![0-9A-Fa-f]{2})")
_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_WIDTH = 100


def decode_uri(path: str) -> str:
    """What ``decodeURI`` makes of a path, which stays as it is where that would throw."""
    if _MALFORMED.search(path):
        return path
    try:
        return unquote(_RESERVED.sub("%25", path), errors="strict")
    except UnicodeDecodeError:
        return path


def method_rows(policy: Policy) -> tuple[Clause, ...]:
    """A fidelity row for policies that allow any method, which Node.js does not parse."""
    if not any(ANY in rules.allow_methods for rules in policy.policies.values()):
        return ()
    how = "Node.js answers a bare 400 to a method that is not in http.METHODS, such as patch"
    return (Clause("allow_methods: *", "weaker", how),)


def literal(text: str) -> str:
    """A string literal. JSON's escapes are JavaScript's, and nothing but ASCII remains."""
    quoted = json.dumps(text)
    return quoted if "'" in text or "\\" in quoted else f"'{text}'"


def array(values: Iterable[str], indent: int) -> str:
    """An array literal of ready elements; on one line if it fits after ``indent`` columns."""
    elements = list(values)
    line = f"[{', '.join(elements)}]"
    if indent + len(line) <= _WIDTH:
        return line
    pad = " " * (indent + 2)
    return "[\n" + "".join(f"{pad}{element},\n" for element in elements) + " " * indent + "]"


def strings(values: Iterable[str], indent: int) -> str:
    """An array literal of strings."""
    return array(map(literal, values), indent)


def key(name: str) -> str:
    """A property name in an object literal."""
    return name if _IDENTIFIER.fullmatch(name) and name != "__proto__" else f"[{literal(name)}]"


def member(name: str) -> str:
    """The expression for the policy called ``name``."""
    return f"policies.{name}" if _IDENTIFIER.fullmatch(name) else f"policies[{literal(name)}]"


def regexes(origins: OriginSet, indent: int) -> str:
    """An array literal with one anchored regex for each pattern, each under its pattern."""
    pad = " " * (indent + 2)
    lines = "".join(
        f"{pad}// {pattern}\n{pad}/^{origin_regex(pattern).replace('/', chr(92) + '/')}$/,\n"
        for pattern in origins.patterns
    )
    return f"[\n{lines}{' ' * indent}]"


def policy_entries(policies: Sequence[CorsPolicy], call: str) -> str:
    """The members of ``const policies``: ``name: call({options})``, named as `cors` names them."""
    return "\n".join(
        f"  {key(rules.name)}: {call}({{\n{_options(rules)}  }})," for rules in policies
    )


def _options(rules: CorsPolicy) -> str:
    origins = rules.allow_origins
    options = {"origins": "'*'" if origins.any_origin else strings(origins.exact, 4)}
    if origins.patterns and not origins.any_origin:
        options["patterns"] = regexes(origins, 4)
    options["methods"] = strings(rules.allow_methods, 4)
    options["allowedHeaders"] = strings(rules.allow_headers, 4)
    options["exposedHeaders"] = strings(rules.expose_headers, 4)
    if rules.allow_credentials:
        options["credentials"] = "true"
    if rules.max_age is not None:
        options["maxAge"] = str(rules.max_age)
    if rules.allow_timing:
        options["timing"] = "true"
    return "".join(f"    {name}: {value},\n" for name, value in options.items())


def route_entries(routes: Iterable[tuple[Route, Duty]]) -> str:
    """The elements of ``const routes``."""
    return "\n".join(f"  {{ {_route(route, duty)} }},{_remark(duty)}" for route, duty in routes)


def _route(route: Route, duty: Duty) -> str:
    where = [f"host: {literal(route.host)}"] if route.host is not None else []
    if route.match == "exact":
        where.append(f"exact: {literal(route.path)}")
    else:
        where.append(f"prefix: {literal(route.path.rstrip('/') + '/')}")
    if duty == "enforce":
        return ", ".join([*where, f"policies: [{member(str(route.cors))}]"])
    return ", ".join([*where, "policies: []", *(["gateway: true"] if duty == "leave" else [])])


def _remark(duty: Duty) -> str:
    remarks: dict[Duty, str] = {
        "enforce": "",
        "refuse": " // never for browsers",
        "leave": " // the gateway's",
    }
    return remarks[duty]
