"""Origins that look like a given one: what attackers register, and what sloppy rules admit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from corsage.policy.origins import DEFAULT_PORTS, OriginPattern, split_origin

STRANGER = "https://stranger.example"
"""An origin that no policy means (RFC 2606 reserves ``.example``)."""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """``origin`` looks like another; ``kind`` says how. ``browser``: a browser can send it."""

    origin: str
    kind: str
    browser: bool = True


def near_misses(origin: str) -> Iterator[NearMiss]:
    """Origins that a correct owner tells apart from ``origin`` (an allowed one)."""
    yield NearMiss("null", "the null origin")
    try:
        scheme, host, port = split_origin(origin)
    except ValueError:
        return
    yield from _other_schemes_and_ports(scheme, host, port)
    yield from _never_sent(origin, scheme, port)
    if host.startswith("[") or host.rpartition(".")[2].isdigit():
        return

    def at(other: str) -> str:
        return str(OriginPattern(scheme, other, port=port))

    yield NearMiss(at(f"sub.{host}"), "a subdomain")
    parent = host.partition(".")[2]
    if "." in parent:
        yield NearMiss(at(parent), "its parent domain")
    yield NearMiss(at(f"{host}.stranger.example"), "a stranger's name that begins like it")
    yield NearMiss(at(f"evil{host}"), "a stranger's name that ends like it")
    yield NearMiss(at(f"evil-{host}"), "a stranger's name that ends like it after a hyphen")
    if host.count(".") > 1:
        yield NearMiss(at(host.replace(".", "x", 1)), "another character for a dot")
    if len(host.rpartition(".")[2]) > 2:
        yield NearMiss(at(host[:-1]), "its last letter missing")
    yield NearMiss(at(f"{host}."), "a dot after the host")


def _other_schemes_and_ports(scheme: str, host: str, port: int | None) -> Iterator[NearMiss]:
    other = {"https": "http", "http": "https"}.get(scheme)
    if other is not None and port != DEFAULT_PORTS[other]:
        yield NearMiss(str(OriginPattern(other, host, port=port)), "another scheme")
    other_port = 8443 if port != 8443 else 9443
    yield NearMiss(str(OriginPattern(scheme, host, port=other_port)), "another port")
    if port is not None:
        yield NearMiss(str(OriginPattern(scheme, host)), "the default port")


def _never_sent(origin: str, scheme: str, port: int | None) -> Iterator[NearMiss]:
    yield NearMiss(origin.upper(), "upper case", browser=False)
    yield NearMiss(origin + "/", "a slash at the end", browser=False)
    if port is None and scheme in DEFAULT_PORTS:
        written = f"{origin}:{DEFAULT_PORTS[scheme]}"
        yield NearMiss(written, "the default port written out", browser=False)
