"""nginx as a target: the gateway's own configuration, as ``corsage render nginx`` prints it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from corsage.layers.clauses import table
from corsage.layers.gateways import behave
from corsage.layers.nginx.features import OLDEST, NginxFeatures
from corsage.layers.nginx.words import NginxWriteError
from corsage.layers.nginx.write import write
from corsage.layers.target import (
    Clause,
    Fate,
    FidelityError,
    File,
    Release,
    Target,
    Version,
    Versions,
)
from corsage.policy.model import ANY, Policy

_ROWS: Mapping[str, tuple[Fate, str]] = {
    "exact origins": ("kept", "map on $http_origin: a hash, however many"),
    "origin patterns": ("idiom", "masks of a hostnames map, keyed on the origin turned round"),
    "any origin": ("kept", "the constant *"),
    "credentials": ("kept", "add_header, for admitted origins alone"),
    "allowed methods": ("kept", "add_header: the list as written"),
    "allowed headers": ("kept", "add_header: the list as written"),
    "exposed headers": ("kept", "add_header ... always"),
    "max age": ("kept", "add_header"),
    "timing": ("kept", "add_header ... always"),
    "routes": ("idiom", "two locations for each prefix, = /a and /a/"),
    "hosts": ("kept", "server_name"),
    "never for browsers": ("idiom", "preflights get 403, responses no CORS header"),
    "preflights": ("idiom", "return in the location, before access, limits and redirects"),
    "other OPTIONS": ("kept", "proxied, as any other request"),
    "other origins": ("idiom", "an empty map value leaves a header out; a preflight gets 403"),
    "the service's own CORS headers": (
        "weaker",
        "proxy_hide_header, by name: all that browsers know or knew, not ones to come",
    ),
    "Vary": ("idiom", "a map adds Origin unless the service sends it already"),
    "errors": ("idiom", "404, 413, 429, 502, 504 and 400 carry the headers: always, everywhere"),
    "unrouted paths": ("idiom", "location /, for the first policy that admits the origin"),
    "the other owner's routes": ("kept", "proxy_pass_header lets the service's headers pass"),
}


def files(policy: Policy, release: Release = OLDEST) -> tuple[File, ...]:
    """One complete ``nginx.conf``."""
    try:
        return (File("nginx.conf", write(policy, NginxFeatures(version=release))),)
    except NginxWriteError as error:
        raise FidelityError("nginx", (lost(error),)) from error


def fidelity(policy: Policy) -> tuple[Clause, ...]:
    """What becomes of each clause of the policy."""
    rows = common_rows(policy, {})
    try:
        write(policy)
    except NginxWriteError as error:
        rows.append(lost(error))
    return tuple(rows)


def common_rows(policy: Policy, changed: Mapping[str, tuple[Fate, str]]) -> list[Clause]:
    """The rows of every form, but for those that a form ``changed``."""
    rows = list(table(policy, {**_ROWS, **changed}))
    if any(ANY in rules.allow_methods for rules in policy.policies.values()):
        how = "nginx answers 400 to a method that is not upper case, before it knows the origin"
        rows.append(Clause("allow_methods: *", "weaker", how))
    return rows


def lost(error: NginxWriteError) -> Clause:
    """The row for a value that nginx cannot say."""
    return Clause("a value", "lost", str(error), "rename it; nginx cannot say it")


def at(release: Release) -> Target:
    """The target as it is written for a release."""
    return replace(TARGET, files=lambda policy: files(policy, release))


TARGET = Target(
    name="nginx",
    title="nginx (the gateway's own configuration)",
    family="gateway",
    proven="1.22.1 and 1.31.3",
    files=files,
    fidelity=fidelity,
    behave=behave,
    versions=Versions(
        product="nginx",
        proven="1.31.3",
        rows=(
            Version("1.22", "the oldest release that the suite runs"),
            Version("1.25.1", "http2 on, beside TLS", before="listen ... http2"),
        ),
    ),
    at=at,
)
