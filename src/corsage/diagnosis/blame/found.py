"""What a strategy finds, and what the evidence offers it: stations of the path, words, traces."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from corsage.diagnosis.facts import Facts
from corsage.diagnosis.fingerprints import Trace
from corsage.diagnosis.observation import Answer
from corsage.diagnosis.products import Hop
from corsage.diagnosis.stack import Station


@dataclass(frozen=True, slots=True)
class Blame:
    """A hop, the product there (empty when unknown), why, and whether that leaves no doubt."""

    hop: Hop
    product: str
    line: str
    sure: bool = False


Strategy: TypeAlias = Callable[[Facts], Blame | None]

# Hops that one product's trace may stand for: an ingress says `server: nginx`, a mesh says envoy.
KIN: dict[Hop, tuple[Hop, ...]] = {
    "nginx": ("nginx", "ingress", "proxy", "gateway", "auth proxy"),
    "gateway": ("gateway", "mesh", "ingress", "API Gateway", "mesh gateway"),
    "mesh gateway": ("mesh", "mesh gateway", "gateway"),
    "mesh": ("mesh", "mesh gateway"),
    "proxy": ("proxy", "gateway", "ingress"),
    "ingress": ("ingress", "nginx", "gateway"),
    "CDN": ("CDN", "edge"),
    "edge": ("edge", "CDN"),
    "platform": ("platform", "edge", "load balancer"),
}

FRONT: tuple[Hop, ...] = (
    "gateway",
    "API Gateway",
    "ingress",
    "mesh",
    "nginx",
    "proxy",
    "auth proxy",
    "platform",
    "emulator",
    "load balancer",
    "CDN",
    "edge",
)


def said(facts: Facts, words: str, where: str = "SCP") -> str | None:
    """The words as they stand in the symptom, the configuration or the path; None when absent."""
    texts = {"S": facts.symptom, "C": facts.config, "P": facts.stack}
    for field in where:
        match = re.search(words, texts[field], re.IGNORECASE)
        if match:
            return match.group(0)
    return None


def outermost(facts: Facts, *hops: Hop) -> Station | None:
    """The first station on the path that is one of these hops."""
    return next((s for s in facts.servers if s.hop in hops), None)


def innermost(facts: Facts, *hops: Hop) -> Station | None:
    """The last station on the path that is one of these hops."""
    return next((s for s in reversed(facts.servers) if s.hop in hops), None)


def at(station: Station, line: str, *, sure: bool = False) -> Blame:
    """Blame for a station of the path."""
    hop = station.hop
    # Istio's policy is applied where its routes are: at its gateway, unless a sidecar is named.
    istio = station.product is not None and station.product.name == "Istio"
    if hop == "mesh" and istio and "sidecar" not in station.text.lower():
        hop = "mesh gateway"
    return Blame(hop, station.product.name if station.product else "", line, sure)


def placed(facts: Facts, trace: Trace, *, sure: bool) -> Blame:
    """A trace, as the hop of the path that it stands for."""
    kin = KIN.get(trace.hop, (trace.hop,))
    station = outermost(facts, *kin)
    if station is None:
        return Blame(trace.hop, trace.product, trace.evidence, sure and not facts.servers)
    return at(station, trace.evidence, sure=sure)


def failing(facts: Facts) -> Answer:
    """The answer that fails: the preflight's, or that to the request itself."""
    bad = facts.preflight.failed or facts.preflight.redirects
    return facts.preflight if bad or not facts.response.seen else facts.response
