"""Makers of strategies: a hop that stands on the path, that words speak of, or that is named."""

from __future__ import annotations

from corsage.diagnosis.blame.found import Blame, Strategy, at, outermost, said
from corsage.diagnosis.facts import Facts
from corsage.diagnosis.products import Hop


def front(*hops: Hop) -> Strategy:
    """The outermost of these hops, where one stands on the path."""

    def strategy(facts: Facts) -> Blame | None:
        station = outermost(facts, *hops)
        return (
            at(station, f"{station.text} stands on the path, where this arises")
            if station
            else None
        )

    return strategy


def service(line: str) -> Strategy:
    """The service, or whoever stands alone on the path."""

    def strategy(facts: Facts) -> Blame | None:
        if len(facts.servers) == 1 and facts.servers[0].hop != "service":
            return at(facts.servers[0], f"the path has one server: {facts.servers[0].text}")
        last = facts.servers[-1] if facts.servers else None
        known = last.product.name if last and last.product and last.hop == "service" else ""
        if not facts.servers:
            signs = (trace.product for trace in facts.traces if trace.hop == "service")
            return Blame("service", next(signs, ""), line)
        return Blame("service", known, line, len(facts.servers) == 1 and bool(known))

    return strategy


def fixed(hop: Hop, line: str, *, sure: bool = False) -> Strategy:
    """This hop, whatever was seen."""
    return lambda _: Blame(hop, "", line, sure)


def when(words: str, hop: Hop, line: str, where: str = "SCP") -> Strategy:
    """This hop, where the reporter uses these words."""

    def strategy(facts: Facts) -> Blame | None:
        found = said(facts, words, where)
        return Blame(hop, "", f"“{found}”: {line}") if found else None

    return strategy


def when_at(words: str, hops: tuple[Hop, ...], where: str = "SCP") -> Strategy:
    """A hop on the path, where the words make it the likely one."""

    def strategy(facts: Facts) -> Blame | None:
        found, station = said(facts, words, where), outermost(facts, *hops)
        if not found or not station:
            return None
        return at(station, f"“{found}” speaks of {station.text}")

    return strategy
