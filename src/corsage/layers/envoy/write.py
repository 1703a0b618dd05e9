"""The policy as Envoy's files: what ``corsage serve --engine envoy`` runs.

It does what :mod:`corsage.policy.decide` says with no CORS filter (that one sends no ``Vary``,
forwards refused preflights and skips Envoy's own answers): preflights and everything else are
routes, and header mutations belong to routes.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from corsage.layers.envoy.errors import EnvoyWriteError
from corsage.layers.envoy.features import Control, EnvoyFeatures
from corsage.layers.envoy.filters import ORIGIN_HEADER, PATH_HEADER, TYPE, header, http_filters
from corsage.layers.envoy.routes import NAME, route_configuration
from corsage.layers.urls import split_url
from corsage.layers.yaml_text import Noted, Shared, Value
from corsage.policy.model import Policy, Service
from corsage.policy.origins import DEFAULT_PORTS

_LISTEN = re.compile(r"([A-Za-z0-9_.-]+|\*|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})")
_UPSTREAM = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\]")
_HTTP_MANAGER = (
    f"{TYPE}envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
)
_TLS = f"{TYPE}envoy.extensions.transport_sockets.tls.v3."
_BY_NAME: Mapping[str, Value] = {"type": "STRICT_DNS", "dns_lookup_family": "V4_PREFERRED"}
_MOST_REQUESTS = 16384  # under way to one service


Document: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Configuration:
    """Envoy's files. It is started with ``bootstrap`` and follows the other three."""

    bootstrap: Document
    listeners: Document
    clusters: Document
    routes: Document


def write(policy: Policy, features: EnvoyFeatures = EnvoyFeatures()) -> Configuration:  # noqa: B008 (frozen)
    """The files of a policy, the same for the same policy.

    They name each other (``lds``, ``cds``, ``rds``) in the folder in which Envoy is started.
    Raises EnvoyWriteError where a value cannot be said in Envoy's language.
    """
    rds = {"rds": {"route_config_name": NAME, "config_source": _file("rds", features)}}
    dynamic: Value = {
        "lds_config": Noted(
            "Envoy takes over what is moved to these names (mv, not cp).", _file("lds", features)
        ),
        "cds_config": _file("cds", features),
    }
    routes = route_configuration(policy, features.control)
    return Configuration(
        bootstrap={**_bootstrap(features), "dynamic_resources": dynamic},
        listeners=_resources("listener.v3.Listener", _listeners(policy, features, rds)),
        clusters=_resources("cluster.v3.Cluster", _clusters(policy, features)),
        routes=_resources("route.v3.RouteConfiguration", [routes]),
    )


def write_whole(policy: Policy, features: EnvoyFeatures = EnvoyFeatures()) -> Document:  # noqa: B008 (frozen)
    """Everything in one file, which ``envoy --mode validate`` reads to the end."""
    routes: dict[str, Value] = {"route_config": route_configuration(policy, None)}
    static: Value = {
        "listeners": [_gateway(policy, routes)],
        "clusters": _clusters(policy, features),
    }
    return {**_bootstrap(features), "static_resources": static}


def _resources(kind: str, resources: Sequence[Mapping[str, Value]]) -> Document:
    typed = f"{TYPE}envoy.config.{kind}"
    return {"resources": [{"@type": typed, **each} for each in resources]}


def _file(name: str, features: EnvoyFeatures) -> Value:
    path = f"./{name}.{features.form}"
    return {"path_config_source": {"path": path}, "resource_api_version": "V3"}


def _bootstrap(features: EnvoyFeatures) -> dict[str, Value]:
    return {
        "node": {"id": "gateway", "cluster": "gateway"},
        "admin": {
            "address": {
                "pipe": {
                    "path": Noted(
                        "Counters and health: curl --unix-socket admin.sock http://admin/stats",
                        features.admin,
                    ),
                    "mode": 0o600,
                }
            }
        },
        "overload_manager": {
            "resource_monitors": [
                {
                    "name": "envoy.resource_monitors.global_downstream_max_connections",
                    "typed_config": {
                        "@type": (
                            f"{TYPE}envoy.extensions.resource_monitors.downstream_connections.v3"
                            ".DownstreamConnectionsConfig"
                        ),
                        "max_active_downstream_connections": 50_000,
                    },
                }
            ]
        },
        "layered_runtime": {
            "layers": [
                {
                    "name": "static",
                    "static_layer": Noted(
                        "The default, 100, is less than the pattern of one origin.",
                        {"re2.max_program_size.error_level": 1_000_000},
                    ),
                }
            ]
        },
    }


