"""From what was answered to findings. No I/O: a recording in, findings out."""

from __future__ import annotations

import ipaddress
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from corsage.browser import CHROMIUM, STANDARD, Request, Response, judge, max_age, reuse
from corsage.browser.fields import get, lines, tokens
from corsage.browser.network import address_space
from corsage.browser.origin import is_origin
from corsage.browser.readable import readable_headers
from corsage.browser.url import parse
from corsage.check import audit_rules as rules
from corsage.check.finding import Finding, Where
from corsage.diagnosis.redact import MASK, redact_value
from corsage.live.audit.exchanges import BROWSERS, Exchange, Reading
from corsage.live.audit.probes import IMPLIES, Kind, Probe
from corsage.live.audit.secrets import Secrets, one_line, shown_url
from corsage.policy.rules import Rule, Severity

_RULES: dict[Kind, Rule] = {
    Kind.ARBITRARY: rules.ARBITRARY_ORIGIN,
    Kind.NULL: rules.NULL_TRUSTED,
    Kind.PREFIX: rules.PREFIX,
    Kind.SUFFIX: rules.SUFFIX,
    Kind.SUBSTRING: rules.SUBSTRING,
    Kind.SIMILAR: rules.SIMILAR,
    Kind.DOT: rules.DOT,
    Kind.SHARED: rules.SHARED_HOST,
    Kind.SCHEME: rules.DOWNGRADE,
    Kind.SPECIAL: rules.SPECIAL_CHARACTER,
    Kind.SUBDOMAIN: rules.SUBDOMAIN,
    Kind.PARENT: rules.PARENT,
    Kind.PORT: rules.PORT,
    Kind.LOCALHOST: rules.LOCALHOST,
}

_MILDER: dict[Severity, Severity] = {"error": "warning", "warning": "note", "note": "note"}

_ANY_NAME = "://attacker"  # then the end that is trusted, in a probe of a suffix

METHOD, HEADER = "CORSAGE", "X-Corsage-Audit"
"""What no server lists: granted only by one that grants anything."""

_MOST_LINES = 12  # of an answer, in the evidence
_LONGEST_VALUE = 200  # characters of one header, in messages and evidence

_LONGEST_CAP = 7200  # Chromium's; the longest of the browsers that most visitors have

_FOR_SCRIPTS = frozenset({"link", "retry-after", "x-total-count", "x-request-id", "content-range"})
_FOR_SCRIPTS_BEGINNINGS = ("ratelimit", "x-ratelimit-", "x-rate-limit-")

_PRIVATE_NAMES = ("internal", "intranet", "corp", "lan", "home.arpa", "localdomain")
"""Endings of names that no public DNS holds (RFC 8375, ICANN's list of reserved names)."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What a target's findings have in common. ``address`` is the IP address that DNS gave."""

    url: str
    secrets: Secrets
    address: str | None = None

    def finding(
        self,
        rule: Rule,
        severity: Severity,
        message: str,
        proof: Exchange,
        *,
        said: str = "",
        why: str = "",
        witness: str | None = None,
    ) -> Finding:
        """A finding with the request that proves it."""
        clean = self.secrets.mask
        evidence = f"{_told(proof, self.secrets)}. {said}".strip()
        return Finding(
            rule.id,
            severity,
            clean(message),
            Where(clean(shown_url(self.url))),
            evidence=clean(evidence),
            why=why,
            witness=witness,
            reproduce=self.secrets.curl(proof.request),
        )


def of_probes(scene: Scene, found: Sequence[tuple[Probe, Reading]]) -> Iterator[Finding]:
    """One finding for each kind of origin that is trusted and should not be."""
    by_kind: dict[Kind, list[tuple[Probe, Reading]]] = {}
    ends = [probe.origin.partition(_ANY_NAME)[2] for probe, _ in found if probe.kind == Kind.SUFFIX]
    for probe, reading in found:
        # Who trusts every .com trusts what is hosted there.
        if probe.kind == Kind.SHARED and any(end and probe.origin.endswith(end) for end in ends):
            continue
        by_kind.setdefault(probe.kind, []).append((probe, reading))
    explained = {
        kind
        for found_kind in by_kind
        for kind in IMPLIES.get(found_kind, frozenset())
        # What lets less be read does not explain what lets more.
        if kind != found_kind
        and (any(r.credentials for _, r in by_kind[found_kind]) or not _with(by_kind, kind))
    }
    for kind, all_of_it in by_kind.items():
        if kind not in explained:
            yield _of_kind(scene, kind, all_of_it)


def _with(by_kind: dict[Kind, list[tuple[Probe, Reading]]], kind: Kind) -> bool:
    return any(reading.credentials for _, reading in by_kind.get(kind, ()))


