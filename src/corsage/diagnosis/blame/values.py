"""Whose a wrong value is: the second writer, the wrong entry, the answer that does not vary."""

from __future__ import annotations

from corsage.diagnosis.blame import hops
from corsage.diagnosis.blame.choices import front
from corsage.diagnosis.blame.evidence import passed_by, written, written_in_front
from corsage.diagnosis.blame.found import Blame, at, outermost, said
from corsage.diagnosis.facts import Facts
from corsage.diagnosis.probes.answers import granted, origin_of


def who_leaves_out_vary(facts: Facts) -> Blame | None:
    """Where no cache is known to have answered, the writer that never says Vary."""
    hit = any(facts.response.lines(name) for name in ("x-cache", "age", "cf-cache-status"))
    if hit or not said(
        facts, r"(no|without|missing|lacks|never adds) vary|vary (is )?missing", "SC"
    ):
        return None
    return written(facts) or front("ingress", "gateway", "nginx", "service")(facts)


def path_past_the_app(facts: Facts) -> Blame | None:
    """What a proxy serves by itself never meets the policy of the application behind it."""
    front = outermost(facts, "nginx", "proxy", "CDN", "ingress")
    if front and said(facts, r"static|served by|bypass|not covered|only\b", "SP"):
        return at(front, "it serves this path itself")
    return None


def second_writer(facts: Facts) -> Blame | None:
    """Which of two writers must stop: the hop that merges instead of replacing, unless ..."""
    values = {v.strip() for line in facts.allow_origin for v in line.split(",")}
    two_in_one = said(
        facts,
        r"(bean|filter|plugin|middleware|module)\w*\b.{0,40}\b(and|plus|beside)\b"
        r".{0,40}(filter|bean|plugin|middleware|module)",
        "PC",
    )
    if two_in_one:
        found = written_in_front(facts) or written(facts)
        if found:
            return Blame(found.hop, found.product, f"two writers in one hop: {two_in_one}")
    plain = outermost(facts, "nginx")
    if plain and said(facts, r"nginx (adds?|added|sets?)|add_header|set by both nginx", "CS"):
        return at(plain, "add_header adds a line beside the service's own")
    by_hand = said(facts, r"snippet|customresponseheaders|add_header|add-header", "SC")
    front = written_in_front(facts) if by_hand else None
    if front:
        return Blame(front.hop, front.product, f"“{by_hand}” adds a line beside the service's")
    if said(
        facts,
        r"sockjs|stomp|signalr|camunda|gotrue|setallowedorigin|keycloak|wildcard"
        r"|actuator|swagger|graphql playground",
        "CS",
    ):
        return Blame("service", "", "one component of the service writes its own headers")
    override = outermost(facts, "CDN")
    if override and said(facts, r"override", "CP"):
        return at(override, "it adds its policy beside the origin's headers")
    if len(values) > 1 and "*" in values:
        return Blame("service", "", "the wildcard comes from inside, beside the gateway's origin")
    merging = next((s for s in facts.servers if s.product and s.product.merges), None)
    if merging and merging.product:
        return at(merging, f"{merging.product.name} adds its line beside the service's")
    replacing = next((s for s in facts.servers if s.product and s.hop != "service"), None)
    if replacing and replacing.product and replacing.product.name in _REPLACES:
        return Blame(
            "service", "", f"{replacing.product.name} replaces the header: both are inside"
        )
    return None


_REPLACES = {"Traefik", "Envoy", "Kong", "ingress-nginx", "Istio"}


def where_origin_is_wrong(facts: Facts) -> Blame | None:
    """A wrong entry is the configuration's fault; a fixed or joined value is its writer's."""
    front = written_in_front(facts)
    if facts.allow_origin:
        if front:
            return front
        edge = outermost(facts, "CDN", "storage")
        if edge:
            return at(edge, "it sends one fixed value")
        return Blame("service", "", "it sends one fixed value")
    if facts.nothing_seen and said(facts, r"reject|validat|webhook|not a number|denied"):
        if outermost(facts, "mesh") or any(p.hop == "mesh" for p in facts.configured):
            return Blame("mesh control plane", "", "it refuses the value before any request")
        if front:
            return front
    semantics = said(
        facts,
        r"wildcard|\*\.\w|scheme-?less|provider|literal|not support|pattern|version|only (the )?"
        r"first"
        r"|separat|verbatim|although listed|is listed|not matched",
        "SC",
    )
    gateway = outermost(facts, "gateway", "ingress", "API Gateway", "mesh", "nginx", "proxy")
    if semantics and gateway:
        return at(gateway, f"“{semantics}”: this product reads the entry in another way")
    return None


def literal_wildcard(facts: Facts) -> Blame | None:
    """An Origin that is itself the pattern is let in: this product compares text."""
    for probe in facts.probed("near-origin"):
        if "*" in origin_of(probe) and granted(probe):
            found = hops.traced(hops.made_the_preflight)(facts) or passed_by(facts)
            line = f"it takes {origin_of(probe)} literally"
            return Blame(found.hop, found.product, line, found.sure) if found else None
    return None
