"""Which hop is to blame, once the class is known: a row of strategies for each class.

A strategy looks at one kind of evidence and names a hop, or passes. The strongest kind is an
answer that says who made it; then a configuration excerpt, which shows where the policy in
question is written; then what the class itself says about where it can arise.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from corsage.diagnosis.facts import Facts
from corsage.diagnosis.fingerprints import Trace, traces
from corsage.diagnosis.observation import Answer
from corsage.diagnosis.products import Hop, Product
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
_KIN: dict[Hop, tuple[Hop, ...]] = {
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

_FRONT: tuple[Hop, ...] = (
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


def blame(cause: str, facts: Facts) -> Blame:
    """The hop to blame for this class of cause."""
    for strategy in _STRATEGIES[cause]:
        found = strategy(facts)
        if found is not None:
            return found
    return Blame("service", "", "nothing points at another hop")


# --- what the evidence offers ------------------------------------------------------------------


def _said(facts: Facts, words: str, where: str = "SCP") -> str | None:
    """The words as they stand in the symptom, the configuration or the path; None when absent."""
    texts = {"S": facts.symptom, "C": facts.config, "P": facts.stack}
    for field in where:
        match = re.search(words, texts[field], re.IGNORECASE)
        if match:
            return match.group(0)
    return None


def _station(facts: Facts, *hops: Hop) -> Station | None:
    return next((s for s in facts.servers if s.hop in hops), None)


def _innermost(facts: Facts, *hops: Hop) -> Station | None:
    return next((s for s in reversed(facts.servers) if s.hop in hops), None)


def _at(station: Station, line: str, *, sure: bool = False) -> Blame:
    hop = station.hop
    # Istio's policy is applied where its routes are: at its gateway, unless a sidecar is named.
    istio = station.product is not None and station.product.name == "Istio"
    if hop == "mesh" and istio and "sidecar" not in station.text.lower():
        hop = "mesh gateway"
    return Blame(hop, station.product.name if station.product else "", line, sure)


def _placed(facts: Facts, trace: Trace, *, sure: bool) -> Blame:
    """A trace, as the hop of the path that it stands for."""
    kin = _KIN.get(trace.hop, (trace.hop,))
    station = _station(facts, *kin)
    if station is None:
        return Blame(trace.hop, trace.product, trace.evidence, sure and not facts.servers)
    return _at(station, trace.evidence, sure=sure)


def _failing(facts: Facts) -> Answer:
    bad = facts.preflight.failed or facts.preflight.redirects
    return facts.preflight if bad or not facts.response.seen else facts.response


# --- strategies --------------------------------------------------------------------------------


def _maker(facts: Facts) -> Blame | None:
    """The failing answer says who made it."""
    found = next((t for t in traces(_failing(facts)) if t.maker), None)
    return _placed(facts, found, sure=True) if found else None


def _passed_by(facts: Facts) -> Blame | None:
    """The failing answer says whom it came through; an error that this hop alone could make."""
    found = next(iter(traces(_failing(facts))), None)
    return _placed(facts, found, sure=False) if found else None


def _alone(facts: Facts) -> Blame | None:
    """There is only one hop that can answer."""
    if len(facts.servers) == 1 and facts.servers[0].product:
        return _at(facts.servers[0], f"the path has one server: {facts.servers[0].text}", sure=True)
    return None


def _written_at(facts: Facts, *, service: bool) -> Blame | None:
    by_hop: dict[Hop, Product] = {}
    for product in facts.configured:
        by_hop.setdefault(product.hop, product)
    for station in facts.servers:
        if station.hop in by_hop and (service or station.hop != "service"):
            return _at(station, f"the excerpt is configuration of {by_hop[station.hop].name}")
    for hop, product in by_hop.items():
        kin = _station(facts, *_KIN.get(hop, ()))
        if kin and hop != "service":
            return _at(kin, f"the excerpt is configuration of {product.name}")
    if service and "service" in by_hop:
        return Blame("service", by_hop["service"].name, "the excerpt is the service's own")
    if not facts.servers and by_hop:
        hop, product = next(iter(by_hop.items()))
        return Blame(hop, product.name, f"the excerpt is configuration of {product.name}")
    return None


def _written(facts: Facts) -> Blame | None:
    """The configuration excerpt speaks the language of a hop on the path."""
    return _written_at(facts, service=True)


def _written_in_front(facts: Facts) -> Blame | None:
    """The same, for hops in front of the service only."""
    return _written_at(facts, service=False)


def _policy_in_front(facts: Facts) -> Blame | None:
    """A gateway on the path has the lists, unless the excerpt is the service's own."""
    found = _written_in_front(facts)
    if found or any(product.hop == "service" for product in facts.configured):
        return found
    return _front("API Gateway", "gateway", "ingress", "mesh")(facts)


