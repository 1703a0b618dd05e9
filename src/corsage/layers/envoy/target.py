"""Envoy as a target: a bootstrap and the files that Envoy follows."""

from __future__ import annotations

from collections.abc import Mapping

from corsage.layers.clauses import table
from corsage.layers.envoy.errors import EnvoyWriteError
from corsage.layers.envoy.features import HTTP_1_METHODS
from corsage.layers.envoy.write import write
from corsage.layers.gateways import behave
from corsage.layers.target import Clause, Fate, FidelityError, File, Target, Version, Versions
from corsage.layers.yaml_text import YamlTextError, yaml_of
from corsage.policy.model import Policy

_ROWS: Mapping[str, tuple[Fate, str]] = {
    "exact origins": ("idiom", "domains of virtual hosts, picked by the origin (vhost_header)"),
    "origin patterns": ("idiom", "RE2, anchored, in the matcher of the last virtual host"),
    "any origin": ("kept", "the constant * in every virtual host"),
    "credentials": ("kept", "header_mutation of the route"),
    "allowed methods": ("kept", "the list in the preflight's direct_response"),
    "allowed headers": ("kept", "the list in the preflight's direct_response"),
    "exposed headers": ("kept", "header_mutation of the route"),
    "max age": ("kept", "header_mutation of the preflight's route"),
    "timing": ("kept", "header_mutation of the route"),
    "routes": (
        "idiom",
        "prefix_match_map on the normalised path; services see that path, %2F decoded",
    ),
    "hosts": ("kept", "a regex on :authority, without case and port"),
    "never for browsers": ("kept", "preflights refused, the service's headers removed"),
    "preflights": ("idiom", "direct_response routes: the CORS filter forwards what it refuses"),
    "other OPTIONS": ("kept", "the route to the service"),
    "other origins": ("kept", "their virtual host sets nothing but Vary; preflights get 403"),
    "the service's own CORS headers": ("kept", "remove_on_match, whatever begins Access-Control-"),
    "Vary": ("idiom", "a header_mutation filter that is skipped where Origin or * is named"),
    "errors": (
        "weaker",
        "413, 429, 502, 504 carry the headers; 400 and 431, which the codec sends, do not",
    ),
    "unrouted paths": ("kept", "a 404 of its own at the end of every matcher"),
    "the other owner's routes": ("kept", "a route without header mutations"),
}

_UNPARSED: tuple[Fate, str] = (
    "weaker",
    "as the policy has them, but over HTTP/1.1 Envoy answers 400 to methods that it does not know",
)


def files(policy: Policy) -> tuple[File, ...]:
    """The bootstrap, and the listeners, clusters and routes that Envoy follows."""
    try:
        return _files(policy)
    except EnvoyWriteError as error:
        raise FidelityError("envoy", (_lost(error),)) from error


def _files(policy: Policy) -> tuple[File, ...]:
    written = write(policy)
    parts = {
        "envoy.yaml": written.bootstrap,
        "lds.yaml": written.listeners,
        "cds.yaml": written.clusters,
        "rds.yaml": written.routes,
    }
    try:
        return tuple(File(path, yaml_of(part)) for path, part in parts.items())
    except YamlTextError as error:
        raise EnvoyWriteError(str(error)) from error


def fidelity(policy: Policy) -> tuple[Clause, ...]:
    """What becomes of each clause of the policy."""
    named = {method for rules in policy.policies.values() for method in rules.allow_methods}
    unparsed: Mapping[str, tuple[Fate, str]] = (
        {} if named <= HTTP_1_METHODS else {"allowed methods": _UNPARSED}
    )
    rows = table(policy, {**_ROWS, **unparsed})
    try:
        _files(policy)
    except EnvoyWriteError as error:
        return (*rows, _lost(error))
    return rows


def _lost(error: EnvoyWriteError) -> Clause:
    return Clause("a value", "lost", str(error), "rename it; Envoy cannot say it")


TARGET = Target(
    name="envoy",
    title="Envoy (bootstrap, LDS, CDS and RDS files)",
    family="gateway",
    proven="1.40.0",
    files=files,
    fidelity=fidelity,
    behave=behave,
    versions=Versions(
        product="Envoy",
        proven="1.40.0",
        rows=(Version("1.37", "the oldest release that the output has been run on"),),
    ),
)
