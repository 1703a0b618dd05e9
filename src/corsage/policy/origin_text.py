"""One origin as written in a policy: what it means, or what to write instead.

An origin is written exactly as browsers send it, because it is compared byte for byte
(https://fetch.spec.whatwg.org/#concept-cors-check).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from corsage.browser.origin import serialise
from corsage.policy import rules
from corsage.policy.origins import DEFAULT_PORTS, LARGEST_PORT, OriginPattern
from corsage.policy.problems import Fault, quoted
from corsage.policy.rules import Rule

_WELL_FORMED = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://"
    r"(?P<star>\*\.)?(?P<host>[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>[1-9][0-9]{0,4}|\*))?"
)
_LONGEST_HOST = 253
_LONGEST_LABEL = 63
# Pages of these schemes have an opaque origin, which is sent as "null".
_OPAQUE_SCHEMES = frozenset({"about", "blob", "data", "file", "javascript"})
_SOCKET_SCHEMES = {"ws": "http", "wss": "https"}
# Hosts that browsers may serialise otherwise: internationalised names and addresses.
_DOUBTFUL_HOST = re.compile(r"\[|(?:^|\.)xn--|(?:^|\.)[0-9][0-9a-fx]*$")


def read_origin(text: str) -> str | OriginPattern:
    """The exact origin or the pattern that ``text`` is; raises :class:`Fault` if it is neither."""
    origin = _read(text)
    if origin is None:
        raise _explanation(text)
    return origin


def is_loopback(host: str) -> bool:
    """Whether a serialised host can only be this machine (localhost, 127.0.0.0/8, [::1])."""
    if host == "localhost" or host.endswith(".localhost") or host == "[::1]":
        return True
    try:
        return ipaddress.IPv4Address(host).is_loopback
    except ValueError:
        return False


def _read(text: str) -> str | OriginPattern | None:
    match = _WELL_FORMED.fullmatch(text)
    if match is None:
        return None
    scheme, star, host, digits = match.group("scheme", "star", "host", "port")
    if len(host) > _LONGEST_HOST or scheme in _OPAQUE_SCHEMES or scheme in _SOCKET_SCHEMES:
        return None
    any_port = digits == "*"
    port = int(digits) if digits and not any_port else None
    if port is not None and (port > LARGEST_PORT or port == DEFAULT_PORTS.get(scheme)):
        return None
    if _DOUBTFUL_HOST.search(host) and not _is_usual(host):
        return None
    if star and _is_address(host):
        return None
    if not star and not any_port:
        return text
    if scheme not in DEFAULT_PORTS:
        return None
    return OriginPattern(scheme, host, bool(star), OriginPattern.ANY_PORT if any_port else port)


def _is_usual(host: str) -> bool:
    return serialise(f"https://{host}") == f"https://{host}"


def _is_address(host: str) -> bool:
    return host.startswith("[") or host.rpartition(".")[2].isdigit()


def _explanation(text: str) -> Fault:
    """What is wrong with a text that is no origin, and the origin that was probably meant."""
    parts = re.split(r"[\s,;]+", text.strip(" \t,;"))
    if len(parts) > 1:
        message = f"{quoted(text)} is several origins in one text"
        origins = [part for part in parts if _read(part) is not None]
        fix = f"[{', '.join(origins)}]" if len(origins) == len(parts) else None
        why = "Access-Control-Allow-Origin holds one origin; a policy lists them one by one."
        return Fault(rules.NOT_SERIALISED, message, why, fix)
    clauses = list(_clauses(text))
    rule, _, why = clauses[0]
    what = [clause for _, clause, _ in clauses]
    listed = what[0] if len(what) == 1 else f"{', '.join(what[:-1])} and {what[-1]}"
    return Fault(rule, f"{quoted(text)} {listed}", why, _corrected(text))


# What stands in regular expressions and never in origins.
_REGEX = re.compile(r"[\\^$|()]|\.\+|//\.\*|[a-z0-9][?]:?//")
_AS_SENT = "Origins are compared byte for byte with what the browser sends"


def _clauses(text: str) -> Iterator[tuple[Rule, str, str]]:
    """What is wrong, most telling first: rule, verb phrase, reason."""
    if not text:
        yield rules.NOT_SERIALISED, "is empty", "An origin is scheme://host[:port]."
        return
    if _REGEX.search(text):
        why = "A policy has no regular expressions: they let more in than they show. Write "
        why += "https://*.example.com for any subdomain."
        yield rules.ODD_WILDCARD, "looks like a regular expression", why
        return
    found = [*_scheme_clauses(text), *_rest_clauses(text)]
    yield from found
    if text.strip() != text:
        yield rules.NOT_SERIALISED, "has blanks around it", f"{_AS_SENT}."
    elif not found:
        yield rules.NOT_SERIALISED, "is not an origin", f"{_AS_SENT}: scheme://host[:port]."


def _scheme_clauses(text: str) -> Iterator[tuple[Rule, str, str]]:
    scheme, separator, _ = text.partition("://")
    if scheme.lower().partition(":")[0] in _OPAQUE_SCHEMES:
        why = 'Browsers send "null" for pages of this scheme, as they do for any sandboxed frame.'
        yield rules.NEVER_SENT, f"is never sent: {scheme.partition(':')[0]} pages are opaque", why
    elif not separator:
        yield rules.NOT_SERIALISED, "has no scheme", f"{_AS_SENT}: scheme://host[:port]."
    elif scheme in _SOCKET_SCHEMES:
        why = f"A WebSocket is opened by a page, whose origin is {_SOCKET_SCHEMES[scheme]}."
        yield rules.NEVER_SENT, "is the address of a WebSocket", why
    elif scheme == "*":
        why = "http and https are different origins; write both if both are meant."
        yield rules.ODD_WILDCARD, "leaves the scheme open", why


def _rest_clauses(text: str) -> Iterator[tuple[Rule, str, str]]:
    scheme, separator, rest = text.partition("://")
    rest = rest if separator else text
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    _, at, host_port = authority.rpartition("@")
    host, port = _split_port(host_port)
    yield from _wildcard_clauses(host, port, scheme if separator else "https")
    if text != text.lower():
        yield rules.NOT_SERIALISED, "has upper case letters", f"{_AS_SENT}, in lower case."
    if at:
        yield rules.NOT_SERIALISED, "has a user name", f"{_AS_SENT}: scheme://host[:port]."
    if rest[len(authority) :] == "/":
        yield rules.NOT_SERIALISED, "ends with a slash", f"{_AS_SENT}, which has no slash."
    elif rest != authority:
        yield rules.NOT_SERIALISED, "has a path", f"{_AS_SENT}: scheme://host[:port]."
    yield from _port_clauses(port, scheme.lower())
    yield from _host_clauses(host.lower())


def _split_port(host_port: str) -> tuple[str, str | None]:
    host, colon, port = host_port.rpartition(":")
    return (host, port) if colon and not host_port.endswith("]") else (host_port, None)


def _wildcard_clauses(host: str, port: str | None, scheme: str) -> Iterator[tuple[Rule, str, str]]:
    rest = host.removeprefix("*.")
    if host == "*":
        why = 'Any host is any origin: allow_origins: "*", without credentials.'
        yield rules.ODD_WILDCARD, "allows every host", why
    elif host.startswith("."):
        yield rules.ODD_WILDCARD, "begins with a dot", "A wildcard is written *. in front."
    elif re.match(r"\*+[^.*]", host):
        why = "Anybody can register a name that ends like this one; a wildcard stands before a dot."
        yield rules.ODD_WILDCARD, "has a wildcard inside a name", why
    elif "*" in rest:
        why = "The one wildcard of a host stands in front, as *., and means any depth."
        yield rules.ODD_WILDCARD, "has a wildcard in the middle", why
    elif rest != host and _is_address(rest):
        yield rules.ODD_WILDCARD, "has a wildcard in an address", "Addresses have no subdomains."
    if ("*" in host or port == "*") and scheme.lower() not in (*DEFAULT_PORTS, "*"):
        why = "Wildcards are for http and https; name the others one by one."
        yield rules.ODD_WILDCARD, f"has a wildcard in a {scheme} origin", why


def _port_clauses(port: str | None, scheme: str) -> Iterator[tuple[Rule, str, str]]:
    if port is None or port == "*":
        return
    if not (port.isascii() and port.isdigit()):
        yield rules.NOT_SERIALISED, "has a port that is no number", "Write a number, or * for any."
    elif len(port) > 5 or not 0 < int(port) <= LARGEST_PORT:
        yield rules.NEVER_SENT, "has a port that does not exist", "Ports are 1 to 65535."
    elif int(port) == DEFAULT_PORTS.get(scheme):
        why = f"{_AS_SENT}, and browsers leave the default port out."
        yield rules.NOT_SERIALISED, "has the default port", why
    elif port.startswith("0"):
        yield rules.NOT_SERIALISED, "has a port with leading zeros", f"{_AS_SENT}."


def _host_clauses(host: str) -> Iterator[tuple[Rule, str, str]]:
    bare = host.replace("*.", "").replace("*", "")
    if not host:
        yield rules.NOT_SERIALISED, "has no host", f"{_AS_SENT}: scheme://host[:port]."
    elif not bare.isascii():
        yield rules.NOT_SERIALISED, "is not in ASCII", f"{_AS_SENT}, in punycode."
    elif host.endswith(".") and len(host) > 1:
        why = "With the dot it is another origin than without, and nearly nobody calls it so."
        yield rules.NOT_SERIALISED, "ends with a dot", why
    elif ".." in host or (bare and bare.strip(".") != bare and not host.startswith(".")):
        yield rules.NEVER_SENT, "has an empty label", "No such host can be looked up."
    elif len(bare) > _LONGEST_HOST or any(len(x) > _LONGEST_LABEL for x in bare.split(".")):
        why = f"Names have at most {_LONGEST_HOST} characters, and {_LONGEST_LABEL} between dots."
        yield rules.NEVER_SENT, "is too long for a host name", why
    elif _DOUBTFUL_HOST.search(bare) and not _is_usual(bare):
        why = f"{_AS_SENT}, and browsers write this host in another way."
        yield rules.NOT_SERIALISED, "is not the usual form of the host", why
    elif not re.fullmatch(r"[a-z0-9_.-]*", bare):
        why = "Hosts have letters, digits, hyphens and underscores."
        yield rules.NEVER_SENT, "has characters that no host has", why


def _corrected(text: str) -> str | None:
    """The origin that was probably meant, if changing how it is written is enough."""
    word = text.strip().rstrip(",;")
    scheme, separator, rest = word.partition("://")
    if not separator:
        scheme, rest = "https", word.removeprefix("//")
    scheme = _SOCKET_SCHEMES.get(scheme.lower(), scheme.lower())
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0].rpartition("@")[2]
    host, port = _split_port(authority)
    if host == "*":
        return '"*"'
    bare = re.sub(r"^(?:\*+\.?|\.)+", "", host).rstrip(".").lower()
    star = "*." if bare != host.rstrip(".").lower() else ""
    if not separator and is_loopback(bare):
        scheme = "http"
    if scheme == "*":
        scheme = "https"
    if scheme in DEFAULT_PORTS:
        serialised = serialise(f"{scheme}://{bare}")
        bare = serialised.partition("://")[2] if serialised else bare
    if port == "" and not separator:
        return None
    if port and port != "*" and not port.strip("0").isdigit():
        return None
    digits = port.lstrip("0") if port else ""
    ending = f":{digits}" if digits and digits != str(DEFAULT_PORTS.get(scheme)) else ""
    meant = f"{scheme}://{star}{bare}{ending}"
    return meant if meant != text and _read(meant) is not None else None
