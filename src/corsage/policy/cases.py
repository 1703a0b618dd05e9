"""Requests that exercise every clause of a policy, each with the answer that it means.

The same cases prove the decision, the gateway, every written configuration and the deployment.
Their number grows with the policy's lists, not with their product: each clause is asked alone,
with everything else as it should be.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from urllib.parse import urlsplit

from corsage.browser.exchange import CredentialsMode, Request
from corsage.policy.asking import headers_of, requests_of, url_of
from corsage.policy.model import ANY, CorsPolicy, Owner, Policy, Route
from corsage.policy.near_misses import STRANGER, NearMiss, near_misses
from corsage.policy.origins import OriginPattern, OriginSet
from corsage.policy.permits import permits, route_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is asked. Of longer lists the ends and an even sample between them are.

    ``routes``, and ``origins`` of one policy; the near misses of ``mistaken`` of these. The lists
    of a policy are asked on one of its routes, which is enough for what was made from the policy;
    where each route may have been written by hand, on every other, too, for as many origins as
    ``elsewhere`` (0: not at all). ``by_hand`` asks what is right of itself where one program made
    the whole, too: each origin with a preflight, a stranger without credentials, and a preflight
    below each route.
    """

    routes: int = 200
    origins: int = 200
    mistaken: int = 20
    elsewhere: int = 0
    by_hand: bool = False

    @property
    def further(self) -> Extent:
        """What is asked on a policy's other routes."""
        most = self.elsewhere
        return replace(self, origins=min(self.origins, most), mistaken=min(self.mistaken, most))


USUAL = Extent()

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "patch", "X-UNLISTED")
_UNLISTED_HEADER = "X-Unlisted"


@dataclass(frozen=True, slots=True)
class Case:
    """One request and what the policy means by it.

    ``id`` depends on the request alone. ``clause`` says what is exercised, ``kind`` the same for
    all origins that are asked alike. ``allowed``: the page may read the answer
    (:func:`corsage.policy.permits.permits`). ``owner`` answers for CORS.
    ``browser`` is false where no browser sends such an origin, but an attacker's script or
    scanner does. ``sample`` says how much was left out of a long list, as ``200 of 10000``.
    """

    id: str
    request: Request
    clause: str
    allowed: bool
    owner: Owner = "gateway"
    browser: bool = True
    sample: str | None = None
    kind: str = ""


def cases(policy: Policy, extent: Extent = USUAL) -> Iterator[Case]:
    """The cases of a policy, without repeats, in the order of the file."""
    seen: set[str] = set()
    for question in _questions(policy, extent):
        identity = _identity(question.request)
        if identity not in seen:
            seen.add(identity)
            yield _case(policy, identity, question)


@dataclass(frozen=True, slots=True)
class _Question:
    request: Request
    clause: str
    kind: str
    browser: bool = True
    sample: str | None = None


def _case(policy: Policy, identity: str, question: _Question) -> Case:
    url = urlsplit(question.request.url)
    route = route_of(policy, url.hostname or "", url.path)
    return Case(
        identity,
        question.request,
        question.clause,
        permits(policy, question.request),
        "gateway" if route is None else route.owner,
        question.browser,
        question.sample,
        question.kind,
    )


def _identity(request: Request) -> str:
    return hashlib.sha256(repr(request).encode()).hexdigest()[:12]


def _questions(policy: Policy, extent: Extent) -> Iterator[_Question]:
    routes, sample = _sampled(policy.routes, extent.routes)
    for name, rules in policy.policies.items():
        first = _representative(policy.routes, name)
        if first is None:
            continue
        yield from _of_rules(rules, url_of(policy, first.host, first.path), extent)
        for route in routes if extent.elsewhere else ():
            if route.cors == name and route is not first:
                url = url_of(policy, route.host, route.path)
                yield from _of_rules(rules, url, extent.further)
    for route in routes:
        for question in _of_route(policy, route, extent):
            yield replace(question, sample=sample)
    yield from _of_nothing(policy)
    yield from _of_expectations(policy, extent)


def _representative(routes: Sequence[Route], name: str) -> Route | None:
    """The route on which a policy's lists are asked: one that the gateway owns, if any."""
    using = [route for route in routes if route.cors == name]
    return next((r for r in using if r.owner == "gateway"), using[0] if using else None)


