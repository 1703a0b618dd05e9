"""The probes, one row each: the question, which causes it tells apart, when it is of use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias
from urllib.parse import urlsplit

from corsage.browser import WireRequest
from corsage.diagnosis.facts import ALLOW_ORIGIN, Facts
from corsage.diagnosis.probes import origins
from corsage.diagnosis.probes.answers import cors_lines
from corsage.diagnosis.probes.subject import Subject, at_path, beside, from_origin, without

REPEATS = 8
"""How often the same request is asked again, to meet other instances."""

Useful: TypeAlias = Callable[[Facts, Subject], bool]
Requests: TypeAlias = Callable[[Facts, Subject], tuple[WireRequest, ...]]


@dataclass(frozen=True, slots=True)
class Probe:
    """One further question. ``tells`` are the causes that its answer speaks for or against."""

    name: str
    question: str
    tells: frozenset[str]
    useful: Useful
    requests: Requests


def failing_request(facts: Facts, subject: Subject) -> WireRequest:
    """The request whose answer does not let the page's origin in; the GET where both do."""
    return subject.preflight if facts.failing == "preflight" else subject.get


def _refused_preflight(*statuses: int) -> Useful:
    def useful(facts: Facts, _: Subject) -> bool:
        return facts.failing == "preflight" and facts.preflight.status in statuses

    return useful


def _preflight_fails(facts: Facts, _: Subject) -> bool:
    return facts.failing == "preflight" and facts.closed and not facts.preflight.redirects


def _asks_for_headers(facts: Facts, subject: Subject) -> bool:
    named = any(name == _ASKED_HEADERS for name, _ in subject.preflight.headers)
    return named and _preflight_fails(facts, subject)


def _asks_for_a_method(facts: Facts, subject: Subject) -> bool:
    return subject.request.method not in {"GET", "HEAD"} and _preflight_fails(facts, subject)


def _has_credentials(facts: Facts, subject: Subject) -> bool:
    return subject.has_secrets and _refused_preflight(400, 401, 403)(facts, subject)


def _is_of_a_get(facts: Facts) -> bool:
    """Whether a GET is the same request again, or is answered in the same way.

    What another method got, a GET need not get.
    """
    if facts.failing == "preflight" or facts.observation.sent in {"GET", ""}:
        return True
    wanted = facts.response.ok, cors_lines(facts.response)
    return any((p.answer.ok, cors_lines(p.answer)) == wanted for p in facts.probed("get-instead"))


def _is_of_another_method(facts: Facts, _: Subject) -> bool:
    return facts.response.seen and facts.observation.sent not in {"GET", ""}


def _response_fails(facts: Facts, _: Subject) -> bool:
    return facts.failing == "response" and facts.closed and not facts.preflight.seen


def _silent(facts: Facts, _: Subject) -> bool:
    """An answer came, and it has no allowed origin (or another one)."""
    answer = facts.failed_answer
    told = facts.closed and bool(answer.status) and not answer.redirects
    return told and _is_of_a_get(facts)


def _knows_a_good_one(facts: Facts, subject: Subject) -> bool:
    return bool(subject.known_good) and _silent(facts, subject)


def may_be_cached(facts: Facts) -> bool:
    """Whether the answer may be one that was made for somebody else."""
    return facts.failing == "response" and facts.closed and facts.response.ok


def may_differ(facts: Facts) -> bool:
    """Whether another instance might answer in another way."""
    answer = facts.failed_answer
    return bool(answer.status) and not answer.redirects and answer.status not in _ERRORS


# They come and go by themselves, or are the same everywhere; asking again makes some of them worse.
_ERRORS = {413, 414, 429, 431, *range(502, 600)}


def _readable(facts: Facts, _: Subject) -> bool:
    return facts.failing == "" and facts.response.seen and _is_of_a_get(facts)


def _varies_unsaid(facts: Facts, subject: Subject) -> bool:
    said = ",".join(facts.response.lines("vary")).lower()
    fixed = facts.response.lines(ALLOW_ORIGIN) == ("*",)
    return _readable(facts, subject) and not fixed and "origin" not in said and "*" not in said


_ASKED_HEADERS = "Access-Control-Request-Headers"


def _with_method_get(_: Facts, subject: Subject) -> tuple[WireRequest, ...]:
    headers = tuple(
        (name, "GET" if name == "Access-Control-Request-Method" else value)
        for name, value in subject.preflight.headers
    )
    return (replace(subject.preflight, headers=headers),)


def _with_credentials(_: Facts, subject: Subject) -> tuple[WireRequest, ...]:
    lines = (*subject.preflight.headers, *_secrets(subject))
    return (replace(subject.preflight, headers=lines, credentials=subject.cookies),)


def _secrets(subject: Subject) -> tuple[tuple[str, str], ...]:
    return tuple(line for line in subject.headers if line[0].lower() == "authorization")


def _plain_options(_: Facts, subject: Subject) -> tuple[WireRequest, ...]:
    return (replace(subject.preflight, kind="actual", headers=(("Accept", "*/*"),)),)


def _near(facts: Facts, subject: Subject) -> tuple[WireRequest, ...]:
    wire = failing_request(facts, subject)
    found = origins.near(subject.origin, subject.request.url)
    return tuple(from_origin(wire, origin) for origin, _ in found)


def _known_good(facts: Facts, subject: Subject) -> tuple[WireRequest, ...]:
    wire = failing_request(facts, subject)
    return tuple(from_origin(wire, origin) for origin in subject.known_good)


