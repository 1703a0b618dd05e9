"""The policy as an nginx.conf: what ``corsage serve`` runs and ``corsage render nginx`` prints.

It does what :mod:`corsage.policy.decide` says, to the header; every choice that is not obvious
has its reason beside it, here or in the file itself.
"""

from __future__ import annotations

import re

from corsage.layers.nginx.features import NginxFeatures
from corsage.layers.nginx.origin_maps import GATE, has_patterns, shape_map
from corsage.layers.nginx.owners import NEVER, SERVICE, SHARED_MAPS, Owner, Ruleset
from corsage.layers.nginx.proxying import HIDDEN, MAPS, address_of, proxying, upstreams
from corsage.layers.nginx.routes import Location, hosts, locations
from corsage.layers.nginx.settings import around, control, general
from corsage.layers.nginx.unrouted import unrouted
from corsage.layers.nginx.words import Constants, Names, NginxWriteError, indented, plain, quoted
from corsage.policy.model import Gateway, Policy, Route

_LISTEN = re.compile(r"(?:[A-Za-z0-9_.-]+|\*|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}")
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?")
_LONGEST_HOST = 253


def write(policy: Policy, features: NginxFeatures = NginxFeatures()) -> str:  # noqa: B008 (frozen)
    """The whole configuration, the same text for the same policy.

    Relative paths in it are relative to nginx's prefix (``nginx -p DIR``). Raises
    NginxWriteError where a value cannot be said in nginx's language.
    """
    return "\n".join(_Writer(policy, features).lines()) + "\n"


class _Writer:
    def __init__(self, policy: Policy, features: NginxFeatures) -> None:
        self._policy = policy
        self._features = features
        self._constants = Constants()
        names = Names()
        self._rulesets = {
            name: Ruleset(rules, names(name), self._constants)
            for name, rules in policy.policies.items()
        }
        self._owners = {name: rules.owner() for name, rules in self._rulesets.items()}
        owned = dict.fromkeys(r.cors for r in policy.routes if r.owner == "gateway")
        self._unrouted_maps, self._unrouted = unrouted(
            [self._rulesets[name] for name in owned if name is not None]
        )
        self._upstreams = Names()
        self._zones = {
            route: f"route_{number}"
            for number, route in enumerate(policy.routes, 1)
            if route.rate_limit is not None
        }

    def lines(self) -> list[str]:
        http = [
            *general(self._policy, self._features),
            "",
            *proxying(self._policy, self._features),
            "",
            *self._limits(),
            *upstreams(self._policy, self._upstreams),
            "",
            *self._maps(),
            *self._servers(),
            *control(self._features),
        ]
        return around(self._policy, self._features, http)

    def _limits(self) -> list[str]:
        if not self._zones:
            return []
        zones = [
            f"limit_req_zone $binary_remote_addr zone={zone}:1m rate={route.rate_limit}r/s;"
            for route, zone in self._zones.items()
        ]
        return ["limit_req_status 429;", "limit_req_log_level warn;", *zones, ""]

    def _maps(self) -> list[str]:
        lines = [
            *MAPS,
            "",
            *GATE,
        ]
        if has_patterns(rules.allow_origins for rules in self._policy.policies.values()):
            lines += ["", *shape_map()]
        lines += ["", *SHARED_MAPS, ""]
        for name, rules in self._rulesets.items():
            if maps := rules.maps():
                lines += [f"# Policy {name!r}.", *maps, ""]
        if self._unrouted_maps:
            lines += [*self._unrouted_maps, ""]
        if constants := self._constants.lines():
            lines += ["# Constants, because nginx would expand the text elsewhere.", *constants, ""]
        return lines

    def _servers(self) -> list[str]:
        lines = self._server(None)
        for host in hosts(self._policy.routes):
            lines += ["", *self._server(host)]
        return lines

    def _server(self, host: str | None) -> list[str]:
        gateway = self._policy.gateway
        listen = self._listen(gateway)
        if host is None:
            body = [f"listen {listen[0]} default_server{listen[1]};", 'server_name "";']
        else:
            if len(host) > _LONGEST_HOST or not _HOST.fullmatch(host):
                raise NginxWriteError(f"{host!r} is not a host name")
            body = [f"listen {listen[0]}{listen[1]};", f"server_name {host};"]
        if gateway.tls is not None:
            body += [
                *(["http2 on;"] if self._features.http2_directive else []),
                f"ssl_certificate {plain(gateway.tls.certificate, 'certificate')};",
                f"ssl_certificate_key {plain(gateway.tls.key, 'key')};",
                "ssl_protocols TLSv1.2 TLSv1.3;",
                "ssl_session_cache shared:tls:10m;",
            ]
        body += [
            "",
            "# For answers that nginx gives before it knows the location (400).",
            *self._unrouted.headers,
        ]
        for location in locations(self._policy.routes, host):
            body += ["", *self._location(location)]
        return ["server {", *indented(body), "}"]

    def _listen(self, gateway: Gateway) -> tuple[str, str]:
        if not _LISTEN.fullmatch(gateway.listen):
            raise NginxWriteError(f"listen {gateway.listen!r} is not host:port")
        if gateway.tls is None:
            return gateway.listen, ""
        return gateway.listen, " ssl" if self._features.http2_directive else " ssl http2"

    def _location(self, location: Location) -> list[str]:
        path = _path(location.path)
        head = f"location {'= ' if location.exact else ''}{path} {{"
        route = location.route
        if route is None:
            body = [*self._unrouted.preflight, *self._unrouted.headers, "return 404;"]
        else:
            owner = self._owner(route)
            body = [*owner.preflight, *owner.headers, *self._proxy(route, owner)]
        return [head, *indented(body), "}"]

    def _owner(self, route: Route) -> Owner:
        if route.owner == "service":
            return SERVICE
        return NEVER if route.cors is None else self._owners[route.cors]

    def _proxy(self, route: Route, owner: Owner) -> list[str]:
        lines = []
        if owner.restores:
            lines += [f"proxy_pass_header {name};" for name in HIDDEN]
        if route.max_body is not None:
            lines.append(f"client_max_body_size {route.max_body};")
        if (rate := route.rate_limit) is not None:
            # A second's worth may come at once; without a burst nginx spreads it evenly.
            burst = f" burst={rate - 1} nodelay" if rate > 1 else ""
            lines.append(f"limit_req zone={self._zones[route]}{burst};")
        if route.timeout is not None:
            lines += [
                f"proxy_{which}_timeout {route.timeout}s;" for which in ("connect", "send", "read")
            ]
        service = self._policy.services[route.service]
        url = address_of(service)
        if url.scheme == "https":
            lines.append(f"proxy_ssl_name {url.host};")
        lines.append(f"proxy_pass {url.scheme}://{self._upstreams(service.name)};")
        return lines


def _path(path: str) -> str:
    """A route's path as the name of a location. nginx expands nothing there."""
    if not path.startswith("/"):
        raise NginxWriteError(f"path {path!r} does not start with a slash")
    return quoted(path)
