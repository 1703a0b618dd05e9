"""Who asks: the origins of all policies, divided by which policies admit them.

Envoy picks one part of its routing table by origin, before anything else. Origins that the same
policies admit need the same part, so there are few parts however many origins there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count, groupby, islice

from corsage.layers.envoy.errors import EnvoyWriteError
from corsage.layers.origin_regex import origin_regex
from corsage.policy.model import CorsPolicy
from corsage.policy.origins import DEFAULT_PORTS, OriginPattern

_EXACT = re.compile(r"null|[a-z][a-z0-9+.-]*://[a-z0-9._~:\[\]-]+")
_PATTERNS_A_REGEX = 100  # RE2 compiles no regex of any size

STRANGER = "https://stranger.invalid"
"""Stands for every origin that no policy admits."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Origins that the same ``policies`` admit.

    ``witness`` is one of them, to ask the decision with. They are either the ``exact`` ones or
    those that one of the ``regexes`` matches as a whole.
    """

    policies: tuple[str, ...]
    witness: str
    exact: tuple[str, ...] = ()
    regexes: tuple[str, ...] = ()


def exact_audiences(policies: Mapping[str, CorsPolicy]) -> list[Audience]:
    """The origins that stand in the policies as they are, in the file's order."""
    parts: dict[tuple[str, ...], dict[str, None]] = {}
    for origin in dict.fromkeys(
        o for rules in _echoing(policies) for o in rules.allow_origins.exact
    ):
        if not _EXACT.fullmatch(origin):
            raise EnvoyWriteError(
                f"{origin!r} is not an origin as a browser sends it: scheme://host[:port], "
                "lower case"
            )
        parts.setdefault(_admitting(policies, origin), {})[origin] = None
    return [
        Audience(who, next(iter(origins)), exact=tuple(origins)) for who, origins in parts.items()
    ]


def pattern_audiences(policies: Mapping[str, CorsPolicy]) -> list[Audience]:
    """The origins of patterns, for those that are not exact ones; the first that matches counts.

    Patterns overlap. With every intersection of two among them, and the narrower before the
    wider, the first to match an origin is within every other that does, so it tells who admits it.
    """
    patterns = list(
        dict.fromkeys(p for rules in _echoing(policies) for p in rules.allow_origins.patterns)
    )
    if not patterns:
        return []
    label, port = _unnamed(policies)
    told: list[tuple[tuple[str, ...], str, OriginPattern]] = []
    for pattern in sorted(_with_intersections(patterns), key=_narrower_first):
        host = f"{label}.{pattern.host}" if pattern.subdomains else pattern.host
        of_port = port if pattern.port == OriginPattern.ANY_PORT else pattern.port
        witness = str(OriginPattern(pattern.scheme, host, port=of_port))
        told.append((_admitting(policies, witness), witness, pattern))
    audiences = []
    for who, members in groupby(told, key=lambda each: each[0]):
        group = list(members)
        regexes = tuple(_alternations([origin_regex(pattern) for _, _, pattern in group]))
        audiences.append(Audience(who, group[0][1], regexes=regexes))
    return audiences


def _echoing(policies: Mapping[str, CorsPolicy]) -> Iterable[CorsPolicy]:
    return [rules for rules in policies.values() if not rules.allow_origins.any_origin]


def _admitting(policies: Mapping[str, CorsPolicy], origin: str) -> tuple[str, ...]:
    return tuple(rules.name for rules in _echoing(policies) if origin in rules.allow_origins)


def _with_intersections(patterns: Sequence[OriginPattern]) -> Iterator[OriginPattern]:
    ports: dict[tuple[str, str, bool], dict[int | None, None]] = {}
    for pattern in patterns:
        if pattern.port != DEFAULT_PORTS.get(pattern.scheme, -2):  # no browser sends that
            place = (pattern.scheme, pattern.host, pattern.subdomains)
            ports.setdefault(place, {})[pattern.port] = None
    for (scheme, host, subdomains), own in ports.items():
        met = dict(own)
        if OriginPattern.ANY_PORT in own:
            for parent in _parents(host):
                met.update(ports.get((scheme, parent, True), {}))
        yield from (OriginPattern(scheme, host, subdomains, port) for port in met)


def _parents(host: str) -> Iterator[str]:
    while "." in host:
        host = host.partition(".")[2]
        yield host


def _narrower_first(pattern: OriginPattern) -> tuple[bool, int, bool]:
    return (
        pattern.subdomains,
        -pattern.host.count("."),
        pattern.port == OriginPattern.ANY_PORT,
    )


def _unnamed(policies: Mapping[str, CorsPolicy]) -> tuple[str, int]:
    """A label and a port that no policy names."""
    named = "\n".join(str(origin) for rules in _echoing(policies) for origin in rules.allow_origins)
    words = set(re.split(r"[.:/\n]+", named))
    labels = chain(["any"], (f"any{number}" for number in count(1)))
    ports = (port for port in range(1024, 65536) if str(port) not in words)
    return next(each for each in labels if each not in words), next(ports, 1)


def _alternations(regexes: Iterable[str]) -> Iterator[str]:
    left = iter(regexes)
    while some := list(islice(left, _PATTERNS_A_REGEX)):
        yield "|".join(some)
