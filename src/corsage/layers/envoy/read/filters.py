"""The HTTP filters that matter here: what they answer themselves, and what they add to answers.

A filter that Corsage does not know is taken for one that lets everything pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from corsage.layers.envoy.read.file import Part
from corsage.layers.envoy.read.headers import mutate, overwrite
from corsage.layers.envoy.read.matching import Asked, string_check
from corsage.layers.possible import Answer, Check, Line, World
from corsage.layers.regexes import regex_of

ROUTER = "Router"
_DEEPEST = 20
_CREDENTIALS = "Access-Control-Allow-Credentials"


@dataclass(frozen=True, slots=True)
class Levels:
    """What a request was routed to, the most specific first: the route, its virtual host, and the
    whole configuration. ``routed``: to something behind Envoy, and not to its own answer."""

    parts: tuple[Part, ...]
    route: Part | None = None

    @property
    def routed(self) -> bool:
        """Whether the request goes to a service."""
        return self.route is not None and self.route.get("route") is not None

    def of_filter(self, name: str) -> Iterator[Part]:
        """What they say to the filter of a name."""
        for part in self.parts:
            for key, config in part.items("typed_per_filter_config"):
                if key == name:
                    yield (
                        config.get("config") or config if config.type == "FilterConfig" else config
                    )


@dataclass
class Exchange:
    """A request on its way through the filters. ``origin``: the CORS filter admitted it."""

    asked: Asked
    world: World
    levels: Levels
    signed_in: bool
    path: str
    cors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter of the chain."""

    name: str
    config: Part
    unless: Part | None = None
    """A matcher that says where it is skipped."""

    def is_off(self, levels: Levels, disabled: bool) -> bool:
        """Whether a level turns it off (or on)."""
        for part in levels.parts:
            for key, config in part.items("typed_per_filter_config"):
                if key == self.name and config.type == "FilterConfig":
                    return config.true("disabled")
                if key == self.name:
                    return config.true("disabled") and self.config.type != "Cors"
        return disabled


def filters_of(manager: Part) -> list[tuple[Filter, bool]]:
    """The filters of a connection manager, and whether each is off where nobody turns it on."""
    found = []
    for each in manager.all("http_filters"):
        config = each.get("typed_config") or each
        unless = None
        if config.type == "ExtensionWithMatcher":
            unless = config.get("xds_matcher") or config.get("matcher")
            config = config.get("extension_config", "typed_config") or config
        found.append((Filter(each.text("name"), config, unless), each.true("disabled")))
    return found


def decoded(filter_: Filter, exchange: Exchange) -> Answer | None:
    """What a filter answers itself; None where the request goes on. An answer without a place in
    its lines is one of Envoy's own, which the route's headers are added to."""
    kind = filter_.config.type
    if kind == "Cors":
        return _cors(filter_, exchange)
    guard = _GUARDS.get(kind)
    return None if guard is None else guard(filter_, exchange)


def is_final(filter_: Filter) -> bool:
    """Whether the route's headers are not added to what it answers itself."""
    return filter_.config.type == "Cors"


def encoded(filter_: Filter, exchange: Exchange, lines: list[Line]) -> None:
    """What a filter does to an answer that passes it."""
    if filter_.config.type == "Cors":
        _add_cors(filter_, exchange, lines)
    elif filter_.config.type == "HeaderMutation":
        own = filter_.config.all("mutations", "response_mutations")
        mutate(lines, own, exchange.asked)
        for config in exchange.levels.of_filter(filter_.name):
            mutate(lines, config.all("mutations", "response_mutations"), exchange.asked)


# CORS


def policies_of(levels: Levels, name: str) -> list[Part]:
    """The policies of a request, the most specific first."""
    found = [each for each in levels.of_filter(name) if each.type == "CorsPolicy"]
    if found:
        return found
    legacy = [part.get("route", "cors") or part.get("cors") for part in levels.parts]
    return [each for each in legacy if each is not None]


def first(policies: list[Part], field_: str) -> Part | None:
    """A field as the most specific policy that has it says; "" and [] count as nothing."""
    for policy in policies:
        found = policy.get(field_)
        if found is not None and (found.value.text or found.value.elements() or found.value.keys):
            return found
    return None


def admitting(policies: list[Part]) -> list[Check]:
    """The origins that are admitted, as checks of the whole origin."""
    origins = first(policies, "allow_origin_string_match")
    found = []
    for each in [] if origins is None else origins.all():
        check = string_check(each)
        if check is not None:
            # Envoy asks for the text * first.
            found.append(_with_star(check) if check.holds("*") else check)
    return found


def _with_star(check: Check) -> Check:
    return Check(check.kind, check.text, check.where, everybody=True, shown=check.shown)


def enabled(policies: list[Part]) -> bool:
    """Whether the most specific policy is on, as far as it does not depend on runtime keys."""
    if not policies:
        return False
    share = policies[0].get("filter_enabled", "default_value")
    return share is None or share.number("numerator") != 0


