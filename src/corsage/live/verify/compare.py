"""Where an answer differs from what the policy means: in the verdict, in what a page may read,
or in what protects it. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from corsage.browser import Headers, Reason, Response, Verdict, WireRequest
from corsage.check import verify_rules as rules
from corsage.live.verify.answer import Answer, Meant
from corsage.policy.rules import Rule

ALLOW_ORIGIN = "access-control-allow-origin"
_SINGLE = frozenset(
    {
        ALLOW_ORIGIN,
        "access-control-allow-credentials",
        "access-control-max-age",
        "timing-allow-origin",
    }
)
# https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name, and what is never readable
_NOT_FOR_LISTS = frozenset(
    {
        "cache-control",
        "content-language",
        "content-length",
        "content-type",
        "expires",
        "last-modified",
        "pragma",
        "set-cookie",
        "set-cookie2",
    }
)
_CORS_CHECK: dict[str, Reason] = {
    f"preflight-{reason}": reason
    for reason in (
        Reason.MISSING_ALLOW_ORIGIN,
        Reason.WILDCARD_WITH_CREDENTIALS,
        Reason.MULTIPLE_ALLOW_ORIGIN,
        Reason.INVALID_ALLOW_ORIGIN,
        Reason.ALLOW_ORIGIN_MISMATCH,
        Reason.INVALID_ALLOW_CREDENTIALS,
    )
}
_HEADERS = {
    Reason.MISSING_ALLOW_ORIGIN: "Access-Control-Allow-Origin",
    Reason.WILDCARD_WITH_CREDENTIALS: "Access-Control-Allow-Origin",
    Reason.MULTIPLE_ALLOW_ORIGIN: "Access-Control-Allow-Origin",
    Reason.INVALID_ALLOW_ORIGIN: "Access-Control-Allow-Origin",
    Reason.ALLOW_ORIGIN_MISMATCH: "Access-Control-Allow-Origin",
    Reason.INVALID_ALLOW_CREDENTIALS: "Access-Control-Allow-Credentials",
    Reason.METHOD_NOT_ALLOWED: "Access-Control-Allow-Methods",
    Reason.PREFLIGHT_INVALID_ALLOW_METHODS: "Access-Control-Allow-Methods",
    Reason.HEADER_NOT_ALLOWED: "Access-Control-Allow-Headers",
    Reason.PREFLIGHT_INVALID_ALLOW_HEADERS: "Access-Control-Allow-Headers",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One answer that is not as meant. ``cause``: alike for all that have the same cause;
    ``header`` decides (empty: the status does); ``values`` are what it lacks or has too much."""

    rule: Rule
    answer: Answer
    request: WireRequest
    response: Response | None
    cause: str
    header: str
    values: tuple[str, ...] = ()


def compare(meant: Meant, answer: Answer) -> list[Difference]:
    """Everything in which an answer differs. What protects is looked at only where the verdict is
    as it should be."""
    expected = meant.verdict(answer)
    if answer.silence:
        return [_silent(answer)]
    if answer.got.allowed != expected.allowed:
        return [_allows(answer, expected) if answer.got.allowed else _blocks(answer)]
    return [*_exposed(meant, answer), *_hardening(meant, answer)]


def base(reason: Reason | None) -> Reason | None:
    """The reason, the same for a preflight and for the request itself."""
    return None if reason is None else _CORS_CHECK.get(reason, reason)


def values_of(headers: Headers, name: str) -> list[str]:
    """The values of a header's lines (``name`` in lower case)."""
    return [value for key, value in headers if key.lower() == name]


def tokens(headers: Headers, name: str) -> dict[str, str]:
    """The elements of a list header: lower case -> as written."""
    parts = [part.strip() for value in values_of(headers, name) for part in value.split(",")]
    return {part.lower(): part for part in parts if part}


def _silent(answer: Answer) -> Difference:
    request = next(request for request, response in answer.exchanges if response is None)
    return Difference(rules.SILENT, answer, request, None, request.kind, "", (answer.silence,))


def _blocks(answer: Answer) -> Difference:
    got = answer.got
    request, response = got.sent[-1] if got.sent else (answer.exchanges[-1])
    reason = base(got.reason) or Reason.NETWORK_FAILURE
    cause, value = str(reason), got.value
    failed = response is not None and not 200 <= response.status < 300
    if request.kind == "preflight" and failed and reason is not Reason.PREFLIGHT_REDIRECT:
        cause, value = str(Reason.PREFLIGHT_STATUS), str(response.status if response else "")
    elif reason is Reason.MISSING_ALLOW_ORIGIN and response and response.status >= 400:
        cause, value = "error-without-allow-origin", str(response.status)
    header = "" if cause == Reason.PREFLIGHT_STATUS else _HEADERS.get(reason, "")
    rule = rules.BLOCKS
    if answer.question.route is None:
        rule = rules.UNROUTED_UNREADABLE
    values = got.candidates or ((value,) if value else ())
    return Difference(rule, answer, request, response, cause, header, values)


