"""The routing table: for every audience, every host and every path, what Envoy does.

Each leaf is a list of Envoy's own routes: the answer to preflights, the refusal of a body that is
too large, and the way to the service. What they do to the headers is asked of the decision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from corsage.browser.exchange import Headers
from corsage.layers.envoy import filters
from corsage.layers.envoy.audiences import (
    STRANGER,
    Audience,
    exact_audiences,
    pattern_audiences,
)
from corsage.layers.envoy.errors import EnvoyWriteError
from corsage.layers.envoy.features import Control
from corsage.layers.envoy.filters import ORIGIN_HEADER, PATH_HEADER, TYPE, header, input_of, regex
from corsage.layers.envoy.paths import Keys, hosts, keys
from corsage.layers.yaml_text import Noted, Shared, Value
from corsage.policy.decide import Decisions, Edit
from corsage.policy.model import Policy, Route

NAME = "gateway"
_ROUTE_LIST = f"{TYPE}envoy.config.route.v3.RouteList"
_LARGEST = 2**63 - 1
_LONGEST_ORIGIN = 512
_NOBODY = Audience((), STRANGER)

_PREFLIGHT: Value = {
    "prefix": "",
    "headers": [
        {"name": ":method", "string_match": {"exact": "OPTIONS"}},
        *(
            {
                "name": name,
                "string_match": {"exact": ""},
                "invert_match": True,
                "treat_missing_header_as_empty": True,
            }
            for name in ("origin", "access-control-request-method")
        ),
    ],
}


def route_configuration(policy: Policy, control: Control | None) -> dict[str, Value]:
    """The RouteConfiguration of a policy."""
    return _Writer(policy).configuration(control)


class _Writer:
    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._decisions = Decisions(policy)
        self._hosts = hosts(policy.routes)
        self._keys: Mapping[str | None, Keys] = {
            host: keys(self._decisions, host) for host in (None, *self._hosts)
        }
        owned = {route.cors for route in policy.routes if route.owner == "gateway"}
        self._policies = {name: p for name, p in policy.policies.items() if name in owned}
        self._numbers = {route: number for number, route in enumerate(policy.routes, 1)}
        self._shared: dict[object, Shared] = {}
        self._trees: dict[tuple[str, ...], Shared] = {}
        self._preflight = Shared("preflight", _PREFLIGHT)
        self._any = Shared("any", {"prefix": ""})

    def configuration(self, control: Control | None) -> dict[str, Value]:
        gateway = self._policy.gateway
        proto = "%REQ(x-forwarded-proto)%"
        if gateway.public is not None:
            proto = filters.literal(gateway.public.partition("://")[0])
        virtual_hosts: list[Value] = [self._exact(each) for each in exact_audiences(self._policies)]
        if control is not None:
            virtual_hosts.append(_generation(control))
        virtual_hosts.append(self._others())
        return {
            "name": NAME,
            "vhost_header": Noted(
                "A virtual host is picked by the origin: a hash, however many there are.",
                ORIGIN_HEADER,
            ),
            "request_headers_to_remove": [ORIGIN_HEADER, PATH_HEADER, "x-envoy-external-address"],
            "request_headers_to_add": [
                header("x-forwarded-proto", proto),
                header("x-forwarded-host", "%REQ(:authority)%"),
                header(
                    "x-forwarded-for",
                    "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%",
                    "APPEND_IF_EXISTS_OR_ADD",
                ),
            ],
            "virtual_hosts": virtual_hosts,
        }

    def _exact(self, audience: Audience) -> Value:
        canonical = _either(
            [(_if("origin", "[^A-Z,]+"), self._tree(audience))], self._tree(_NOBODY)
        )
        return {
            "name": f"origins of {_titled(audience)}",
            "domains": [f"origin={origin}" for origin in audience.exact],
            "matcher": Noted(
                "Domains are compared without case, and origins are not; nor is a list one.",
                canonical,
            ),
        }

    def _others(self) -> Value:
        patterns: list[tuple[dict[str, Value], Value]] = [
            (_any_of(audience.regexes), self._tree(audience))
            for audience in pattern_audiences(self._policies)
        ]
        nobody = self._tree(_NOBODY)
        matcher = _either(patterns, nobody) if patterns else nobody
        return {"name": "other origins", "domains": ["*"], "matcher": matcher}

    def _tree(self, audience: Audience) -> Shared:
        """What is done for an audience: by host, then by path."""
        if audience.policies not in self._trees:
            by_host: list[tuple[dict[str, Value], Value]] = [
                (
                    _if(":authority", rf"(?i){_escaped(host)}\.?(?::[0-9]*)?"),
                    self._paths(audience, host),
                )
                for host in self._hosts
            ]
            others = self._paths(audience, None)
            tree = _either(by_host, others) if by_host else others
            self._trees[audience.policies] = Shared(f"for {_titled(audience)}", tree)
        return self._trees[audience.policies]

    def _paths(self, audience: Audience, host: str | None) -> dict[str, Value]:
        found = self._keys[host]
        unrouted = self._list(audience, None)
        prefix = self._lists(audience, found.prefix) or {"/": unrouted}
        tree = _map("prefix_match_map", prefix, {"on_no_match": unrouted})
        if not found.exact:
            return tree
        otherwise: dict[str, Value] = {"on_no_match": {"matcher": tree}}
        return _map("exact_match_map", self._lists(audience, found.exact), otherwise)

    def _lists(self, audience: Audience, found: Mapping[str, Route]) -> dict[str, Value]:
        return {key: self._list(audience, route) for key, route in found.items()}

    def _list(self, audience: Audience, route: Route | None) -> Shared:
        key = ("list", audience.policies, route)
        if key not in self._shared:
            where = "no route" if route is None else _where(route)
            action: Value = {
                "action": {
                    "name": "routes",
                    "typed_config": {"@type": _ROUTE_LIST, "routes": self._routes(audience, route)},
                }
            }
            self._shared[key] = Shared(f"{where} for {_titled(audience)}", action)
        return self._shared[key]

    def _routes(self, audience: Audience, route: Route | None) -> list[Value]:
        ask, witness = self._decisions.answer, audience.witness
        routes: list[Value] = []
        preflight = ask(route, witness, is_preflight=True).preflight
        if preflight is not None:
            answer = self._answer(preflight.headers, witness)
            routes.append(
                {
                    "match": self._preflight,
                    "direct_response": {"status": preflight.status},
                    "typed_per_filter_config": answer,
                }
            )
        edit = ask(route, witness, is_preflight=False).edit
        per_filter = self._edit(edit, witness)
        if route is None:
            routes.append(_direct(404, self._any, per_filter))
            return routes
        limit = self._policy.gateway.max_body if route.max_body is None else route.max_body
        if limit:
            routes.append(_direct(413, self._too_large(limit), per_filter))
        action: dict[str, Value] = {"cluster": route.service, "timeout": "0s"}
        if route.timeout is not None:
            action["idle_timeout"] = f"{route.timeout}s"
        limited = filters.body_limit(limit, self._policy.gateway.max_body)
        way: dict[str, Value] = {"match": self._any, "route": action}
        if route.rate_limit is not None:
            way["metadata"] = filters.limited(self._numbers[route])
        if per_filter or limited:
            way["typed_per_filter_config"] = {**per_filter, **limited}
        return [*routes, way]

    def _answer(self, headers: Headers, witness: str) -> dict[str, Value]:
        sent = tuple(filters.echoed(headers, witness))
        name = "granted" if len(sent) > 1 else "refused"
        return self._once(f"preflight {name}", ("answer", sent), filters.answer(sent))

    def _edit(self, edit: Edit, witness: str) -> dict[str, Value]:
        if not edit.own:
            return {}
        sent = tuple(filters.echoed(edit.headers, witness))
        name = "granted" if sent else "removed"
        per_filter = self._once(name, ("edit", sent), filters.edit(sent))
        if edit.vary:
            per_filter |= self._once("vary origin", "vary", filters.vary())
        return per_filter

    def _once(self, name: str, key: object, per_filter: dict[str, Value]) -> dict[str, Value]:
        """The same for each filter, written once however many routes say it."""
        for filter_, value in per_filter.items():
            self._shared.setdefault((key, filter_), Shared(name, value))
        return {filter_: self._shared[key, filter_] for filter_ in per_filter}

    def _too_large(self, limit: int) -> Shared:
        # The end is not part of the range.
        too_long: Value = {
            "prefix": "",
            "headers": [
                {"name": "content-length", "range_match": {"start": limit + 1, "end": _LARGEST}}
            ],
        }
        return self._shared.setdefault(("too large", limit), Shared(f"over {limit}", too_long))


def _direct(status: int, match: Value, per_filter: dict[str, Value]) -> Value:
    route: dict[str, Value] = {"match": match, "direct_response": {"status": status}}
    if per_filter:
        route["typed_per_filter_config"] = per_filter
    return route


def _generation(control: Control) -> Value:
    body: Value = {"inline_string": control.routes}
    told: Value = {"match": {"prefix": ""}, "direct_response": {"status": 200, "body": body}}
    return {"name": "control", "domains": [f"origin={control.key}"], "routes": [told]}


def _if(name: str, pattern: str) -> dict[str, Value]:
    return {"single_predicate": {**input_of(name), **regex(pattern)}}


def _any_of(patterns: Sequence[str]) -> dict[str, Value]:
    """The origin matches one of the patterns and is no longer than origins are."""
    matches: list[Value] = [_if("origin", pattern) for pattern in patterns]
    either: Value = {"or_matcher": {"predicate": matches}} if len(matches) > 1 else matches[0]
    short = _if("origin", f".{{0,{_LONGEST_ORIGIN}}}")
    return {"and_matcher": {"predicate": [either, short]}}


def _either(cases: Sequence[tuple[dict[str, Value], Value]], otherwise: Value) -> dict[str, Value]:
    return {
        "matcher_list": {
            "matchers": [
                {"predicate": predicate, "on_match": {"matcher": then}} for predicate, then in cases
            ]
        },
        "on_no_match": {"matcher": otherwise},
    }


def _map(kind: str, entries: dict[str, Value], otherwise: dict[str, Value]) -> dict[str, Value]:
    return {"matcher_tree": {**input_of(PATH_HEADER), kind: {"map": entries}}, **otherwise}


def _titled(audience: Audience) -> str:
    return " and ".join(audience.policies) or "nobody"


def _where(route: Route) -> str:
    return f"{route.host or ''}{route.path}"


def _escaped(host: str) -> str:
    if not all(character.isalnum() or character in "_.-[]:" for character in host):
        raise EnvoyWriteError(f"{host!r} is not a host name")
    return "".join(f"\\{each}" if each in ".[]" else each for each in host)
