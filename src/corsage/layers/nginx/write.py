"""The policy as an nginx.conf: what ``corsage serve`` runs and ``corsage render nginx`` prints.

It does what :mod:`corsage.policy.decide` says, to the header; every choice that is not obvious
has its reason beside it, here or in the file itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from corsage.layers.nginx.features import NginxFeatures
from corsage.layers.nginx.origin_maps import GATE, has_patterns, shape_map
from corsage.layers.nginx.owners import NEVER, SERVICE, SHARED_MAPS, Owner, Ruleset
from corsage.layers.nginx.routes import Location, hosts, locations
from corsage.layers.nginx.unrouted import unrouted
from corsage.layers.nginx.words import Constants, Names, NginxWriteError, indented, plain, quoted
from corsage.policy.decide import UPSTREAM_CORS_HEADERS
from corsage.policy.model import Gateway, Policy, Route, Service
from corsage.policy.origins import DEFAULT_PORTS

_LISTEN = re.compile(r"(?:[A-Za-z0-9_.-]+|\*|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}")
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?")
_LONGEST_HOST = 253
_UPSTREAM = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\]")

# What browsers have called a permission of this kind; none of them is granted by accident.
_ALSO_HIDDEN = ("Access-Control", "Access-Control-Allow-External", "Access-Control-Policy-Path")


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
        maps = self._maps()
        http = [
            *self._general(),
            "",
            *self._proxying(),
            "",
            *self._limits(),
            *self._services(),
            "",
            *maps,
            *self._servers(),
            *self._control(),
        ]
        return [
            "# Written by Corsage from a policy; edit that, not this.",
            f"daemon {_switch(self._features.daemon)};",
            f"worker_processes {self._features.workers};",
            f"worker_rlimit_nofile {self._features.open_files};",
            "pid nginx.pid;",
            "worker_shutdown_timeout 1h;  # after a reload, for streams that the old workers hold",
            *self._error_logs(),
            "",
            "events {",
            # A proxied request holds two connections, each of them one open file.
            f"    worker_connections {self._features.open_files // 2};",
            "}",
            "",
            "http {",
            *indented(http),
            "}",
        ]

    def _general(self) -> list[str]:
        lines = ["server_tokens off;", *self._access_log()]
        lines += [f"{path}_temp_path {path}_temp;" for path in self._features.temp_paths]
        lines += self._hash_sizes()
        if self._features.musl:
            lines += [
                "# musl gives a request's default 4 KiB pool back to the kernel every time.",
                "request_pool_size 16k;",
            ]
        if self._features.keepalive_min_timeout:
            lines += [
                "# A reload leaves idle connections open until their clients can have noticed.",
                "keepalive_min_timeout 3s;",
            ]
        return lines

    def _hash_sizes(self) -> list[str]:
        sets = [rules.allow_origins for rules in self._policy.policies.values()]
        entries = max((len(origins.exact) + len(origins.patterns) for origins in sets), default=0)
        longest = max((len(origin) for origins in sets for origin in origins), default=0)
        names = hosts(self._policy.routes)
        longest_name = max(map(len, names), default=0)
        return [
            "# Large enough for nginx to find every hash at the first attempt.",
            f"map_hash_max_size {_power_of_two(4 * entries, 2048)};",
            f"map_hash_bucket_size {_power_of_two(longest + 64, 128)};",
            f"variables_hash_max_size {_power_of_two(16 * len(sets), 2048)};",
            "variables_hash_bucket_size 128;",
            f"server_names_hash_max_size {_power_of_two(4 * len(names), 512)};",
            f"server_names_hash_bucket_size {_power_of_two(longest_name + 48, 128)};",
        ]

    def _proxying(self) -> list[str]:
        proto = "$scheme"
        if public := self._policy.gateway.public:
            proto = plain(urlsplit(public).scheme, "gateway.public")
        hidden = (*UPSTREAM_CORS_HEADERS, *_ALSO_HIDDEN)
        return [
            "# Every CORS header has one owner: what services send is removed, on every status.",
            *(f"proxy_hide_header {name};" for name in hidden),
            "",
            "proxy_http_version 1.1;",
            "proxy_set_header Host $http_host;",
            "proxy_set_header Upgrade $gateway_upgrade;",
            "proxy_set_header Connection $gateway_connection;",
            "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
            f"proxy_set_header X-Forwarded-Proto {proto};",
            "proxy_set_header X-Forwarded-Host $http_host;",
            "proxy_set_header X-Request-Id $gateway_request_id;",
            "proxy_redirect off;  # services see the public Host, so their redirects are right",
            "# Uploads, downloads and event streams pass as they come, never by way of the disk.",
            "proxy_request_buffering off;",
            "proxy_buffering off;",
            "proxy_buffer_size 16k;",
            "proxy_buffers 4 16k;",
            "# A service gives answers, not orders to the gateway (X-Accel-Redirect).",
            "proxy_ignore_headers X-Accel-Redirect X-Accel-Limit-Rate X-Accel-Buffering",
            "                     X-Accel-Charset X-Accel-Expires;",
            *self._verification(),
            "",
            f"client_max_body_size {self._policy.gateway.max_body};",
        ]

    def _verification(self) -> list[str]:
        services = self._policy.services.values()
        if not any(_upstream_url(service).scheme == "https" for service in services):
            return []
        return [
            "proxy_ssl_server_name on;",
            "proxy_ssl_verify on;",
            "proxy_ssl_verify_depth 4;",
            f"proxy_ssl_trusted_certificate {plain(self._features.trusted_ca, 'trusted_ca')};",
        ]

    def _limits(self) -> list[str]:
        if not self._zones:
            return []
        zones = [
            f"limit_req_zone $binary_remote_addr zone={zone}:1m rate={route.rate_limit}r/s;"
            for route, zone in self._zones.items()
        ]
        return ["limit_req_status 429;", "limit_req_log_level warn;", *zones, ""]

    def _services(self) -> list[str]:
        lines: list[str] = []
        for service in self._policy.services.values():
            url = _upstream_url(service)
            lines += [
                f"upstream {self._upstreams(service.name)} {{",
                f"    server {url.address};",
                "    keepalive 64;",
                "    # Shorter than the 5 s after which Node.js and uvicorn hang up.",
                "    keepalive_timeout 4s;",
                "}",
            ]
        return lines

    def _maps(self) -> list[str]:
        lines = [
            "# WebSockets pass; no other upgrade does (h2c would tunnel past these rules).",
            "map $http_upgrade $gateway_upgrade {",
            "    websocket websocket;",
            "}",
            "map $http_upgrade $gateway_connection {",
            "    websocket upgrade;",
            "}",
            "# A caller's request id is kept if it can do no harm in a log. Ours is unique on this",
            "# machine and need be no more; $request_id would cost 2 microseconds of randomness.",
            "map $http_x_request_id $gateway_request_id {",
            '    "" $msec-$pid-$connection-$connection_requests;',
            '    "~^[A-Za-z0-9._:+/=@-]{1,128}$" $http_x_request_id;',
            "    default $msec-$pid-$connection-$connection_requests;",
            "}",
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

    def _control(self) -> list[str]:
        control = self._features.control
        if control is None:
            return []
        return [
            "",
            "# Tells the supervisor which configuration is in force.",
            "server {",
            f"    listen {quoted('unix:' + control.socket)};",
            f"    return 200 {quoted(control.generation)};",
            "}",
        ]

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
        path = plain_path(location.path)
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
            hidden = (*UPSTREAM_CORS_HEADERS, *_ALSO_HIDDEN)
            lines += [f"proxy_pass_header {name};" for name in hidden]
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
        url = _upstream_url(service)
        if url.scheme == "https":
            lines.append(f"proxy_ssl_name {url.host};")
        lines.append(f"proxy_pass {url.scheme}://{self._upstreams(service.name)};")
        return lines

    def _error_logs(self) -> list[str]:
        log = self._policy.gateway.error_log
        file = [] if log is None else [f"error_log {plain(log, 'error_log')} warn;"]
        # The supervisor learns from notices when the workers of an old configuration retire.
        level = "warn" if self._features.control is None else "notice"
        return [f"error_log stderr {level};", *file]

    def _access_log(self) -> list[str]:
        log = self._policy.gateway.access_log
        if log is None:
            return ["access_log off;"]
        return [
            "log_format corsage '$remote_addr - [$time_iso8601] \"$request\" $status '",
            "                   '$body_bytes_sent $request_time origin=\"$http_origin\" '",
            "                   'granted=\"$sent_http_access_control_allow_origin\" '",
            "                   'id=\"$gateway_request_id\"';",
            f"access_log {plain(log, 'access_log')} corsage;",
        ]


def plain_path(path: str) -> str:
    """A route's path as the name of a location. nginx expands nothing there."""
    if not path.startswith("/"):
        raise NginxWriteError(f"path {path!r} does not start with a slash")
    return quoted(path)


@dataclass(frozen=True, slots=True)
class _Upstream:
    scheme: str
    host: str
    address: str


def _upstream_url(service: Service) -> _Upstream:
    """The parts of a service's URL; nothing but scheme, host and port may stand in it."""
    url = urlsplit(service.url)
    host = f"[{url.hostname}]" if ":" in (url.hostname or "") else url.hostname or ""
    rest = (url.path.rstrip("/"), url.query, url.fragment, url.username, url.password)
    if url.scheme not in DEFAULT_PORTS or not _UPSTREAM.fullmatch(host) or any(rest):
        raise NginxWriteError(
            f"service {service.name!r}: {service.url!r} is not http(s)://host[:port]"
        )
    return _Upstream(url.scheme, host, f"{host}:{url.port or DEFAULT_PORTS[url.scheme]}")


def _switch(on: bool) -> str:
    return "on" if on else "off"


def _power_of_two(least: int, floor: int) -> int:
    return max(floor, 1 << max(0, least - 1).bit_length())
