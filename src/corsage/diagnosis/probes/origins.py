"""Origins that tell why another one is refused: each differs in one thing, which it names."""

from __future__ import annotations

from urllib.parse import urlsplit

from corsage.browser.origin import OPAQUE, serialise

MOST = 10
"""Origins that one request is asked for."""

_LOOPBACK = {"localhost": "127.0.0.1", "127.0.0.1": "localhost", "[::1]": "localhost"}
_USUAL_PORTS = (3000, 5173, 4200, 8080)  # of development servers: lists outlive their defaults
_OTHER_SCHEME = {"http": "https", "https": "http"}


def near(origin: str, url: str) -> tuple[tuple[str, str], ...]:
    """Origins that a list may hold in place of ``origin``, and how each differs from it.

    The first are no origins at all: a list compares text, and an entry with a slash at the end
    equals nothing that a browser sends. ``url`` is what the page calls; its own origin is often
    in the list.
    """
    if origin == OPAQUE:
        return ((serialise(url) or "", "it is the server's own origin"),)
    parts = urlsplit(origin)
    scheme, host, port = parts.scheme, parts.netloc, ""
    if parts.port is not None:
        host, _, number = parts.netloc.rpartition(":")
        port = f":{number}"
    found = [(f"{origin}/", "it has a slash at the end")]
    if scheme in _OTHER_SCHEME:
        other = _OTHER_SCHEME[scheme]
        found.append((f"{other}://{parts.netloc}", f"its scheme is {other}"))
    if host in _LOOPBACK:
        found.append((f"{scheme}://{_LOOPBACK[host]}{port}", f"its host is {_LOOPBACK[host]}"))
    elif "." in host:
        bare = host.removeprefix("www.")
        other = bare if bare != host else f"www.{host}"
        found.append((f"{scheme}://{other}{port}", f"its host is {other}"))
    if port:
        found.append((f"{scheme}://{host}", "it has no port"))
    if host in _LOOPBACK:
        usual = (
            (f"{scheme}://{host}:{number}", f"its port is {number}") for number in _USUAL_PORTS
        )
        found += [each for each in usual if each[0] != origin]
    if host.count(".") > 1 and not host.replace(".", "").isdigit():
        parent = host.partition(".")[2]
        found.append((f"{scheme}://*.{parent}{port}", "it is a wildcard, taken literally"))
    found += [
        (parts.netloc, "it has no scheme"),
        (serialise(url) or origin, "it is the server's own origin"),
    ]
    return tuple({o: (o, why) for o, why in reversed(found) if o != origin}.values())[::-1][:MOST]


def foreign(salt: str) -> str:
    """An origin that nobody has listed (https://www.rfc-editor.org/rfc/rfc6761#section-6.4)."""
    return f"https://{salt}.invalid"


def look_alikes(origin: str) -> tuple[str, ...]:
    """Origins of others that a careless pattern takes for ``origin``."""
    parts = urlsplit(origin)
    host = parts.hostname or ""
    labels = host.split(".")
    if len(labels) < 2 or host.replace(".", "").isdigit():
        return ()
    base = ".".join(labels[-2:])
    return (
        f"{parts.scheme}://{host}.corsage.invalid",
        f"{parts.scheme}://corsage{base}",
        f"{parts.scheme}://{host.replace('.', 'x', 1)}",
    )
