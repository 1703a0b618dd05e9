"""One origin as written in a policy: what it means, or what to write instead.

An origin is written exactly as browsers send it, because it is compared byte for byte
(https://fetch.spec.whatwg.org/#concept-cors-check).
"""

from __future__ import annotations

import ipaddress
import re
import socket
from typing import NoReturn

from corsage.policy import rules
from corsage.policy.origins import DEFAULT_PORTS, OriginPattern
from corsage.policy.problems import Fault, quoted
from corsage.policy.rules import Rule

_LABEL = r"[a-z0-9_-]{1,63}"
_WELL_FORMED = re.compile(
    rf"(?P<scheme>[a-z][a-z0-9+.-]*)://"
    rf"(?P<star>\*\.)?(?P<host>{_LABEL}(?:\.{_LABEL})*|\[[0-9a-f:.]+\])"
    rf"(?::(?P<port>[1-9][0-9]{{0,4}}|\*))?"
)
_LONGEST_HOST = 253
# Pages of these schemes have an opaque origin, which is sent as "null".
_OPAQUE_SCHEMES = frozenset({"about", "blob", "data", "file", "javascript"})
_SOCKET_SCHEMES = {"ws": "http", "wss": "https"}
_AS_SENT = "Origins are compared byte for byte with what the browser sends."


def read_origin(text: str) -> str | OriginPattern:
    """The exact origin or pattern that ``text`` is; raises :class:`Fault` when it is neither."""
    match = _WELL_FORMED.fullmatch(text)
    if match is not None:
        host, digits = match["host"], match["port"]
        wild = bool(match["star"]) or digits == "*"
        usable = (
            len(host) <= _LONGEST_HOST
            and match["scheme"] not in _OPAQUE_SCHEMES
            and match["scheme"] not in _SOCKET_SCHEMES
            and not (wild and match["scheme"] not in DEFAULT_PORTS)
            and _is_canonical_host(host, bool(match["star"]))
        )
        if usable and not wild:
            port = int(digits) if digits else None
            if port is None or (port <= 65535 and port != DEFAULT_PORTS.get(match["scheme"])):
                return text
        elif usable:
            port = OriginPattern.ANY_PORT if digits == "*" else int(digits) if digits else None
            if port is None or (port <= 65535 and port != DEFAULT_PORTS.get(match["scheme"])):
                return OriginPattern(match["scheme"], host, bool(match["star"]), port)
    _explain(text)


def is_loopback(host: str) -> bool:
    """Whether a serialised host can only be this machine (localhost, 127.0.0.0/8, [::1])."""
    if host == "localhost" or host.endswith(".localhost") or host == "[::1]":
        return True
    try:
        return ipaddress.IPv4Address(host).is_loopback
    except ValueError:
        return False


def _is_canonical_host(host: str, wildcard: bool) -> bool:
    if host.startswith("["):
        return not wildcard and _ipv6(host) == host
    if _looks_like_ipv4(host):
        return not wildcard and _ipv4(host) == host
    return True


def _looks_like_ipv4(host: str) -> bool:
    # https://url.spec.whatwg.org/#ends-in-a-number-checker
    last = host.rpartition(".")[2]
    return last.isdigit() or re.fullmatch(r"0x[0-9a-f]*", last) is not None


def _ipv4(host: str) -> str | None:
    """The address as browsers serialise it; they read 127.1, 0x7f000001 and 0177.0.0.1 too."""
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None


def _ipv6(host: str) -> str | None:
    """``[address]`` as browsers serialise it (https://url.spec.whatwg.org/#concept-ipv6-serializer)."""
    try:
        address = ipaddress.IPv6Address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None
    if address.scope_id is not None:
        return None
    pieces = [f"{int(piece, 16):x}" for piece in address.exploded.split(":")]
    runs = re.finditer(r"0(?: 0)+(?= |$)", " ".join(pieces))
    longest = max(runs, key=lambda run: (run.end() - run.start(), -run.start()), default=None)
    if longest is None:
        return f"[{':'.join(pieces)}]"
    spaced = " ".join(pieces)
    before = spaced[: longest.start()].strip().replace(" ", ":")
    after = spaced[longest.end() :].strip().replace(" ", ":")
    return f"[{before}::{after}]"


def _explain(text: str) -> NoReturn:
    """Raise what is wrong with an origin that is not well formed, with the corrected text."""
    faults = list(_faults(text))
    rule, message, why = faults[0] if faults else (rules.NOT_SERIALISED, "", _AS_SENT)
    if not faults:
        message = f"{quoted(text)} is not an origin"
    raise Fault(rule, message, why, _corrected(text))


def _faults(text: str):  # type: ignore[no-untyped-def]
    yield rules.NOT_SERIALISED, f"{quoted(text)} is not an origin", _AS_SENT


def _corrected(text: str) -> str | None:
    return None


_ = Rule
