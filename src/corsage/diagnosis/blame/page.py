"""Where the page itself sends what no list can be blamed for: by what it is known to send."""

from __future__ import annotations

import re

from corsage.diagnosis.blame.found import Blame
from corsage.diagnosis.facts import ALLOW_HEADERS, ALLOW_METHODS, Facts

# Tracing libraries add these to every request of the page, also to other people's servers.
_OF_LIBRARIES = re.compile(
    r"^(baggage|sentry-trace|traceparent|tracestate|newrelic|x-datadog-\S+|x-b3-\S+|b3"
    r"|request-id|request-context|uber-trace-id)$",
    re.IGNORECASE,
)


def added_by_a_library(facts: Facts) -> Blame | None:
    """All headers that are not allowed are such as tracing libraries add."""
    asked = {m for n, v in facts.observation.asked.headers for m in _members(v) if n == _ASKED}
    allowed = {m for v in facts.preflight.lines(ALLOW_HEADERS) for m in _members(v)}
    missing = sorted(asked - allowed)
    if missing and all(map(_OF_LIBRARIES.match, missing)):
        return Blame("client", "", f"{missing[0]} is a header that tracing libraries add")
    return None


_ASKED = "access-control-request-headers"


def _members(value: str) -> list[str]:
    return [member.strip().lower() for member in value.split(",") if member.strip()]


def lower_case_method(facts: Facts) -> Blame | None:
    """The list has the method in upper case; fetch normalises six methods only."""
    method = facts.observation.asked.method or ""
    lines = facts.preflight.lines(ALLOW_METHODS)
    allowed = {member.strip() for line in lines for member in line.split(",")}
    if method != method.upper() and method.upper() in allowed:
        return Blame("client", "", f"the page sends {method}, the list has {method.upper()}")
    return None