def _listeners(
    policy: Policy, features: EnvoyFeatures, routes: Mapping[str, Value]
) -> list[Mapping[str, Value]]:
    gateway = _gateway(policy, routes)
    return [gateway] if features.control is None else [gateway, _control(features.control, routes)]


def _gateway(policy: Policy, routes: Mapping[str, Value]) -> Mapping[str, Value]:
    chain: dict[str, Value] = {"filters": [_network(_manager(policy, routes))]}
    if (tls := policy.gateway.tls) is not None:
        certificate: Value = {
            "certificate_chain": {"filename": tls.certificate},
            "private_key": {"filename": tls.key},
        }
        common: Value = {
            "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
            "alpn_protocols": ["h2", "http/1.1"],
            "tls_certificates": [certificate],
        }
        chain["transport_socket"] = _tls("DownstreamTlsContext", {"common_tls_context": common})
    return {
        "name": "gateway",
        "address": {"socket_address": _listen(policy.gateway.listen)},
        "per_connection_buffer_limit_bytes": 65536,
        "filter_chains": [chain],
    }


def _control(control: Control, routes: Mapping[str, Value]) -> Mapping[str, Value]:
    router: Value = {"@type": f"{TYPE}envoy.extensions.filters.http.router.v3.Router"}
    tells: dict[str, Value] = {
        "@type": _HTTP_MANAGER,
        "stat_prefix": "control",
        "server_name": control.listeners,
        **routes,
        "early_header_mutation_extensions": _EARLY,
        "http_filters": [{"name": "router", "typed_config": router}],
    }
    return {
        "name": "control",
        "address": {"pipe": {"path": control.socket, "mode": 0o600}},
        "filter_chains": [{"filters": [_network(tells)]}],
    }


def _network(manager: Mapping[str, Value]) -> Value:
    return {"name": "http", "typed_config": manager}


_EARLY: Value = [
    {
        "name": "what_is_matched",
        "typed_config": {
            "@type": (
                f"{TYPE}envoy.extensions.http.early_header_mutation.header_mutation.v3"
                ".HeaderMutation"
            ),
            "mutations": [
                {"append": header(ORIGIN_HEADER, "origin=%REQ(origin)%")},
                {"append": header(PATH_HEADER, "%PATH(NQ:PATH)%/")},
            ],
        },
    }
]


def _manager(policy: Policy, routes: Mapping[str, Value]) -> dict[str, Value]:
    ordinary, websocket = http_filters(policy)
    return {
        "@type": _HTTP_MANAGER,
        "stat_prefix": "gateway",
        **routes,
        "normalize_path": Noted("No spelling of a path gets another route's policy.", True),
        "merge_slashes": True,
        "path_with_escaped_slashes_action": "UNESCAPE_AND_FORWARD",
        "early_header_mutation_extensions": Noted(
            "What the routes are found by. Neither can come from outside, nor goes further.", _EARLY
        ),
        "use_remote_address": True,
        "skip_xff_append": Noted("The routes append it: Envoy would not name a loopback.", True),
        "internal_address_config": {
            "cidr_ranges": Noted(
                "No caller may give orders in x-envoy headers, from whatever address.",
                [{"address_prefix": "255.255.255.255", "prefix_len": 32}],
            )
        },
        "generate_request_id": False,
        "server_header_transformation": "PASS_THROUGH",
        "common_http_protocol_options": {"headers_with_underscores_action": "DROP_HEADER"},
        "http2_protocol_options": {"max_concurrent_streams": 128},
        "request_headers_timeout": "60s",
        "stream_idle_timeout": Noted("Event streams and WebSockets may be silent.", "3600s"),
        "upgrade_configs": [{"upgrade_type": "websocket", "filters": websocket}],
        "local_reply_config": {
            "mappers": [
                {
                    "filter": {
                        "response_flag_filter": {
                            "flags": Noted(
                                "A service that is down or hangs up is a bad gateway.",
                                ["UF", "UC", "UH", "LR", "UR", "UPE"],
                            )
                        }
                    },
                    "status_code": 502,
                }
            ]
        },
        "http_filters": ordinary,
        **_access_log(policy),
    }