def _of_kind(scene: Scene, kind: Kind, found: Sequence[tuple[Probe, Reading]]) -> Finding:
    def worst(pair: tuple[Probe, Reading]) -> tuple[bool, bool, bool]:
        probe, reading = pair
        return not reading.credentials, bool(probe.senders), reading.exchange.response.status >= 400

    probe, reading = min(found, key=worst)
    rule = _RULES[kind]
    severity = rule.severity
    status = reading.exchange.response.status
    what = "with the visitor's credentials"
    if not reading.credentials:
        severity, what = "note", "without credentials"
    elif status >= 400 or probe.senders:
        severity = _MILDER[severity]
    of = f" ({probe.how}; {probe.of} is trusted)" if probe.of else f" ({probe.how})"
    answer = "the answer" if status < 400 else f"the answer {status}"
    message = f"{reading.origin} may read {answer} {what}{of}"
    others = [other.origin for other, _ in found if other.origin != probe.origin]
    said = [f"{' and '.join(reading.browsers)} let the page read it"]
    if probe.senders:
        said = [f"{probe.senders} send such an origin, and the page may read the answer"]
    if status >= 400 and reading.credentials:
        said.append("an answer to somebody who is signed in may hold more (--cookie)")
    if others:
        more = f" and {len(others) - 5} more" if len(others) > 5 else ""
        said.append(f"so may {', '.join(others[:5])}{more}")
    return scene.finding(
        rule,
        severity,
        message,
        reading.first,
        said="; ".join(said) + ".",
        why=_WHY.get(kind, "") if reading.credentials else _WHY_NOT_WORSE,
        witness=reading.origin,
    )


_WHY_NOT_WORSE = (
    "Without credentials a page reads no more than anybody's own server could; "
    "it is a hole where the network or the address of the visitor is what lets people in."
)

_WHY: dict[Kind, str] = {
    Kind.ARBITRARY: "Any page that a signed-in visitor opens reads this with the visitor's cookies "
    "(those that the browser sends across sites).",
    Kind.NULL: "Any page can make a sandboxed frame, whose origin is null.",
    Kind.PREFIX: "The rule has no end: whoever owns the rest of the name is trusted.",
    Kind.SUFFIX: "The rule has no beginning: whoever registers a longer name is trusted.",
    Kind.SUBSTRING: "The rule has neither a beginning nor an end.",
    Kind.SIMILAR: "Whoever registers the name is trusted.",
    Kind.DOT: "An unescaped dot of a regular expression stands for any character.",
    Kind.SHARED: "Whoever opens an account at the host is trusted.",
    Kind.SCHEME: "Whoever is on the visitor's network answers for http and reads what https hides.",
    Kind.SPECIAL: "The rule takes the character for the end of the name; an https page there needs "
    "a certificate that is hard to get, an http page does not.",
    Kind.SUBDOMAIN: "A script injected into any subdomain, or a forgotten one taken over, reads "
    "this too; the browser counts it as the same site.",
    Kind.PARENT: "A page on the parent domain reads this; a policy that names the host alone is "
    "wider than it says.",
    Kind.PORT: "Another program on the trusted host reads this too.",
    Kind.LOCALHOST: "Any program on the visitor's machine that serves a page reads this; a rule "
    "for developers has come along.",
}


def of_allow_origin(scene: Scene, exchanges: Iterable[Exchange]) -> Iterator[Finding]:
    """``Access-Control-Allow-Origin`` that no browser takes: broken, and no danger."""
    told: set[str] = set()
    for exchange in exchanges:
        value = exchange.allow_origin
        if value is None:
            continue
        values = lines(exchange.response.headers, "access-control-allow-origin")
        credentials = get(exchange.response.headers, "access-control-allow-credentials", STANDARD)
        said = "No browser lets a page read this."
        if len(values) > 1:
            rule = rules.REPEATED_ALLOW_ORIGIN
            message = f"Access-Control-Allow-Origin is sent {len(values)} times: {_short(value)}"
            why = "Two layers set it, or one sets it twice; browsers refuse the answer."
        elif value == "*" and credentials == "true":
            rule = rules.WILDCARD_BROKEN
            message = "Access-Control-Allow-Origin: * with Access-Control-Allow-Credentials: true"
            why = (
                "Browsers refuse the wildcard for requests with credentials: this is broken, not "
                "exploitable. Without credentials everybody may read."
            )
            said = "Requests with credentials fail in every browser."
        elif value != "*" and ("*" in value or not is_origin(value)):
            rule = rules.INVALID_ALLOW_ORIGIN
            message = f"Access-Control-Allow-Origin: {_short(value)}"
            why = "It must be *, null or one origin as browsers send it; nothing else ever matches."
        else:
            continue
        if rule.id not in told:
            told.add(rule.id)
            yield scene.finding(rule, rule.severity, message, exchange, said=said, why=why)


