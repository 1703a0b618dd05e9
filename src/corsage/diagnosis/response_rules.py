"""Rules that read the answer to the request itself, and its agreement with the preflight."""

from __future__ import annotations

import re

from corsage.browser import Reason
from corsage.diagnosis.clues import FAIR, GOOD, HINT, PROOF, STRONG, Table
from corsage.diagnosis.facts import (
    ALLOW_CREDENTIALS,
    ALLOW_HEADERS,
    ALLOW_METHODS,
    ALLOW_ORIGIN,
    EXPOSE_HEADERS,
    Facts,
)
from corsage.diagnosis.fingerprints import traces

_table = Table()
_rule = _table.rule

_SAFELISTED = {
    "cache-control",
    "content-language",
    "content-length",
    "content-type",
    "expires",
    "last-modified",
    "pragma",
}

# Headers that JavaScript is written to read, which no default list exposes.
_WANTED = {
    "etag",
    "content-disposition",
    "content-range",
    "grpc-status",
    "grpc-message",
    "link",
    "location",
    "retry-after",
    "upload-offset",
    "x-total-count",
    "x-request-id",
}


def _members(value: str) -> list[str]:
    return [member.strip(" \t'\"") for member in value.split(",")]


@_rule("multi-writer", PROOF)
def _two_lines_of_one_value(facts: Facts) -> str | None:
    """These headers may stand once; each writer adds a line of its own."""
    for name in (ALLOW_ORIGIN, ALLOW_CREDENTIALS):
        for answer in (facts.response, facts.preflight):
            lines = answer.lines(name)
            if len(lines) > 1:
                return f"{name} stands {len(lines)} times: {', '.join(lines[:4])}"
    return None


@_rule("multi-writer", PROOF)
def _two_lines_joined(facts: Facts) -> str | None:
    """The same value twice, or a wildcard beside an origin: a proxy joined two lines."""
    for name in (ALLOW_ORIGIN, ALLOW_CREDENTIALS):
        for answer in (facts.response, facts.preflight):
            for line in answer.lines(name):
                members = _members(line)
                if len(members) > 1 and (len(set(members)) < len(members) or "*" in members):
                    return f"{name}: {line[:200]}"
    return None


@_rule("origin-mismatch", STRONG + FAIR)
def _list_as_value(facts: Facts) -> str | None:
    """Several different origins in one line: a configured list sent as it stands."""
    if len(facts.allow_origin) != 1:
        return None
    members = [m for m in re.split(r"[,;\s]+", facts.allow_origin[0].strip()) if m]
    if len(members) > 1 and len(set(members)) == len(members) and "*" not in members:
        return f"Access-Control-Allow-Origin lists several: {facts.allow_origin[0][:200]}"
    return None


@_rule("error-no-cors", STRONG + FAIR)
def _error_without_origin(facts: Facts) -> str | None:
    """An error without the header hides behind the browser's CORS message."""
    if facts.response.failed and not facts.response.lines(ALLOW_ORIGIN):
        return f"the actual answer is {facts.response.status}, without Access-Control-Allow-Origin"
    return None


@_rule("error-no-cors", GOOD)
def _preflight_passes_error_does_not(facts: Facts) -> str | None:
    """The policy works for the preflight, so the list is right and the error is the difference."""
    if not facts.response.failed or facts.response.lines(ALLOW_ORIGIN):
        return None
    return "the preflight passes" if facts.preflight_granted else None


@_rule("error-no-cors", PROOF)
def _server_error_after_passed_preflight(facts: Facts) -> str | None:
    """413, 429 and 5xx have nothing to do with who asks: only the header is missing beside them."""
    status = facts.response.status or 0
    if facts.response.lines(ALLOW_ORIGIN) or not facts.preflight_granted:
        return None
    made = status in {413, 414, 429, 431} or 500 <= status <= 599
    return f"{status} is an error of its own, whichever origin asks" if made else None


@_rule("cookie", GOOD + HINT)
def _credentials_granted_and_denied(facts: Facts) -> str | None:
    """CORS grants credentials, and the service still finds none."""
    granted = "true" in facts.preflight.lines(ALLOW_CREDENTIALS)
    granted = granted or "true" in facts.response.lines(ALLOW_CREDENTIALS)
    if granted and facts.response.status == 401:
        return "credentials are allowed, and the answer is 401"
    return None


