"""What several pages use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from tests.differential.plan import Plan
from tests.differential.wpt.expectation import Expect

P, A, B = "http://localhost:18101", "http://localhost:18102", "http://127.0.0.1:18103"
REDIRECTS = (301, 302, 303, 307, 308)
OK = Expect("cors", status=200)
REJECTED = Expect("rejected")
NO_PREFLIGHT = Expect("cors", status=200, preflights=0)
ONE_PREFLIGHT = Expect("cors", status=200, preflights=1)
CUSTOM = (("X-Custom", "1"),)
FORCED = (("x-force-preflight", ""),)

Cases: TypeAlias = Iterable[tuple[str, Plan, Expect]]
"""What a subtest is about, our exchange, what must come out."""


def xhr(**changes: object) -> Plan:
    return Plan(initiator="xmlhttprequest", **changes)  # type: ignore[arg-type]


def expose_star(by_xhr: bool = False) -> Cases:
    lines = (("Test", "X"), ("Set-Cookie", "X"), ("*", "whoa"), ("Content-Type", "text/plain"))
    plan = xhr if by_xhr else Plan
    star = Expect("cors", has=("test", "*"), lacks=("set-cookie",))
    literal = Expect("cors", has=("content-type", "*"), lacks=("test", "set-cookie"))
    yield "everything", plan(acao=("*",), aceh=("*",), extra=lines), star
    yield "literal", plan(credentials="include", aceh=("*",), extra=lines), literal
    yield "among others", plan(acao=("*",), aceh=("set-cookie,*",), extra=lines), star


def preflight_status(statuses: Iterable[int], by_xhr: bool = False) -> Cases:
    for status in statuses:
        make = xhr if by_xhr else Plan
        good = Expect("cors", status=200, preflights=1)
        expect = good if 200 <= status <= 299 else REJECTED
        yield f"{status}", make(headers=FORCED, preflight_status=status), expect