def of_vary(
    scene: Scene, exchanges: Sequence[Exchange], readings: Sequence[Reading]
) -> Iterator[Finding]:
    """An answer that depends on ``Origin``, where a cache may hand it to another origin."""
    # Most origins get the same answer, which need not be weighed again and again.
    different = {exchange.response: exchange for exchange in reversed(exchanges)}
    for reading in readings:
        asked = reading.first.request.headers
        for stored in reversed(different.values()):
            response = stored.response
            if stored.request.headers == asked or response.status >= 500:
                continue
            again = reuse(
                stored.request.headers, response, asked, include=reading.credentials, shared=False
            )
            if again.served and again.failure is not None:
                cacheable = _is_fresh(response)
                whom = get(stored.request.headers, "origin", STANDARD)
                first = f"asked by {whom}" if whom else "asked without Origin"
                yield scene.finding(
                    rules.MISSING_VARY,
                    "warning" if cacheable else "note",
                    "the answer depends on Origin, and Vary does not say so",
                    stored,
                    said=f"A cache that holds it ({first}) serves it to {reading.origin}, which "
                    "every browser then blocks.",
                    why="Send Vary: Origin always, also where no Origin came and where it was "
                    "refused."
                    + ("" if cacheable else " No header asks caches to keep this answer."),
                )
                return


def _is_fresh(response: Response) -> bool:
    control = (get(response.headers, "cache-control", STANDARD) or "").lower()
    named = any(word in control for word in ("max-age", "s-maxage", "public"))
    hints = ("expires", "age", "etag", "last-modified")
    return named or any(lines(response.headers, name) for name in hints)


def of_poison(
    scene: Scene, poison: Exchange, victim: Exchange, reading: Reading
) -> Iterator[Finding]:
    """The same answer came to two origins that get different ones from the server itself."""
    origin = get(victim.request.headers, "origin", STANDARD)
    if victim.allow_origin in {origin, "*"} or poison.allow_origin != victim.allow_origin:
        return
    whom = get(poison.request.headers, "origin", STANDARD)
    first = f"from {whom}" if whom else "without Origin"
    got = _short(victim.allow_origin or "none")
    yield scene.finding(
        rules.POISONED_CACHE,
        "error",
        f"after one request {first}, {origin} is blocked: a cache served it another's answer",
        victim,
        said=f"It was asked right after one {first}, and its Access-Control-Allow-Origin is "
        f"{got}; asked alone it is {reading.first.allow_origin}.",
        why="Anybody can lock the others out until the cache forgets; send Vary: Origin always.",
        witness=whom,
    )


def of_network(scene: Scene, readings: Sequence[Reading]) -> Iterator[Finding]:
    """An answer of a private network that pages of strangers may read."""
    space = _space(scene)
    if space in {None, "public"} or not readings:
        return
    reading = readings[0]
    request = Request(
        reading.first.request.url, reading.origin, credentials="omit", page_address_space="public"
    )
    guarded = [
        profile.name.capitalize()
        for profile in BROWSERS
        if not judge(request, lambda _: reading.first.response, profile=profile).allowed
    ]
    asks = " and ".join(guarded)
    said = f"{asks} ask the visitor for permission first; others do not." if guarded else ""
    yield scene.finding(
        rules.PRIVATE_NETWORK,
        rules.PRIVATE_NETWORK.severity,
        f"{reading.origin} may read an answer from the {space} network",
        reading.first,
        said=said,
        why="Any page that somebody in this network opens reads what strangers cannot reach.",
        witness=reading.origin,
    )


def _space(scene: Scene) -> str | None:
    url = parse(scene.url)
    if url is None or url.host is None:
        return None
    if any(url.host.endswith(f".{ending}") for ending in _PRIVATE_NAMES):
        return "local"
    space = address_space(url)
    if space is None and scene.address is not None:
        try:
            host = ipaddress.ip_address(scene.address)
        except ValueError:
            return None
        written = f"[{host}]" if host.version == 6 else str(host)
        reached = parse(f"http://{written}/")
        space = None if reached is None else address_space(reached)
    return space


def of_preflight(
    scene: Scene, preflight: Exchange, reading: Reading, *, trusted: bool
) -> Iterator[Finding]:
    """What the answer to a preflight for a method and a header that nobody lists grants."""
    if not reading.credentials:
        return
    granted = {
        rules.ANY_METHOD: Request(scene.url, reading.origin, METHOD, credentials="include"),
        rules.ANY_HEADER: Request(
            scene.url, reading.origin, headers=((HEADER, "x"),), credentials="include"
        ),
    }
    readable = reading.exchange.response
    for rule, request in granted.items():
        verdict = judge(
            request,
            lambda wire: preflight.response if wire.kind == "preflight" else readable,
            profile=CHROMIUM,
        )
        if verdict.allowed:
            what = f"method ({METHOD})" if rule is rules.ANY_METHOD else f"header ({HEADER})"
            yield scene.finding(
                rule,
                "note" if trusted else rule.severity,
                f"{reading.origin} may send any {what} with credentials",
                preflight,
                said="Every browser then sends the request.",
                why="What nobody meant to grant stays granted when it comes into use; list what "
                "pages need.",
                witness=reading.origin,
            )


