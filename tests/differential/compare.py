"""Where the model's verdict and what a browser did differ, aspect by aspect."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from corsage.browser import PROFILES, Verdict, WireRequest, judge
from tests.differential.case import Case, Observed, Seen, hop_number, origin_letter

_LOOP = 20
_VALUE = re.compile(r"(?<=: )'(?:[^'\\]|\\.)*'|(?<=: )\"(?:[^\"\\]|\\.)*\"")

# Headers of requests that a browser sends on its own account.
BROWSERS_OWN = frozenset(
    [
        "accept",
        "accept-encoding",
        "accept-language",
        "cache-control",
        "connection",
        "content-length",
        "cookie",
        "host",
        "keep-alive",
        "origin",
        "pragma",
        "priority",
        "referer",
        "te",
        "upgrade-insecure-requests",
        "user-agent",
    ]
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One aspect on which model and browser disagree."""

    aspect: str
    model: Any
    browser: Any

    def __str__(self) -> str:
        if isinstance(self.model, list) and isinstance(self.browser, list):
            ours = [x for x in self.model if x not in self.browser] or self.model
            theirs = [x for x in self.browser if x not in self.model] or self.browser
            return f"{self.aspect}:\n  model   {ours}\n  browser {theirs}"
        return f"{self.aspect}:\n  model   {self.model!r}\n  browser {self.browser!r}"


def verdict(case: Case, browser: str) -> Verdict:
    """The model's verdict on a case, with the browser's own profile."""
    return judge(case.request, case.respond, profile=PROFILES[browser])


def differences(case: Case, browser: str, observed: Observed) -> list[Difference]:
    """All disagreements, the gravest first: the outcome, what can be read, what was sent on the
    wire, the reason, the console."""
    model = verdict(case, browser)
    pairs = (
        *_outcome(case, model, observed),
        *_preflights(case, model, observed),
        *_requests(case, model, observed),
        *_reason(model, observed, browser),
    )
    return [Difference(aspect, ours, theirs) for aspect, ours, theirs in pairs if ours != theirs]


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


def _preflights(case: Case, model: Verdict, observed: Observed) -> Iterator[tuple[str, Any, Any]]:
    ours, theirs = _wire(case, model, observed, "preflight")
    if len(model.sent) > _LOOP:
        # How often a loop preflights hangs on how long it takes: what is remembered expires.
        ours, theirs = _unique(ours), _unique(theirs)
    yield "preflights", ours, theirs


def _requests(case: Case, model: Verdict, observed: Observed) -> Iterator[tuple[str, Any, Any]]:
    ours, theirs = _wire(case, model, observed, "actual")
    if len(model.sent) > _LOOP:
        # The HTTP cache remembers some redirects of a loop, and others not.
        ours, theirs = _unique(ours), _unique(theirs)
    named = [_VALUE.sub("", line) for line in ours], [_VALUE.sub("", line) for line in theirs]
    yield "requests", *named
    # What the page's headers hold on the wire decides nothing, and is told apart.
    yield "values", *((ours, theirs) if named[0] == named[1] else ([], []))


def _wire(case: Case, model: Verdict, observed: Observed, kind: str) -> tuple[list[str], list[str]]:
    # What goes nowhere is sent by the model and seen by no server.
    ours = [
        request
        for request, _ in model.sent
        if request.kind == kind
        and case.answer(request.url, kind) is not None
        and case.respond(request) is not None
    ]
    theirs = [seen for seen in observed.wire if seen.kind == kind]
    names = dict.fromkeys([*(name.lower() for name, _ in case.request.headers), "content-type"])
    names.pop("origin", None)
    page = _parts(case)
    cookies = _shows_cookies(case, observed)
    return (
        [_sent(request, names, cookies) for request in ours],
        [_seen(seen, names, page, cookies) for seen in theirs],
    )


def _unique(lines: list[str]) -> list[str]:
    return list(dict.fromkeys(lines))


def _parts(case: Case) -> set[tuple[str, str]]:
    """Every header of the page with each element of its values."""
    return {
        (name.lower(), part.strip(" \t\r\n"))
        for name, value in case.request.headers
        for part in value.split(",")
    }


def _sent(request: WireRequest, names: Container[str], cookies: bool) -> str:
    lines: dict[str, list[str]] = {}
    for name, value in request.headers:
        lines.setdefault(name.lower(), []).append(value)
    joined = {name: ", ".join(values) for name, values in lines.items()}
    at = f"{origin_letter(request.url)}{hop_number(request.url)}"
    own = {name: value.rstrip(" ") for name, value in joined.items() if name in names}
    if request.kind == "preflight":
        own = {}
    return _line(at, request.method, joined, cookies and request.credentials, own)


def _seen(
    seen: Seen, names: Container[str], page: Container[tuple[str, str]], cookies: bool
) -> str:
    # A header that the page may not set can stand there with the browser's own value.
    own = {
        name: value
        for name, value in seen.sent
        if name in names
        and value is not None
        and (
            name not in BROWSERS_OWN
            or all((name, part.strip(" ")) in page for part in value.split(","))
        )
    }
    asked = {
        "origin": seen.origin,
        "access-control-request-method": seen.acrm,
        "access-control-request-headers": seen.acrh,
    }
    return _line(f"{seen.at}{seen.hop}", seen.method, asked, cookies and bool(seen.cookie), own)


def _line(
    at: str, method: str, asked: Mapping[str, str | None], cookie: bool, own: Mapping[str, str]
) -> str:
    fixed = [
        f"{short}={asked[name]}"
        for short, name in (
            ("origin", "origin"),
            ("acrm", "access-control-request-method"),
            ("acrh", "access-control-request-headers"),
        )
        if asked.get(name) is not None
    ]
    page = [f"{name}: {value!r}" for name, value in sorted(own.items())]
    return " ".join([method, at, *fixed, *(["cookie"] if cookie else []), *page])


def _shows_cookies(case: Case, observed: Observed) -> bool:
    """Whether a cookie of the page's site must travel if any may: P and A are one site, B and a
    sandboxed page are none of it."""
    return case.page == "page" and all(seen.at != "B" for seen in observed.wire)


def _reason(model: Verdict, observed: Observed, browser: str) -> Iterator[tuple[str, Any, Any]]:
    if browser == "chromium":
        yield "reason", model.cors_error, observed.cors_error
        named = observed.failed_parameter
        if named not in model.candidates:
            yield "parameter", model.failed_parameter, named
    ours = [line for line in model.console if not line.startswith("Failed to load resource")]
    theirs = observed.console
    if browser == "firefox":
        # The lines after the first only repeat that the request did not succeed; security errors
        # come from another process, and may come later.
        theirs = sorted(theirs, key=lambda line: not line.startswith("Security Error"))
        ours, theirs = ours[:1], theirs[:1]
    elif model.candidates and observed.failed_parameter in model.candidates:
        ours = [line.replace(model.value, observed.failed_parameter, 1) for line in ours]
    yield "console", ours, theirs
