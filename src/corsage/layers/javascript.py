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


def array(values: Iterable[str], indent: int, before: int) -> str:
    """An array literal of ready elements; on one line if it fits behind ``before`` columns."""
    elements = list(values)
    line = f"[{', '.join(elements)}]"
    if before + len(line) < _WIDTH:
        return line
    pad = " " * (indent + 2)
    return "[\n" + "".join(f"{pad}{element},\n" for element in elements) + " " * indent + "]"


def _strings(name: str, values: Iterable[str]) -> str:
    return array(map(literal, values), 4, len(f"    {name}: "))


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
    options = {"origins": "'*'" if origins.any_origin else _strings("origins", origins.exact)}
    if origins.patterns and not origins.any_origin:
        options["patterns"] = regexes(origins, 4)
    options["methods"] = _strings("methods", rules.allow_methods)
    options["allowedHeaders"] = _strings("allowedHeaders", rules.allow_headers)
    options["exposedHeaders"] = _strings("exposedHeaders", rules.expose_headers)
    if rules.allow_credentials:
        options["credentials"] = "true"
    if rules.max_age is not None:
        options["maxAge"] = str(rules.max_age)
    if rules.allow_timing:
        options["timing"] = "true"
    return "".join(f"    {name}: {value},\n" for name, value in options.items())


def route_table(routes: Sequence[tuple[Route, Duty]]) -> str:
    """The statement ``const routes = [...];``."""
    if len(routes) == 1 and routes[0][1] == "enforce":
        line = f"const routes = [{{ {_route(*routes[0])} }}];\n"
        if len(line) - 1 <= _WIDTH:
            return line
    rows = "".join(f"  {{ {_route(route, duty)} }},{_remark(duty)}\n" for route, duty in routes)
    return f"const routes = [\n{rows}];\n" if rows else "const routes = [];\n"


def _route(route: Route, duty: Duty) -> str:
    where = [f"host: {literal(route.host)}"] if route.host is not None else []
    if route.match == "exact":
        where.append(f"exact: {literal(route.path)}")
    else:
        where.append(f"prefix: {literal(route.path.rstrip('/') + '/')}")
    if duty == "enforce":
        return ", ".join([*where, f"policies: [{member(str(route.cors))}]"])
    return ", ".join([*where, "policies: []", *(["gateway: true"] if duty == "leave" else [])])


def find(table: str, policy: Policy, host: str, exactly: str) -> str:
    """``return TABLE.find(...);`` for ``path`` and ``below`` (the path and a slash), with no more
    in it than the routes of ``policy`` need. ``host`` and ``exactly`` are the expressions for the
    request's host and for a path that is an exact route's."""
    hosts = any(route.host is not None for route in policy.routes)
    exact = any(route.match == "exact" for route in policy.routes)
    names = [*(["host"] if hosts else []), *(["exact"] if exact else []), "prefix"]
    takes = "below.startsWith(prefix)"
    if exact:
        takes = f"(prefix ? {takes} : {exactly})"
    head = f"({{ {', '.join(names)} }}) =>"
    one_line = f"  return {table}.find({head} {takes});\n"
    if hosts:
        body = f"      (host === undefined || host === {host}) &&\n      {takes},\n"
        return f"  return {table}.find(\n    {head}\n{body}  );\n"
    if len(one_line) - 1 <= _WIDTH:
        return one_line
    return f"  return {table}.find(\n    {head} {takes},\n  );\n"


def _remark(duty: Duty) -> str:
    remarks: dict[Duty, str] = {
        "enforce": "",
        "refuse": " // never for browsers",
        "leave": " // the gateway's",
    }
    return remarks[duty]