def _of_rules(rules: CorsPolicy, url: str, extent: Extent) -> Iterator[_Question]:
    asking = _request(rules, url)
    yield from _of_origins(rules, asking, extent)
    for method in dict.fromkeys((*_METHODS, *rules.allow_methods)):
        if method != ANY:
            kind = f"the method {method}"
            yield _Question(replace(asking, method=method), f"{rules.name}: {kind}", kind)
    yield from _of_headers(rules, asking)
    yield from _of_credentials(rules, asking)
    for origin in (asking.origin, STRANGER):
        upload = replace(
            asking,
            origin=origin,
            method="POST",
            body="x",
            initiator="xmlhttprequest",
            upload_listeners=True,
        )
        kind = "an upload that is watched costs a preflight"
        yield _Question(upload, f"{rules.name}: {kind}", kind)


def _of_origins(rules: CorsPolicy, asking: Request, extent: Extent) -> Iterator[_Question]:
    members, sample = _sampled(list(_members(rules.allow_origins)), extent.origins)
    preflighted = _preflighted(rules, asking) if extent.by_hand else None
    for origin in members:
        clause = f"{rules.name}: the origin {origin}"
        yield _Question(replace(asking, origin=origin), clause, "the origin", sample=sample)
        if preflighted is not None:
            request = replace(preflighted, origin=origin)
            kind = "the origin, with a preflight"
            yield _Question(request, f"{clause}, with a preflight", kind, sample=sample)
    if extent.by_hand and asking.credentials == "include":
        request = replace(asking, origin=STRANGER, credentials="omit")
        kind = "a stranger, without credentials"
        yield _Question(request, f"{rules.name}: {kind}", kind)
    mistaken, sample = _sampled(members, extent.mistaken)
    for origin in mistaken:
        misses = [] if rules.allow_origins.any_origin else near_misses(origin)
        for miss in (NearMiss(STRANGER, "a stranger"), *misses):
            # How a pattern takes what no browser sends (a default port, for any port) is free.
            if not miss.browser and origin not in rules.allow_origins.exact:
                continue
            yield _Question(
                replace(asking, origin=miss.origin),
                f"{rules.name}: {miss.kind}, not {origin}",
                miss.kind,
                miss.browser,
                sample,
            )


def _preflighted(rules: CorsPolicy, asking: Request) -> Request | None:
    """A request that the rules allow after a preflight, if they allow any."""
    safe = ("GET", "HEAD", "POST", ANY)
    if method := next((m for m in rules.allow_methods if m not in safe), None):
        return replace(asking, method=method)
    if header := next((h for h in rules.allow_headers if h != ANY), None):
        return replace(asking, headers=headers_of([header]))
    return None


def _of_headers(rules: CorsPolicy, asking: Request) -> Iterator[_Question]:
    listed = [name for name in rules.allow_headers if name != ANY]
    for name in dict.fromkeys((*listed, "Authorization", "Content-Type", _UNLISTED_HEADER)):
        kind = f"the request header {name}"
        headers = headers_of([name])
        yield _Question(replace(asking, headers=headers), f"{rules.name}: {kind}", kind)
    simple = replace(asking, method="POST", headers=(("Content-Type", "text/plain"),), body="x")
    kind = "a request that needs no preflight"
    yield _Question(simple, f"{rules.name}: {kind}", kind)
    if listed:
        kind = "all request headers"
        headers = headers_of(listed)
        yield _Question(replace(asking, headers=headers), f"{rules.name}: {kind}", kind)
        kind = "all request headers and one more"
        headers = headers_of([*listed, _UNLISTED_HEADER])
        yield _Question(replace(asking, headers=headers), f"{rules.name}: {kind}", kind)


def _of_credentials(rules: CorsPolicy, asking: Request) -> Iterator[_Question]:
    modes: tuple[CredentialsMode, ...] = ("omit", "same-origin", "include")
    unsafe = next((m for m in rules.allow_methods if m not in ("GET", "HEAD", "POST", ANY)), "PUT")
    for credentials in modes:
        for method in ("GET", unsafe):
            request = replace(asking, method=method, credentials=credentials)
            kind = f"credentials: {credentials}"
            yield _Question(request, f"{rules.name}: {kind}", kind)


