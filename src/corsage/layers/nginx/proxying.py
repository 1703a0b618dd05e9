"""How requests reach services: what is sent along, what is removed, and where they are."""

from __future__ import annotations

import re
from dataclasses import dataclass

from corsage.layers.nginx.features import NginxFeatures
from corsage.layers.nginx.words import Names, NginxWriteError, plain
from corsage.layers.urls import split_url
from corsage.policy.decide import UPSTREAM_CORS_HEADERS
from corsage.policy.model import Policy, Service
from corsage.policy.origins import DEFAULT_PORTS

_UPSTREAM = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\]")

HIDDEN = (
    *UPSTREAM_CORS_HEADERS,
    # What browsers have called a permission of this kind; none of them is granted by accident.
    "Access-Control",
    "Access-Control-Allow-External",
    "Access-Control-Policy-Path",
)
"""nginx removes headers by name, so it must have them all."""

MAPS = [
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
]


@dataclass(frozen=True, slots=True)
class Address:
    """Of a service; ``host`` is also the name in its certificate, ``port`` part of ``address``."""

    scheme: str
    host: str
    address: str


def address_of(service: Service) -> Address:
    """The parts of a service's URL; nothing but scheme, host and port may stand in it."""
    try:
        url = split_url(service.url)
        default = DEFAULT_PORTS[url.scheme]
        port = url.port or default
    except (KeyError, ValueError):
        raise _no_address(service) from None
    host = f"[{url.hostname}]" if ":" in (url.hostname or "") else url.hostname or ""
    rest = (url.path.rstrip("/"), url.query, url.fragment, url.username, url.password)
    if not _UPSTREAM.fullmatch(host) or any(rest):
        raise _no_address(service)
    return Address(url.scheme, host, f"{host}:{port}")


def _no_address(service: Service) -> NginxWriteError:
    return NginxWriteError(
        f"service {service.name!r}: {service.url!r} is not http(s)://host[:port]"
    )


def proxying(policy: Policy, features: NginxFeatures) -> list[str]:
    """The directives that every location inherits."""
    proto = "$scheme"
    if public := policy.gateway.public:
        proto = plain(split_url(public).scheme, "gateway.public")
    return [
        "# Every CORS header has one owner: what services send is removed, on every status.",
        *(f"proxy_hide_header {name};" for name in HIDDEN),
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
        *_verification(policy, features),
        "",
        f"client_max_body_size {policy.gateway.max_body};",
    ]


def upstreams(policy: Policy, names: Names) -> list[str]:
    """The services, with connections that are kept."""
    lines: list[str] = []
    for service in policy.services.values():
        url = address_of(service)
        lines += [
            f"upstream {names(service.name)} {{",
            f"    server {url.address};",
            "    keepalive 64;",
            "    # Shorter than the 5 s after which Node.js and uvicorn hang up.",
            "    keepalive_timeout 4s;",
            "}",
        ]
    return lines


def _verification(policy: Policy, features: NginxFeatures) -> list[str]:
    services = policy.services.values()
    if not any(address_of(service).scheme == "https" for service in services):
        return []
    return [
        "proxy_ssl_server_name on;",
        "proxy_ssl_verify on;",
        "proxy_ssl_verify_depth 4;",
        f"proxy_ssl_trusted_certificate {plain(features.trusted_ca, 'trusted_ca')};",
    ]
