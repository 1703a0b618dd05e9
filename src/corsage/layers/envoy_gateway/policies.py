"""SecurityPolicies of Envoy Gateway (1.9): CORS and logins for the routes that they are about.

The policy of a rule replaces that of its route, and that one the Gateway's, as a whole. The CORS
filter is the first of the chain, so that a preflight is answered before any login; the CORS filter
of an HTTPRoute takes precedence over all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from corsage.browser.exchange import Response
from corsage.layers import rules
from corsage.layers.envoy_filter import CorsFilter
from corsage.layers.manifests.cluster import Cluster
from corsage.layers.manifests.durations import seconds_of
from corsage.layers.manifests.grants import echoed, grant, texts
from corsage.layers.manifests.objects import Object, templated
from corsage.layers.site import Grant, OriginEntry, Slip
from corsage.layers.yaml_document import Value
from corsage.patterns import OriginLanguage, anything, exactly, regex

GROUP = "gateway.envoyproxy.io"

_ORIGIN = re.compile(
    r"\*|[a-z][a-z0-9+.-]*://((\*\.)?([a-zA-Z0-9_-]+\.)*[a-zA-Z0-9_-]+|\*)(:[0-9]{1,5})?"
)
_LOGINS = {"basicAuth": 401, "jwt": 401, "apiKeyAuth": 401, "extAuth": 401, "oidc": 302}


@dataclass(frozen=True, slots=True)
class Attached:
    """What policies do to a rule of a route."""

    cors: CorsFilter | None = None
    grant: Grant | None = None
    login: Response | None = None


class Policies:
    """All SecurityPolicies of a cluster, by what they are about."""

    def __init__(self, cluster: Cluster) -> None:
        self._objects = cluster.of_kind("SecurityPolicy", GROUP)
        self._targets: dict[tuple[str, str, str], tuple[Object, Attached]] = {}
        for of in self._objects:
            attached = _attached(of)
            for target in _targets(of):
                kind = target.string("kind")
                name = f"{of.namespace}/{target.string('name')}"
                key = kind, name, target.string("sectionName")
                self._targets.setdefault(key, (of, attached))

    def of(self, route: Object, rule: Value, gateway: str) -> Attached:
        """What is attached to a rule of a route, with the name of its Gateway."""
        name = f"{route.namespace}/{route.name}"
        for key in (
            ("HTTPRoute", name, rule.string("name") or "-"),
            ("HTTPRoute", name, ""),
            ("Gateway", gateway, ""),
        ):
            if key in self._targets:
                return self._targets[key][1]
        return Attached()

    def slips(self) -> Iterator[Slip]:
        """What is written in policies and means something else, or nothing."""
        for of in self._objects:
            cors = of.value.get("spec", "cors")
            if cors is not None:
                yield from _slips(of, cors)


def _targets(of: Object) -> list[Value]:
    one = of.value.get("spec", "targetRef")
    return [*of.value.elements("spec", "targetRefs"), *([] if one is None else [one])]


def _attached(of: Object) -> Attached:
    found = Attached()
    for field, status in _LOGINS.items():
        if of.value.get("spec", field) is not None:
            found = replace(found, login=Response(status))
            break
    cors = of.value.get("spec", "cors")
    if cors is None:
        return found
    entries = tuple(
        OriginEntry(each.text, of.where(each), language(each.text))
        for each in cors.elements("allowOrigins")
        if _ORIGIN.fullmatch(each.text)
    )
    methods, headers = texts(cors, "allowMethods"), texts(cors, "allowHeaders")
    age = cors.get("maxAge")
    seconds = None if age is None else seconds_of(age.text)
    granted = grant(
        of,
        cors,
        entries,
        seconds,
        methods=None if "*" in methods else echoed(methods),
        headers=None if "*" in headers else echoed(headers),
    )
    matchers = [each.language.machine for each in entries]
    cors_filter = CorsFilter(
        admits=lambda origin: any(origin in machine for machine in matchers),
        methods="*" if "*" in methods else ", ".join(methods),
        headers="*" if "*" in headers else ", ".join(headers),
        exposed=", ".join(granted.exposed),
        max_age="" if seconds is None else str(seconds),
        credentials=granted.credentials,
        forwards=False,
    )
    return replace(found, cors=cors_filter, grant=granted)


@lru_cache(4096)
def language(entry: str) -> OriginLanguage:
    """The origins of an entry: a wildcard is any text, dots and all."""
    if entry == "*":
        return anything()
    if "*" not in entry:
        return exactly(entry)
    return regex(re.escape(entry).replace(r"\*", ".*"), "re2", "full")


def _slips(of: Object, cors: Value) -> Iterator[Slip]:
    for each in cors.elements("allowOrigins"):
        if not _ORIGIN.fullmatch(each.text) and not templated(each.text):
            better = re.sub(r"^([a-z]+://[^/]+)/.*$", r"\1", each.text.strip().lower())
            safe = better != each.text and "*" not in better and _ORIGIN.fullmatch(better)
            yield Slip(
                rules.INERT,
                f'"{each.text[:60]}" is no origin that allowOrigins takes',
                of.where(each),
                "It takes *, and scheme://host[:port] with one wildcard at its start. The API "
                "server refuses the whole object.",
                better if safe else None,
                edits=of.replaced(each, f'"{better}"') if safe else (),
            )
    age = cors.get("maxAge")
    if age is not None and not templated(age.text) and seconds_of(age.text) is None:
        yield Slip(
            rules.INERT,
            f'maxAge does not take "{age.text[:20]}"',
            of.where(age),
            "It is a duration with a unit. The API server refuses the whole object.",
            f"maxAge: {age.text}s" if age.text.isdecimal() else None,
        )