def _allows(answer: Answer, expected: Verdict) -> Difference:
    reason = base(expected.reason) or Reason.MISSING_ALLOW_ORIGIN
    request, response = _where_refused(answer, expected)
    values = expected.candidates or (expected.value,)
    if reason not in (Reason.METHOD_NOT_ALLOWED, Reason.HEADER_NOT_ALLOWED):
        values = ()
    if _HEADERS.get(reason) == "Access-Control-Allow-Origin":
        reason, values = Reason.MISSING_ALLOW_ORIGIN, (answer.question.case.request.origin,)
    header = _HEADERS.get(reason, "Access-Control-Allow-Origin")
    return Difference(rules.ALLOWS, answer, request, response, str(reason), header, values)


def _where_refused(answer: Answer, expected: Verdict) -> tuple[WireRequest, Response | None]:
    refused = expected.sent[-1][0] if expected.sent else None
    exchanges = dict(answer.exchanges)
    if refused in exchanges:
        return refused, exchanges[refused]
    return answer.exchanges[-1] if answer.exchanges else answer.got.sent[-1]


def _exposed(meant: Meant, answer: Answer) -> Iterator[Difference]:
    got = answer.got
    if not got.allowed or got.type != "cors":
        return
    name = "access-control-expose-headers"
    everything = answer.question.case.request.credentials != "include"
    for request, response in answer.exchanges[-1:]:
        if request.kind != "actual" or response is None:
            continue
        found = tokens(response.headers, name)
        wanted = tokens(meant.response(request, response).headers, name)
        shows_all, means_all = (everything and "*" in names for names in (found, wanted))
        missing = [] if shows_all else [wanted[key] for key in wanted.keys() - found.keys()]
        more = [] if means_all else [found[key] for key in found.keys() - wanted.keys()]
        more = [each for each in more if each.lower() not in _NOT_FOR_LISTS]
        for rule, names in ((rules.HIDES, missing), (rules.EXPOSES, more)):
            if names:
                shown = tuple(sorted(names))
                header = "Access-Control-Expose-Headers"
                yield Difference(rule, answer, request, response, "expose", header, shown)


def _hardening(meant: Meant, answer: Answer) -> Iterator[Difference]:
    for request, response in answer.exchanges:
        if response is None:
            continue
        ideal = meant.response(request, response)
        differ = _of_preflight if request.kind == "preflight" else _of_actual
        for rule, header, values in (*_of_any(response, ideal), *differ(response, ideal)):
            yield Difference(rule, answer, request, response, rule.id, header, values)


_Found = Iterator[tuple[Rule, str, tuple[str, ...]]]


def _of_any(response: Response, ideal: Response) -> _Found:
    if not values_of(ideal.headers, ALLOW_ORIGIN):
        sent = [name for name, _ in response.headers if name.lower().startswith("access-control-")]
        if sent:
            yield rules.GRANTS_TO_REFUSED, sent[0], tuple(sorted(set(sent)))
        return
    names = [name.lower() for name, _ in response.headers]
    twice = sorted(name for name in _SINGLE if names.count(name) > 1)
    if twice:
        yield rules.SENT_TWICE, _titled(twice[0]), tuple(map(_titled, twice))


def _of_preflight(response: Response, ideal: Response) -> _Found:
    if ideal.status != 204 or not 200 <= response.status < 300:
        return
    if response.status == 200 and _has_body(response):
        yield rules.PREFLIGHT_WITH_BODY, "", (str(response.status),)
    name = "access-control-max-age"
    found, wanted = (values_of(r.headers, name)[:1] for r in (response, ideal))
    if found != wanted:
        yield rules.OTHER_MAX_AGE, "Access-Control-Max-Age", (_instead(found, wanted),)


def _of_actual(response: Response, ideal: Response) -> _Found:
    if "origin" in tokens(ideal.headers, "vary"):
        named = tokens(response.headers, "vary").keys()
        if not named & {"origin", "*"}:
            yield rules.MISSING_VARY, "Vary", ()
    found, wanted = (values_of(r.headers, "timing-allow-origin")[:1] for r in (response, ideal))
    if found != wanted:
        yield rules.OTHER_TIMING, "Timing-Allow-Origin", (_instead(found, wanted),)


def _instead(found: list[str], wanted: list[str]) -> str:
    means = f"says {wanted[0]}" if wanted else "leaves it out"
    return f"{found[0] if found else 'missing'} where the policy {means}"


def _has_body(response: Response) -> bool:
    length = (values_of(response.headers, "content-length") or ["0"])[0]
    return length.strip("0") != "" or bool(values_of(response.headers, "transfer-encoding"))


def _titled(name: str) -> str:
    return "-".join(word.capitalize() for word in name.split("-"))
