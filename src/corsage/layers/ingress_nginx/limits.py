"""What the controller cannot hold. It never refuses such a value: it takes another, wider one.

An origin list that its validator rejects becomes ``*``, a list of methods or headers its own
defaults (controller v1.15.1, with annotation validation on, as it is by default). So nothing is
written that the validators do not take.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from corsage.layers.gateways import GatewayWriteError, checked, owning
from corsage.layers.kubernetes import HOST, KubernetesWriteError, backend_of
from corsage.layers.target import Clause
from corsage.policy.model import CorsPolicy, Policy

_ORIGIN = re.compile(r"[a-z]+://[A-Za-z0-9.-]+(:[0-9]+)?")
_METHOD = re.compile("[A-Za-z]+")
_HEADER = re.compile("[A-Za-z0-9_-]+")
_PATH = re.compile("/[A-Za-z0-9._/-]*")
_LONGEST = 4000
"""Bytes of the regex that the controller makes of a list; nginx reads words of up to 4,096."""


def lost(policy: Policy) -> list[Clause]:
    """The clauses of ``policy`` that the controller cannot keep."""
    found = [*_of_routes(policy), *_of_values(policy)]
    for rules in owning(policy):
        found += _of_rules(rules)
    return list({clause.clause: clause for clause in reversed(found)}.values())[::-1]


def expression(rules: CorsPolicy) -> str:
    """The regex by which the controller finds an origin: ignoring case, and tied to the end of
    the header alone."""
    return "|".join(f"({re.escape(origin)})" for origin in rules.allow_origins.exact)


def _of_rules(rules: CorsPolicy) -> Iterator[Clause]:
    origins = rules.allow_origins
    for origin in origins.exact:
        if not _ORIGIN.fullmatch(origin):
            yield Clause(
                "exact origins",
                "lost",
                f"{origin}: the controller takes letters://name[:port] alone, and matches `null` "
                "at the end of any origin",
                f"leave {origin} out of {rules.name}, or let the service answer (owner: service)",
            )
    if not origins.any_origin and len(expression(rules)) > _LONGEST:
        yield Clause(
            "exact origins",
            "lost",
            f"{rules.name}: nginx reads no longer list than {_LONGEST} characters",
            "split the policy by route, or let the service answer (owner: service)",
        )
    for pattern in origins.patterns:
        yield Clause(
            "origin patterns",
            "lost",
            f"{pattern}: the controller's wildcard is one label, never two, and there is none "
            "for ports",
            f"list the origins of {rules.name}, or let the service answer (owner: service)",
        )
    for clause, names, shape in (
        ("allowed methods", rules.allow_methods, _METHOD),
        ("allowed headers", rules.allow_headers, _HEADER),
    ):
        for name in names:
            if not shape.fullmatch(name):
                yield Clause(
                    clause,
                    "lost",
                    f"{name}: the controller would put its own defaults in place of the list",
                    f"list the names that {rules.name} needs: letters"
                    + (", digits, - and _" if shape is _HEADER else " alone"),
                )
    for name in rules.expose_headers:
        if name != "*" and not _HEADER.fullmatch(name):
            yield Clause(
                "exposed headers",
                "lost",
                f"{name}: the controller would expose nothing",
                "list names of letters, digits, - and _",
            )
    if rules.allow_timing and not origins.any_origin:
        yield Clause(
            "timing",
            "lost",
            f"{rules.name}: no annotation sends Timing-Allow-Origin to some origins alone",
            "leave allow_timing out, or let the service answer (owner: service)",
        )


def _of_routes(policy: Policy) -> Iterator[Clause]:
    for route in policy.routes:
        if not _PATH.fullmatch(route.path):
            yield Clause(
                "routes",
                "lost",
                f"{route.path}: the controller refuses paths with other characters than "
                "letters, digits, . _ - and /",
                "route a plain path above it",
            )
        if route.host is not None and not HOST.fullmatch(route.host):
            yield Clause(
                "hosts",
                "lost",
                f"{route.host}: Kubernetes takes no such host in an Ingress",
                "name the host by letters, digits, - and dots",
            )


def _of_values(policy: Policy) -> Iterator[Clause]:
    try:
        checked(policy)
        for route in policy.routes:
            backend_of(policy.services[route.service])
    except (GatewayWriteError, KubernetesWriteError) as error:
        yield Clause("routes", "lost", str(error), "rename it; an Ingress cannot say it")
