"""What a row of the table expects, and whether a verdict meets it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from corsage.browser import Verdict, WireRequest
from tests.differential.plan import Plan


@dataclass(frozen=True, slots=True)
class Expect:
    """``outcome`` is ``rejected`` or a response type. The rest is tested where it is not None:
    ``preflights`` how many, ``asked`` the names of the last preflight, ``origin`` and ``method``
    of the last request, ``has`` and ``lacks`` header names that JavaScript can read, or cannot."""

    outcome: str
    status: int | None = None
    preflights: int | None = None
    asked: str | None = None
    origin: str | None = None
    method: str | None = None
    sends: tuple[str, ...] = ()
    omits: tuple[str, ...] = ()
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()

    def failures(self, verdict: Verdict) -> Iterator[str]:
        """What the verdict does otherwise."""
        outcome = verdict.type if verdict.outcome in ("allowed", "opaque") else "rejected"
        if outcome != self.outcome:
            yield f"{outcome} instead of {self.outcome}"
        if (
            self.status is not None
            and (verdict.response and verdict.response.status) != self.status
        ):
            yield f"not status {self.status}"
        if self.preflights is not None and len(verdict.preflights) != self.preflights:
            yield f"{len(verdict.preflights)} preflights instead of {self.preflights}"
        if self.asked is not None:
            asked = _value(verdict.preflights[-1], "access-control-request-headers")
            if (asked or "") != self.asked:
                yield f"asked for {asked}"
        yield from self._of_the_last_request(verdict)
        readable = {name for name, _ in verdict.readable}
        yield from (f"hides {name}" for name in self.has if name not in readable)
        yield from (f"shows {name}" for name in self.lacks if name in readable)

    def _of_the_last_request(self, verdict: Verdict) -> Iterator[str]:
        if not verdict.sent:
            return
        last = verdict.sent[-1][0]
        if self.origin is not None and _value(last, "origin") != self.origin:
            yield f"Origin {_value(last, 'origin')}"
        if self.method is not None and last.method != self.method:
            yield f"sends {last.method}"
        yield from (f"does not send {name}" for name in self.sends if _value(last, name) is None)
        yield from (f"sends {name}" for name in self.omits if _value(last, name) is not None)


@dataclass(frozen=True, slots=True)
class Row:
    """One subtest: the WPT page, what it is about, our exchange, what must come out."""

    page: str
    about: str
    plan: Plan
    expect: Expect


def _value(request: WireRequest, name: str) -> str | None:
    return next((value for n, value in request.headers if n.lower() == name), None)