def is_granted(preflight: Exchange, origin: str) -> bool:
    """Whether a preflight was answered by something that knows preflights, and not refused."""
    response = preflight.response
    grants = ("access-control-allow-methods", "access-control-allow-headers")
    return (
        200 <= response.status < 300
        and preflight.allow_origin in {origin, "*"}
        and any(lines(response.headers, name) for name in grants)
    )


def of_max_age(scene: Scene, preflight: Exchange) -> Iterator[Finding]:
    """How long the answer to a preflight is kept."""
    value = get(preflight.response.headers, "access-control-max-age", STANDARD)
    told, kept = (
        max_age(preflight.response.headers, STANDARD),
        max_age(preflight.response.headers, CHROMIUM),
    )
    if value is None or kept <= 5:
        told_as = "" if value is None else _short(value)
        what = f"Access-Control-Max-Age: {told_as}" if told_as else "no Access-Control-Max-Age"
        yield scene.finding(
            rules.NO_MAX_AGE,
            rules.NO_MAX_AGE.severity,
            f"{what}: browsers keep the answer to a preflight for {kept} seconds",
            preflight,
            why="Each request that needs a preflight costs two round trips. Send 600 or more.",
        )
    elif told > _LONGEST_CAP:
        yield scene.finding(
            rules.LONG_MAX_AGE,
            rules.LONG_MAX_AGE.severity,
            f"Access-Control-Max-Age: {_short(value)} is more than browsers keep",
            preflight,
            why="Chromium keeps 7200 seconds, Firefox 86400, Safari 600. A mistake in an answer "
            "stays as long with those who have it.",
        )


def of_exposure(scene: Scene, reading: Reading) -> Iterator[Finding]:
    """Whether pages see the headers that were meant for them, and no others."""
    response = reading.exchange.response
    exposed = tokens(response.headers, "access-control-expose-headers", STANDARD)
    secret = [
        name
        for name, value in readable_headers(response.headers, True, reading.credentials, CHROMIUM)
        if "*" in exposed.tokens and redact_value(name, value) == MASK
    ]
    if secret:
        yield scene.finding(
            rules.EXPOSES_EVERYTHING,
            rules.EXPOSES_EVERYTHING.severity,
            f"{reading.origin} may read the header {_short(', '.join(secret))}",
            reading.exchange,
            said="Access-Control-Expose-Headers: * shows pages every header.",
            why="List the headers that pages need.",
            witness=reading.origin,
        )
    useful = [name.lower() for name, _ in response.headers if _is_for_scripts(name)]
    seen = {
        name for name, _ in readable_headers(response.headers, True, reading.credentials, CHROMIUM)
    }
    said = ""
    if exposed.invalid is not None:
        said = f"{_short(exposed.invalid)} is no header's name: browsers drop the whole list."
    elif "*" in exposed.tokens and reading.credentials:
        said = "With credentials * is the name of a header, and stands for none."
    elif useful and not exposed.tokens and not seen.intersection(useful):
        said = f"The answer has {_short(', '.join(dict.fromkeys(useful)))} for scripts."
    if said:
        yield scene.finding(
            rules.EXPOSES_NOTHING,
            rules.EXPOSES_NOTHING.severity,
            "pages cannot read the headers that are meant for them",
            reading.exchange,
            said=said,
            why="Name them in Access-Control-Expose-Headers.",
        )


def _is_for_scripts(name: str) -> bool:
    lower = name.lower()
    return lower in _FOR_SCRIPTS or lower.startswith(_FOR_SCRIPTS_BEGINNINGS)


def _told(exchange: Exchange, secrets: Secrets) -> str:
    """``GET with Origin: X was answered 200, Access-Control-Allow-Origin: X``."""
    request, response = exchange.request, exchange.response
    asked = f" with {one_line(request.headers)}" if request.headers else " without Origin"
    shown = [
        (name, _short(secrets.shown(name, value)))
        for name, value in itertools.islice(exchange.cors_lines, _MOST_LINES)
    ]
    answered = f", {one_line(shown)}" if shown else ", no Access-Control-* header"
    return f"{request.method}{asked} was answered {response.status}{answered}"


def _short(value: str) -> str:
    """A server's words, as far as anybody reads them."""
    return value if len(value) <= _LONGEST_VALUE else f"{value[:_LONGEST_VALUE]}..."
