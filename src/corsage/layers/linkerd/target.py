"""Linkerd as a target: CORS is left to its owner, and its requests are let through."""

from __future__ import annotations

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers.clauses import CLAUSES, table
from corsage.layers.gateways import GatewayWriteError, checked
from corsage.layers.kubernetes import KubernetesWriteError
from corsage.layers.linkerd.write import write
from corsage.layers.target import Clause, Fate, FidelityError, File, Hop, Target, Version, Versions
from corsage.policy.model import Policy

_LONGEST_PATH = 1024

_LEFT: tuple[Fate, str] = ("kept", "left to the owner: the mesh neither reads nor sets it")
_ROWS: dict[str, tuple[Fate, str]] = {
    **dict.fromkeys(CLAUSES, _LEFT),
    "routes": ("kept", "HTTPRoute, for any method"),
    "hosts": ("weaker", "a path is let through for every host of its service"),
    "preflights": ("idiom", "let through to the owner: no route asks for a method or a header"),
    "other OPTIONS": ("kept", "let through, as any other request"),
    "errors": ("weaker", "Linkerd's own 403, 404, 429 and 50x carry no CORS headers"),
    "unrouted paths": ("idiom", "a route for the rest, so that Linkerd answers no 404"),
}


def files(policy: Policy) -> tuple[File, ...]:
    """``linkerd.yaml``."""
    if lost := _lost(policy):
        raise FidelityError("linkerd", lost)
    return write(policy)


def fidelity(policy: Policy) -> tuple[Clause, ...]:
    """What becomes of each clause of the policy."""
    cannot = {clause.clause: clause for clause in _lost(policy)}
    return tuple(cannot.get(row.clause, row) for row in table(policy, _ROWS))


def behave(_: Policy) -> Hop:
    """What a meshed gateway gets through the mesh: the service's own answer, or a bare 502."""

    def hop(request: WireRequest, service: Server) -> Response | None:
        return service(request) or Response(502)

    return hop


def _lost(policy: Policy) -> tuple[Clause, ...]:
    instead = "rename it; a Kubernetes object cannot say it"
    for route in policy.routes:
        if len(route.path) > _LONGEST_PATH:
            how = f"a path of an HTTPRoute has at most {_LONGEST_PATH} characters"
            return (Clause("routes", "lost", how, "route a shorter path above it"),)
    try:
        write(checked(policy))
    except (GatewayWriteError, KubernetesWriteError) as error:
        return (Clause("routes", "lost", str(error), instead),)
    return ()


TARGET = Target(
    name="linkerd",
    title="Linkerd (what the mesh lets through; no CORS)",
    family="mesh",
    proven="the schemas of 2.20, and a model of its order of routes, authorizations and limits",
    files=files,
    fidelity=fidelity,
    behave=behave,
    versions=Versions(
        product="Linkerd",
        proven="2.20",
        rows=(Version("2.16", "accessPolicy of a Server (v1beta3)"),),
    ),
)