def _front(*hops: Hop) -> Strategy:
    def strategy(facts: Facts) -> Blame | None:
        station = _station(facts, *hops)
        return (
            _at(station, f"{station.text} stands on the path, where this arises")
            if station
            else None
        )

    return strategy


def _guard(facts: Facts) -> Blame | None:
    """The hop that is described with the words of authentication."""
    words = re.compile(
        r"auth|jwt|oidc|\biam\b|security|bearer|client[- ]cert|mtls|waf|challenge|\bacl\b|login"
        r"|api[- ]?key|rbac|access\b",
        re.IGNORECASE,
    )
    for station in facts.servers:
        if words.search(station.text):
            return _at(station, f"authentication stands here: {station.text}")
    return None


def _service(line: str) -> Strategy:
    def strategy(facts: Facts) -> Blame | None:
        if len(facts.servers) == 1 and facts.servers[0].hop != "service":
            return _at(facts.servers[0], f"the path has one server: {facts.servers[0].text}")
        last = facts.servers[-1] if facts.servers else None
        known = last.product.name if last and last.product and last.hop == "service" else ""
        return Blame("service", known, line, len(facts.servers) == 1 and bool(known))

    return strategy


def _fixed(hop: Hop, line: str, *, sure: bool = False) -> Strategy:
    return lambda _: Blame(hop, "", line, sure)


def _when(words: str, hop: Hop, line: str, where: str = "SCP") -> Strategy:
    def strategy(facts: Facts) -> Blame | None:
        found = _said(facts, words, where)
        return Blame(hop, "", f"“{found}”: {line}") if found else None

    return strategy


def _when_at(words: str, hops: tuple[Hop, ...], where: str = "SCP") -> Strategy:
    """A hop on the path, where the words make it the likely one."""

    def strategy(facts: Facts) -> Blame | None:
        found, station = _said(facts, words, where), _station(facts, *hops)
        if not found or not station:
            return None
        return _at(station, f"“{found}” speaks of {station.text}")

    return strategy


def _error_by_status(facts: Facts) -> Blame | None:
    """413 and 502 to 504 come from a proxy, 500 from the service, 429 from the limiter."""
    answer = _failing(facts)
    between: tuple[Hop, ...] = ("load balancer", *_FRONT)
    if answer.status in {413, 414, 431, 494, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526}:
        station = _innermost(facts, *between)
        if station:
            return _at(station, f"a {answer.status} is made by the hop in front of the service")
    if answer.status in {401, 403, 302, 303, 307}:
        station = _station(facts, "auth proxy", "API Gateway")
        if station:
            return _at(station, f"{station.text} answers {answer.status} by itself")
        filtered = _said(facts, r"waf|armor|\bbot\b|\brules?\b|restrict|\bip\b|blocked by", "SCP")
        edge = _station(facts, "edge", "CDN", "platform")
        if filtered and edge:
            return _at(edge, f"“{filtered}”: {edge.text} filters requests")
        guard = next(
            (s for s in facts.servers if re.search(r"auth|jwt|cognito", s.text, re.IGNORECASE)),
            None,
        )
        if guard:
            return _at(guard, f"authentication stands here: {guard.text}")
    if answer.status == 429:
        limiter = next(
            (s for s in facts.servers if re.search(r"limit|throttl", s.text, re.IGNORECASE)), None
        )
        if limiter:
            return _at(limiter, f"the limiter stands here: {limiter.text}")
    if answer.status in {500, 501, 400, 409, 422}:
        inside = _service(f"a {answer.status} is the service's own answer")
        return _written_in_front(facts) or inside(facts)
    return None


def _who_leaves_out_vary(facts: Facts) -> Blame | None:
    """Where no cache is known to have answered, the writer that never says Vary."""
    hit = any(facts.response.lines(name) for name in ("x-cache", "age", "cf-cache-status"))
    if hit or not _said(
        facts, r"(no|without|missing|lacks|never adds) vary|vary (is )?missing", "SC"
    ):
        return None
    return _written(facts) or _front("ingress", "gateway", "nginx", "service")(facts)


def _path_past_the_app(facts: Facts) -> Blame | None:
    """What a proxy serves by itself never meets the policy of the application behind it."""
    front = _station(facts, "nginx", "proxy", "CDN", "ingress")
    if front and _said(facts, r"static|served by|bypass|not covered|only\b", "SP"):
        return _at(front, "it serves this path itself")
    return None


