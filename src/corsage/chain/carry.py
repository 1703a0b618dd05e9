"""From configuration to a policy: what it does, as far as it may be meant.

Nothing is carried over that would admit an origin which the configuration refuses, and no hole is:
an entry that admits strangers becomes the origins that it evidently means, and a note with an
origin that it admitted besides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from corsage.browser import CredentialsMode, Request, Response, WireRequest, judge
from corsage.chain.compose import lines, server
from corsage.chain.system import System
from corsage.chain.topology import Chain
from corsage.layers.site import ClauseName, Grant, Match, OriginEntry, Site
from corsage.layers.urls import split_url
from corsage.layers.where import Where
from corsage.patterns import OriginLanguage, Undecided, exactly, from_policy, labels
from corsage.policy import names
from corsage.policy.addresses import route_host
from corsage.policy.dangers import dangers
from corsage.policy.model import ANY, CorsPolicy, Gateway, Owner, Policy, Route, Service
from corsage.policy.origins import OriginPattern, OriginSet, split_origin
from corsage.policy.problems import Fault, quoted
from corsage.policy.public_suffixes import is_public_suffix
from corsage.policy.rules import INSECURE_ORIGIN

_EVERY_METHOD = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_USUAL_HEADERS = ("Authorization", "Content-Type")
LONGEST_CACHE = 86_400
_MOST_MEMBERS = 50
_LABEL = "[a-z0-9-]+"
_NOBODY_CHOSE = (
    "every origin is allowed because nobody says which, and still is: https://stranger.example, "
    "too; name those that are meant"
)
_NOT_DEEPER = "it would admit {}, too, and is not carried over (--widen-wildcards does)"
# What says of a port that it may be any: `:*`, `:\d+`, `(:[0-9]+)?`.
_PORT_PATTERN = re.compile(r":(?:\*|\\d|\[0-9\]|\.\*)")


@dataclass(frozen=True, slots=True)
class Note:
    """What was not carried over, and why; ``witness`` an origin or a request that shows it."""

    where: Where
    message: str
    witness: str | None = None


@dataclass(frozen=True, slots=True)
class Carried:
    """A policy made of configuration. ``notes``: what it could not, or should not, take over."""

    policy: Policy
    notes: tuple[Note, ...]


def carry(system: System, *, widen_wildcards: bool = False) -> Carried | None:
    """The policy of everything that grants something; None where nothing does.

    ``widen_wildcards``: where a product's wildcard is one label of a name, take the policy's, which
    is any number of them.
    """
    carrier = _carried(system, widen_wildcards)
    return carrier.done() if carrier.grants_anything else None


def refusals(system: System) -> tuple[Note, ...]:
    """Why :func:`carry` takes nothing over, where something is granted."""
    return _carried(system, widen_wildcards=False).done().notes


def _carried(system: System, widen_wildcards: bool) -> _Carrier:
    carrier = _Carrier(widen_wildcards)
    for chain in system.chains:
        carrier.add(chain)
    return carrier


class _Carrier:
    def __init__(self, widen_wildcards: bool) -> None:
        self._widen = widen_wildcards
        self.routes: list[Route] = []
        self._notes: list[Note] = []
        self._services: dict[str, Service] = {}
        self._policies: dict[str, CorsPolicy] = {}
        self._hosts: dict[str, None] = {}
        self._said_segments = False
        self._taken: set[tuple[str | None, str, str]] = set()

    def add(self, chain: Chain) -> None:
        match = chain.site.match
        path = self._path(match, chain.site.where)
        if path is None:
            return
        granting = _granting(chain)
        named = [host for host in match.hosts if "*" not in host] or _hosts_of(chain)
        hosts = [host for host in named if _is_plain(host)]
        if named and not hosts:
            # Without its host a route would take the requests of every other.
            self._note(chain.site.where, f"no browser calls a host {quoted(named[0])}")
            return
        cors = self._policy(granting[0][1], chain, granting[0][0]) if granting else None
        service = self._service(chain)
        owner: Owner = "gateway"
        if granting and granting[0][2] == len(chain.links) - 1 and len(chain.links) > 1:
            owner = "service"
        for host in _any_if_none(hosts):
            key = host, path, match.kind
            if key in self._taken:
                continue
            self._taken.add(key)
            if host is not None:
                self._hosts[host] = None
            kind = "exact" if match.kind == "exact" else "prefix"
            route = Route(path, service, cors, "prefix", host, owner if cors else "gateway")
            self.routes.append(replace(route, match="exact") if kind == "exact" else route)

    @property
    def grants_anything(self) -> bool:
        """Whether any origin may read anything."""
        return bool(self._policies)

    def done(self) -> Carried:
        hosts = list(self._hosts)
        public = f"https://{hosts[0]}" if hosts else None
        routes = self.routes
        used = {route.cors for route in routes}
        policies = {name: rules for name, rules in self._policies.items() if name in used}
        services = {
            name: service
            for name, service in self._services.items()
            if any(route.service == name for route in routes)
        }
        gateway = Gateway(public=public)
        return Carried(Policy(gateway, services, policies, tuple(routes)), tuple(self._notes))

    def _note(self, where: Where, message: str, witness: str | None = None) -> None:
        note = Note(where, message, witness)
        if note not in self._notes:
            self._notes.append(note)

    def _path(self, match: Match, where: Where) -> str | None:
        if match.kind == "regex":
            self._note(
                where, f"requests are matched by a regex, which no policy does: {match.path}"
            )
            return None
        path = match.path or "/"
        if match.kind == "prefix" and not path.endswith("/") and not self._said_segments:
            self._said_segments = True
            message = f"{path} also took {path}x; a policy's routes take whole segments"
            self._note(where, message, f"{path}x")
        return path.rstrip("/") or "/"

    def _service(self, chain: Chain) -> str:
        text = chain.service or chain.links[-1].instance.name
        split = split_url(text if "://" in text else f"//{text}")
        if text.startswith("service/"):
            _, namespace, rest = text.split("/", 2)
            name, _, port = rest.partition(":")
            url = f"http://{name}.{namespace}.svc:{port or 80}"
        else:
            name = split.hostname or text
            url = f"{split.scheme or 'http'}://{split.netloc or name}"
        word = re.sub(r"[^a-z0-9-]+", "-", name.lower()).strip("-") or "app"
        if not re.fullmatch(r"https?://[A-Za-z0-9._-]+(?::\d{1,5})?", url):
            url = "http://127.0.0.1:3000"
        number, key = 1, word
        while key in self._services and self._services[key].url != url:
            number += 1
            key = f"{word}-{number}"
        self._services[key] = Service(key, url)
        return key

    def _policy(self, grant: Grant, chain: Chain, site: Site) -> str | None:
        origins = self._origins(grant, chain)
        if not origins:
            return None
        credentials = grant.credentials and not origins.any_origin
        if grant.credentials and origins.any_origin:
            self._note(
                _place(grant, site, "allow_credentials"),
                "credentials beside every origin: browsers refuse them, and so does a policy",
            )
        said = grant.setting("allow_credentials")
        if credentials and said is not None and said.default:
            origin = next((str(one) for one in origins), "")
            message = (
                "credentials are allowed because nobody says no, and still are: "
                f"{origin} reads {chain.url} with cookies"
            )
            self._note(said.where, message, origin)
        headers = self._headers(grant, site, credentials)
        rules = CorsPolicy(
            "",
            origins,
            allow_methods=self._methods(grant, site, credentials),
            allow_headers=(*headers, *_implied(headers, chain, origins, credentials)),
            expose_headers=(
                (ANY,)
                if ANY in grant.exposed and not credentials
                else tuple(_usable(grant.exposed, names.response_header))
            ),
            allow_credentials=credentials,
            max_age=_max_age(grant.max_age),
        )
        for name, known in self._policies.items():
            if replace(known, name="") == rules:
                return name
        stem = "public" if origins.any_origin else "session" if credentials else "app"
        number, name = 1, stem
        while name in self._policies:
            number += 1
            name = f"{stem}-{number}"
        self._policies[name] = replace(rules, name=name)
        return name

    def _origins(self, grant: Grant, chain: Chain) -> OriginSet:
        for unknown in grant.unknown:
            if unknown.clause == "allow_origins":
                self._note(unknown.where, f"the origins cannot be known: {unknown.why}")
        if _is_wildcard(chain):
            if grant.by_default:
                where = _place(grant, chain.site, "allow_origins")
                self._note(where, _NOBODY_CHOSE, "https://stranger.example")
            return OriginSet(any_origin=True)
        carried = OriginSet()
        for entry in grant.entries:
            carried = carried | self._entry(entry, grant)
        return carried

    def _entry(self, entry: OriginEntry, grant: Grant) -> OriginSet:
        try:
            members = _members(entry.language)
            if members is not None:
                return self._exactly(members, entry, grant)
            kept = OriginSet(exact=tuple(_exact(entry)), patterns=tuple(_patterns(entry)))
            deeper = () if kept.patterns else tuple(_deeper(entry))
            if self._widen and deeper:
                kept = OriginSet(kept.exact, deeper)
            witness = (entry.language - from_policy(kept)).shortest()
        except Undecided:
            self._note(entry.where, f'"{entry.text}" could not be decided')
            return OriginSet()
        for pattern in deeper:
            two = labels("https://", f".{pattern.host}", depth=2, label=_LABEL)
            added = (two - entry.language).shortest()
            self._note(
                entry.where,
                f'"{entry.text}" is one label and {pattern} any number of them: '
                + (f"it now admits {added}, too" if self._widen else _NOT_DEEPER.format(added)),
                added,
            )
        if witness is not None and (self._widen or not deeper):
            what = "only what it evidently means is" if kept else "it is not"
            message = f'"{entry.text}" also admits {witness}; {what} carried over'
            self._note(entry.where, message, witness)
        return kept

    def _exactly(self, members: list[str], entry: OriginEntry, grant: Grant) -> OriginSet:
        kept = []
        for origin in members:
            refused = [
                rule
                for rule in (dangers(origin) if _splits(origin) or origin == "null" else ())
                if rule is not INSECURE_ORIGIN or grant.credentials
            ]
            if refused:
                message = f"{origin} is not carried over: {refused[0].title.lower()}"
                self._note(entry.where, message, origin)
            else:
                kept.append(origin)
        return OriginSet(exact=tuple(kept))

    def _methods(self, grant: Grant, site: Site, credentials: bool) -> tuple[str, ...]:
        if grant.methods is None or ANY in grant.methods:
            if not credentials and (grant.methods is None or grant.methods == (ANY,)):
                return (ANY,)
            if grant.methods is None:
                self._note(site.where, f"any method was allowed; now {', '.join(_EVERY_METHOD)}")
                return _EVERY_METHOD
        return tuple(_usable(grant.methods or (), names.method))

    def _headers(self, grant: Grant, site: Site, credentials: bool) -> tuple[str, ...]:
        if grant.headers is None or grant.headers == (ANY,):
            if not credentials:
                return (ANY, "Authorization") if grant.headers is None else (ANY,)
            if grant.headers is None:
                usual = ", ".join(_USUAL_HEADERS)
                self._note(site.where, f"any request header was allowed; now {usual}: add yours")
                return _USUAL_HEADERS
        return tuple(_usable(grant.headers or (), names.request_header))


def _usable(listed: Iterable[str], read: Callable[[str], str]) -> Iterator[str]:
    """The names that do something in a list: of others (``DNT`` in allowed headers) no request
    has need, whatever is written."""
    seen = {ANY}
    for name in listed:
        with suppress(Fault):
            if name not in seen and read(name).lower() not in seen:
                yield name
        seen.add(name.lower())


def _implied(
    headers: tuple[str, ...], chain: Chain, origins: OriginSet, credentials: bool
) -> Iterator[str]:
    """``Content-Type``, which some products allow without being told."""
    origin = "https://app.example" if origins.any_origin else next(map(str, origins), "")
    if ANY in headers or "content-type" in map(str.lower, headers) or "*" in origin:
        return
    sent = (("Content-Type", "application/json"),)
    mode: CredentialsMode = "include" if credentials else "omit"
    request = Request(chain.url, origin, method="POST", headers=sent, credentials=mode)
    if judge(request, server(chain.links)).allowed:
        yield "Content-Type"


def _max_age(seconds: int | None) -> int | None:
    """What browsers make of it: a day at most, and nothing is remembered below zero."""
    return None if seconds is None else max(-1, min(seconds, LONGEST_CACHE))


def _place(grant: Grant, site: Site, clause: ClauseName) -> Where:
    setting = grant.setting(clause)
    return setting.where if setting is not None else site.where


def _is_plain(host: str) -> bool:
    try:
        route_host(host)
    except Fault:
        return False
    return True


def _any_if_none(hosts: list[str]) -> list[str | None]:
    return [*hosts] if hosts else [None]


def _granting(chain: Chain) -> list[tuple[Site, Grant, int]]:
    found = []
    request = WireRequest("actual", "GET", chain.url, ())
    for number, link in enumerate(chain.links):
        site = chain.site if number == 0 else link.instance.route(request)
        if site is not None and site.grant is not None:
            found.append((site, site.grant, number))
    return found


def _hosts_of(chain: Chain) -> list[str]:
    host = split_url(chain.url).hostname or ""
    known = chain.links[0].instance.reached_at
    return [host] if any(host in address for address in known) and "." in host else []


def _is_wildcard(chain: Chain) -> bool:
    """Whether everybody is sent the constant ``*``."""
    asked = WireRequest("actual", "GET", chain.url, (("Origin", "https://stranger.example"),))
    answer: Response | None = server(chain.links)(asked)
    return lines(answer, "Access-Control-Allow-Origin") == (ANY,)


def _members(language: OriginLanguage) -> list[str] | None:
    """All origins of a small language; None for a large one."""
    members: list[str] = []
    rest = language
    while (origin := rest.shortest()) is not None:
        members.append(origin)
        if len(members) > _MOST_MEMBERS:
            return None
        rest = language - exactly(*members)
    return members


def _exact(entry: OriginEntry) -> Iterator[str]:
    """The origins that an entry of many evidently means, spelt out."""
    for host in sorted(_meant_hosts(entry)):
        origin = f"https://{host}"
        if _splits(origin) and origin in entry.language and not is_public_suffix(host):
            yield origin


def _patterns(entry: OriginEntry) -> Iterator[OriginPattern]:
    """The patterns of a policy that lie within an entry."""
    found: list[OriginPattern] = []
    any_port = _PORT_PATTERN.search(entry.text) is not None
    for host in sorted(_meant_hosts(entry)):
        if is_public_suffix(host):
            continue
        for subdomains in (True, False):
            for port in (OriginPattern.ANY_PORT, None) if any_port else (None,):
                pattern = OriginPattern("https", host, subdomains, port)
                within = from_policy(OriginSet(patterns=(pattern,))) <= entry.language
                new = not any(one.host == host and one.subdomains == subdomains for one in found)
                if within and new and (subdomains or port == OriginPattern.ANY_PORT):
                    found.append(pattern)
    yield from found


def _deeper(entry: OriginEntry) -> Iterator[OriginPattern]:
    """The patterns of a policy of which an entry is the part with one label."""
    for host in sorted(_meant_hosts(entry)):
        one_label = labels("https://", f".{host}", label=_LABEL)
        if not is_public_suffix(host) and one_label <= entry.language:
            yield OriginPattern("https", host, subdomains=True)


def _meant_hosts(entry: OriginEntry) -> Iterable[str]:
    """Hosts that stand in an entry's text, with their escapes taken away."""
    text = re.sub(r"\\(?=[.:/-])", "", entry.text)
    hosts = set(entry.language.hosts)
    for host in re.findall(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+", text.lower()):
        hosts.add(host)
    return hosts


def _splits(origin: str) -> bool:
    try:
        split_origin(origin)
    except ValueError:
        return False
    return True
