"""What is wrong along a path: found by sending a browser's requests through it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from corsage.browser import Reason, Request
from corsage.chain.compose import Journey, Link, history, lines, server, travel
from corsage.chain.topology import Chain
from corsage.check.asking import an_origin_of, ask, get, preflighted_by
from corsage.check.finding import Finding
from corsage.check.report import finding, of_slip
from corsage.check.sites import place
from corsage.layers import rules
from corsage.layers.site import Grant, Site
from corsage.layers.urls import split_url
from corsage.patterns import OriginLanguage, Undecided, nothing
from corsage.policy.rules import Rule, Severity

_ALLOW_ORIGIN = "Access-Control-Allow-Origin"
_ALLOW_CREDENTIALS = "Access-Control-Allow-Credentials"
_SIMPLE = {"GET", "HEAD", "POST"}
_OF_CREDENTIALS = {
    Reason.WILDCARD_WITH_CREDENTIALS,
    Reason.PREFLIGHT_WILDCARD_WITH_CREDENTIALS,
}


@dataclass(frozen=True, slots=True)
class _Granting:
    """A link of the path that configures CORS for its requests."""

    link: Link
    site: Site
    grant: Grant

    @property
    def language(self) -> OriginLanguage:
        language = nothing()
        for entry in self.grant.entries:
            language = language | entry.language
        return language


def check_chain(chain: Chain) -> Iterator[Finding]:
    """Findings of one path."""
    granting = _granting(chain)
    if not granting:
        return
    for passage in travel(chain.links, get(chain.url, "https://app.example")).passages:
        if passage.site is not None and passage.site.limit is not None:
            yield of_slip(passage.site.limit)
    origin = _origin(granting)
    if origin is not None:
        doubled = list(_two_writers(chain, granting, origin))
        yield from doubled or _several_layers(granting)
        yield from _preflight(chain, granting[0], origin, bool(doubled))
        yield from _login_page(chain, granting[0], origin)
    else:
        yield from _preflight_of_anybody(chain, granting[0])
    if len(granting) > 1:
        yield from _leak(chain, granting)


def _granting(chain: Chain) -> list[_Granting]:
    request = get(chain.url, "https://app.example")
    passed = {id(one.link): one.site for one in travel(chain.links, request).passages}
    found = []
    for link in chain.links:
        # What stands behind a link that answers by itself may still be meant to be reached.
        site = passed[id(link)] if id(link) in passed else link.instance.route(request)
        if site is not None and site.grant is not None:
            found.append(_Granting(link, site, site.grant))
    return found


def _origin(granting: list[_Granting]) -> str | None:
    """An origin that as many layers as possible admit."""
    candidates = [an_origin_of(one.grant.entries) for one in granting]
    found = [origin for origin in candidates if origin is not None]
    if len(found) < 2:
        return next(iter(found), None)
    return max(
        found,
        key=lambda origin: sum(origin in one.language for one in granting),
        default=None,
    )


def _two_writers(chain: Chain, granting: list[_Granting], origin: str) -> Iterator[Finding]:
    journey = travel(chain.links, get(chain.url, origin))
    for name in (_ALLOW_ORIGIN, _ALLOW_CREDENTIALS):
        told = lines(journey.answer, name)
        if len(told) > 1 or any("," in value for value in told):
            writers = [change.link for change in history(journey, name)]
            outer = next((one for one in granting if one.link is writers[-1]), granting[0])
            names = " and ".join(link.name for link in writers)
            yield finding(
                rules.TWO_WRITERS,
                f"{name} is sent twice: by {names}",
                place(outer.site, outer.grant, "allow_origins"),
                why="Browsers refuse a response with several values, even equal ones.",
                evidence=ask(server(chain.links), Request(chain.url, origin)).verdict.sentence,
                witness=f"GET {chain.url} from {origin}",
                fix="let one layer own CORS, and take it out of the other",
            )
            return


def _several_layers(granting: list[_Granting]) -> Iterator[Finding]:
    if len(granting) < 2:
        return
    outer, *others = granting
    names = " and ".join(one.link.name for one in others)
    yield finding(
        rules.SEVERAL_LAYERS,
        f"{outer.link.name} configures CORS, and so does {names} behind it",
        place(outer.site, outer.grant, "allow_origins"),
        why="Two lists drift apart, and one change to either makes them send the header twice.",
        fix="let one layer own CORS, and take it out of the other",
    )


def _preflight(chain: Chain, outer: _Granting, origin: str, doubled: bool) -> Iterator[Finding]:
    request = preflighted_by(origin, chain.url, outer.grant)
    if request is None:
        return
    verdict = ask(server(chain.links), request).verdict
    if verdict.reason in _OF_CREDENTIALS:  # which is another finding
        verdict = ask(server(chain.links), replace(request, credentials="omit")).verdict
    if verdict.allowed or not verdict.preflights:
        return
    journey = travel(chain.links, verdict.preflights[0])
    status = journey.answer.status if journey.answer is not None else 0
    if doubled and status < 300:
        return  # said already
    granted = lines(travel(chain.links, get(chain.url, origin)).answer, _ALLOW_ORIGIN)
    if status < 300 and not granted:
        return  # nobody applies what is configured, as far as is known
    if status < 400 and verdict.reason in (Reason.METHOD_NOT_ALLOWED, Reason.HEADER_NOT_ALLOWED):
        rule = (
            rules.METHOD_NOT_GRANTED
            if verdict.reason is Reason.METHOD_NOT_ALLOWED
            else rules.HEADER_NOT_GRANTED
        )
    elif verdict.reason is None or not verdict.reason.startswith("preflight"):
        return
    else:
        rule = _rule_of(journey, status)
    by = journey.answered_by
    unknown = journey.reached and chain.service
    # Who lists nothing but what needs no preflight has copied the headers beside it.
    needed = outer.grant.credentials or request.method not in _SIMPLE
    severity: Severity = "warning" if unknown or not needed else rule.severity
    asked = _asked(request)
    answered = by.name if by is not None else chain.service or "the application itself"
    why = (
        f"Nothing is known of {chain.service}. If it does not answer OPTIONS by itself, "
        "browsers refuse every such request."
        if unknown
        else f"{answered} answers it with {status}."
    )
    message = f"the preflight of {asked} gets {status} from {answered}"
    if unknown:
        message = f"the preflight of {asked} is passed on to {chain.service}"
    elif status < 300:
        message = f"the preflight of {asked} is refused, though it gets {status}"
    yield finding(
        rule,
        message,
        place(outer.site, outer.grant, "allow_methods"),
        severity=severity,
        why=why,
        evidence=verdict.sentence if status < 300 else "",
        witness=f"{asked}, {chain.url}, from {origin}"
        if request.headers
        else f"{request.method} {chain.url} from {origin}",
    )


def _asked(request: Request) -> str:
    """The method, and the headers that need a preflight."""
    names = ", ".join(name for name, _ in request.headers)
    return f"{request.method} with {names}" if names else request.method


def _preflight_of_anybody(chain: Chain, outer: _Granting) -> Iterator[Finding]:
    """What a preflight meets where the list of origins cannot be known. A login or a redirect
    that takes it for a request is no refusal of its origin."""
    request = preflighted_by("https://app.example", chain.url, outer.grant)
    if request is None:
        return
    for sent in ask(server(chain.links), request).verdict.preflights[:1]:
        journey = travel(chain.links, sent)
        status = journey.answer.status if journey.answer is not None else 0
        by = journey.answered_by
        if by is not None and (status in (401, 407) or 300 <= status < 400):
            yield finding(
                _rule_of(journey, status),
                f"the preflight of {request.method} gets {status} from {by.name}",
                place(outer.site, outer.grant, "allow_methods"),
                why=f"{by.name} answers it before anybody looks at its origin.",
                witness=f"{request.method} {chain.url}",
            )


def _login_page(chain: Chain, outer: _Granting, origin: str) -> Iterator[Finding]:
    """A GET without a session that is redirected to another origin."""
    journey = travel(chain.links, get(chain.url, origin))
    by = journey.answered_by
    if by is None or journey.answer is None or not 300 <= journey.answer.status < 400:
        return
    location = next(iter(lines(journey.answer, "Location")), "")
    signed_in = replace(get(chain.url, origin), credentials=True)
    answer = travel(chain.links, signed_in).answer
    if not location or answer is None or 300 <= answer.status < 400:
        return  # everybody is redirected, which is meant
    target, own = split_url(location), split_url(chain.url)
    if not target.netloc or (target.scheme, target.netloc) == (own.scheme, own.netloc):
        return
    yield finding(
        rules.LOGIN_PAGE,
        f"who has no session is redirected to {location}",
        place(outer.site, outer.grant, "allow_origins"),
        why="fetch follows to the login page, which lets no page read it: what a user sees when "
        "the session ends is a CORS error.",
        witness=f"GET {chain.url} from {origin}, without cookies",
        fix="answer 401 to an API, and let the page go to the login itself",
    )


def _rule_of(journey: Journey, status: int) -> Rule:
    by = journey.answered_by
    if by is not None and by.instance.product == "linkerd":
        return rules.PREFLIGHT_DENIED_BY_MESH
    # 400 is what nginx answers to who shows no client certificate.
    if status in (401, 403, 407) or (status == 400 and by is not None):
        return rules.PREFLIGHT_BEFORE_LOGIN
    if 300 <= status < 400:
        return rules.PREFLIGHT_REDIRECTED
    if by is not None and journey.passages[-1].site is None:
        return rules.PREFLIGHT_NOT_ROUTED
    return rules.PREFLIGHT_UNANSWERED


def _leak(chain: Chain, granting: list[_Granting]) -> Iterator[Finding]:
    outer, *others = granting
    for inner in others:
        try:
            witness = (inner.language - outer.language).shortest()
        except Undecided:
            continue
        if witness is None:
            continue
        asked = ask(server(chain.links), Request(chain.url, witness))
        if asked.verdict.allowed:
            yield finding(
                rules.LEAK,
                f"{outer.link.name} refuses {witness}, and {inner.link.name} behind it does not",
                place(outer.site, outer.grant, "allow_origins"),
                why=f"{outer.site.product} leaves the headers of a refused origin as they come.",
                evidence=asked.verdict.sentence,
                witness=witness,
            )
            return
