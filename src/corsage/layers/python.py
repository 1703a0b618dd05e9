"""Python source, as the three Python frameworks share it: literals, policies and routes.

The written files stand alone: they import the framework and nothing of Corsage.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from corsage.layers.application import Duties, Duty, duties, uses_hosts
from corsage.layers.origin_regex import origin_regex
from corsage.layers.target import Fate
from corsage.policy.decide import PREFLIGHT_VARY
from corsage.policy.model import ANY, CorsPolicy, Policy, Route
from corsage.policy.origins import OriginPattern

_WIDTH = 88  # black's, which the files leave alone


def literal(text: str) -> str:
    """A string literal in double quotes, as black writes them."""
    quoted = ascii(text)
    if quoted[0] == '"':
        return quoted
    return '"' + quoted[1:-1].replace("\\'", "'").replace('"', '\\"') + '"'


_ROWS: Mapping[str, tuple[Fate, str]] = {
    "exact origins": ("idiom", "a frozenset"),
    "origin patterns": ("idiom", "regexes, matched as a whole (fullmatch)"),
    "any origin": ("idiom", "the constant *"),
    "credentials": ("idiom", "for admitted origins alone"),
    "allowed methods": ("idiom", "the list as written; the browser compares"),
    "allowed headers": ("idiom", "the list as written; the browser compares"),
    "exposed headers": ("idiom", "on responses to admitted origins"),
    "max age": ("idiom", "as written"),
    "timing": ("idiom", "Timing-Allow-Origin beside Access-Control-Allow-Origin"),
    "routes": ("idiom", "a table, the most specific first"),
    "hosts": ("idiom", "compared with the Host header"),
    "never for browsers": ("idiom", "preflights get 403, responses no CORS header"),
    "other OPTIONS": ("idiom", "the app's, as any other request"),
    "other origins": ("idiom", "no header but Vary; a preflight gets 403"),
    "Vary": ("idiom", "a line of its own, unless the app names Origin or * already"),
    "unrouted paths": ("idiom", "the first policy that admits the origin"),
    "the other owner's routes": ("idiom", "nothing is set, and what handlers set is removed"),
}


def rows(own: Mapping[str, tuple[Fate, str]]) -> Mapping[str, tuple[Fate, str]]:
    """The fidelity table: what the three frameworks share, and a framework's ``own`` rows."""
    return {**_ROWS, **own}


def module(policy: Policy, docstring: str, imports: str, middleware: str) -> str:
    """The whole file: what the frameworks share, and the ``middleware`` of one of them."""
    todo = duties(policy)
    hosts = uses_hosts(policy)
    return "".join(
        [
            f'"""{docstring}"""\n\n{imports}\n',
            _POLICY_CLASS_WITH_TIMING if _times(todo) else _POLICY_CLASS,
            _policies(todo.policies),
            _ROUTE_CLASS_WITH_HOSTS if hosts else _ROUTE_CLASS,
            _routes(todo),
            _FIND_WITH_HOSTS if hosts else _FIND,
            middleware,
        ]
    )


def _times(todo: Duties) -> bool:
    return any(rules.allow_timing for rules in todo.policies)


