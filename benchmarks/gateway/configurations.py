"""The gateways that are compared: Corsage's, and what people write by hand."""

from __future__ import annotations

import json

from corsage.layers.nginx import NginxFeatures, write
from corsage.policy.model import CorsPolicy, Gateway, Policy, Route, Service
from corsage.policy.origins import OriginSet

ORIGIN = "https://app.example.com"
ORIGINS = (ORIGIN, "https://admin.example.com", "https://partner.example.com")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
HEADERS = ("Authorization", "Content-Type", "X-Request-Id")

_NGINX = """\
daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr error;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path client_body_temp;
    proxy_temp_path proxy_temp;
    {temporary}
    keepalive_requests 1000000000;
    {http}
}}
"""

_OTHER_TEMPORARY = """\
fastcgi_temp_path fastcgi_temp;
    uwsgi_temp_path uwsgi_temp;
    scgi_temp_path scgi_temp;
    {pool}"""

_UPSTREAM = """\
upstream api {{
        server 127.0.0.1:{service};
        keepalive 64;
    }}"""

# The proxying is the same for all, so that what differs is CORS.
_PROXYING = """\
map $http_upgrade $connection_upgrade {
        default upgrade;
        "" "";
    }
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-Host $http_host;
    proxy_set_header X-Request-Id $msec-$pid-$connection-$connection_requests;
    proxy_buffering off;
    proxy_request_buffering off;"""


def policy(listen: int, service: int, origins: int = len(ORIGINS), routes: int = 1) -> Policy:
    """One credentialed policy; ``origins`` and ``routes`` as many as asked, the last ones hit."""
    many = tuple(f"https://tenant-{n}.example.com" for n in range(origins - len(ORIGINS)))
    rules = CorsPolicy(
        "session",
        OriginSet((*many, *ORIGINS)),
        METHODS,
        HEADERS,
        ("ETag", "X-Request-Id"),
        allow_credentials=True,
        max_age=600,
    )
    others = tuple(Route(f"/area-{n}/service-{n}", "api", "session") for n in range(routes - 1))
    return Policy(
        Gateway(listen=f"127.0.0.1:{listen}"),
        {"api": Service("api", f"http://127.0.0.1:{service}")},
        {"session": rules},
        (*others, Route("/api", "api", "session")),
    )


def corsage(rules: Policy, features: NginxFeatures) -> str:
    """What the gateway runs. As for the others, connections live as long as the load."""
    return write(rules, features).replace("http {", "http {\n    keepalive_requests 1000000000;", 1)


def service(port: int) -> str:
    """The service behind every gateway."""
    return _nginx(
        f"""server {{
        listen 127.0.0.1:{port} reuseport;
        default_type application/json;
        location / {{ return 200 '{{"id": 1, "name": "a small answer, as of an API"}}'; }}
    }}"""
    )


def bare(port: int, service: int, *, musl: bool = False) -> str:
    """nginx without CORS: a preflight is a plain 204."""
    return _nginx(
        f"""{_PROXYING}
    {_UPSTREAM.format(service=service)}
    server {{
        listen 127.0.0.1:{port};
        location /api {{
            if ($request_method = OPTIONS) {{ return 204; }}
            proxy_pass http://api;
        }}
    }}""",
        musl=musl,
    )


def by_hand(port: int, service: int, *, musl: bool = False) -> str:
    """The guides' configuration: a map of origins, and an ``if`` for OPTIONS."""
    allowed = "\n".join(f"        {origin} {origin};" for origin in ORIGINS)
    shared = """add_header Access-Control-Allow-Origin $cors_origin always;
            add_header Access-Control-Allow-Credentials true always;"""
    return _nginx(
        f"""map $http_origin $cors_origin {{
        default "";
{allowed}
    }}
    {_PROXYING}
    {_UPSTREAM.format(service=service)}
    server {{
        listen 127.0.0.1:{port};
        location /api {{
            if ($request_method = OPTIONS) {{
                add_header Access-Control-Allow-Origin $cors_origin always;
                add_header Access-Control-Allow-Credentials true always;
                add_header Access-Control-Allow-Methods "{", ".join(METHODS)}" always;
                add_header Access-Control-Allow-Headers "{", ".join(HEADERS)}" always;
                add_header Access-Control-Max-Age 600 always;
                add_header Vary Origin always;
                return 204;
            }}
            {shared}
            add_header Access-Control-Expose-Headers "ETag, X-Request-Id" always;
            add_header Vary Origin always;
            proxy_pass http://api;
        }}
    }}""",
        musl=musl,
    )


def envoy(port: int, service: int) -> str:
    """Envoy with its CORS filter, as its documentation has it."""
    cors = {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy",
        "allow_origin_string_match": [{"exact": origin} for origin in ORIGINS],
        "allow_methods": ", ".join(METHODS),
        "allow_headers": ", ".join(HEADERS),
        "expose_headers": "ETag, X-Request-Id",
        "max_age": "600",
        "allow_credentials": True,
    }
    route = {
        "match": {"prefix": "/"},
        "route": {"cluster": "api"},
        "typed_per_filter_config": {"envoy.filters.http.cors": cors},
    }
    filters = [
        ("cors", "cors.v3.Cors"),
        ("router", "router.v3.Router"),
    ]
    manager = {
        "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager"
        ".v3.HttpConnectionManager",
        "stat_prefix": "gateway",
        "http_filters": [
            {
                "name": f"envoy.filters.http.{name}",
                "typed_config": {
                    "@type": f"type.googleapis.com/envoy.extensions.filters.http.{kind}"
                },
            }
            for name, kind in filters
        ],
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]},
    }
    listener = {
        "address": _address(port),
        "filter_chains": [
            {
                "filters": [
                    {
                        "name": "envoy.filters.network.http_connection_manager",
                        "typed_config": manager,
                    }
                ]
            }
        ],
    }
    endpoint = {"endpoint": {"address": _address(service)}}
    cluster = {
        "name": "api",
        "load_assignment": {"cluster_name": "api", "endpoints": [{"lb_endpoints": [endpoint]}]},
    }
    return json.dumps({"static_resources": {"listeners": [listener], "clusters": [cluster]}})


def _address(port: int) -> dict[str, object]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def _nginx(http: str, *, musl: bool = False) -> str:
    return _NGINX.format(
        http=http,
        temporary=_OTHER_TEMPORARY.format(pool="request_pool_size 16k;" if musl else ""),
    )
