"""Where the model's verdict and what a browser did differ, aspect by aspect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from corsage.browser import PROFILES, Verdict, WireRequest, judge
from tests.differential.case import ORIGINS, Case, Observed, Seen

_CONTENT_TYPE_OF_TEXT = "text/plain;charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Difference:
    """One aspect on which model and browser disagree."""

    aspect: str
    model: Any
    browser: Any

    def __str__(self) -> str:
        return f"{self.aspect}: model {self.model!r}, browser {self.browser!r}"


def verdict(case: Case, browser: str) -> Verdict:
    """The model's verdict on a case, with the browser's own profile."""
    return judge(case.request, case.respond, profile=PROFILES[browser])


def differences(case: Case, browser: str, observed: Observed) -> list[Difference]:
    """All disagreements, the gravest first: the outcome, what can be read, what was sent on the
    wire, the reason, the console."""
    model = verdict(case, browser)
    pairs = (
        *_outcome(case, model, observed),
        ("preflights", *_wire(case, model, observed, "preflight")),
        ("requests", *_wire(case, model, observed, "actual")),
        *_reason(model, observed, browser),
    )
    return [
        Difference(aspect, ours, theirs) for aspect, ours, theirs in pairs if ours != theirs
    ]


def _outcome(case: Case, model: Verdict, observed: Observed) -> Iterator[tuple[str, Any, Any]]:
    resolved = model.outcome in ("allowed", "opaque")
    yield "outcome", "resolved" if resolved else "rejected", observed.outcome
    if not resolved or observed.outcome != "resolved":
        return
    if case.request.initiator == "fetch":
        yield "type", model.type, observed.type
    if model.outcome == "opaque":
        yield "headers", [], observed.headers
        return
    yield "status", model.response and model.response.status, observed.status
    yield "url", model.url.partition("#")[0], observed.url
    readable = [[name, value] for name, value in model.readable]
    # XMLHttpRequest sorts by upper-cased names, and the bytes of a value come as they are.
    yield "headers", sorted(readable), sorted(observed.headers)


def _wire(
    case: Case, model: Verdict, observed: Observed, kind: str
) -> tuple[list[Any], list[Any]]:
    ours = [_sent(case, request) for request, _ in model.sent if request.kind == kind]
    # What no case server could see, the model's twin of it answers with None.
    reached = [seen for seen in ours if seen is not None]
    return reached, [_seen(seen) for seen in observed.wire if seen.kind == kind]


def _sent(case: Case, request: WireRequest) -> dict[str, Any] | None:
    answer = case.answer(request.url, request.kind)
    if answer is None or case.respond(request) is None:
        return None
    values: dict[str, list[str]] = {}
    for name, value in request.headers:
        values.setdefault(name.lower(), []).append(value)

    def get(name: str) -> str | None:
        return ", ".join(values[name]) if name in values else None

    origin = next((k for k, v in ORIGINS.items() if request.url.startswith(f"{v}/")), "?")
    asked = dict.fromkeys(name.lower() for name, _ in case.request.headers)
    own = [] if request.kind == "preflight" else [*asked, *({"content-type"} - asked.keys())]
    return {
        "at": origin,
        "method": request.method,
        "origin": get("origin"),
        "acrm": get("access-control-request-method"),
        "acrh": get("access-control-request-headers"),
        "cookie": request.credentials,
        "sent": {name: get(name) for name in own if _compared(name)},
    }


def _seen(seen: Seen) -> dict[str, Any]:
    return {
        "at": seen.at,
        "method": seen.method,
        "origin": seen.origin,
        "acrm": seen.acrm,
        "acrh": seen.acrh,
        "cookie": seen.cookie is not None,
        "sent": {name: value for name, value in seen.sent if _compared(name)},
    }


def _compared(name: str) -> bool:
    return True


def _reason(
    model: Verdict, observed: Observed, browser: str
) -> Iterator[tuple[str, Any, Any]]:
    if browser == "chromium":
        yield "reason", model.cors_error, observed.cors_error
        named = observed.failed_parameter
        if named not in model.candidates:
            yield "parameter", model.failed_parameter, named
    ours = [line for line in model.console if not line.startswith("Failed to load resource")]
    theirs = observed.console
    if browser == "firefox":
        # The lines after the first only repeat that the request did not succeed.
        ours, theirs = ours[:1], theirs[:1]
    elif model.candidates and observed.failed_parameter in model.candidates:
        ours = [line.replace(model.value, observed.failed_parameter, 1) for line in ours]
    yield "console", ours, theirs
