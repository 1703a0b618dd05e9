"""What stands in every configuration, whatever the policy's routes: process, logs, hash sizes."""

from __future__ import annotations

from corsage.layers.nginx.features import NginxFeatures
from corsage.layers.nginx.routes import hosts
from corsage.layers.nginx.words import indented, plain, quoted
from corsage.policy.model import Gateway, Policy


def around(policy: Policy, features: NginxFeatures, http: list[str]) -> list[str]:
    """The whole file around the ``http`` block's content."""
    return [
        "# Written by Corsage from a policy; edit that, not this.",
        f"daemon {'on' if features.daemon else 'off'};",
        f"worker_processes {features.workers};",
        f"worker_rlimit_nofile {features.open_files};",
        "pid nginx.pid;",
        "worker_shutdown_timeout 1h;  # after a reload, for streams that the old workers hold",
        *_certificates(policy.gateway, features),
        *_error_logs(policy.gateway, features),
        "",
        "events {",
        # A proxied request holds two connections, each of them one open file.
        f"    worker_connections {features.open_files // 2};",
        "}",
        "",
        "http {",
        *indented(http),
        "}",
    ]


def general(policy: Policy, features: NginxFeatures) -> list[str]:
    """Logs, folders, memory and connections."""
    lines = ["server_tokens off;", *_access_log(policy.gateway)]
    lines += [f"{path}_temp_path {path}_temp;" for path in features.temp_paths]
    lines += hash_sizes(policy)
    if features.musl:
        lines += [
            "# musl gives a request's default 4 KiB pool back to the kernel every time.",
            "request_pool_size 16k;",
        ]
    if features.keepalive_min_timeout:
        lines += [
            "# A reload leaves idle connections open until their clients can have noticed.",
            "keepalive_min_timeout 3s;",
        ]
    return lines


def control(features: NginxFeatures) -> list[str]:
    """The server by which a supervisor knows what is in force."""
    socket = features.control
    if socket is None:
        return []
    return [
        "",
        "# Tells the supervisor which configuration is in force.",
        "server {",
        f"    listen {quoted('unix:' + socket.socket)};",
        f"    return 200 {quoted(socket.generation)};",
        "}",
    ]


def hash_sizes(policy: Policy) -> list[str]:
    """Sizes of the tables that nginx looks origins, variables and hosts up in."""
    sets = [rules.allow_origins for rules in policy.policies.values()]
    entries = max((len(origins.exact) + len(origins.patterns) for origins in sets), default=0)
    longest = max((len(origin) for origins in sets for origin in origins), default=0)
    names = hosts(policy.routes)
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


def _certificates(gateway: Gateway, features: NginxFeatures) -> list[str]:
    if gateway.tls is None or not features.inherits_ssl_objects:
        return []
    return [
        "# Certificates are read anew: by their files' times alone, one that was renewed within",
        "# the second would be taken for the old one.",
        "ssl_object_cache_inheritable off;",
    ]


def _error_logs(gateway: Gateway, features: NginxFeatures) -> list[str]:
    log = gateway.error_log
    file = [] if log is None else [f"error_log {plain(log, 'error_log')} warn;"]
    # The supervisor learns from notices when the workers of an old configuration retire.
    level = "warn" if features.control is None else "notice"
    return [f"error_log stderr {level};", *file]


def _access_log(gateway: Gateway) -> list[str]:
    log = gateway.access_log
    if log is None:
        return ["access_log off;"]
    return [
        "log_format corsage '$remote_addr - [$time_iso8601] \"$request\" $status '",
        "                   '$body_bytes_sent $request_time origin=\"$http_origin\" '",
        "                   'granted=\"$sent_http_access_control_allow_origin\" '",
        "                   'id=\"$gateway_request_id\"';",
        f"access_log {plain(log, 'access_log')} corsage;",
    ]


def _power_of_two(least: int, floor: int) -> int:
    return max(floor, 1 << max(0, least - 1).bit_length())
