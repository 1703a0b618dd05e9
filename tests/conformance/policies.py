"""The policies that every target is asked about, and how each family of targets reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from corsage.layers.target import Target
from corsage.policy import Policy, load_policy

_ROOT = Path(__file__).parents[2]
_FILES = (
    _ROOT / "examples" / "shop" / "cors.yaml",
    *(_ROOT / "tests/data/policies").glob("*.yaml"),
)


def _name(path: Path) -> str:
    return "shop" if path.name == "cors.yaml" else path.stem


POLICIES: Mapping[str, Policy] = {
    _name(path): load_policy(path.read_text(encoding="utf-8"), path.name)
    for path in sorted(_FILES, key=_name)
}

_SERVICES = "the other owner's routes"
REFUSED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "traefik": {"every-feature": ("timing",)},
    "traefik-labels": {"every-feature": ("timing",)},
    "traefik-crd": {"every-feature": ("timing",)},
    "spring-cloud-gateway": {
        "every-feature": (_SERVICES, "allowed headers", "hosts", "timing"),
        "lists-and-hosts": (_SERVICES, "hosts"),
        "shop": (_SERVICES,),
        "wildcards-and-ports": ("allowed headers",),
    },
    "ingress-nginx": {
        "every-feature": (
            "exact origins",
            "origin patterns",
            "allowed methods",
            "allowed headers",
            "timing",
        ),
        "subdomains": ("origin patterns", "allowed methods"),
        "any-port-and-null": ("exact origins", "origin patterns"),
        "wildcards-and-ports": ("origin patterns", "allowed methods", "allowed headers"),
    },
    "gateway-api": {
        "every-feature": ("exact origins", "allowed headers", "max age", "timing"),
        "wildcards-and-ports": ("origin patterns", "allowed headers"),
        "any-port-and-null": ("exact origins", "origin patterns"),
    },
    "envoy-gateway": {
        "every-feature": ("exact origins", "allowed headers", "timing"),
        "wildcards-and-ports": ("origin patterns", "allowed headers"),
        "any-port-and-null": ("exact origins", "origin patterns"),
    },
    "istio": {
        "every-feature": ("allowed headers", "max age", "timing"),
        "wildcards-and-ports": ("allowed headers",),
    },
}
"""Target -> the policies that it cannot keep, each with the clauses that it loses."""

OWNER = "owner"
GATEWAY = "gateway"
AS_WRITTEN = "as-written"


def roles(target: Target, policy: str) -> tuple[str, ...]:
    """How a target is asked about a policy: with the owners of the file, and an application also
    as the owner of every route. With the file's owners it must be silent on the gateway's. A
    gateway that cannot pass preflights on is asked as the owner of every route; one that refuses
    the policy for other reasons is not asked."""
    if target.family == "application":
        return (OWNER, AS_WRITTEN)
    refused = REFUSED.get(target.name, {}).get(policy, ())
    return (GATEWAY,) if refused == (_SERVICES,) else () if refused else (AS_WRITTEN,)


def for_target(policy: Policy, role: str) -> Policy:
    """The policy that a target renders in a role."""
    owners = {OWNER: "service", GATEWAY: "gateway"}
    return policy if role == AS_WRITTEN else _with_owners(policy, owners[role])


def on_this_machine(policy: Policy, port: int, upstream: str) -> Policy:
    """The policy with every address replaced by one of this machine.

    Limits by rate go: they are not what is tested, and hundreds of requests come at once.
    """
    gateway = replace(
        policy.gateway, listen=f"127.0.0.1:{port}", tls=None, access_log=None, error_log=None
    )
    services = {name: replace(s, url=upstream) for name, s in policy.services.items()}
    routes = tuple(replace(route, rate_limit=None) for route in policy.routes)
    return replace(policy, gateway=gateway, services=services, routes=routes)


def meant(policy: Policy, target: Target) -> Policy:
    """What ``target`` has to do, as a policy that its own layer enforces (``owner: gateway``)."""
    if target.family != "application":
        return policy
    left = tuple(
        replace(route, cors=None) if route.owner == "gateway" else route for route in policy.routes
    )
    return _with_owners(replace(policy, routes=left), "gateway")


def _with_owners(policy: Policy, owner: str) -> Policy:
    routes = tuple(replace(r, owner=owner if r.cors else "gateway") for r in policy.routes)
    return replace(policy, routes=routes)