@_rule("redirect", STRONG)
def _response_redirected(facts: Facts) -> str | None:
    """What a redirect leads to needs CORS of its own, and from A to B the origin becomes null."""
    if not facts.response.redirects:
        return None
    where = facts.response.get("location")
    return f"the actual answer is {facts.response.status}" + (
        f" to {where[:200]}" if where else " without Location"
    )


@_rule("wildcard-credentials", FAIR)
def _wildcard_alone(facts: Facts) -> str | None:
    """The wildcard is refused for every request with credentials."""
    answered = (facts.response.ok or facts.response.status is None) and not facts.preflight.failed
    if facts.wildcard and len(facts.allow_origin) == 1 and answered:
        return "Access-Control-Allow-Origin: *"
    return None


@_rule("wildcard-credentials", PROOF)
def _wildcard_with_credentials(facts: Facts) -> str | None:
    """The request is known to carry credentials, and the answer to it is the wildcard."""
    if facts.observation.asked.credentials == "include" and facts.wildcard:
        return "Access-Control-Allow-Origin: * to a request with credentials: 'include'"
    return None


@_rule("over-permissive", HINT)
def _wildcard_granted(facts: Facts) -> str | None:
    """The wildcard admits everyone."""
    return "Access-Control-Allow-Origin: *" if facts.wildcard and facts.response.ok else None


@_rule("over-permissive", STRONG)
def _hostile_origin_granted(facts: Facts) -> str | None:
    """An allowed origin that is built to look like another one is a pattern that is too wide."""
    hostile = re.compile(
        r"\b(evil|attack\w*|malicious|hacker|phish\w*|foo-?bar-?evil)\b|\.evil\.|evil",
        re.IGNORECASE,
    )
    for value in facts.allow_origin:
        if hostile.search(value):
            return f"granted: {value[:200]}"
    return None


@_rule("over-permissive", GOOD)
def _null_granted(facts: Facts) -> str | None:
    """Any sandboxed frame on any page has the origin null."""
    return "granted: null" if facts.allow_origin == ("null",) else None


@_rule("cache-vary", STRONG)
def _cached_answer_of_another(facts: Facts) -> str | None:
    """Served from a cache, with a fixed origin and without Vary: Origin."""
    vary = (facts.response.get("vary") or "").lower()
    if "origin" in vary or not facts.response.ok or facts.wildcard:
        return None
    names = ("x-cache", "x-cache-status", "cf-cache-status", "x-proxy-cache")
    hit = next(filter(None, map(facts.response.get, names)), "")
    age = facts.response.get("age")
    if re.search(r"hit", hit, re.IGNORECASE) or (
        age and age.strip().isdigit() and int(age[:12]) > 0
    ):
        return f"served from a cache ({'x-cache: ' + hit if hit else 'age: ' + str(age)}), no Vary"
    return None


@_rule("cache-vary", HINT)
def _nothing_on_the_response(facts: Facts) -> str | None:
    """A cache that first met the URL without Origin keeps the answer without CORS headers."""
    silent = facts.response.ok and not facts.allow_origin and not facts.preflight.seen
    return "a 2xx without Access-Control-Allow-Origin" if silent else None


@_rule("cache-vary", FAIR)
def _storage_answered_without_origin(facts: Facts) -> str | None:
    """Object stores send CORS headers only when the request had Origin; caches keep the others."""
    kept = any(trace.hop in {"storage", "CDN"} for trace in traces(facts.response))
    kept = kept or any(station.hop in {"storage", "CDN"} for station in facts.servers)
    if facts.response.ok and not facts.allow_origin and kept and not facts.preflight.seen:
        return "an object store or CDN answered without an allowed origin"
    return None


@_rule("policy-inert", HINT + 1)
def _nothing_anywhere(facts: Facts) -> str | None:
    """A 2xx without the header: whoever has the policy did not touch this answer."""
    if facts.response.ok and not facts.allow_origin:
        return f"the actual answer is {facts.response.status}, without an allowed origin"
    return None


@_rule("origin-mismatch", HINT + 1)
def _nothing_for_this_origin(facts: Facts) -> str | None:
    """A 2xx without the header: the owner does not know this origin."""
    if facts.response.ok and facts.no_origin_granted:
        return f"the actual answer is {facts.response.status}, without an allowed origin"
    return None


@_rule("streaming-bypass", PROOF - 2)
def _stream_without_origin(facts: Facts) -> str | None:
    """A stream whose headers were sent before anybody added CORS."""
    kind = facts.response.get("content-type") or ""
    if re.search(r"event-stream|x-ndjson|grpc-web", kind) and facts.response.ok:
        return None if facts.response.lines(ALLOW_ORIGIN) else f"content-type: {kind}, no CORS"
    return None


