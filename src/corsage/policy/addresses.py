"""Where things listen and are reached: the listen address, hosts, service and public URLs."""

from __future__ import annotations

import ipaddress
import re

from corsage.policy import rules
from corsage.policy.origin_text import read_origin
from corsage.policy.problems import Fault, quoted

_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*")
_PORT = re.compile(r"[1-9][0-9]{0,4}")


def listen(text: str) -> str:
    """``host:port``; the host is a name, an IPv4 address or an IPv6 address in brackets."""
    host, colon, port = text.rpartition(":")
    why = "The gateway listens on host:port, an IPv6 address in brackets."
    if _is_port(text):
        message = f"{quoted(text)} has no host"
        raise Fault(rules.BAD_LISTEN, message, why, f"127.0.0.1:{text}")
    if "://" in text:
        rest = text.split("://", 1)[1].split("/", 1)[0]
        fix = rest if _PORT.fullmatch(rest.rpartition(":")[2]) else None
        raise Fault(rules.BAD_LISTEN, f"{quoted(text)} is a URL", why, fix)
    if not host and colon and _is_port(port):
        message = f"{quoted(text)} has no host"
        raise Fault(rules.BAD_LISTEN, message, why, f"127.0.0.1:{port}")
    if host in ("*", "::") and _is_port(port):
        fix = f"{'0.0.0.0' if host == '*' else '[::]'}:{port}"  # noqa: S104 -- only spelled out
        raise Fault(rules.BAD_LISTEN, f"{quoted(text)} is not host:port", why, fix)
    if not colon or not _is_port(port) or not _is_host(host):
        fix = f"{text}:8080" if _is_host(text) else None
        raise Fault(rules.BAD_LISTEN, f"{quoted(text)} is not host:port", why, fix)
    return text


def public(text: str) -> str:
    """The origin under which browsers reach the gateway."""
    try:
        origin = read_origin(text)
    except Fault as fault:
        message = f"the public address {quoted(text)} is not an origin"
        raise Fault(rules.BAD_PUBLIC, message, fault.why, fault.fix) from None
    if not isinstance(origin, str) or not origin.startswith(("http://", "https://")):
        why = "It is the one http or https origin of the gateway."
        raise Fault(rules.BAD_PUBLIC, f"{quoted(text)} is not one web origin", why)
    return origin


def service_url(text: str) -> str:
    """``http(s)://host[:port]`` of an upstream."""
    why = "A service is scheme://host[:port]; requests keep the path that the browser sent."
    if "://" not in text:
        head = text.split("/", 1)[0]
        host, _, port = head.rpartition(":")
        bare = _is_host(head.lower()) or (_is_host(host.lower()) and _is_port(port))
        fix = f"http://{head.lower()}" if bare else None
        raise Fault(rules.BAD_SERVICE_URL, f"{quoted(text)} has no scheme", why, fix)
    scheme, rest = text.split("://", 1)
    head = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    if "@" in head:
        why = "A policy holds no passwords: they would show in logs and reports."
        message = "a service URL holds a user name or password"
        fix = f"{scheme.lower()}://{head.rpartition('@')[2].lower()}"
        raise Fault(rules.BAD_SERVICE_URL, message, why, fix)
    host, colon, port = head.rpartition(":") if not head.endswith("]") else (head, "", "")
    if not colon:
        host = head
    if scheme.lower() not in ("http", "https"):
        message = f"{quoted(text)} is neither http nor https"
        raise Fault(rules.BAD_SERVICE_URL, message, why)
    if not _is_host(host.lower()) or (colon and not _is_port(port)):
        raise Fault(rules.BAD_SERVICE_URL, f"{quoted(text)} is not a URL", why)
    plain = f"{scheme.lower()}://{head.lower()}"
    if plain != text:
        what = "has a path" if plain != text.lower() else "has upper case letters"
        raise Fault(rules.BAD_SERVICE_URL, f"{quoted(text)} {what}", why, plain)
    return text


def route_host(text: str) -> str:
    """A host name that a route is limited to."""
    if _is_host(text) and not text.startswith("["):
        return text
    rest = text.partition("://")[2] or text
    bare = re.split(r"[/?#:]", rest.rpartition("@")[2], maxsplit=1)[0].lower().rstrip(".")
    fix = bare if _is_host(bare) else None
    why = "It is compared with the Host header: lower case, without scheme, port or wildcard."
    raise Fault(rules.BAD_HOST, f"{quoted(text)} is not a plain host name", why, fix)


def _is_port(text: str) -> bool:
    return _PORT.fullmatch(text) is not None and int(text) <= 65535


def _is_host(text: str) -> bool:
    if text.startswith("["):
        try:
            ipaddress.IPv6Address(text.removeprefix("[").removesuffix("]"))
        except ValueError:
            return False
        return text.endswith("]")
    return len(text) <= 253 and _HOST.fullmatch(text) is not None


def is_unspecified(address: str) -> bool:
    """Whether a listen address stands for every address of the machine."""
    return address.rpartition(":")[0] in ("0.0.0.0", "[::]")  # noqa: S104 -- only compared
