"""What one exchange cannot tell apart is told apart by further questions; nothing is guessed.

Each row is a server with one known fault. Rows of one group look the same to a browser.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from tests.gateway.upstream import Header, Seen, Upstream, reply
from tests.live.conftest import APP, Explain

Answer = Callable[[Seen], bytes]
Replicas = tuple[Answer, ...]

GRANT: tuple[Header, ...] = (("Access-Control-Allow-Origin", APP),)
LISTS: tuple[Header, ...] = (
    *GRANT,
    ("Access-Control-Allow-Methods", "GET, PUT"),
    ("Access-Control-Allow-Headers", "authorization"),
)
OTHER = ("Access-Control-Allow-Origin", "https://first.example.com")


def said(seen: Seen, name: str) -> str:
    return ", ".join(seen.values(name))


def lists(seen: Seen, listed: Callable[[str], bool]) -> tuple[Header, ...]:
    origin = said(seen, "Origin")
    return (("Access-Control-Allow-Origin", origin), *LISTS[1:]) if listed(origin) else ()


def preflights(answer: Answer, otherwise: Answer = lambda _: reply(200, GRANT)) -> Answer:
    """``answer`` to OPTIONS, ``otherwise`` to the rest."""
    return lambda seen: answer(seen) if seen.method == "OPTIONS" else otherwise(seen)


def by_turns(*answers: Answer) -> Replicas:
    return answers


def running(server: Answer | Replicas) -> Answer:
    """The server; of replicas one answers after another."""
    if callable(server):
        return server
    turns = itertools.cycle(server)
    return lambda seen: next(turns)(seen)


def unlisted(status: int) -> Answer:
    """A list of origins without the page's; what it does not know gets this status."""

    def answer(seen: Seen) -> bytes:
        found = lists(seen, lambda origin: origin == "https://www.app.example.com")
        return reply(204 if found or not said(seen, "Origin") else status, found)

    return preflights(answer, lambda seen: reply(200, lists(seen, lambda _: False)))


def strict(status: int, name: str, allowed: str) -> Answer:
    """Answers a preflight for more than ``allowed`` in header ``name`` without any grant."""

    def answer(seen: Seen) -> bytes:
        asked = said(seen, name)
        return reply(204, LISTS) if asked in {"", allowed} else reply(status)

    return preflights(answer)


def guarded(seen: Seen) -> bytes:
    """Nothing passes without credentials, preflights neither."""
    return reply(200, LISTS) if said(seen, "Authorization") == "Bearer right" else reply(403)


def judging(seen: Seen) -> bytes:
    """Refuses every request from an origin that it does not know, as Spring does."""
    origin = said(seen, "Origin")
    listed = origin in {"", "https://partner.example.net"}
    return reply(200, lists(seen, lambda _: listed)) if listed else reply(403)


def cached(seen: Seen) -> bytes:
    """What is in the cache was made for another site; with a query it is made anew."""
    fresh = "?" in seen.target or seen.method == "OPTIONS"
    return reply(200, GRANT if fresh else (OTHER, ("Age", "7")))


def stream(seen: Seen) -> bytes:
    kind = ("Content-Type", "text/event-stream")
    return reply(200, (kind,) if seen.target.partition("?")[0] == "/x" else GRANT)


def uncovered(seen: Seen) -> bytes:
    return reply(200, () if seen.target.startswith("/x") else GRANT)


def options_only(seen: Seen) -> bytes:
    return reply(204, LISTS) if seen.method == "OPTIONS" else reply(200)


silent = preflights(lambda _: reply(204), lambda _: reply(200))
open_ = preflights(lambda _: reply(204, LISTS))

PUT = ("PUT", "-H", "authorization: Bearer right")
GET = ("GET",)

