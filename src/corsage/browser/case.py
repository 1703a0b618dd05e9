"""A case as JSON: a request, and what each server that it may reach would answer.

The shape in which exchanges are recorded from real browsers, and in which ``corsage judge`` reads
and writes them. What is not needed to judge (``observed``, ``at``, ``body`` of a hop) is ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from corsage.browser.exchange import (
    CredentialsMode,
    Headers,
    Initiator,
    RedirectMode,
    Request,
    RequestMode,
    Response,
    WireRequest,
)
from corsage.browser.origin import is_same_origin
from corsage.browser.url import Url, parse
from corsage.browser.verdict import Verdict

MOST_HOPS = 100
MOST_HEADERS = 1000

_CREDENTIALS: tuple[CredentialsMode, ...] = ("omit", "same-origin", "include")
_MODES: tuple[RequestMode, ...] = ("cors", "no-cors", "same-origin")
_REDIRECTS: tuple[RedirectMode, ...] = ("follow", "error", "manual")
_INITIATORS: tuple[Initiator, ...] = ("fetch", "xmlhttprequest")

T = TypeVar("T")


class CaseError(ValueError):
    """The JSON is no case; the message names the field and what belongs there."""


@dataclass(frozen=True, slots=True)
class _Hop:
    url: Url
    preflight: Response | None
    actual: Response | None


@dataclass(frozen=True, slots=True)
class Case:
    """One case. ``respond`` is its :data:`~corsage.browser.exchange.Server`."""

    id: str
    request: Request
    hops: tuple[_Hop, ...]

    def respond(self, asked: WireRequest) -> Response | None:
        """What the hop at the asked URL answers: 404 at a known server, nothing elsewhere."""
        url = parse(asked.url)
        if url is None:
            return None
        for hop in self.hops:
            if _same_place(hop.url, url):
                return hop.preflight if asked.kind == "preflight" else hop.actual
        known = any(is_same_origin(hop.url.origin, url) for hop in self.hops)
        return Response(404) if known else None


def parse_case(data: object) -> Case:
    """The case that ``data`` (parsed JSON) describes. Raises :class:`CaseError`."""
    case = _object(data, "the case")
    request = _object(case.get("request"), "request")
    sandboxed = _one_of(case, "page", ("page", "sandboxed"), "page") == "sandboxed"
    hops = _array(case.get("hops"), "hops", MOST_HOPS)
    return Case(
        id=_string(case.get("id", ""), "id"),
        request=Request(
            url=_string(request.get("url"), "request.url"),
            origin="null" if sandboxed else _string(case.get("origin"), "origin"),
            method=_string(request.get("method", "GET"), "request.method"),
            headers=_headers(request.get("headers", []), "request.headers"),
            body=_optional_string(request.get("body"), "request.body"),
            credentials=_one_of(request, "credentials", _CREDENTIALS, "same-origin"),
            mode=_one_of(request, "mode", _MODES, "cors"),
            redirect=_one_of(request, "redirect", _REDIRECTS, "follow"),
            initiator=_one_of(request, "initiator", _INITIATORS, "fetch"),
            upload_listeners=bool(request.get("upload_listeners", False)),
        ),
        hops=tuple(_hop(hop, f"hops[{number}]") for number, hop in enumerate(hops)),
    )


def verdict_json(case_id: str, verdict: Verdict) -> dict[str, Any]:
    """The verdict of one profile on one case, as ``corsage judge`` writes it."""
    answer: dict[str, Any] = {
        "id": case_id,
        "profile": verdict.profile,
        "outcome": verdict.outcome,
        "reason": verdict.reason,
        "value": verdict.value,
        "sentence": verdict.sentence,
        "console": list(verdict.console),
        "readable": [list(line) for line in verdict.readable],
        "preflights": [_preflight(sent) for sent in verdict.preflights],
    }
    if verdict.profile == "chromium":
        answer["cors_error"] = verdict.cors_error
        answer["failed_parameter"] = verdict.failed_parameter
    return answer


def _preflight(sent: WireRequest) -> dict[str, str | None]:
    headers = {name.lower(): value for name, value in sent.headers}
    return {
        "url": sent.url,
        "method": headers.get("access-control-request-method"),
        "headers": headers.get("access-control-request-headers"),
        "origin": headers.get("origin"),
    }


def _same_place(one: Url, other: Url) -> bool:
    """Whether two URLs reach the same resource: user names and fragments are not sent."""
    return (one.origin, one.path, one.query) == (other.origin, other.path, other.query)


def _hop(data: object, where: str) -> _Hop:
    hop = _object(data, where)
    text = _string(hop.get("url"), f"{where}.url")
    url = parse(text)
    if url is None:
        raise CaseError(f"{where}.url: {text!r} is no URL")
    return _Hop(
        url,
        _response(hop.get("preflight"), f"{where}.preflight"),
        _response(hop.get("actual"), f"{where}.actual"),
    )


def _response(data: object, where: str) -> Response | None:
    if data is None:
        return None
    response = _object(data, where)
    status = response.get("status")
    if not isinstance(status, int) or isinstance(status, bool) or not 100 <= status <= 999:
        raise CaseError(f"{where}.status: expected a number from 100 to 999")
    return Response(status, _headers(response.get("headers", []), f"{where}.headers"))


def _headers(data: object, where: str) -> Headers:
    lines = []
    for number, line in enumerate(_array(data, where, MOST_HEADERS)):
        if (
            not isinstance(line, list)
            or len(line) != 2
            or not all(isinstance(part, str) for part in line)
        ):
            raise CaseError(f'{where}[{number}]: expected a pair of strings, ["Name", "value"]')
        lines.append((line[0], line[1]))
    return tuple(lines)


def _object(data: object, where: str) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise CaseError(f"{where}: expected an object")
    return data


def _array(data: object, where: str, most: int) -> list[Any]:
    if not isinstance(data, list):
        raise CaseError(f"{where}: expected an array")
    if len(data) > most:
        raise CaseError(f"{where}: {len(data)} elements; at most {most} are judged")
    return data


def _string(data: object, where: str) -> str:
    if not isinstance(data, str):
        raise CaseError(f"{where}: expected a string")
    return data


def _optional_string(data: object, where: str) -> str | None:
    return None if data is None else _string(data, where)


def _one_of(data: Mapping[str, Any], key: str, known: tuple[T, ...], default: T) -> T:
    value = data.get(key, default)
    if value not in known:
        raise CaseError(f"{key}: {value!r} is none of {', '.join(map(str, known))}")
    return known[known.index(value)]