def _access_log(policy: Policy) -> dict[str, Value]:
    path = policy.gateway.access_log
    if path is None:
        return {}
    line = (
        "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT% - [%START_TIME%] "
        '"%REQ(:METHOD)% %REQ(:PATH)% %PROTOCOL%" %RESPONSE_CODE% %BYTES_SENT% %DURATION%ms '
        'origin="%REQ(ORIGIN)%" granted="%RESP(ACCESS-CONTROL-ALLOW-ORIGIN)%" '
        'id="%REQ(X-REQUEST-ID)%"\n'
    )
    log = f"{TYPE}envoy.extensions.access_loggers.file.v3.FileAccessLog"
    typed: Value = {
        "@type": log,
        "path": path,
        "log_format": {"text_format_source": {"inline_string": line}},
    }
    return {"access_log": [{"name": "file", "typed_config": typed}]}


def _listen(listen: str) -> Value:
    parts = _LISTEN.fullmatch(listen)
    if parts is None:
        raise EnvoyWriteError(f"listen {listen!r} is not host:port")
    host = parts[1].strip("[]")
    address = {"*": "0.0.0.0", "localhost": "127.0.0.1"}.get(host, host)  # noqa: S104 (as asked)
    if not _is_ip(address):
        raise EnvoyWriteError(f"listen {listen!r}: Envoy listens on IP addresses only; write one")
    return {"address": address, "port_value": int(parts[2])}


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _clusters(policy: Policy, features: EnvoyFeatures) -> list[Mapping[str, Value]]:
    protocol = Shared("http_1", _protocol())
    breakers = Shared("limits", _breakers())
    return [_cluster(service, features, protocol, breakers) for service in policy.services.values()]


def _cluster(
    service: Service, features: EnvoyFeatures, protocol: Value, breakers: Value
) -> Mapping[str, Value]:
    url = split_url(service.url)
    host = f"[{url.hostname}]" if ":" in (url.hostname or "") else url.hostname or ""
    rest = (url.path.rstrip("/"), url.query, url.fragment, url.username, url.password)
    if url.scheme not in DEFAULT_PORTS or not _UPSTREAM.fullmatch(host) or any(rest):
        raise EnvoyWriteError(
            f"service {service.name!r}: {service.url!r} is not http(s)://host[:port]"
        )
    bare = host.strip("[]")
    place: Value = {"address": bare, "port_value": url.port or DEFAULT_PORTS[url.scheme]}
    endpoint: Value = {"endpoint": {"address": {"socket_address": place}}}
    found: dict[str, Value] = {
        "name": service.name,
        **({"type": "STATIC"} if _is_ip(bare) else _BY_NAME),
        "connect_timeout": "5s",
        "circuit_breakers": breakers,
        "typed_extension_protocol_options": protocol,
        "load_assignment": {
            "cluster_name": service.name,
            "endpoints": [{"lb_endpoints": [endpoint]}],
        },
    }
    if url.scheme == "https":
        found["transport_socket"] = _tls("UpstreamTlsContext", _verified(bare, features))
    return found


def _verified(host: str, features: EnvoyFeatures) -> Mapping[str, Value]:
    kind = "IP_ADDRESS" if _is_ip(host) else "DNS"
    context: Value = {
        "validation_context": {
            "trusted_ca": {"filename": features.trusted_ca},
            "match_typed_subject_alt_names": [{"san_type": kind, "matcher": {"exact": host}}],
        }
    }
    return {**({} if _is_ip(host) else {"sni": host}), "common_tls_context": context}


def _tls(kind: str, settings: Mapping[str, Value]) -> Value:
    return {"name": "tls", "typed_config": {"@type": f"{_TLS}{kind}", **settings}}


def _protocol() -> Value:
    kind = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
    return {
        kind: {
            "@type": f"{TYPE}{kind}",
            "common_http_protocol_options": {
                "idle_timeout": Noted(
                    "Shorter than the 5 s after which Node.js and uvicorn hang up.", "4s"
                )
            },
            "explicit_http_config": {"http_protocol_options": {}},
        }
    }


def _breakers() -> Value:
    most: Value = {
        "max_connections": _MOST_REQUESTS,
        "max_pending_requests": _MOST_REQUESTS,
        "max_requests": _MOST_REQUESTS,
    }
    return {"thresholds": [most]}
