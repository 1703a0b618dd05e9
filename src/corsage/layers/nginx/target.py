"""nginx as a target: the gateway's own configuration, as ``corsage render nginx`` prints it."""

from __future__ import annotations

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers.nginx.words import NginxWriteError
from corsage.layers.nginx.write import write
from corsage.layers.target import Clause, FidelityError, File, Hop, Target
from corsage.policy.decide import serve
from corsage.policy.model import ANY, Policy

_KEPT = (
    ("allow_origins", "map on $http_origin: a hash for exact origins, masks for subdomains"),
    ("preflights", "answered by the location before access, limits and redirects; refused: 403"),
    ("actual responses", "add_header ... always, on every status; the service's removed"),
    ("one owner per route", "proxy_hide_header for all, proxy_pass_header for owner: service"),
    ("own errors", "404, 413, 429, 502, 504 and 400 carry the headers of who may read them"),
)


def files(policy: Policy) -> tuple[File, ...]:
    """One complete ``nginx.conf``."""
    try:
        return (File("nginx.conf", write(policy)),)
    except NginxWriteError as error:
        raise FidelityError("nginx", (_lost(error),)) from error


def fidelity(policy: Policy) -> tuple[Clause, ...]:
    """What becomes of each clause of the policy."""
    rows = [Clause(clause, "kept", how) for clause, how in _KEPT]
    rows.append(
        Clause(
            "removal of unknown Access-Control-* headers",
            "weaker",
            "nginx removes headers by name: all that browsers know or knew, not ones to come",
        )
    )
    if any(ANY in rules.allow_methods for rules in policy.policies.values()):
        how = "nginx answers 400 to a method that is not upper case, before it knows the origin"
        rows.append(Clause("allow_methods: *", "weaker", how))
    try:
        write(policy)
    except NginxWriteError as error:
        rows.append(_lost(error))
    return tuple(rows)


def behave(policy: Policy) -> Hop:
    """What nginx does with the files: what the policy says, and a 502 for a silent service."""

    def hop(request: WireRequest, service: Server) -> Response | None:
        return serve(policy, lambda forwarded: service(forwarded) or Response(502))(request)

    return hop


def _lost(error: NginxWriteError) -> Clause:
    return Clause("a value", "lost", str(error), "rename it; nginx cannot say it")


TARGET = Target(
    name="nginx",
    title="nginx (the gateway's own configuration)",
    family="gateway",
    proven="1.22.1 and 1.31.3",
    files=files,
    fidelity=fidelity,
    behave=behave,
)
