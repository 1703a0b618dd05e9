"""What an API says that it has, against what its CORS allows."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from corsage.browser import WireRequest
from corsage.browser.readable import SAFELISTED_RESPONSE_HEADERS
from corsage.chain.compose import lines, travel
from corsage.chain.system import System
from corsage.chain.topology import THIS_MACHINE
from corsage.check.asking import STRANGER, an_origin_of
from corsage.check.finding import Finding
from corsage.check.report import finding
from corsage.check.sites import place
from corsage.layers import rules
from corsage.layers.site import Grant, Operation, Site
from corsage.layers.urls import split_url

_ALWAYS_ALLOWED = {"GET", "HEAD", "POST", "OPTIONS"}
# Documents seldom name them: how one logs in, what libraries send by themselves.
_NEVER_TOO_MUCH = {
    "accept",
    "accept-language",
    "authorization",
    "content-language",
    "content-type",
    "range",
    "x-csrf-token",
    "x-requested-with",
}
_PARAMETER = re.compile(r"\{[^{}]*\}")


def check_operations(system: System, operations: Iterable[Operation]) -> Iterator[Finding]:
    """Findings for the sites to which operations go."""
    routed: dict[int, list[Operation]] = defaultdict(list)
    sites: dict[int, Site] = {}
    redirected: set[str] = set()
    inner: set[tuple[str, str]] = set()
    for operation in operations:
        document = operation.where.file, operation.server
        if document not in inner and _is_inner(operation.server):
            inner.add(document)
            yield finding(
                rules.INNER_SERVER,
                f"{operation.server} is a name of the inner network",
                operation.where,
                why="Documentation and clients that are made from this document call it from a "
                "browser, which finds no such host and reports a CORS error.",
                fix="servers: [{url: /}], or the address that pages use",
            )
        if operation.server and not system.names(operation.server):
            continue  # the document of an API that is elsewhere
        site = _site(system, operation)
        if operation.server not in redirected:
            redirect = _redirected(system, operation)
            redirected.update([operation.server] if redirect is not None else [])
            yield from [redirect] if redirect is not None else []
        if site is not None and site.grant is not None:
            sites[id(site)] = site
            routed[id(site)].append(operation)
    for key, site in sites.items():
        grant = site.grant
        if grant is not None:
            yield from _methods(site, grant, routed[key])
            yield from _headers(site, grant, routed[key])
            yield from _exposed(site, grant, routed[key])


def _site(system: System, operation: Operation) -> Site | None:
    path = _PARAMETER.sub("x", operation.path)
    request = WireRequest(
        "actual", operation.method, f"{operation.server or 'https://api.example'}{path}", ()
    )
    journey = system.travel(request)
    granting = [
        passage.site
        for passage in (journey.passages if journey is not None else ())
        if passage.site is not None and passage.site.grant is not None
    ]
    return granting[0] if granting else None


def _redirected(system: System, operation: Operation) -> Finding | None:
    """The finding of an operation that the named server of the document sends elsewhere."""
    url = operation.server + _PARAMETER.sub("x", operation.path)
    chain = system.chain(WireRequest("actual", operation.method, url, ()))
    grants = [
        site.grant
        for link in (chain.links if chain is not None else ())
        for site in link.instance.sites
        if site.grant is not None
    ]
    if chain is None or not operation.server or not grants:
        return None
    asked = (("Origin", an_origin_of(grants[0].entries) or STRANGER),)
    request = WireRequest("actual", operation.method, url, asked, credentials=True)
    answer = travel(chain.links, request).answer
    location = next(iter(lines(answer, "Location")), "")
    if answer is None or not 300 <= answer.status < 400 or _server(location) == operation.server:
        return None
    preflight = replace(request, kind="preflight", method="OPTIONS", credentials=False)
    answered = travel(chain.links, preflight).answer
    redirected = answered is not None and 300 <= answered.status < 400
    return finding(
        rules.PREFLIGHT_REDIRECTED,
        f"{operation.method} {url} is redirected to {location}",
        chain.site.where,
        severity="error" if redirected else "warning",
        why="Browsers follow no redirect of a preflight, and behind one to another origin the "
        "page's own origin becomes null.",
        evidence=f"{operation.where.file}:{operation.where.line} is on {operation.server}",
        witness=f"{operation.method} {url} from {asked[0][1]}",
    )


def _is_inner(url: str) -> bool:
    host = split_url(url).hostname or ""
    return bool(host) and host not in THIS_MACHINE and "." not in host and ":" not in host


def _server(url: str) -> str:
    split = split_url(url)
    return f"{split.scheme}://{split.netloc}"


def _methods(site: Site, grant: Grant, operations: list[Operation]) -> Iterator[Finding]:
    if grant.methods is None or "*" in grant.methods or _unknown(grant, "allow_methods"):
        return
    for operation in operations:
        if operation.method not in _ALWAYS_ALLOWED and operation.method not in grant.methods:
            yield finding(
                rules.METHOD_NOT_GRANTED,
                f"{operation.method} {operation.path} cannot be called: CORS does not allow "
                f"{operation.method}",
                place(site, grant, "allow_methods"),
                evidence=f"{operation.where.file}:{operation.where.line} has it",
                fix=", ".join([*grant.methods, operation.method]),
            )
    setting = grant.setting("allow_methods")
    if setting is None or setting.default:
        return
    has = {operation.method for operation in operations} | _ALWAYS_ALLOWED
    for method in grant.methods:
        if method not in has:
            yield finding(
                rules.METHOD_OVER_GRANTED,
                f"{method} is allowed, and no operation has it",
                setting.where,
            )


def _headers(site: Site, grant: Grant, operations: list[Operation]) -> Iterator[Finding]:
    if grant.headers is None or _unknown(grant, "allow_headers"):
        return
    if "*" in grant.headers:
        yield from _beyond_the_wildcard(site, grant, operations)
        return
    allowed = {name.lower() for name in grant.headers}
    missing: dict[str, Operation] = {}
    for operation in operations:
        for name in operation.request_headers:
            if name.lower() not in allowed:
                missing.setdefault(name, operation)
    for name, operation in missing.items():
        yield finding(
            rules.HEADER_NOT_GRANTED,
            f"{operation.method} {operation.path} reads {name}, which CORS does not allow",
            place(site, grant, "allow_headers"),
            evidence=f"{operation.where.file}:{operation.where.line} has it",
            fix=", ".join([*grant.headers, name]),
        )
    setting = grant.setting("allow_headers")
    if setting is None or setting.default:
        return
    read = {name.lower() for operation in operations for name in operation.request_headers}
    for name in grant.headers:
        if name.lower() not in read | _NEVER_TOO_MUCH:
            yield finding(
                rules.HEADER_OVER_GRANTED,
                f"{name} is allowed, and no operation reads it",
                setting.where,
            )


def _beyond_the_wildcard(
    site: Site, grant: Grant, operations: list[Operation]
) -> Iterator[Finding]:
    """A wildcard is every header but Authorization. (With credentials it is none: CORS119.)"""
    named = {name.lower() for name in grant.headers or ()}
    for operation in operations:
        read = {name.lower() for name in operation.request_headers}
        if "authorization" in read - named and not grant.credentials:
            yield finding(
                rules.HEADER_NOT_GRANTED,
                f"{operation.method} {operation.path} reads Authorization, which * does not cover",
                place(site, grant, "allow_headers"),
                severity="warning",
                why="Fetch leaves Authorization out of the wildcard. Chromium and Firefox still "
                "take it, and warn that they will not.",
                evidence=f"{operation.where.file}:{operation.where.line} has it",
                fix="*, Authorization",
            )
            return


def _exposed(site: Site, grant: Grant, operations: list[Operation]) -> Iterator[Finding]:
    if "*" in grant.exposed or _unknown(grant, "expose_headers"):
        return
    readable = SAFELISTED_RESPONSE_HEADERS | {name.lower() for name in grant.exposed}
    hidden: dict[str, Operation] = {}
    for operation in operations:
        for name in operation.response_headers:
            if name.lower() not in readable and not name.lower().startswith("access-control-"):
                hidden.setdefault(name, operation)
    for name, operation in hidden.items():
        yield finding(
            rules.NOT_EXPOSED,
            f"{operation.method} {operation.path} sends {name}, which no page can read",
            place(site, grant, "expose_headers"),
            evidence=f"{operation.where.file}:{operation.where.line} has it",
            fix=", ".join([*grant.exposed, name]),
        )


def _unknown(grant: Grant, clause: str) -> bool:
    return any(unknown.clause == clause for unknown in grant.unknown)
