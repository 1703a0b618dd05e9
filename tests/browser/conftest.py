"""Exchanges recorded from real browsers, and what the model makes of them."""

from __future__ import annotations

import json
import lzma
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from corsage.browser import (
    Profile,
    Request,
    Response,
    Server,
    Verdict,
    WireRequest,
    judge,
)

DATA = Path(__file__).parents[1] / "data" / "browser"

# Set by the network stack whatever the page says; the model speaks of the page's headers.
_OF_THE_NETWORK = {"accept", "host", "referer", "user-agent"}

Differences = dict[str, dict[str, tuple[Any, Any]]]


@pytest.fixture(scope="session")
def differences() -> Callable[[str, Profile], Differences]:
    """Aspect -> case id -> (the model's, the browser's), where the two differ."""
    return cache(_differences)


def _differences(recording: str, profile: Profile) -> Differences:
    found: Differences = {}
    for case in recorded_cases(recording):
        verdict = judge(request_of(case), server_of(case), profile=profile)
        for aspect, mine, real in _compare(case["observed"], verdict):
            if mine != real:
                found.setdefault(aspect, {})[case["id"]] = (mine, real)
    return found


def recorded_cases(recording: str) -> Iterator[dict[str, Any]]:
    with lzma.open(DATA / f"{recording}.jsonl.xz", "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def request_of(case: dict[str, Any]) -> Request:
    asked = case["request"]
    return Request(
        url=asked["url"],
        origin=case["origin"],
        method=asked["method"],
        headers=tuple((name, value) for name, value in asked["headers"]),
        body=asked["body"],
        credentials=asked["credentials"],
        mode=asked["mode"],
        redirect=asked["redirect"],
        page_url=f"{case['origin']}/page" if case["page"] == "page" else None,
    )


def server_of(case: dict[str, Any]) -> Server:
    """The servers of a case; asking for a URL that the browser never asked for is an error."""
    hops = {hop["url"]: hop for hop in case["hops"]}

    def answer(asked: WireRequest) -> Response:
        said = hops[asked.url][asked.kind]
        return Response(said["status"], (*map(tuple, said["headers"]), *_framing(said["status"])))

    return answer


def _framing(status: int) -> tuple[tuple[str, str], ...]:
    """The recording server sent the body ``ok`` wherever a response may have one."""
    if status in {204, 304}:
        return ()
    return (("Content-Length", "0" if status == 205 else "2"),)


def _compare(observed: dict[str, Any], verdict: Verdict) -> Iterator[tuple[str, Any, Any]]:
    resolved = verdict.outcome in {"allowed", "opaque"}
    yield "outcome", "resolved" if resolved else "rejected", observed["outcome"]
    if resolved and observed["outcome"] == "resolved":
        hidden = verdict.outcome == "opaque"
        status = 0 if hidden or verdict.response is None else verdict.response.status
        yield "type", verdict.type, observed["type"]
        yield "status", status, observed["status"]
        yield "url", "" if verdict.type == "opaque" else verdict.url, observed["url"]
        yield "readable", [list(line) for line in verdict.readable], observed["headers"]
    yield "wire", [_wire(sent) for sent, _ in verdict.sent], [_seen(w) for w in observed["wire"]]
    for (sent, _), wire in zip(verdict.sent, observed["wire"], strict=False):
        mine = dict(_sent(sent, wire["sent"]))
        real = {n: v for n, v in wire["sent"] if n in mine}
        yield "headers sent", mine, real
    if "cors_error" in observed:
        yield "cors_error", verdict.cors_error, observed["cors_error"]
        yield from _one_of_the_missing(verdict, observed)
    elif verdict.console or observed["console"]:
        yield "first console line", verdict.console[:1], tuple(observed["console"][:1])
        yield "console", verdict.console, tuple(observed["console"])


def _one_of_the_missing(
    verdict: Verdict, observed: dict[str, Any]
) -> Iterator[tuple[str, Any, Any]]:
    """Chromium names any one of several missing headers: in the order of a hash table."""
    named, real = verdict.failed_parameter, observed["failed_parameter"]
    lines = verdict.console
    if named != real and real in verdict.candidates:
        lines = tuple(line.replace(f" field {named} ", f" field {real} ") for line in lines)
        named = real
    yield "failed_parameter", named, real
    # Every unsuccessful status is printed too, readable or not.
    printed = [line for line in observed["console"] if "responded with a status of" not in line]
    yield "console", lines, tuple(printed)


def _values(sent: WireRequest) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, value in sent.headers:
        lowered = name.lower()
        values[lowered] = f"{values[lowered]}, {value}" if lowered in values else value
    return values


def _wire(sent: WireRequest) -> tuple[str | None, ...]:
    values = _values(sent)
    return (
        sent.kind,
        sent.method,
        values.get("origin"),
        values.get("access-control-request-method"),
        values.get("access-control-request-headers"),
        values.get("authorization"),
        values.get("content-type"),
    )


def _seen(wire: dict[str, Any]) -> tuple[str | None, ...]:
    names = ("kind", "method", "origin", "acrm", "acrh", "authorization", "content_type")
    return tuple(wire[name] for name in names)


def _sent(sent: WireRequest, asked_for: list[list[str]]) -> Iterator[tuple[str, str]]:
    values = _values(sent)
    for name, _ in asked_for:
        if name in values or name not in _OF_THE_NETWORK:
            yield name, values.get(name, "<absent>")
