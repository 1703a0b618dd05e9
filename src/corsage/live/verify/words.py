"""Drifts in words: which request, which header, what it costs. No I/O."""

from __future__ import annotations

import shlex
from urllib.parse import urlsplit

from corsage.browser import Request, WireRequest
from corsage.check import verify_rules as rules
from corsage.live.verify.compare import ALLOW_ORIGIN, values_of
from corsage.live.verify.drift import MISSING, ON_ERRORS, STATUS, Drift
from corsage.policy.near_misses import STRANGER

_MOST_NAMED = 5
_ALLOW_ORIGIN = "Access-Control-Allow-Origin"


def sentence(drift: Drift) -> str:
    """The drift in one sentence, with the request that shows it and the header that decides."""
    asked = request_line(drift.witness.answer.question.case.request)
    return f"{_BEGINNINGS[drift.rule.id]}: {asked} ({cause(drift)})"


_BEGINNINGS = {
    rules.BLOCKS.id: "the policy allows, the deployment blocks",
    rules.ALLOWS.id: "the policy blocks, the deployment allows",
    rules.HIDES.id: "the policy exposes a header, the deployment hides it",
    rules.EXPOSES.id: "the policy hides a header, the deployment exposes it",
    rules.SILENT.id: "the deployment does not answer",
    rules.MISSING_VARY.id: "caches may mix up the answers",
    rules.GRANTS_TO_REFUSED.id: "a refused origin is sent CORS headers",
    rules.PREFLIGHT_WITH_BODY.id: "the preflight is answered with a page",
    rules.OTHER_MAX_AGE.id: "preflights are remembered for another time than the policy says",
    rules.SENT_TWICE.id: "a header is sent twice",
    rules.OTHER_TIMING.id: "timings are open to others than the policy says",
    rules.UNROUTED_UNREADABLE.id: "the answer to a path that no route takes cannot be read",
}


def request_line(request: Request) -> str:
    """``PATCH /orders from https://admin.example.com with credentials and X-Request-Id``."""
    url = urlsplit(request.url)
    extras = ["credentials"] if request.credentials == "include" else []
    extras += [name for name, _ in request.headers]
    told = f" with {', '.join(extras)}" if extras else ""
    return f"{request.method} {url.path or '/'} from {request.origin}{told}"


def cause(drift: Drift) -> str:
    """What is wrong, by the header that decides: ``Access-Control-Allow-Methods lacks PATCH``."""
    header, values = drift.witness.header, sorted(drift.values)
    if drift.rule is rules.ALLOWS:
        return _admits(drift)
    match drift.cause:
        case _ if drift.rule is rules.SILENT:
            return values[0]
        case _ if drift.rule is rules.MISSING_VARY:
            return "Vary lacks Origin"
        case _ if drift.rule is rules.PREFLIGHT_WITH_BODY:
            return f"status {values[0]} and a body: is it the owner of CORS that answers?"
        case _ if drift.rule in (rules.OTHER_MAX_AGE, rules.OTHER_TIMING):
            return f"{header} is {values[0]}"
        case _ if drift.rule in (rules.GRANTS_TO_REFUSED, rules.SENT_TWICE):
            return named(values)
        case "method-not-allowed" | "header-not-allowed":
            return f"{header} lacks {named(values)}"
        case "expose":
            verb = "lacks" if drift.rule is rules.HIDES else "lists"
            return f"{header} {verb} {named(values)}"
        case _ if drift.cause == STATUS:
            return f"the preflight is answered with {named(values)}{_nothing(drift)}"
        case _ if drift.cause == ON_ERRORS:
            return f"{_ALLOW_ORIGIN} is missing on the {named(values)}"
        case _ if drift.cause == MISSING:
            return _missing(drift)
    return _value(drift)


def _missing(drift: Drift) -> str:
    if drift.scope == "origins":
        some = named(sorted(drift.origins))
        return f"{_ALLOW_ORIGIN} is missing for {some}, and sent for others"
    if drift.scope == "everything" and "preflight" in drift.requests:
        return f"{_ALLOW_ORIGIN} is missing, from preflights too"
    return f"{_ALLOW_ORIGIN} is missing"


def _nothing(drift: Drift) -> str:
    response = drift.witness.response
    bare = response is not None and not values_of(response.headers, ALLOW_ORIGIN)
    return f" and without {_ALLOW_ORIGIN}" if bare else ""


def _value(drift: Drift) -> str:
    """Of a header that is there and wrong: all its lines."""
    header, response = drift.witness.header, drift.witness.response
    if not header or response is None:
        reason = drift.witness.answer.got.reason
        return reason.title.removesuffix(".") if reason else drift.cause
    lines = values_of(response.headers, header.lower())
    if not lines:
        return f"{header} is missing"
    if len(lines) > 1:
        return f"{header} is sent {len(lines)} times: {named(sorted(lines))}"
    return f"{header} is {lines[0]!r}"


def _admits(drift: Drift) -> str:
    witness = drift.witness
    header, response = witness.header, witness.response
    lines = values_of(response.headers, header.lower()) if response else []
    shown = lines[0] if lines else ""
    if drift.cause in ("method-not-allowed", "header-not-allowed"):
        return f"{header} {'is *' if shown == '*' else f'lists {named(sorted(drift.values))}'}"
    if drift.cause != MISSING:
        return f"{header} is {shown!r}"
    if shown == "*":
        return f"{header} is *"
    if drift.scope == "everybody" or STRANGER in drift.origins:
        return f"{header} is whatever Origin says"
    count = len(drift.origins)
    return f"{header} admits {named(sorted(drift.origins))}" if count else f"{header} is {shown!r}"


def extent(drift: Drift) -> str:
    """How far it reaches: ``12 cases on /auth and /billing``."""
    cases = "1 case" if drift.count == 1 else f"{drift.count:,} cases"
    first = drift.witness.answer.question.place
    return f"{cases} on {named([first, *sorted(drift.places.keys() - {first})])}"


def named(values: list[str]) -> str:
    """``a``, ``a and b``, ``a, b and 7 more``."""
    shown = values if len(values) <= _MOST_NAMED + 1 else values[:_MOST_NAMED]
    rest = len(values) - len(shown)
    words = [*shown, *([f"{rest:,} more"] if rest else [])]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def answered(drift: Drift) -> str:
    """What came back, by the lines that decide: ``answered 204, Access-Control-Allow-...``."""
    response, header = drift.witness.response, drift.witness.header
    if response is None:
        return "not answered"
    wanted = {header.lower(), *map(str.lower, drift.values)}
    if drift.cause == STATUS:
        wanted = {ALLOW_ORIGIN, "location"}
    lines = [f"{name}: {value}" for name, value in response.headers if name.lower() in wanted]
    if header and not values_of(response.headers, header.lower()):
        lines.append(f"without {header}")
    return f"answered {response.status} {', '.join(lines)}".rstrip()


def curl(request: WireRequest, address: str | None = None) -> str:
    """The request as a command for a shell. ``address``: where it is asked instead."""
    url = urlsplit(request.url)
    target = request.url if address is None else f"{address}{url.path}"
    words = ["curl", "-i", "-X", request.method, target]
    if request.method == "HEAD":
        words = ["curl", "-I", target]
    at = urlsplit(request.url if address is None else address)
    if at.netloc != url.netloc:
        words += ["-H", f"Host: {url.netloc}"]
    if at.scheme != url.scheme:
        words += ["-H", f"X-Forwarded-Proto: {url.scheme}"]
    for name, value in request.headers:
        words += ["-H", f"{name}: {value}"]
    return shlex.join(words)