def _second_writer(facts: Facts) -> Blame | None:
    """Which of two writers must stop: the hop that merges instead of replacing, unless ..."""
    values = {v.strip() for line in facts.allow_origin for v in line.split(",")}
    two_in_one = _said(
        facts,
        r"(bean|filter|plugin|middleware|module)\w*\b.{0,40}\b(and|plus|beside)\b"
        r".{0,40}(filter|bean|plugin|middleware|module)",
        "PC",
    )
    if two_in_one:
        found = _written_in_front(facts) or _written(facts)
        if found:
            return Blame(found.hop, found.product, f"two writers in one hop: {two_in_one}")
    plain = _station(facts, "nginx")
    if plain and _said(facts, r"nginx (adds?|added|sets?)|add_header|set by both nginx", "CS"):
        return _at(plain, "add_header adds a line beside the service's own")
    by_hand = _said(facts, r"snippet|customresponseheaders|add_header|add-header", "SC")
    front = _written_in_front(facts) if by_hand else None
    if front:
        return Blame(front.hop, front.product, f"“{by_hand}” adds a line beside the service's")
    if _said(
        facts,
        r"sockjs|stomp|signalr|camunda|gotrue|setallowedorigin|keycloak|wildcard"
        r"|actuator|swagger|graphql playground",
        "CS",
    ):
        return Blame("service", "", "one component of the service writes its own headers")
    override = _station(facts, "CDN")
    if override and _said(facts, r"override", "CP"):
        return _at(override, "it adds its policy beside the origin's headers")
    if len(values) > 1 and "*" in values:
        return Blame("service", "", "the wildcard comes from inside, beside the gateway's origin")
    merging = next((s for s in facts.servers if s.product and s.product.merges), None)
    if merging and merging.product:
        return _at(merging, f"{merging.product.name} adds its line beside the service's")
    replacing = next((s for s in facts.servers if s.product and s.hop != "service"), None)
    if replacing and replacing.product and replacing.product.name in _REPLACES:
        return Blame(
            "service", "", f"{replacing.product.name} replaces the header: both are inside"
        )
    return None


_REPLACES = {"Traefik", "Envoy", "Kong", "ingress-nginx", "Istio"}


def _where_origin_is_wrong(facts: Facts) -> Blame | None:
    """A wrong entry is the configuration's fault; a fixed or joined value is its writer's."""
    front = _written_in_front(facts)
    if facts.allow_origin:
        if front:
            return front
        edge = _station(facts, "CDN", "storage")
        if edge:
            return _at(edge, "it sends one fixed value")
        return Blame("service", "", "it sends one fixed value")
    if facts.nothing_seen and _said(facts, r"reject|validat|webhook|not a number|denied"):
        if _station(facts, "mesh") or any(p.hop == "mesh" for p in facts.configured):
            return Blame("mesh control plane", "", "it refuses the value before any request")
        if front:
            return front
    semantics = _said(
        facts,
        r"wildcard|\*\.\w|scheme-?less|provider|literal|not support|pattern|version|only (the )?"
        r"first"
        r"|separat|verbatim|although listed|is listed|not matched",
        "SC",
    )
    gateway = _station(facts, "gateway", "ingress", "API Gateway", "mesh", "nginx", "proxy")
    if semantics and gateway:
        return _at(gateway, f"“{semantics}”: this product reads the entry in another way")
    return None


def _where_redirect_is_made(facts: Facts) -> Blame | None:
    """A login page belongs to whoever guards, https to the front, slash and scheme to the app."""
    where = (_failing(facts).get("location") or "").lower()
    login = re.search(
        r"login|sign_?in|oauth|authorize|/auth|sso|saml|cdn-cgi/access|\bidp\b", where
    )
    if login or _said(facts, r"login (page|redirect)|\bidp\b|sign_in|session expir", "SC"):
        guard = _station(facts, "auth proxy", "edge", "platform") or _innermost(facts, "ingress")
        if guard:
            return _at(guard, "it sends to a login page")
    if _said(
        facts,
        r"ssl-?redirect|force[- ]?(ssl|https)|https? upgrade|hsts|redirect[- ]?scheme"
        r"|redirectscheme|https[- ]only|always use https|redirect-to-https",
        "SCP",
    ):
        found = _written_in_front(facts)
        if found:
            return found
        station = _station(facts, *_FRONT)
        if station:
            return _at(station, "the redirect to https is made at the front")
    guard = _station(facts, "auth proxy")
    return _at(guard, "it answers before the service does") if guard else None


_SDK = (
    r"\bbaggage\b|sentry|traceparent|tracestate|open ?telemetry|datadog|new ?relic|\bsdk\b|polyfill"
    r"|propagat\w+|app ?insights|library|client lib|axios default|third-party api|interceptor adds"
    r"|instrument\w+|patches fetch|\brum\b|bugsnag|rollbar|honeybadger|browser plugin"
)