# Group and number -> what is asked, the server, and its fault.
ROWS: dict[str, tuple[tuple[str, ...], Answer | Replicas, str]] = {
    "a silent 204: another origin is listed": (PUT, unlisted(204), "origin-mismatch"),
    "a silent 204: a header is not allowed": (
        PUT,
        strict(204, "Access-Control-Request-Headers", "accept"),
        "header-not-allowed",
    ),
    "a silent 204: the method is not allowed": (
        PUT,
        strict(204, "Access-Control-Request-Method", "GET"),
        "method-not-allowed",
    ),
    "a silent 204: replicas differ": (PUT, by_turns(silent, open_, silent), "instance-drift"),
    "a 403: credentials are demanded": (PUT, guarded, "preflight-auth"),
    "a 403: the origin is judged": (PUT, judging, "origin-mismatch"),
    "a 403: another origin is listed": (PUT, unlisted(403), "origin-mismatch"),
    "a 403: a header is not allowed": (
        PUT,
        strict(403, "Access-Control-Request-Headers", "accept"),
        "header-not-allowed",
    ),
    "a 403: OPTIONS has no route": (PUT, preflights(lambda _: reply(403)), "preflight-unrouted"),
    "a 403: replicas differ": (
        PUT,
        by_turns(preflights(lambda _: reply(403)), open_),
        "instance-drift",
    ),
    "a 404: OPTIONS has no route": (PUT, preflights(lambda _: reply(404)), "preflight-unrouted"),
    "a 404: nothing is there": (
        ("GET", "-H", "authorization: Bearer right"),
        lambda _: reply(404),
        "error-no-cors",
    ),
    "a 404: nobody has a policy": (
        PUT,
        preflights(lambda _: reply(404), lambda _: reply(200)),
        "policy-inert",
    ),
    "a 500: OPTIONS breaks the handler": (
        PUT,
        preflights(lambda _: reply(500)),
        "preflight-unrouted",
    ),
    "a 500: everything is broken": (PUT, lambda _: reply(500), "error-no-cors"),
    "a 503: everything is down": (PUT, lambda _: reply(503), "error-no-cors"),
    "a bare 200: this path is not covered": (GET, uncovered, "policy-inert"),
    "a bare 200: only preflights are covered": (GET, options_only, "policy-inert"),
    "a bare 200: a stream": (GET, stream, "streaming-bypass"),
    "a bare 200: another origin is listed": (
        GET,
        lambda seen: reply(200, lists(seen, lambda o: o == "http://app.example.com")),
        "origin-mismatch",
    ),
    "a bare 200: replicas differ": (
        GET,
        by_turns(lambda _: reply(200), lambda _: reply(200, GRANT)),
        "instance-drift",
    ),
    "a bare 500: the service is broken": (
        GET,
        preflights(lambda _: reply(204, LISTS), lambda _: reply(500)),
        "error-no-cors",
    ),
    "another's origin: from a cache": (GET, cached, "cache-vary"),
    "another's origin: fixed": (GET, lambda _: reply(200, (OTHER,)), "origin-mismatch"),
    "another's origin: replicas differ": (
        GET,
        by_turns(lambda _: reply(200, (OTHER,)), lambda _: reply(200, GRANT)),
        "instance-drift",
    ),
    "readable, but replicas differ": (
        GET,
        by_turns(lambda _: reply(200, GRANT), lambda _: reply(200)),
        "instance-drift",
    ),
    "readable, but the lists of replicas differ": (
        ("PUT", "-H", "authorization: a"),
        by_turns(open_, preflights(lambda _: reply(204, LISTS[:2]))),
        "instance-drift",
    ),
    "a list without the header: fixed": (
        ("PUT", "-H", "x-other: 1"),
        open_,
        "header-not-allowed",
    ),
    "a list without the header: replicas differ": (
        ("PUT", "-H", "authorization: a"),
        by_turns(preflights(lambda _: reply(204, LISTS[:2])), open_),
        "instance-drift",
    ),
}


@pytest.mark.parametrize("effort", ["auto", "all"])
@pytest.mark.parametrize("name", ROWS)
def test_look_alikes_are_told_apart(
    service: Upstream, explain: Explain, name: str, effort: str
) -> None:
    arguments, server, cause = ROWS[name]
    service.answer = running(server)
    ran = explain(f"{service.url}/x", *arguments, "--probes", effort)
    assert ran.code == 1
    assert ran.cause == cause, ran.out


@pytest.mark.parametrize("name", ROWS)
def test_without_probes_nothing_is_certain_and_wrong(
    service: Upstream, explain: Explain, name: str
) -> None:
    arguments, server, cause = ROWS[name]
    service.answer = running(server)
    ran = explain(f"{service.url}/x", *arguments, "--probes", "none")
    wrong = ran.told["diagnosis"] and ran.cause != cause
    assert not wrong or ran.confidence != "certain", ran.out
