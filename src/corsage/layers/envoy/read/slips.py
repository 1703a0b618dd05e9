"""What stands in Envoy's configuration and has no effect, or another one than it says."""

from __future__ import annotations

from collections.abc import Iterator

from corsage.layers import rules
from corsage.layers.envoy.read.file import Part
from corsage.layers.envoy.read.filters import Filter, admitting, first
from corsage.layers.envoy.read.run import Manager
from corsage.layers.possible import Check
from corsage.layers.site import Slip
from corsage.patterns import Undecided, UnsupportedPattern

_GUARDS = ("JwtAuthentication", "ExtAuthz", "RBAC", "BasicAuth", "OAuth2")
_CORS = "envoy.filters.http.cors"


def slips_of(manager: Manager) -> Iterator[Slip]:
    """All slips of a connection manager and its routes."""
    filters = [filter_ for filter_, _ in manager.filters]
    cors = next((each for each in filters if each.config.type == "Cors"), None)
    places = list(_places(manager))
    policies = [(part, key, policy) for part in places for key, policy in _policies(part)]
    legacy = [each for part in places if (each := part.get("cors")) is not None]
    if cors is None:
        for policy in [*(policy for _, _, policy in policies), *legacy]:
            yield Slip(
                rules.INERT,
                "a CORS policy without the CORS filter",
                policy.where,
                f"Nobody reads the policy: add {_CORS} to http_filters, before the router.",
            )
        return
    if not policies and not legacy:
        yield Slip(
            rules.INERT,
            "the CORS filter has no policy",
            cors.config.where,
            "It does nothing where neither the route nor its virtual host has a CorsPolicy in "
            "typed_per_filter_config.",
        )
    yield from _order(filters, cors)
    for part, key, policy in policies:
        if key != cors.name:
            yield Slip(
                rules.INERT,
                f"the policy is for a filter {key}, and the CORS filter is called {cors.name}",
                policy.where,
                "A policy belongs to the filter of that name in http_filters.",
                cors.name,
            )
        yield from _own_answers(part, policy)
    for policy in [*(policy for _, _, policy in policies), *legacy]:
        yield from _of_policy(policy)


def _places(manager: Manager) -> Iterator[Part]:
    yield manager.routes
    for host in manager.virtual_hosts:
        yield host
        for route in host.all("routes"):
            yield route
            if (action := route.get("route")) is not None:
                yield action


def _policies(part: Part) -> Iterator[tuple[str, Part]]:
    for key, config in part.items("typed_per_filter_config"):
        if config.type == "CorsPolicy":
            yield key, config


def _order(filters: list[Filter], cors: Filter) -> Iterator[Slip]:
    for each in filters[: filters.index(cors)]:
        if each.config.type in _GUARDS and not each.config.true("bypass_cors_preflight"):
            yield Slip(
                rules.MIDDLEWARE_ORDER,
                f"{each.name} stands before the CORS filter",
                each.config.where,
                "It turns preflights away, which never carry credentials, and its refusals have no "
                f"CORS headers. Move {_CORS} before it.",
            )


def _own_answers(part: Part, policy: Part) -> Iterator[Slip]:
    for name in ("direct_response", "redirect"):
        if part.get(name) is not None:
            yield Slip(
                rules.INERT,
                f"the CORS filter does not see a {name}",
                policy.where,
                "Envoy answers such routes without it: the answer has no CORS headers. Add them "
                "with response_headers_to_add.",
            )


def _of_policy(policy: Part) -> Iterator[Slip]:
    origins = first([policy], "allow_origin_string_match")
    checks = admitting([policy])
    if origins is not None:
        for check in checks:
            yield from _of_check(check)
    for name in ("allow_origin", "allow_origin_regex", "enabled"):
        if policy.get(name) is not None:
            yield Slip(
                rules.GONE,
                f"CorsPolicy has no {name} any more",
                policy.where_key(name),
                "It was removed with the v2 API.",
                "filter_enabled" if name == "enabled" else "allow_origin_string_match",
            )
    for name in ("allow_methods", "allow_headers"):
        field = policy.get(name)
        if field is None:
            continue
        names = [each.strip() for each in field.value.text.split(",")]
        if "*" in names and len(names) > 1:
            yield Slip(
                rules.MISREAD,
                f"* beside others in {name} is a name, not a wildcard",
                field.where,
                "Envoy knows the wildcard alone.",
                '"*"',
            )


def _of_check(check: Check) -> Iterator[Slip]:
    if check.everybody and check.text != "*" and check.text not in (".*", ".+"):
        yield Slip(
            rules.MISREAD,
            f'"{check.shown[:60]}" admits every origin',
            check.where,
            "Envoy asks a matcher for the text * before it asks for the origin, and this one "
            "takes it.",
            witness="https://stranger.example",
        )
    elif check.kind == "exact" and "*" in check.text and check.text != "*":
        yield Slip(
            rules.MISREAD,
            f'"{check.text[:60]}" is compared as it stands, * and all',
            check.where,
            "A wildcard is a safe_regex.",
        )
    elif check.kind == "full":
        try:
            _ = check.language
        except UnsupportedPattern as error:
            yield Slip(
                rules.INERT,
                f'"{check.text[:60]}" is no regex that RE2 takes',
                check.where,
                f"{error}. Envoy refuses the configuration.",
            )
        except Undecided:
            return
