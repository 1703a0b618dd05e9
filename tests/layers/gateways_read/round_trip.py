"""A policy that is written for a gateway and read again."""

from __future__ import annotations

from collections.abc import Iterable

from corsage.browser import Request, Response, Server, WireRequest, judge
from corsage.layers import load_target
from corsage.layers.source import Reader, Reading, Source
from corsage.patterns import Undecided, from_policy, nothing
from corsage.policy import Policy, serve
from tests.conformance import service


def read_back(target: str, reader: Reader, policy: Policy) -> Reading:
    """What is read of what is written; ``traefik/labels`` is a form of a target."""
    name, _, form = target.partition("/")
    written = load_target(name)
    files = (written.forms[form] if form else written).files(policy)
    parsed = {
        file.path: reader.parse(Source(file.path, file.text))
        for file in files
        if reader.detect(file.path, file.text)
    }
    return reader.link(parsed)


def server_of(reading: Reading, behind: Server) -> Server:
    """The one gateway of a reading, in front of a service."""
    (instance,) = reading.instances

    def answer(request: WireRequest) -> Response | None:
        return instance.hop(request, behind)

    return answer


def differences(reading: Reading, policy: Policy, asked: Iterable[Request]) -> list[str]:
    """Where the verdicts are not those of the policy."""
    behind = service.model(policy, "gateway")
    server = server_of(reading, behind)
    found = []
    for request in asked:
        ours = judge(request, server)
        meant = judge(request, serve(policy, behind))
        if (ours.allowed, ours.reason) != (meant.allowed, meant.reason):
            found.append(f"{request}: {ours.allowed} {ours.reason}, meant {meant.allowed}")
    return found


def unequal_grants(reading: Reading, policy: Policy) -> list[str]:
    """The routes whose origins are not exactly those of the policy."""
    (instance,) = reading.instances
    wrong = []
    for route in policy.routes:
        if route.owner != "gateway":
            continue
        host = route.host or "localhost"
        site = instance.route(WireRequest("actual", "GET", f"http://{host}{route.path}", ()))
        meant = policy.policies[route.cors].allow_origins if route.cors else None
        language = nothing()
        for entry in site.grant.entries if site is not None and site.grant else ():
            language = language | entry.language
        wanted = nothing() if meant is None else from_policy(meant)
        try:
            same = language == wanted
        except Undecided:
            continue
        if site is None or (site.grant and site.grant.unknown) or not same:
            wrong.append(f"{route.path}: {None if site is None else site.grant}")
    return wrong
