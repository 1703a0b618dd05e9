"""The harness can be believed: it plays cases to the byte, and sees a difference where there is
one."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from corsage.browser import STANDARD, Verdict, judge
from tests.differential import compare
from tests.differential.case import (
    Case,
    Observed,
    Seen,
    from_json,
    hop_number,
    origin_letter,
    to_json,
)
from tests.differential.compare import differences
from tests.differential.directed import PLANS, directed_cases
from tests.differential.generate import pairwise_cases, random_cases, single_cases
from tests.differential.minimise import Disagreement, minimise
from tests.differential.plan import Plan
from tests.differential.record import read, recorder
from tests.differential.server import CaseServer


def test_the_same_seed_gives_the_same_cases() -> None:
    assert list(random_cases(50, 7)) == list(random_cases(50, 7))
    assert list(random_cases(50, 7)) != list(random_cases(50, 8))


def test_no_two_cases_share_a_url() -> None:
    cases = [*directed_cases(), *single_cases(), *pairwise_cases(), *random_cases(99, 1)]
    assert len({case.hops[0].url for case in cases}) == len(cases)


def test_a_case_survives_json() -> None:
    for case in (*directed_cases(), *random_cases(200, 1)):
        assert from_json(json.loads(json.dumps(to_json(case)))) == case


def test_a_renamed_case_leads_through_its_own_urls_only() -> None:
    case = next(c for c in directed_cases() if len(c.hops) == 3)
    assert case.id not in json.dumps(to_json(case.renamed("other")))


def test_the_server_sends_header_lines_as_they_are_and_writes_down_what_came() -> None:
    lines = (("X-Foo", "1"), ("x-foo", " 2"), ("X-Empty", ""), ("X-Bytes", "\xe4"))
    case = Plan(extra=lines, acao=("*", "*")).case("bytes")

    async def ask() -> tuple[bytes, list[Seen]]:
        async with CaseServer() as server:
            server.play([case])
            url = server.ports.to_run(case.hops[0].url)
            port = int(url.split(":")[2].split("/")[0])
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /c/bytes/0 HTTP/1.1\r\nOrigin: http://x.example\r\n\r\n")
            answer = await reader.readuntil(b"\r\n\r\nok")
            writer.close()
            await writer.wait_closed()
            return answer, server.wire("bytes")

    answer, wire = asyncio.run(ask())
    assert answer == (
        b"HTTP/1.1 200 X\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Allow-Origin: *\r\n"
        b"X-Foo: 1\r\nx-foo:  2\r\nX-Empty: \r\nX-Bytes: \xe4\r\nContent-Length: 2\r\n\r\nok"
    )
    assert [(seen.at, seen.kind, seen.method, seen.origin) for seen in wire] == [
        ("A", "actual", "GET", "http://x.example")
    ]


def as_observed(case: Case, verdict: Verdict) -> Observed:
    """What a browser that follows this verdict would be seen to do."""
    resolved = verdict.outcome in ("allowed", "opaque")
    wire = [
        Seen(
            hop=hop_number(request.url) or 0,
            at=origin_letter(request.url) or "?",
            kind=request.kind,
            method=request.method,
            origin=lines.get("origin"),
            acrm=lines.get("access-control-request-method"),
            acrh=lines.get("access-control-request-headers"),
            cookie="a=b" if request.credentials and request.kind == "actual" else None,
            sent=tuple(lines.items()) if request.kind == "actual" else (),
        )
        for request, _ in verdict.sent
        for lines in [{name.lower(): value for name, value in request.headers}]
    ]
    return Observed(
        outcome="resolved" if resolved else "rejected",
        type=verdict.type,
        status=verdict.response.status if verdict.response else None,
        url=verdict.url,
        headers=[list(line) for line in verdict.readable],
        cors_error=verdict.cors_error,
        failed_parameter=verdict.failed_parameter,
        console=list(verdict.console),
        wire=wire,
    )


@pytest.mark.parametrize("browser", ["chromium", "firefox"])
def test_a_browser_that_does_what_the_model_says_does_not_differ(browser: str) -> None:
    for name in ("credentials-null-origin-with-credentials", "redirects-third-put-307"):
        case = PLANS[name].case(name)
        assert differences(case, browser, as_observed(case, compare.verdict(case, browser))) == []


@pytest.mark.parametrize(
    ("aspect", "change"),
    [
        ("outcome", {"outcome": "rejected"}),
        ("type", {"type": "basic"}),
        ("status", {"status": 418}),
        ("url", {"url": "http://localhost:18102/elsewhere"}),
        ("headers", {"headers": []}),
        ("preflights", {"wire": []}),
        ("reason", {"cors_error": "AllowOriginMismatch"}),
        ("console", {"console": ["something"]}),
    ],
)
def test_a_change_in_any_aspect_is_a_difference(aspect: str, change: dict[str, object]) -> None:
    case = Plan(method="PUT", headers=(("X-Custom", "1"),)).case("changed")
    observed = as_observed(case, compare.verdict(case, "chromium"))
    changed = dataclasses.replace(observed, **change)  # type: ignore[arg-type]
    assert aspect in [found.aspect for found in differences(case, "chromium", changed)]


class StrictBrowser:
    """A browser that follows the standard to the letter, in Chromium's place."""

    name = "chromium"

    async def again(self, cases: Iterable[Case]) -> list[tuple[Case, Observed]]:
        return [(case, self.see(case)) for case in cases]

    def see(self, case: Case) -> Observed:
        return as_observed(case, judge(case.request, case.respond, profile=STANDARD))


def test_a_disagreement_is_shrunk_to_what_causes_it() -> None:
    noise = (("X-Custom", "1"), ("Accept", "a/b"))
    case = Plan(
        page="sandboxed",
        method="PUT",
        headers=(noise[0], ("Authorization", "x"), noise[1]),
        body="x",
        acah=("*",),
        extra=(("X-Foo", "1"), ("ETag", "e")),
        aceh=("ETag",),
    ).case("noisy")
    strict = StrictBrowser()
    found = Disagreement(
        case, strict.see(case), tuple(differences(case, "chromium", strict.see(case)))
    )
    smallest = asyncio.run(minimise(strict, found)).case  # type: ignore[arg-type]
    assert [name for name, _ in smallest.request.headers] == ["Authorization"]
    assert (smallest.page, smallest.request.body) == ("page", None)
    assert smallest.hops[0].preflight.headers == (
        ("Access-Control-Allow-Origin", "http://localhost:18101"),
        ("Access-Control-Allow-Headers", "*"),
    )


def test_a_recording_gives_back_what_was_written(tmp_path: Path) -> None:
    pairs = [
        (case, as_observed(case, compare.verdict(case, "firefox"))) for case in directed_cases()
    ]
    with recorder(tmp_path / "x.jsonl.xz") as write:
        for pair in pairs:
            write(*pair)
    assert list(read(tmp_path / "x.jsonl.xz")) == pairs
