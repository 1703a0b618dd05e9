"""What browsers can send as an ``Origin``: the set over which patterns are compared.

https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin. A host that ends in a number is an
IPv4 address, and is written as four numbers (https://url.spec.whatwg.org/#ends-in-a-number-checker).
The order of zeros in an IPv6 address and the lengths of names are not in the automaton; whoever
takes one text out of it asks :func:`is_sendable` as well.
"""

from __future__ import annotations

from functools import cache, lru_cache

from corsage.browser.origin import is_origin
from corsage.patterns.machines import Either, Machine, Once, Without
from corsage.patterns.nfa import compile_tree
from corsage.patterns.parse import parse
from corsage.patterns.regex_machine import machine_of

PLAIN_LABEL = "[a-z0-9_-]+"
"""A label that every browser sends."""
ANY_LABEL = "(?:[a-z0-9_!\"$&'()+,;=`{}~-]|%2A|%20)+"
"""A label that a browser may send behind a proxy."""

_BYTE = "(?:[0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])"
IPV4 = rf"{_BYTE}(?:\.{_BYTE}){{3}}"
_GROUP = "(?:0|[1-9a-f][0-9a-f]{0,3})"
_NOT_ZERO = "[1-9a-f][0-9a-f]{0,3}"
_BEFORE_GAP = [rf"(?:{_GROUP}:){{{count - 1}}}{_NOT_ZERO}" if count else "" for count in range(7)]
_AFTER_GAP = [rf"{_NOT_ZERO}(?::{_GROUP}){{{count - 1}}}" if count else "" for count in range(7)]
_GAPPED = "|".join(
    f"{_BEFORE_GAP[left]}::{_AFTER_GAP[right]}" for left in range(7) for right in range(7 - left)
)
IPV6 = rf"\[(?:{_GROUP}(?::{_GROUP}){{7}}|{_GAPPED})\]"

_TOP_PORTS = "[1-9][0-9]{3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]"
PORT = f"(?::(?:[0-9]|[1-9][0-9]{{1,2}}|{_TOP_PORTS}))?"

_LONGEST_LABEL = 63
_LONGEST_HOST = 253


@lru_cache(4096)
def is_sendable(origin: str) -> bool:
    """Whether a browser can send this origin. Names that no DNS server can hold do not count."""
    if origin not in sendable():
        return False
    scheme, _, rest = origin.partition("://")
    host = rest if rest.endswith("]") else rest.partition(":")[0]
    if len(host) > _LONGEST_HOST or any(len(x) > _LONGEST_LABEL for x in host.split(".")):
        return False
    # The model of the browser does not know the escapes of Chromium, and other schemes.
    return scheme not in ("http", "https") or "%" in host or is_origin(origin)


@cache
def sendable() -> Machine:
    """Every origin that some browser can send, ``null`` too."""
    return _origins(ANY_LABEL)


@cache
def sendable_everywhere() -> Machine:
    """Every origin that all browsers can send."""
    return _origins(PLAIN_LABEL)


def text_machine(pattern: str) -> Machine:
    """The texts of a regular expression of ours."""
    return machine_of(compile_tree(parse(pattern, "python"), "full"))


def _origins(label: str) -> Machine:
    scheme = "[a-z][a-z0-9+.-]*"
    names = rf"{scheme}://{label}(?:\.{label})*\.?{PORT}"
    numbers = rf"{scheme}://(?:{label}\.)*(?:[0-9]+|0x[0-9a-f]*)\.?{PORT}"
    default_port = "http://.*:80|https://.*:443"
    # Pages of these have an opaque origin, and nobody gives their own a name with such an end:
    # https://fetch.spec.whatwg.org/#fetch-scheme.
    other_schemes = "(?:about|blob|data|file|javascript|wss?|ftp|.+https?)://.*"
    hosts = Either(
        Without(text_machine(names), text_machine(numbers)),
        text_machine(rf"{scheme}://(?:{IPV4}|{IPV6}){PORT}"),
    )
    origins = Without(hosts, text_machine(f"{default_port}|{other_schemes}"))
    return Once(Either(text_machine("null"), origins))