def _cors(filter_: Filter, exchange: Exchange) -> Answer | None:
    exchange.cors.clear()
    policies = policies_of(exchange.levels, filter_.name)
    origin = exchange.asked.header("origin") or ""
    if not exchange.levels.routed or not enabled(policies) or not origin:
        return None
    checks = admitting(policies)
    admitted = bool(checks) and exchange.world.ask(origin, checks)
    if admitted:
        exchange.cors["origin"] = origin
    method = exchange.asked.header("access-control-request-method") or ""
    if exchange.asked.method != "OPTIONS" or not method:
        return None
    forwards = first(policies, "forward_not_matching_preflights")
    if not admitted and (forwards is None or forwards.true()):
        return None
    lines: list[Line] = []
    where = policies[0].where
    if admitted:
        lines.append(Line("access-control-allow-origin", origin, where, origin))
    if (credentials := first(policies, "allow_credentials")) is not None and credentials.true():
        lines.append(Line(_CREDENTIALS.lower(), "true", credentials.where, "true"))
    for name, field_, asked in (
        ("access-control-allow-methods", "allow_methods", "access-control-request-method"),
        ("access-control-allow-headers", "allow_headers", "access-control-request-headers"),
        ("access-control-max-age", "max_age", ""),
    ):
        said = first(policies, field_)
        if said is not None:
            text = said.value.text
            echoes = text == "*" and asked
            value = (exchange.asked.header(asked) or "") if echoes else text
            lines.append(Line(name, value, said.where, text))
    return Answer(200, tuple(lines))


def _add_cors(filter_: Filter, exchange: Exchange, lines: list[Line]) -> None:
    origin = exchange.cors.get("origin")
    if origin is None:
        return
    policies = policies_of(exchange.levels, filter_.name)
    where = policies[0].where
    overwrite(lines, Line("access-control-allow-origin", origin, where, origin))
    if (credentials := first(policies, "allow_credentials")) is not None and credentials.true():
        overwrite(lines, Line(_CREDENTIALS.lower(), "true", credentials.where, "true"))
    if (exposed := first(policies, "expose_headers")) is not None:
        text = exposed.value.text
        overwrite(lines, Line("access-control-expose-headers", text, exposed.where, text))


# Who is not let in

_Guard: TypeAlias = "Callable[[Filter, Exchange], Answer | None]"


def _jwt(filter_: Filter, exchange: Exchange) -> Answer | None:
    if exchange.signed_in:
        return None
    asked = exchange.asked
    preflight = asked.header("origin") and asked.header("access-control-request-method")
    if filter_.config.true("bypass_cors_preflight") and asked.method == "OPTIONS" and preflight:
        return None
    for rule in filter_.config.all("rules"):
        match = rule.get("match")
        if match is None or not _fits_prefix(match, exchange.path):
            continue
        requires = rule.get("requires")
        if requires is None or "allow_missing" in str(requires.value.keys):
            return None
        return Answer(401)
    return None


def _fits_prefix(match: Part, path: str) -> bool:
    if (prefix := match.get("prefix")) is not None:
        return path.startswith(prefix.value.text)
    if (exact := match.get("path")) is not None:
        return path == exact.value.text
    expression = match.get("safe_regex", "regex")
    return expression is not None and regex_of(expression.value.text).fullmatch(path) is not None


def _login(status: int) -> _Guard:
    def guard(_filter: Filter, exchange: Exchange) -> Answer | None:
        return None if exchange.signed_in else Answer(status)

    return guard


def _rbac(filter_: Filter, exchange: Exchange) -> Answer | None:
    rules = filter_.config.get("rules")
    for config in exchange.levels.of_filter(filter_.name):
        rules = config.get("rbac", "rules")
        break
    if rules is None:
        return None
    taken = any(
        all(
            any(_rule(each, exchange, 0) for each in policy.all(side))
            for side in ("permissions", "principals")
        )
        for _, policy in rules.items("policies")
    )
    denies = rules.text("action") == "DENY"
    return Answer(403) if taken == denies and rules.text("action") != "LOG" else None


def _rule(rule: Part, exchange: Exchange, depth: int) -> bool:
    """A permission or principal. One that is not known here holds for those who are signed in."""
    if depth > _DEEPEST:
        return False
    if rule.true("any"):
        return True
    for name, every in (("and_rules", True), ("and_ids", True), ("or_rules", False)):
        parts = rule.all(name, "rules") or rule.all(name, "ids")
        if parts:
            held = (_rule(each, exchange, depth + 1) for each in parts)
            return all(held) if every else any(held)
    for name in ("not_rule", "not_id"):
        if (opposite := rule.get(name)) is not None:
            return not _rule(opposite, exchange, depth + 1)
    if (header := rule.get("header")) is not None:
        value = exchange.asked.header(header.text("name"))
        check = None if (match := header.get("string_match")) is None else string_check(match)
        if value is None or check is None:
            return value is not None and header.true("present_match")
        return exchange.world.ask(value, [check]) != header.true("invert_match")
    if (path := rule.get("url_path", "path")) is not None:
        check = string_check(path)
        return check is not None and check.holds(exchange.path)
    return exchange.signed_in


def skipped(filter_: Filter, exchange: Exchange, response: list[Line] | None) -> bool:
    """Whether the filter's own matcher takes it out of the way. A matcher of the answer is asked
    when that is there."""
    matcher = filter_.unless
    for each in [] if matcher is None else matcher.all("matcher_list", "matchers"):
        action = each.get("on_match", "action", "typed_config")
        if action is None or action.type != "SkipFilter":
            continue
        predicate = each.get("predicate", "single_predicate")
        if predicate is None:
            continue
        kind = predicate.get("input", "typed_config")
        match = predicate.get("value_match")
        check = None if match is None else string_check(match)
        if kind is None or check is None:
            continue
        name = kind.text("header_name").lower()
        if kind.type.startswith("HttpResponse"):
            values = [line.value for line in response or () if line.name.lower() == name]
            value = ",".join(values) if values else None
        else:
            value = exchange.asked.header(name)
        if value is not None and (exchange.world.ask(value, [check])):
            return True
    return False


_GUARDS: dict[str, _Guard] = {
    "JwtAuthentication": _jwt,
    "ExtAuthz": _login(403),
    "BasicAuth": _login(401),
    "OAuth2": _login(302),
    "RBAC": _rbac,
}
