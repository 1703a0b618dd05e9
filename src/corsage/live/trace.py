"""Asking each hop directly what the browser asks the outermost one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from corsage.browser import WireRequest
from corsage.browser.origin import serialise
from corsage.diagnosis.observation import AtHop
from corsage.live.asking import Sent, ask
from corsage.live.client import Client

OUTSIDE = "the URL"
"""The name of the address that the page itself uses."""


@dataclass(frozen=True, slots=True)
class HopAddress:
    """Where one hop listens: ``http://127.0.0.1:3001``. With a path, that path is asked there,
    for hops behind one that rewrites it."""

    name: str
    url: str


def is_at(hop: HopAddress, url: str) -> bool:
    """Whether a hop is where ``url`` itself leads, so that asking it would be asking twice."""
    return serialise(hop.url) == serialise(url) and urlsplit(hop.url).path in {"", "/"}


def ask_hops(
    preflight: WireRequest,
    get: WireRequest,
    hops: Sequence[HopAddress],
    client_for: Callable[[str], Client],
    tell: Callable[[str], None],
) -> Iterator[tuple[AtHop, tuple[Sent, ...]]]:
    """What each hop answers. ``client_for`` makes a client whose bytes go to an address, while
    the requests keep their own host."""
    origin = serialise(get.url) or ""
    for hop in hops:
        parts = urlsplit(hop.url)
        client = client_for(f"{parts.scheme}://{parts.netloc}")
        sent: list[Sent] = []
        for wire in (preflight, get):
            tell(f"{wire.method} at {hop.name}")
            answered = ask(client, _at(wire, parts.path), f"the same at {hop.name}", hop.name)
            # The client speaks of the host that it asks for, and it was another one that failed.
            silence = answered.silence.replace(origin, f"{parts.scheme}://{parts.netloc}")
            sent.append(replace(answered, silence=silence))
            if sent[-1].silence:
                break
        answers = [each.answer for each in sent]
        silence = next((each.silence for each in sent), "")
        yield AtHop(hop.name, answers[0], answers[-1], silence), tuple(sent)


def _at(wire: WireRequest, path: str) -> WireRequest:
    if path in {"", "/"}:
        return wire
    return replace(wire, url=urlsplit(wire.url)._replace(path=path).geturl())
