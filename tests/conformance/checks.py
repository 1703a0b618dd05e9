"""What is required of every target, each as a function from a :class:`Run` to its failures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from corsage.browser import Headers, Reason, Response, WireRequest
from corsage.policy import Decision
from corsage.policy.model import Route
from tests.conformance import service
from tests.conformance.run import Exchange, Run, decide

_SINGLE = frozenset(
    {
        "access-control-allow-origin",
        "access-control-allow-credentials",
        "access-control-max-age",
        "timing-allow-origin",
    }
)
_LISTS = frozenset(
    {
        "access-control-allow-methods",
        "access-control-allow-headers",
        "access-control-expose-headers",
    }
)
_WILDCARD_WITH_CREDENTIALS = frozenset(
    {Reason.WILDCARD_WITH_CREDENTIALS, Reason.PREFLIGHT_WILDCARD_WITH_CREDENTIALS}
)
_OF_PREFLIGHTS = frozenset(
    {
        "access-control-allow-methods",
        "access-control-allow-headers",
        "access-control-max-age",
    }
)


@dataclass
class Report:
    """How many things were compared, and what was wrong with some of them."""

    compared: int
    failures: list[str]


_Sets: TypeAlias = set[tuple[str, frozenset[str]]]
Check = Callable[[Run], Iterator[str | None]]
"""Yields once for everything it compares: None if it is right, else what is wrong."""


def verdicts(run: Run) -> Iterator[str | None]:
    """The browser reaches the policy's verdict on what the target answers."""
    for asked in run.asked:
        case, got, expected = asked.case, asked.verdict, asked.expected
        same = (got.allowed, got.reason) == (expected.allowed, expected.reason)
        if expected.reason in _WILDCARD_WITH_CREDENTIALS and run.weaker("any origin"):
            # An echoed origin fails for credentials by another name.
            same = not got.allowed
        if got.reason == Reason.PREFLIGHT_MISSING_ALLOW_ORIGIN and run.weaker("reasons"):
            # Refused as a whole, where the policy's own answer shows what is missing.
            same = not expected.allowed
        # What the policy permits is said a second time, without headers and without a decision.
        if case.owner == "gateway":
            same = same and got.allowed == case.allowed
        # What no browser sends is asked of every target, and some say that they let it in.
        if not case.browser and run.weaker("exact origins"):
            continue
        # A 404 that no route has may be unreadable where the target says so, and no more.
        if run.unrouted(case.request.url) and run.weaker("unrouted paths"):
            same = same or not got.allowed
        unparsed = [request for request, _ in got.sent if run.unparsed(request)]
        if unparsed:
            same = all(run.ask(request).reached == 0 for request in unparsed)
        yield (
            None
            if same
            else (
                f"{case.clause}: {got.allowed} ({got.reason}), the policy says {case.allowed}, "
                f"its reference {expected.allowed} ({expected.reason})\n{got.sent}"
            )
        )


def preflights(run: Run) -> Iterator[str | None]:
    """Preflights that the target owns never reach the service."""
    _ = run.asked
    for exchange in run.exchanges:
        answer = _decide(run, exchange.request).preflight
        if answer is None or run.left_to_the_gateway(exchange.request):
            continue
        if exchange.reached and not _cors(answer) and run.weaker("preflights"):
            # One that is refused may reach the service, if nothing that it grants comes back.
            granted = _cors(exchange.response)
            yield None if not granted else f"{exchange}: {granted}, which the policy refuses"
            continue
        yield None if exchange.reached == 0 else f"{exchange} reached the service"


def caches(run: Run) -> Iterator[str | None]:
    """A cache never gives one origin the answer that was meant for another."""
    for route, host, path in run.places():
        if route is not None and _passes(run, route):
            continue
        answers = [run.get(path, origin, host=host) for origin in run.origins]
        variants = {_cors(exchange.response) for exchange in answers}
        for exchange in answers:
            named = {token.lower() for token in _vary(exchange.response)}
            safe = len(variants) == 1 or named & {"origin", "*"}
            yield None if safe else f"{exchange} differs by origin and does not say so"


def duplicates(run: Run) -> Iterator[str | None]:
    """No header that may stand once stands twice, and Vary names nothing twice."""
    _ = run.asked
    for exchange in run.exchanges:
        cors = _cors(exchange.response)
        names = [name for name, _ in cors]
        twice = {name for name in names if names.count(name) > 1}
        joined = {name for name, value in cors if name in _SINGLE and "," in value}
        tokens = [token.lower() for token in _vary(exchange.response)]
        if run.weaker("Vary") and "origin" in tokens:
            # Added to what the service says, which may say it, too.
            tokens = [*{*tokens}]
        if len(tokens) > len(set(tokens)):
            twice.add("vary")
        passed = _passes(run, _decide(run, exchange.request).route)
        yield None if passed or not twice | joined else f"{exchange}: {twice | joined} repeated"


