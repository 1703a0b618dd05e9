"""A policy as the text of a policy file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from corsage.policy.dangers import INSECURE_HATCH, NULL, NULL_HATCH, SUFFIX_HATCH, dangers
from corsage.policy.format import VERSION
from corsage.policy.model import ANY, CorsPolicy, Gateway, Policy, Route
from corsage.policy.origins import OriginPattern, OriginSet
from corsage.policy.rules import INSECURE_ORIGIN, NULL_ORIGIN, PUBLIC_SUFFIX

_PLAIN_FIRST = "/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NOT_PLAIN = set("{}[],&*#?|<>=!%@`\"'\\ ")
_WORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "none"}


def dump_policy(policy: Policy) -> str:
    """A policy file that :func:`corsage.policy.load.load_policy` reads as an equal policy.

    Groups that a policy names are written out where they are used; expectations keep their text
    (and get other line numbers).
    """
    return "\n".join([f"version: {VERSION}", *_sections(policy)]) + "\n"


def _sections(policy: Policy) -> Iterator[str]:
    yield from _gateway(policy.gateway)
    if policy.origins:
        yield "origins:"
        yield from (f"  {name}: {_list(origins)}" for name, origins in policy.origins.items())
    yield "services:"
    yield from (f"  {name}: {_text(s.url)}" for name, s in policy.services.items())
    if policy.policies:
        yield "policies:"
        for rules in policy.policies.values():
            yield from _rules(rules)
    yield "routes:"
    yield from (f"  - {{{', '.join(_route(route))}}}" for route in policy.routes)
    if policy.expectations:
        yield "expect:"
        yield from (f"  - {_quoted(line.text)}" for line in policy.expectations)


def _gateway(gateway: Gateway) -> Iterator[str]:
    yield "gateway:"
    yield f"  listen: {_text(gateway.listen)}"
    if gateway.public is not None:
        yield f"  public: {_text(gateway.public)}"
    if gateway.tls is not None:
        certificate, key = _quoted(gateway.tls.certificate), _quoted(gateway.tls.key)
        yield f"  tls: {{certificate: {certificate}, key: {key}}}"
    yield f"  max_body: {gateway.max_body}"
    for name, path in (("access_log", gateway.access_log), ("error_log", gateway.error_log)):
        if path is not None:
            yield f"  {name}: {_quoted(path)}"


def _rules(rules: CorsPolicy) -> Iterator[str]:
    yield f"  {rules.name}:"
    origins = rules.allow_origins
    yield f"    allow_origins: {_quoted(ANY) if origins.any_origin else _list(origins)}"
    entries: list[str | OriginPattern] = [*origins.exact, *origins.patterns]
    found = {rule for entry in entries for rule in dangers(entry)}
    hatches = {NULL_ORIGIN: NULL_HATCH, PUBLIC_SUFFIX: SUFFIX_HATCH}
    if rules.allow_credentials:
        hatches[INSECURE_ORIGIN] = INSECURE_HATCH
        yield "    allow_credentials: true"
    yield from (f"    {hatch}: true" for rule, hatch in hatches.items() if rule in found)
    for name in ("allow_methods", "allow_headers", "expose_headers"):
        if listed := getattr(rules, name):
            yield f"    {name}: {_list(listed)}"
    if rules.max_age is not None:
        yield f"    max_age: {rules.max_age}"
    if rules.allow_timing:
        yield "    allow_timing: true"


def _route(route: Route) -> Iterator[str]:
    yield f"{'exact' if route.match == 'exact' else 'path'}: {_text(route.path)}"
    if route.host is not None:
        yield f"host: {_text(route.host)}"
    yield f"service: {route.service}"
    yield f"cors: {route.cors or 'none'}"
    if route.owner == "service":
        yield "owner: service"
    if route.max_body is not None:
        yield f"max_body: {route.max_body}"
    if route.rate_limit is not None:
        yield f"rate_limit: {route.rate_limit}/s"
    if route.timeout is not None:
        yield f"timeout: {route.timeout}"


def _list(values: Iterable[str] | OriginSet) -> str:
    return f"[{', '.join(map(_text, values))}]"


def _text(value: str) -> str:
    """Plain where every reader of YAML takes it for the same text."""
    plain = (
        value[:1] in _PLAIN_FIRST
        and not _NOT_PLAIN & set(value)
        and not value.endswith(":")
        and value.lower() not in _WORDS
        and value != NULL
    )
    return value if plain and value else _quoted(value)


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
