"""Reading the path from the page to the service, as people write it: ``SPA -> nginx -> Flask``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from corsage.diagnosis.products import Hop, Product, product_in_path

MOST_PIECES = 32
"""Hops of a path that are read; no real path has more."""

_ARROW = re.compile(r"\s*(?:-{1,8}>|={1,8}>|→|⟶|»|\bto\b(?= [A-Z]))\s*")

# What a page, its user or its tools are called. They send; they never answer.
_CLIENT = re.compile(
    r"\b(spas?|browsers?|pages?|clients?|sites?|players?|attackers?|look-alike|react|angular|vue"
    r"|svelte|vite|electron|ionic|capacitor|tauri|swagger(?:[- ]ui)?|customers?|uis?|front-?end"
    r"|mobile|dashboard|console|widgets?|fetch|axios|eventsource|webapp|web app|any|many|several"
    r"|user|visitor|chrome|firefox|safari|localhost|extension|inspector|polyfill|grpc-web"
    r"|docs|portal|live-server|public|third-party|app\d?\.\w+|mypage\S*|mfe|storybook"
    r"|playground)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Station:
    """One hop of the path: the words for it, the product they name, and which hop that is."""

    text: str
    product: Product | None
    hop: Hop


def read_stack(text: str) -> tuple[Station, ...]:
    """The hops in order. The first is the client where it reads like one or leads a longer path."""
    pieces = [piece.strip() for piece in _ARROW.split(text) if piece.strip()][:MOST_PIECES]
    stations: list[Station] = []
    for number, piece in enumerate(pieces):
        product = product_in_path(piece, text)
        if number == 0 and len(pieces) > 1 and _sends(piece, product):
            stations.append(Station(piece, None, "client"))
        else:
            hop = product.hop if product else "service"
            # What ends a path answers by itself, whatever it is called.
            if hop == "proxy" and product and not product.configured and number == len(pieces) - 1:
                hop = "service"
            stations.append(Station(piece, product, hop))
    return tuple(stations)


def _sends(piece: str, product: Product | None) -> bool:
    """Whether the first piece of a longer path is the page rather than a server."""
    if product is None or product.hop == "service":
        return True
    return _CLIENT.search(piece) is not None