def errors(run: Run) -> Iterator[str | None]:
    """Errors and redirects, the service's and the target's own, carry the owner's headers."""
    own = {exchange.request for exchange in _own_answers(run)}
    for exchange in _failing(run):
        if exchange.response is None or (exchange.request in own and exchange.reached):
            yield f"{exchange}: no answer of the target"
            continue
        edit = _decide(run, exchange.request).edit
        wanted = _as_sets(_cors(Response(0, edit.headers)))
        got = _as_sets(_cors(exchange.response))
        if run.weaker("any origin"):
            wanted = _echoed(wanted, exchange.request, got)
        if run.weaker("allowed methods"):
            # Sent on every response, where no browser reads them.
            got = {line for line in got if line[0] not in _OF_PREFLIGHTS}
        if run.unrouted(exchange.request.url) and run.weaker("unrouted paths") and not got:
            yield None
            continue
        vary = {token.lower() for token in _vary(exchange.response)}
        right = got == wanted and (not edit.vary or vary & {"origin", "*"})
        if not edit.own or right:
            yield None
        else:
            yield f"{exchange}: {exchange.response}, the owner's headers are {edit}"


def predictions(run: Run) -> Iterator[str | None]:
    """What the model of the target predicts is what comes back, header for header."""
    _ = run.asked, list(_failing(run)), list(caches(run))
    hop = run.target.behave(run.policy)
    own = {exchange.request for exchange in _own_answers(run)}
    for exchange in run.exchanges:
        if run.unparsed(exchange.request):
            continue
        service = run.service
        if exchange.request in own and exchange.response is not None:
            # Not the service but the product makes this up, and the status is its business.
            service = partial(_always, Response(exchange.response.status))
        predicted = hop(exchange.request, service)
        same = _seen(predicted) == _seen(exchange.response)
        yield None if same else f"{exchange}: {_seen(exchange.response)}, not {_seen(predicted)}"


CHECKS: Mapping[str, Check] = {
    "verdicts": verdicts,
    "preflights": preflights,
    "caches": caches,
    "duplicates": duplicates,
    "errors": errors,
    "predictions": predictions,
}


def report(check: Check, run: Run) -> Report:
    """Run a check to its end."""
    outcomes = list(check(run))
    return Report(len(outcomes), [failure for failure in outcomes if failure is not None])


def _failing(run: Run) -> Iterator[Exchange]:
    for _, host, path in run.places():
        for answer in (*service.ANSWERS, service.CRASH):
            for origin in run.origins:
                yield run.get(f"{path}?answer={answer}", origin, host=host)
    yield from _own_answers(run)


def _own_answers(run: Run) -> Iterator[Exchange]:
    for route in run.policy.routes:
        if route.match == "prefix":
            for method, path in run.live.own_answers.values():
                place = f"{route.path.rstrip('/')}{path}"
                for origin in run.origins:
                    yield run.get(place, origin, host=route.host, method=method)


def _always(response: Response, _: WireRequest) -> Response:
    return response


def _decide(run: Run, request: WireRequest) -> Decision:
    return decide(run.decisions, request)


def _passes(run: Run, route: Route | None) -> bool:
    """Whether the service answers for itself, so that the target lets its headers pass."""
    return route is not None and route.owner == "service" and run.target.family != "application"


def _cors(response: Response | None) -> Headers:
    lines = response.headers if response is not None else ()
    return tuple(
        sorted(
            (name.lower(), value)
            for name, value in lines
            if name.lower().startswith("access-control-") or name.lower() == "timing-allow-origin"
        )
    )


def _vary(response: Response | None) -> list[str]:
    lines = response.headers if response is not None else ()
    return [
        token.strip()
        for name, value in lines
        if name.lower() == "vary"
        for token in value.split(",")
    ]


def _as_sets(headers: Headers) -> _Sets:
    return {
        (name, frozenset(part.strip() for part in value.split(",")))
        if name in _LISTS
        else (name, frozenset([value]))
        for name, value in headers
    }


def _echoed(wanted: _Sets, request: WireRequest, got: _Sets) -> _Sets:
    """Headers for any origin where the product may echo it, and says nothing to those without."""
    everybody = ("access-control-allow-origin", frozenset(["*"]))
    if everybody not in wanted:
        return wanted
    origin = next((value for name, value in request.headers if name == "Origin"), None)
    if origin is None:
        return {line for line in wanted if line[0] == "timing-allow-origin"}
    if everybody in got:
        return wanted
    return wanted - {everybody} | {(everybody[0], frozenset([origin]))}


def _seen(response: Response | None) -> tuple[object, ...] | None:
    """What a prediction is about: the status, the CORS headers to the letter, and Vary."""
    if response is None:
        return None
    return (response.status, _cors(response), tuple(sorted(t.lower() for t in _vary(response))))
