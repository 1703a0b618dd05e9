"""What the ``cors`` of a SecurityPolicy cannot hold (Envoy Gateway 1.1 to 1.9)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corsage.layers.envoy_gateway.write import write
from corsage.layers.gateway_api.limits import of_routes, of_values
from corsage.layers.gateways import owning
from corsage.layers.target import Clause
from corsage.policy.model import ANY, CorsPolicy, Policy
from corsage.policy.origins import OriginPattern

LARGEST = 1_000_000
"""Characters of an object; the API server refuses more than 1.5 MiB."""

_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://(\*\.)?([\w-]+\.?)*[\w-]+(:[0-9]{1,5})?", re.ASCII)
_LONGEST_ORIGIN = 253
_SERVICE = "let the service answer (owner: service)"


def lost(policy: Policy) -> list[Clause]:
    """The clauses of ``policy`` that a SecurityPolicy cannot keep, each once."""
    found = [*of_routes(policy), *of_values(policy)]
    for rules in owning(policy):
        found += [*_of_origins(rules), *_of_rules(rules)]
    if not found and any(len(text) > LARGEST for text in write(policy)[0].text.split("\n---\n")):
        names = ", ".join(rules.name for rules in owning(policy))
        how = f"the origins of {names} are too many: the API server refuses objects of 1.5 MiB"
        found.append(Clause("exact origins", "lost", how, f"use a wildcard, or {_SERVICE}"))
    return list({clause.clause: clause for clause in reversed(found)}.values())[::-1]


def has_other_schemes(policy: Policy) -> bool:
    """Whether an origin is not http or https, which releases before 1.9 refuse."""
    origins = [str(each) for rules in owning(policy) for each in rules.allow_origins]
    return any(not origin.startswith(("http://", "https://")) for origin in origins)


def _of_origins(rules: CorsPolicy) -> Iterator[Clause]:
    origins = rules.allow_origins
    for origin in origins.exact:
        if not _ORIGIN.fullmatch(origin) or len(origin) > _LONGEST_ORIGIN:
            how = f"{origin}: allowOrigins holds scheme://host[:port] of letters, digits, - and _"
            yield Clause(
                "exact origins", "lost", how, f"leave it out of {rules.name}, or {_SERVICE}"
            )
    for pattern in origins.patterns:
        text = str(pattern)
        possible = pattern.port != OriginPattern.ANY_PORT and _ORIGIN.fullmatch(text)
        if not possible or len(text) > _LONGEST_ORIGIN:
            how = f"{pattern}: allowOrigins has a wildcard for the labels of a host, none for ports"
            yield Clause("origin patterns", "lost", how, f"name the ports, or {_SERVICE}")
    if rules.allow_timing and not origins.any_origin:
        how = f"{rules.name}: no filter sends Timing-Allow-Origin to some origins alone"
        yield Clause("timing", "lost", how, f"leave allow_timing out, or {_SERVICE}")


def _of_rules(rules: CorsPolicy) -> Iterator[Clause]:
    if ANY in rules.allow_headers:
        how = "*: Envoy echoes what was asked for, and would allow Authorization with it"
        yield Clause("allowed headers", "lost", how, f"list the headers of {rules.name}")
    if rules.max_age is not None and rules.max_age < 0:
        how = f"{rules.name}: maxAge is a duration, which is never negative"
        yield Clause("max age", "lost", how, f"max_age: 0, or {_SERVICE}")
