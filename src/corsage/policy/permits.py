"""What a policy means, said a second time and as plainly as possible.

:mod:`corsage.policy.decide` says which headers a correct owner sends, and the browser model says
what a browser makes of them. This module says what must come out: whether the page may read the
answer. It shares no code with the other two, looks at every route and every origin in turn, and
is what every case (:mod:`corsage.policy.cases`) is measured by.

Header values are taken to be plain words: of the safelisted names only those of Content-Type
matter here, and repeats and lengths do not.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from corsage.browser.exchange import Request
from corsage.policy.model import CorsPolicy, Policy, Route
from corsage.policy.origins import OriginPattern, OriginSet

_DEFAULT_PORT = {"http:": ":80", "https": ":443"}
_SIMPLE_METHODS = ("GET", "HEAD", "POST")
_UPPER_CASED_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT")
_NEVER_METHODS = ("CONNECT", "TRACE", "TRACK")
_SIMPLE_HEADERS = ("accept", "accept-language", "content-language")
_SIMPLE_CONTENT_TYPES = (
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "text/plain",
)


def permits(policy: Policy, request: Request) -> bool:
    """Whether the policy means that the page of ``request`` may read the answer.

    On a route that its service owns, the service is taken to do as the policy says.
    """
    url = urlsplit(request.url)
    if request.method.upper() in _NEVER_METHODS:
        return False
    if request.origin == f"{url.scheme}://{url.netloc}":
        return True
    if request.origin.startswith("https:") and url.scheme == "http" and not _is_here(url.hostname):
        return False  # mixed content, which browsers stop before CORS is asked
    route = route_of(policy, url.hostname or "", url.path or "/")
    if route is None:
        rules = _rules_of_the_404(policy, request.origin)
    else:
        rules = None if route.cors is None else policy.policies[route.cors]
    return rules is not None and _allows(rules, request)


def route_of(policy: Policy, host: str, path: str) -> Route | None:
    """The route that takes a request: a named host before any, an exact path before a prefix,
    a longer path before a shorter one."""
    taking = [route for route in policy.routes if _takes(route, host, path)]
    return max(
        taking,
        key=lambda route: (
            route.host is not None,
            route.match == "exact",
            len(route.path.rstrip("/")),
        ),
        default=None,
    )


def _takes(route: Route, host: str, path: str) -> bool:
    if route.host is not None and route.host != host:
        return False
    if route.match == "exact":
        return path == route.path
    prefix = route.path.rstrip("/")
    return path == prefix or path.startswith(prefix + "/")


def _rules_of_the_404(policy: Policy, origin: str) -> CorsPolicy | None:
    """The gateway's own 404 is readable for whoever may read something: by the first policy
    that knows the origin, those with credentials before the others."""
    owned = [route.cors for route in policy.routes if route.owner == "gateway"]
    rules = [policy.policies[name] for name in owned if name is not None]
    knowing = [one for one in rules if _member(one.allow_origins, origin)]
    with_credentials = [one for one in knowing if one.allow_credentials]
    return next(iter(with_credentials + knowing), None)


def _is_here(host: str | None) -> bool:
    name = host or ""
    return name in ("localhost", "::1", "0.0.0.0") or name.startswith("127.")  # noqa: S104


def _allows(rules: CorsPolicy, request: Request) -> bool:
    include = request.credentials == "include"
    if include and (rules.allow_origins.any_origin or not rules.allow_credentials):
        return False
    return (
        _member(rules.allow_origins, request.origin)
        and _method_allowed(rules, request.method, include)
        and all(_header_allowed(rules, name, value, include) for name, value in request.headers)
    )


def _method_allowed(rules: CorsPolicy, typed: str, include: bool) -> bool:
    method = typed.upper() if typed.upper() in _UPPER_CASED_METHODS else typed
    if method in _SIMPLE_METHODS or method in rules.allow_methods:
        return True
    return "*" in rules.allow_methods and not include


def _header_allowed(rules: CorsPolicy, name: str, value: str, include: bool) -> bool:
    name = name.lower()
    if name in _SIMPLE_HEADERS or (name == "content-type" and value in _SIMPLE_CONTENT_TYPES):
        return True
    if name in [listed.lower() for listed in rules.allow_headers]:
        return True
    return "*" in rules.allow_headers and not include and name != "authorization"


def _member(origins: OriginSet, origin: str) -> bool:
    if origins.any_origin or origin in origins.exact:
        return True
    if origin.startswith(("http://", "https://")) and origin.endswith(_DEFAULT_PORT[origin[:5]]):
        return False  # browsers leave it out
    return any(re.fullmatch(_expression(pattern), origin) for pattern in origins.patterns)


def _expression(pattern: OriginPattern) -> str:
    scheme, _, rest = str(pattern).partition("://")
    rest = re.escape(rest)
    rest = rest.replace(r"\*\.", r"([a-z0-9_-]+\.)+").replace(r":\*", r"(:[1-9][0-9]*)?")
    return f"{re.escape(scheme)}://{rest}"