_STRATEGIES: dict[str, tuple[Strategy, ...]] = {
    "error-no-cors": (
        _maker,
        _error_by_status,
        _written_in_front,
        _alone,
        _written,
        _passed_by,
        _service("nothing points at a hop in front"),
    ),
    "origin-mismatch": (
        _where_origin_is_wrong,
        _fixed("config", "the list of origins is what is wrong, and every hop obeys it"),
    ),
    "multi-writer": (
        _second_writer,
        _written_in_front,
        _front(*_FRONT),
        _alone,
        _fixed("gateway", "the outermost hop can strip what the others write"),
    ),
    "preflight-auth": (
        _maker,
        _when_at(
            r"waf|challenge|\biam\b|invoker|iap\b|cf_clearance|easy ?auth", ("edge", "platform")
        ),
        _guard,
        _written_in_front,
        _front("auth proxy", "API Gateway", "edge", "platform"),
        _service("the service demands credentials"),
    ),
    "preflight-unrouted": (
        _maker,
        _when(
            r"req\.method|res\.status|(from|in|by) the handler|router has",
            "service",
            "its own code turns OPTIONS away",
        ),
        _when_at(r"handler|code\b|controller|rejects options|lambda returns", ("service",), "SC"),
        _written_in_front,
        _front("storage", "CDN", "gateway", "API Gateway", "mesh", "ingress", "nginx", "platform"),
        _service("the service has no route for OPTIONS"),
    ),
    "policy-inert": (
        _path_past_the_app,
        _written,
        _front("gateway", "ingress", "mesh", "API Gateway", "nginx", "proxy", "CDN"),
        _service("the policy is written in the service"),
    ),
    "redirect": (
        _where_redirect_is_made,
        _when(r"called? http\b|base ?url", "client", "the page asks the wrong address", "SC"),
        _service("slashes and schemes are redirected by the service"),
    ),
    "preflight-wrong-responder": (
        _front("gateway", "ingress", "mesh", "API Gateway", "nginx", "proxy", "CDN", "edge"),
        _written_in_front,
        _service("the service answers what is not its own"),
    ),
    "header-not-allowed": (
        _when(_SDK, "client", "a library adds the header"),
        _policy_in_front,
        _service("the service has the list"),
    ),
    "over-permissive": (
        _when(
            r"leak|upstream|express default|passes for|app sends|\*.{0,20}backend",
            "service",
            "the wider policy comes from inside",
        ),
        _written_in_front,
        _service("the service compares origins"),
    ),
    "cache-vary": (
        _when(
            r"crossorigin|<?\bimg\b|disk cache",
            "browser",
            "its own cache holds the answer to another kind of request",
        ),
        _who_leaves_out_vary,
        _front("CDN", "edge"),
        _passed_by,
        _written,
        _service("the answer does not say that it varies"),
    ),
    "wildcard-credentials": (
        _when(
            r"over-?ask|client-wide|everywhere|on (all|every) (call|request)s?|drop include"
            r"|not needed|unneeded|default(s)? to include",
            "client",
            "credentials are sent where none are needed",
            "SCP",
        ),
        _written_in_front,
        _service("the service answers with the wildcard"),
    ),
    "expose-missing": (
        _front("storage"),
        _written_in_front,
        _alone,
        _service("the service owns the header"),
    ),
    "not-cors-transport": (
        _when(
            r"extension|noscript|ad[- ]?block|blocked_by_client|ublock|brave|privacy badger"
            r"|service worker",
            "browser",
            "something in the browser stops the request",
        ),
        _when(
            r"servers?\b( url|\[\]|:)|openapi|base ?url|inner host|wrong (host|port|url|scheme)"
            r"|mixed content|http:// from https",
            "config",
            "the page asks the wrong address",
        ),
        _service("nothing answers at that address"),
    ),
    "method-not-allowed": (
        _when(
            r"lower[- ]?case|client sent '[a-z]+'|'patch'",
            "client",
            "the method is not in upper case",
        ),
        _front("emulator"),
        _policy_in_front,
        _alone,
        _service("the service has the list"),
    ),
    "cookie": (
        _when_at(r"access|cloudflare|sso|edge", ("edge", "auth proxy")),
        _fixed("cookie", "its own attributes keep it from travelling"),
    ),
    "instance-drift": (
        _front("gateway", "ingress", "mesh"),
        _service("one of its instances differs"),
    ),
    "preflight-ratelimit": (
        _maker,
        _written_in_front,
        _front("edge", "CDN", "gateway", "API Gateway", "ingress", "mesh", "nginx", "proxy"),
        _service("the service counts preflights"),
    ),
    "control-plane-incompat": (
        _when(
            r"linkerd|istio|mesh|virtualservice",
            "mesh control plane",
            "its controller has its own mind about the object",
        ),
        _front("gateway", "ingress"),
        _fixed("gateway", "its controller refuses the object"),
    ),
    "preflight-cache": (_fixed("browser", "the preflight cache is the browser's"),),
    "private-network": (_service("the private server must take part"),),
    "streaming-bypass": (_service("the stream leaves past the code that adds CORS"),),
}