@_rule("expose-missing", FAIR)
def _wanted_header_not_exposed(facts: Facts) -> str | None:
    """The header is there, the answer may be read, and the header is not exposed."""
    if not facts.response.ok or len(facts.response.lines(ALLOW_ORIGIN)) != 1:
        return None
    exposed = {m.lower() for v in facts.response.lines(EXPOSE_HEADERS) for m in _members(v)}
    if "*" in exposed:
        return None
    for name, _ in facts.response.headers:
        if name in _WANTED and name not in exposed:
            return f"{name} is there, but Access-Control-Expose-Headers does not name it"
    return None


@_rule("expose-missing", PROOF)
def _named_header_not_exposed(facts: Facts) -> str | None:
    """The page wants to read this header, it is there, and it is not exposed."""
    exposed = {m.lower() for v in facts.response.lines(EXPOSE_HEADERS) for m in _members(v)}
    starred = "*" in exposed and facts.observation.asked.credentials != "include"
    for name in facts.observation.asked.reads:
        there = facts.response.lines(name) and name not in _SAFELISTED
        if there and facts.allow_origin and name not in exposed and not starred:
            return f"{name} is there, but Access-Control-Expose-Headers does not name it"
    return None


@_rule("origin-mismatch", FAIR)
def _one_fixed_origin(facts: Facts) -> str | None:
    """One origin, whichever page asks: right for that page only."""
    if facts.response.failed or facts.wildcard or len(facts.allow_origin) != 1:
        return None
    value = facts.allow_origin[0].strip()
    if value == facts.origin:
        return None
    return f"Access-Control-Allow-Origin: {value[:200]}" if "://" in value else None


@_rule("origin-mismatch", PROOF - 2)
def _other_origin_than_asked(facts: Facts) -> str | None:
    """The page's origin is known, and the one allowed origin is another."""
    origin = facts.observation.asked.origin
    if not origin or len(facts.allow_origin) != 1 or facts.wildcard:
        return None
    value = facts.allow_origin[0].strip()
    if value == origin:
        return None
    return f"Access-Control-Allow-Origin: {value[:200]}, but the page's origin is {origin[:200]}"


@_rule("method-not-allowed", PROOF)
def _method_missing(facts: Facts) -> str | None:
    """The method that was asked for is known, and the list does not have it, case and all."""
    method = facts.observation.asked.method
    if facts.observation.asked.reason not in {None, Reason.METHOD_NOT_ALLOWED}:
        return None
    lines = facts.preflight.lines(ALLOW_METHODS)
    if not method or not facts.preflight.ok or not lines or method in {"GET", "HEAD", "POST"}:
        return None
    allowed = {member for line in lines for member in _members(line)}
    starred = "*" in allowed and facts.observation.asked.credentials != "include"
    if method in allowed or starred or not facts.preflight.lines(ALLOW_ORIGIN):
        return None
    return f"{method} is not in Access-Control-Allow-Methods: {', '.join(lines)[:200]}"


@_rule("header-not-allowed", PROOF)
def _header_missing(facts: Facts) -> str | None:
    """The headers that were asked for are known, and the list lacks one."""
    asked = {m.lower() for n, v in facts.observation.asked.headers for m in _asked_names(n, v)}
    lines = facts.preflight.lines(ALLOW_HEADERS)
    if not asked or not facts.preflight.ok or not facts.preflight.lines(ALLOW_ORIGIN):
        return None
    if facts.observation.asked.reason not in {None, Reason.HEADER_NOT_ALLOWED}:
        return None
    allowed = {member.lower() for line in lines for member in _members(line)}
    starred = "*" in allowed and facts.observation.asked.credentials != "include"
    missing = sorted(asked - allowed)
    if not missing or starred:
        return None
    return f"{missing[0]} is not in Access-Control-Allow-Headers: {', '.join(lines)[:200]}"


def _asked_names(name: str, value: str) -> list[str]:
    """Names that need permission: those listed for the preflight, and custom ones as they stand."""
    if name == "access-control-request-headers":
        return [member for member in _members(value) if member]
    if name in {"authorization", "x-requested-with"} or name.startswith("x-"):
        return [name]
    if name == "content-type" and re.match(r"application/(?!x-www-form-urlencoded)", value):
        return [name]
    return []


RULES = tuple(_table.rules)
