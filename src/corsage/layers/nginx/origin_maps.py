"""An OriginSet as nginx maps: the variable is the origin to echo, or empty.

A ``map`` finds exact values in a hash, so 10,000 origins cost as much as one; subdomain patterns
are masks of a ``hostnames`` map, hashed as well. A ``map`` ignores case and the policy does not,
so every map here is keyed on ``$gateway_origin``, which is empty for what no browser sends.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from corsage.layers.nginx.words import NginxWriteError, indented, quoted
from corsage.policy.origins import DEFAULT_PORTS, OriginPattern, OriginSet

_EXACT = re.compile(r"null|[a-z][a-z0-9+.-]*://[a-z0-9._~:\[\]-]+")
_SCHEME = re.compile(r"[a-z][a-z0-9+-]*")
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]")

# Same shape as OriginSet's, without the schemes that have a dot: it would part the key below.
_LABEL = "[a-z0-9_-]+"
_PORT = "[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]|0"
_CANONICAL = (
    "~^(?=.{1,512}$)(?<gateway_origin_scheme>[a-z][a-z0-9+-]*)://"
    rf"(?<gateway_origin_host>{_LABEL}(?:\.{_LABEL})*|\[[0-9a-f:.]+\])"
    f"(?<gateway_origin_port>:(?:{_PORT}))?$"
)

GATE = [
    "# Browsers send origins in lower case, and `map` would not mind upper case.",
    "map $http_origin $gateway_origin {",
    '    ""      "";',
    '    ~[A-Z]  "";',
    "    default $http_origin;",
    "}",
]


def shape_map() -> list[str]:
    """The map that patterns are keyed on: an origin turned round, host first."""
    defaults = [f'    "~^{scheme}://.*:{port}$" "";' for scheme, port in DEFAULT_PORTS.items()]
    return [
        "# The host of a canonical origin, then its scheme and port, for the wildcards below;",
        "# empty for what no browser serialises (a default port, say).",
        "map $gateway_origin $gateway_origin_key {",
        *defaults,
        f'    "{_CANONICAL}"',
        "        $gateway_origin_host.$gateway_origin_scheme$gateway_origin_port;",
        "}",
        "map $gateway_origin_key $gateway_origin_key_any_port {",
        '    ""      "";',
        "    default $gateway_origin_host.$gateway_origin_scheme;",
        "}",
    ]


def has_patterns(sets: Iterable[OriginSet]) -> bool:
    """Whether any of the sets needs :func:`shape_map`."""
    return any(origins.patterns for origins in sets)


def origin_map(variable: str, origins: OriginSet) -> list[str]:
    """Maps that make ``$variable`` the request's origin if it is in the set, else empty."""
    one_port = [p for p in origins.patterns if p.port != OriginPattern.ANY_PORT]
    any_port = [p for p in origins.patterns if p.port == OriginPattern.ANY_PORT]
    lines: list[str] = []
    otherwise = ""
    if any_port:
        masks = [f"{_mask(p)}" for p in any_port]
        lines += _mask_map("$gateway_origin_key_any_port", f"{variable}_any_port", masks, "")
        otherwise = f"${variable}_any_port"
    if one_port:
        masks = [f"{_mask(p)}{_port(p)}" for p in one_port if _is_possible(p)]
        lines += _mask_map("$gateway_origin_key", f"{variable}_wildcard", masks, otherwise)
        otherwise = f"${variable}_wildcard"
    exact = [_checked(origin) for origin in dict.fromkeys(origins.exact)]
    # The constant is echoed rather than what came in.
    entries = [f"{quoted(origin)} {quoted(origin)};" for origin in exact]
    if otherwise:
        entries.insert(0, f"default {otherwise};")
    return [*lines, f"map $gateway_origin ${variable} {{", *indented(entries), "}"]


def _mask_map(source: str, variable: str, masks: list[str], otherwise: str) -> list[str]:
    entries = ["hostnames;"]
    if otherwise:
        entries.append(f"default {otherwise};")
    entries += [f"{quoted(mask)} $http_origin;" for mask in dict.fromkeys(masks)]
    return [f"map {source} ${variable} {{", *indented(entries), "}"]


def _mask(pattern: OriginPattern) -> str:
    if not _HOST.fullmatch(pattern.host) or not _SCHEME.fullmatch(pattern.scheme):
        raise NginxWriteError(
            f"{str(pattern)!r} is not a pattern for origins as browsers send them"
        )
    return f"{'*.' if pattern.subdomains else ''}{pattern.host}.{pattern.scheme}"


def _port(pattern: OriginPattern) -> str:
    return "" if pattern.port is None else f":{pattern.port}"


def _is_possible(pattern: OriginPattern) -> bool:
    return pattern.port != DEFAULT_PORTS.get(pattern.scheme, -1)


def _checked(origin: str) -> str:
    if not _EXACT.fullmatch(origin):
        raise NginxWriteError(
            f"{origin!r} is not an origin as a browser sends it: scheme://host[:port], lower case"
        )
    return origin