def _repeat(facts: Facts, subject: Subject) -> tuple[WireRequest, ...]:
    if facts.failing or not facts.preflight.seen:
        return (failing_request(facts, subject),) * REPEATS
    return (subject.preflight,) * REPEATS + (subject.get,) * REPEATS


def _beside_itself(_: Facts, subject: Subject) -> tuple[WireRequest, ...]:
    return (beside(subject.get, subject.salt),)


def _elsewhere(_: Facts, subject: Subject) -> tuple[WireRequest, ...]:
    return tuple(
        at_path(subject.get, path)
        for path in ("/", _missing_path(subject))
        if path != urlsplit(subject.get.url).path
    )


def _missing_path(subject: Subject) -> str:
    return urlsplit(subject.get.url).path.rstrip("/") + f"/{subject.salt}"


def _without_origin_first(_: Facts, subject: Subject) -> tuple[WireRequest, ...]:
    fresh = beside(subject.get, f"{subject.salt}-order")
    other = beside(subject.get, f"{subject.salt}-fresh")
    return (from_origin(fresh, None), fresh, other)


def _probe(name: str, question: str, tells: str, useful: Useful, requests: Requests) -> Probe:
    return Probe(name, question, frozenset(tells.split()), useful, requests)


PROBES: tuple[Probe, ...] = (
    _probe(
        "without-request-headers",
        "the same preflight without Access-Control-Request-Headers",
        "header-not-allowed",
        _asks_for_headers,
        lambda _, subject: (without(subject.preflight, _ASKED_HEADERS),),
    ),
    _probe(
        "with-method-get",
        "the same preflight for the method GET",
        "method-not-allowed",
        _asks_for_a_method,
        _with_method_get,
    ),
    _probe(
        "with-credentials",
        "the same preflight with the credentials that browsers leave out",
        "preflight-auth",
        _has_credentials,
        _with_credentials,
    ),
    _probe(
        "plain-options",
        "OPTIONS without Origin, which is no preflight",
        "preflight-auth origin-mismatch",
        _refused_preflight(400, 403),
        _plain_options,
    ),
    _probe(
        "get",
        "GET, which needs no preflight, from the page's origin",
        "preflight-unrouted policy-inert error-no-cors preflight-auth preflight-wrong-responder",
        _preflight_fails,
        lambda _, subject: (subject.get,),
    ),
    _probe(
        "get-instead",
        "GET, to see whether it is answered like the method that was sent",
        "policy-inert origin-mismatch cache-vary streaming-bypass over-permissive instance-drift",
        _is_of_another_method,
        lambda _, subject: (subject.get,),
    ),
    _probe(
        "anonymous-get",
        "GET without origin, headers and cookies",
        "preflight-auth origin-mismatch",
        _refused_preflight(400, 403),
        lambda _, subject: (subject.anonymous_get,),
    ),
    _probe(
        "preflight",
        "a preflight, which this request does not need",
        "error-no-cors policy-inert cache-vary streaming-bypass",
        _response_fails,
        lambda _, subject: (subject.preflight,),
    ),
    _probe(
        "known-good-origin",
        "the same from an origin that is known to be good",
        "origin-mismatch policy-inert",
        _knows_a_good_one,
        _known_good,
    ),
    _probe(
        "near-origin",
        "the same from origins that differ in one thing",
        "origin-mismatch policy-inert",
        _silent,
        _near,
    ),
    _probe(
        "beside-itself",
        "the same with one more parameter, which no cache has seen",
        "cache-vary policy-inert",
        lambda facts, _: may_be_cached(facts) and _is_of_a_get(facts),
        _beside_itself,
    ),
    _probe(
        "elsewhere",
        "other paths of the same server",
        "streaming-bypass policy-inert",
        lambda facts, _: may_be_cached(facts) and _is_of_a_get(facts),
        _elsewhere,
    ),
    _probe(
        "unrouted-path",
        "the same preflight for a path that does not exist",
        "preflight-unrouted error-no-cors",
        _refused_preflight(403, 404, 405),
        lambda _, subject: (at_path(subject.preflight, _missing_path(subject)),),
    ),
    _probe(
        "foreign-origin",
        "the same from an origin that nobody has listed",
        "over-permissive cache-vary",
        _readable,
        lambda _, subject: (from_origin(subject.get, origins.foreign(subject.salt)),),
    ),
    _probe(
        "look-alike-origin",
        "the same from origins of others that look like the page's",
        "over-permissive",
        _readable,
        lambda _, subject: tuple(
            from_origin(subject.get, origin) for origin in origins.look_alikes(subject.origin)
        ),
    ),
    _probe(
        "without-origin-first",
        "a fresh URL without Origin, then with it, then another one with it",
        "cache-vary",
        _varies_unsaid,
        _without_origin_first,
    ),
    _probe(
        "without-cookies",
        "the same without the cookie, as where the browser keeps it back",
        "cookie",
        lambda facts, subject: _readable(facts, subject) and subject.cookies,
        lambda _, subject: (replace(subject.get, credentials=False),),
    ),
    _probe(
        "missing-path",
        "a path that does not exist, to see an error",
        "error-no-cors",
        _readable,
        lambda _, subject: (at_path(subject.get, _missing_path(subject)),),
    ),
    _probe(
        "repeat",
        f"the same {REPEATS} times more",
        "instance-drift",
        lambda facts, _: may_differ(facts) and _is_of_a_get(facts),
        _repeat,
    ),
)
"""In the order of asking: what is cheap and settles most comes first."""
