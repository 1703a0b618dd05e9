"""The picture of a system: for each path its stops, who may read, and who does what there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from corsage.browser import CredentialsMode, Request, WireRequest, judge
from corsage.chain.compose import Journey, history, lines, server, travel
from corsage.chain.system import System
from corsage.chain.topology import Chain
from corsage.layers.site import Grant, OriginEntry
from corsage.patterns import Undecided, starts_with
from corsage.policy import Policy
from corsage.policy.asking import url_of
from corsage.policy.model import ANY, CorsPolicy

Kind: TypeAlias = Literal["front end", "gateway", "mesh", "service"]

_ANY_PAGE = "https://any.example"
MOST_FRONT_ENDS = 8
"""Of each path; a list of thousands is not for looking at."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One place on a path. ``does`` says what it does to CORS, ``where`` is ``file:line``."""

    name: str
    kind: Kind
    does: tuple[str, ...] = ()
    where: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """A front end and whether a browser lets it read; ``why`` not."""

    origin: str
    allowed: bool
    credentials: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Path:
    """One route from browsers to a service. ``owner`` is the stop that writes the headers ("" if
    none does), ``preflight`` what becomes of one."""

    url: str
    stops: tuple[Stop, ...]
    readers: tuple[Reader, ...]
    owner: str
    preflight: str


@dataclass(frozen=True, slots=True)
class Picture:
    """All paths. ``title`` names what was read."""

    title: str
    paths: tuple[Path, ...]


def of_system(system: System, title: str) -> Picture:
    """The picture of configuration."""
    front_ends = _front_ends(system)
    return Picture(title, tuple(_path(chain, front_ends) for chain in system.chains))


def of_policy(policy: Policy, title: str) -> Picture:
    """The picture of a policy: its gateway before its services."""
    return Picture(title, tuple(_paths_of(policy)))


def _front_ends(system: System) -> dict[int, str]:
    """An origin for each entry of a list, by the entry's id: the one that it spells out; of a
    pattern, the shortest that it admits."""
    found = {}
    for chain in system.chains:
        for grant in _grants(chain):
            for entry in grant.entries:
                if id(entry) not in found and (origin := _front_end(entry)) is not None:
                    found[id(entry)] = origin
    return found


def _front_end(entry: OriginEntry) -> str | None:
    if entry.text in entry.language:
        return entry.text
    if _ANY_PAGE in entry.language:
        return _ANY_PAGE
    try:
        return (entry.language & starts_with("https://")).shortest() or entry.language.shortest()
    except Undecided:
        return None


def _grants(chain: Chain) -> Iterator[Grant]:
    for link in chain.links:
        for site in link.instance.sites:
            if site.grant is not None:
                yield site.grant


def _path(chain: Chain, known: dict[int, str]) -> Path:
    readers = []
    front_ends = list(dict.fromkeys(known.values()))
    named = {known.get(id(entry)) for grant in _grants(chain) for entry in grant.entries}
    for origin in front_ends or [_ANY_PAGE]:
        reader = _reader(chain, origin)
        if reader.allowed or origin in named:
            readers.append(reader)
    origin = next((one.origin for one in readers if one.allowed), (front_ends or ["null"])[0])
    credentials: CredentialsMode = "include" if any(one.credentials for one in readers) else "omit"
    verdict = judge(
        Request(chain.url, origin, method="PUT", credentials=credentials), server(chain.links)
    )
    asked = next((sent for sent, _ in verdict.sent if sent.kind == "preflight"), None)
    preflight = travel(chain.links, asked) if asked is not None else None
    journey = travel(chain.links, WireRequest("actual", "GET", chain.url, (("Origin", origin),)))
    return Path(
        chain.url,
        tuple(_stops(chain, preflight, journey)),
        tuple(readers[:MOST_FRONT_ENDS]),
        _owner(journey),
        _told(preflight, chain),
    )


def _reader(chain: Chain, origin: str) -> Reader:
    with_cookies = judge(Request(chain.url, origin, credentials="include"), server(chain.links))
    if with_cookies.allowed:
        return Reader(origin, True, True)
    without = judge(Request(chain.url, origin, credentials="omit"), server(chain.links))
    return Reader(origin, without.allowed, False, "" if without.allowed else without.sentence)


def _stops(chain: Chain, preflight: Journey | None, journey: Journey) -> Iterator[Stop]:
    writers = [change.link for change in history(journey, _ALLOW_ORIGIN)]
    for link in chain.links:
        does = []
        if preflight is not None and preflight.answered_by is link:
            does.append("answers preflights")
        if link in writers:
            verb = "writes" if writers[0] is link else "writes again"
            does.append(f"{verb} {_ALLOW_ORIGIN}")
        instance = link.instance
        kind: Kind = "mesh" if instance.product == "linkerd" else "gateway"
        if link is chain.links[-1] and not chain.service:
            kind = "service"
        where = f"{instance.where.file}:{instance.where.line}"
        yield Stop(link.name, kind, tuple(does), where)
    if chain.service:
        yield Stop(chain.service, "service", ("nothing is known of it",))


def _owner(journey: Journey) -> str:
    changes = list(history(journey, _ALLOW_ORIGIN))
    return changes[-1].link.name if changes else ""


def _told(preflight: Journey | None, chain: Chain) -> str:
    if preflight is None or preflight.answer is None:
        return "none is asked"
    by = preflight.answered_by
    who = by.name if by is not None else chain.service or chain.links[-1].name
    allowed = bool(lines(preflight.answer, _ALLOW_ORIGIN)) and preflight.answer.status < 300
    if by is None and chain.service:
        return f"passed on to {who}"
    return f"answered by {who} with {preflight.answer.status}" + ("" if allowed else ", refused")


_ALLOW_ORIGIN = "Access-Control-Allow-Origin"


def _paths_of(policy: Policy) -> Iterator[Path]:
    for route in policy.routes:
        rules = policy.policies.get(route.cors or "")
        owns = ("answers preflights", f"writes {_ALLOW_ORIGIN}") if rules else ()
        gateway = Stop(policy.gateway.public_origin, "gateway")
        service = Stop(route.service, "service", where=policy.services[route.service].url)
        at_gateway = route.owner == "gateway"
        stops = (
            replace(gateway, does=owns if at_gateway else ("passes CORS through",)),
            replace(service, does=() if at_gateway else owns),
        )
        owner = policy.gateway.public_origin if at_gateway else route.service
        yield Path(
            url_of(policy, route.host, route.path),
            stops,
            tuple(_readers_of(rules)),
            owner if rules else "",
            f"answered by {owner}" if rules else "refused",
        )


def _readers_of(rules: CorsPolicy | None) -> Iterator[Reader]:
    if rules is None:
        return
    if rules.allow_origins.any_origin:
        yield Reader(ANY, True, False)
        return
    for origin in list(rules.allow_origins)[:MOST_FRONT_ENDS]:
        yield Reader(origin, True, rules.allow_credentials)