def _of_route(policy: Policy, route: Route, extent: Extent) -> Iterator[_Question]:
    """A route and its neighbours, asked by those who may read it and by a stranger."""
    rules = (
        policy.policies[route.cors] if route.cors else next(iter(policy.policies.values()), None)
    )
    asking = _request(rules, url_of(policy, route.host, route.path))
    where = f"route {route.match} {route.path}" + (f" of {route.host}" if route.host else "")
    below = route.path.rstrip("/")
    paths = {
        route.path: "itself",
        f"{below}/": "a slash after it",
        f"{below}/x": "below it",
        f"{below or '/'}x": "a longer word",
        (below.rpartition("/")[0] or "/"): "above it",
    }
    for path, what in paths.items():
        url = url_of(policy, route.host, path)
        yield _Question(replace(asking, url=url), f"{where}: {what}", what)
    kind = "itself, with a preflight"
    yield _Question(replace(asking, method="PUT"), f"{where}: {kind}", kind)
    if extent.by_hand and route.cors is None:
        for origin in (asking.origin, STRANGER):
            request = replace(asking, origin=origin, credentials="omit")
            yield _Question(request, f"{where}: without credentials", "without credentials")
    preflighted = None if rules is None else _preflighted(rules, asking)
    if extent.by_hand and preflighted is not None:
        request = replace(preflighted, url=url_of(policy, route.host, f"{below}/x"))
        kind = "below it, with a preflight"
        yield _Question(request, f"{where}: {kind}", kind)
    kind = "itself, asked by a stranger"
    yield _Question(replace(asking, origin=STRANGER), f"{where}: {kind}", kind)
    if route.host is not None:
        url = url_of(policy, None, route.path)
        yield _Question(replace(asking, url=url), f"{where}: another host", "another host")


def _of_nothing(policy: Policy) -> Iterator[_Question]:
    """A path that no route takes: its 404 is readable, or it would look like a CORS error."""
    url = url_of(policy, None, "/no-such-route")
    for rules in policy.policies.values():
        asking = _request(rules, url)
        yield _Question(asking, f"no route: asked by {rules.name}", f"asked by {rules.name}")
    yield _Question(_request(None, url), "no route: asked by a stranger", "asked by a stranger")


def _of_expectations(policy: Policy, extent: Extent) -> Iterator[_Question]:
    for expectation in policy.expectations:
        origins, sample = _sampled(expectation.origins, extent.origins)
        for request in requests_of(policy, replace(expectation, origins=tuple(origins))):
            clause = f"expect: {expectation.text}"
            yield _Question(request, clause, clause, sample=sample)


def _request(rules: CorsPolicy | None, url: str) -> Request:
    """A GET that ``rules`` allow, with credentials if they may be sent."""
    if rules is None:
        return Request(url, STRANGER)
    gateway = f"{urlsplit(url).scheme}://{urlsplit(url).netloc}"
    members = _members(rules.allow_origins)
    origin = next((member for member in members if member != gateway), STRANGER)
    return Request(url, origin, credentials="include" if rules.allow_credentials else "same-origin")


def _members(origins: OriginSet) -> Iterator[str]:
    """Origins that the set admits: each exact one, and some of each pattern."""
    if origins.any_origin:
        yield from ("https://any.example", "http://any.example:8080", "null")
    yield from origins.exact
    for pattern in origins.patterns:
        hosts = [f"one.{pattern.host}", f"two.one.{pattern.host}"]
        for host in hosts if pattern.subdomains else [pattern.host]:
            ports = [None, 8443] if pattern.port == OriginPattern.ANY_PORT else [pattern.port]
            for port in ports:
                yield str(OriginPattern(pattern.scheme, host, port=port))


def _sampled(items: Sequence[T], most: int) -> tuple[Sequence[T], str | None]:
    """All items, or the first, the last and an even sample between them."""
    if len(items) <= most:
        return items, None
    if most == 1:
        return items[:1], f"1 of {len(items)}"
    last = len(items) - 1
    chosen = [items[round(i * last / (most - 1))] for i in range(most)]
    return chosen, f"{most} of {len(items)}"