def _varied(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        if old not in text:
            raise ValueError(f"{old!r} is not in the text to vary")
        text = text.replace(old, new)
    return text


_POLICY_CLASS = """\

class Policy(NamedTuple):
    origins: frozenset[str]  # {"*"}: any
    patterns: tuple[re.Pattern[str], ...]
    preflight: dict[str, str]
    actual: dict[str, str]

    @property
    def any_origin(self) -> bool:
        return "*" in self.origins

    def admits(self, origin: str | None) -> bool:
        if self.any_origin or origin is None:
            return self.any_origin
        return origin in self.origins or any(p.fullmatch(origin) for p in self.patterns)

    def headers(self, origin: str | None, others: dict[str, str]) -> dict[str, str]:
        allowed = "*" if self.any_origin else str(origin)
        return {"Access-Control-Allow-Origin": allowed, **others}


"""

_POLICY_CLASS_WITH_TIMING = _varied(
    _POLICY_CLASS,
    ("    actual: dict[str, str]\n", "    actual: dict[str, str]\n    timing: bool = False\n"),
    (
        '        return {"Access-Control-Allow-Origin": allowed, **others}\n',
        (
            '        timing = {"Timing-Allow-Origin": allowed} if self.timing else {}\n'
            '        return {"Access-Control-Allow-Origin": allowed, **timing, **others}\n'
        ),
    ),
)

_ROUTE_CLASS = """\


class Route(NamedTuple):
    path: str
    policies: tuple[Policy, ...] = ()  # none: never for browsers
    exact: bool = False
    gateway: bool = False  # the gateway in front writes the headers of this route


"""

_ROUTE_CLASS_WITH_HOSTS = _varied(
    _ROUTE_CLASS,
    (
        "    gateway: bool = False",
        "    host: str | None = None  # None: every host\n    gateway: bool = False",
    ),
)

_FIND = f'''

PREFLIGHT_VARY = "{PREFLIGHT_VARY}"


def find_route(path: str) -> Route | None:
    below = path + "/"
    for route in ROUTES:
        if path == route.path if route.exact else below.startswith(route.path):
            return route
    return None


def is_preflight(method: str | None, headers: Mapping[str, str]) -> bool:
    """Any other OPTIONS is an ordinary request."""
    if method != "OPTIONS" or not headers.get("Origin"):
        return False
    return bool(headers.get("Access-Control-Request-Method"))


def is_cors(name: str) -> bool:
    return name.lower().startswith("access-control-") or (
        name.lower() == "timing-allow-origin"
    )


'''

_FIND_WITH_HOSTS = _varied(
    _FIND,
    ("find_route(path: str)", "find_route(host: str, path: str)"),
    (
        '    below = path + "/"\n',
        '    host = host.partition(":")[0]\n    below = path + "/"\n',
    ),
    (
        "    for route in ROUTES:\n",
        (
            "    for route in ROUTES:\n"
            "        if route.host not in (None, host):\n"
            "            continue\n"
        ),
    ),
)


def _policies(policies: Iterable[CorsPolicy]) -> str:
    entries = "".join(f"    {literal(rules.name)}: {_policy(rules)},\n" for rules in policies)
    return f"POLICIES = {{\n{entries}}}\n" if entries else "POLICIES: dict[str, Policy] = {}\n"


def _policy(rules: CorsPolicy) -> str:
    origins = rules.allow_origins
    names = [ANY] if origins.any_origin else list(origins.exact)
    patterns = [] if origins.any_origin else origins.patterns
    fields = {
        "origins": _set(map(literal, names)),
        "patterns": "()",
        "preflight": _mapping(preflight_headers(rules)),
        "actual": _mapping(actual_headers(rules)),
    }
    if patterns:
        lines = "".join(f"            # {pattern}\n{_regex(pattern)}" for pattern in patterns)
        fields["patterns"] = f"(\n{lines}        )"
    if rules.allow_timing:
        fields["timing"] = "True"
    body = "".join(f"        {name}={value},\n" for name, value in fields.items())
    return f"Policy(\n{body}    )"


def _regex(pattern: OriginPattern) -> str:
    source = f'r"{origin_regex(pattern)}"'
    line = f"            re.compile({source}),\n"
    if len(line) - 1 <= _WIDTH:
        return line
    return f"            re.compile(\n                {source}\n            ),\n"


def _set(elements: Iterable[str]) -> str:
    items = list(elements)
    if not items:
        return "frozenset()"
    line = f"frozenset({{{', '.join(items)}}})"
    if 8 + len("origins=,") + len(line) <= _WIDTH:
        return line
    body = "".join(f"                {item},\n" for item in items)
    return f"frozenset(\n            {{\n{body}            }}\n        )"


def _mapping(headers: Mapping[str, str]) -> str:
    items = [f"{literal(name)}: {literal(value)}" for name, value in headers.items()]
    line = f"{{{', '.join(items)}}}"
    if 8 + len("preflight=,") + len(line) <= _WIDTH:
        return line
    body = "".join(f"            {item},\n" for item in items)
    return f"{{\n{body}        }}"


def preflight_headers(rules: CorsPolicy) -> dict[str, str]:
    """What a preflight from an admitted origin is told, besides that it is."""
    headers = _credentials(rules)
    if rules.allow_methods:
        headers["Access-Control-Allow-Methods"] = ", ".join(rules.allow_methods)
    if rules.allow_headers:
        headers["Access-Control-Allow-Headers"] = ", ".join(rules.allow_headers)
    if rules.max_age is not None:
        headers["Access-Control-Max-Age"] = str(rules.max_age)
    return headers


def actual_headers(rules: CorsPolicy) -> dict[str, str]:
    """What every other response to an admitted origin says, besides that it is admitted."""
    headers = _credentials(rules)
    if rules.expose_headers:
        headers["Access-Control-Expose-Headers"] = ", ".join(rules.expose_headers)
    return headers


def _credentials(rules: CorsPolicy) -> dict[str, str]:
    return {"Access-Control-Allow-Credentials": "true"} if rules.allow_credentials else {}


def _routes(todo: Duties) -> str:
    rows = "".join(f"    {_route(route, duty)},\n" for route, duty in todo.routes)
    unrouted = [f"POLICIES[{literal(rules.name)}]" for rules in todo.unrouted]
    return (
        "# The most specific first. /billing/ takes /billing and /billing/x, not /billings.\n"
        + (f"ROUTES = [\n{rows}]\n" if rows else "ROUTES: list[Route] = []\n")
        + "# A path without a route (a 404, as a rule): whoever may read anything may read it.\n"
        + f"UNROUTED = {_tuple(unrouted, len('UNROUTED = '))}\n"
    )


def _route(route: Route, duty: Duty) -> str:
    exact = route.match == "exact"
    arguments = [literal(route.path if exact else route.path.rstrip("/") + "/")]
    if duty == "enforce":
        arguments.append(f"(POLICIES[{literal(str(route.cors))}],)")
    if exact:
        arguments.append("exact=True")
    if route.host is not None:
        arguments.append(f"host={literal(route.host)}")
    if duty == "leave":
        arguments.append("gateway=True")
    return f"Route({', '.join(arguments)})"


def _tuple(elements: list[str], before: int) -> str:
    line = f"({elements[0]},)" if len(elements) == 1 else f"({', '.join(elements)})"
    if before + len(line) <= _WIDTH:
        return line
    return "(\n" + "".join(f"    {element},\n" for element in elements) + ")"
