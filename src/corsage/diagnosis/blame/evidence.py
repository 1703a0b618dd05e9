"""Strategies that go by evidence: who made the answer, and where the configuration is written."""

from __future__ import annotations

import re

from corsage.diagnosis.blame.choices import front
from corsage.diagnosis.blame.found import KIN, Blame, at, failing, outermost, placed
from corsage.diagnosis.facts import Facts
from corsage.diagnosis.fingerprints import traces
from corsage.diagnosis.products import Hop, Product


def maker(facts: Facts) -> Blame | None:
    """The failing answer says who made it."""
    found = next((t for t in traces(failing(facts)) if t.maker), None)
    return placed(facts, found, sure=True) if found else None


def passed_by(facts: Facts) -> Blame | None:
    """The failing answer says whom it came through; an error that this hop alone could make."""
    found = next(iter(traces(failing(facts))), None)
    return placed(facts, found, sure=False) if found else None


def revealed(facts: Facts) -> Blame | None:
    """The same, where nobody told the path: whoever shows is all that is known of it."""
    return None if facts.servers else passed_by(facts)


def alone(facts: Facts) -> Blame | None:
    """There is only one hop that can answer."""
    if len(facts.servers) == 1 and facts.servers[0].product:
        return at(facts.servers[0], f"the path has one server: {facts.servers[0].text}", sure=True)
    return None


def written_at(facts: Facts, *, service: bool) -> Blame | None:
    """The hop whose language the excerpt speaks; ``service`` says whether it may be the service."""
    by_hop: dict[Hop, Product] = {}
    for product in facts.configured:
        by_hop.setdefault(product.hop, product)
    for station in facts.servers:
        if station.hop in by_hop and (service or station.hop != "service"):
            return at(station, f"the excerpt is configuration of {by_hop[station.hop].name}")
    for hop, product in by_hop.items():
        kin = outermost(facts, *KIN.get(hop, ()))
        if kin and hop != "service":
            return at(kin, f"the excerpt is configuration of {product.name}")
    if service and "service" in by_hop:
        return Blame("service", by_hop["service"].name, "the excerpt is the service's own")
    if not facts.servers and by_hop:
        hop, product = next(iter(by_hop.items()))
        return Blame(hop, product.name, f"the excerpt is configuration of {product.name}")
    return None


def written(facts: Facts) -> Blame | None:
    """The configuration excerpt speaks the language of a hop on the path."""
    return written_at(facts, service=True)


def written_in_front(facts: Facts) -> Blame | None:
    """The same, for hops in front of the service only."""
    return written_at(facts, service=False)


def policy_in_front(facts: Facts) -> Blame | None:
    """A gateway on the path has the lists, unless the excerpt is the service's own."""
    found = written_in_front(facts)
    if found or any(product.hop == "service" for product in facts.configured):
        return found
    return front("API Gateway", "gateway", "ingress", "mesh")(facts)


def guard(facts: Facts) -> Blame | None:
    """The hop that is described with the words of authentication."""
    words = re.compile(
        r"auth|jwt|oidc|\biam\b|security|bearer|client[- ]cert|mtls|waf|challenge|\bacl\b|login"
        r"|api[- ]?key|rbac|access\b",
        re.IGNORECASE,
    )
    for station in facts.servers:
        if words.search(station.text):
            return at(station, f"authentication stands here: {station.text}")
    return None
