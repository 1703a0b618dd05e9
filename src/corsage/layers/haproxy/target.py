"""HAProxy as a target."""

from __future__ import annotations

from collections.abc import Mapping

from corsage.layers.clauses import table
from corsage.layers.gateways import GatewayWriteError, behave
from corsage.layers.haproxy.write import write
from corsage.layers.target import Clause, Fate, FidelityError, File, Target, Version, Versions
from corsage.policy.model import Policy

_ROWS: Mapping[str, tuple[Fate, str]] = {
    "exact origins": ("kept", "an ACL file: a tree, however many"),
    "origin patterns": ("idiom", "an ACL file of PCRE, anchored with ^ and \\z"),
    "any origin": ("kept", "the constant *"),
    "credentials": ("kept", "http-after-response set-header, for admitted origins alone"),
    "allowed methods": ("kept", "http-request return ... hdr: the list as written"),
    "allowed headers": ("kept", "http-request return ... hdr: the list as written"),
    "exposed headers": ("kept", "http-after-response set-header"),
    "max age": ("kept", "http-request return ... hdr"),
    "timing": ("kept", "http-after-response set-header"),
    "routes": (
        "idiom",
        "map_str and map_beg on the decoded path; services see it normalised, %2F/../ gets 400",
    ),
    "hosts": ("idiom", "the host is a part of the maps' keys"),
    "never for browsers": ("kept", "preflights get 403, responses no CORS header"),
    "preflights": ("kept", "http-request return, before backends, limits and access rules"),
    "other OPTIONS": ("kept", "the backend, as any other request"),
    "other origins": ("kept", "no header is set; a preflight gets 403"),
    "the service's own CORS headers": ("kept", "del-header access-control- -m beg"),
    "Vary": ("kept", "add-header unless res.hdr(vary) has Origin or *"),
    "errors": (
        "weaker",
        "404, 413, 429 and 50x carry the headers: http-after-response; 400 does not",
    ),
    "unrouted paths": ("kept", "a 404 for the first policy that admits the origin"),
    "the other owner's routes": ("kept", "no rule but use_backend applies"),
}


def files(policy: Policy) -> tuple[File, ...]:
    """``haproxy.cfg``, its maps of routes and its lists of origins."""
    try:
        return write(policy)
    except GatewayWriteError as error:
        raise FidelityError("haproxy", (_lost(error),)) from error


def fidelity(policy: Policy) -> tuple[Clause, ...]:
    """What becomes of each clause of the policy."""
    rows = list(table(policy, _ROWS))
    if policy.gateway.max_body or any(route.max_body for route in policy.routes):
        how = "413 by Content-Length; a chunked body is not counted"
        rows.append(Clause("body limits", "weaker", how))
    try:
        write(policy)
    except GatewayWriteError as error:
        rows.append(_lost(error))
    return tuple(rows)


def _lost(error: GatewayWriteError) -> Clause:
    return Clause("a value", "lost", str(error), "write it as the policy file asks for it")


TARGET = Target(
    name="haproxy",
    title="HAProxy (haproxy.cfg, maps and lists)",
    family="gateway",
    proven="2.6.12",
    files=files,
    fidelity=fidelity,
    behave=behave,
    versions=Versions(
        product="HAProxy",
        proven="2.6.12",
        rows=(Version("2.6", "the oldest release that the output has been run on"),),
    ),
)
