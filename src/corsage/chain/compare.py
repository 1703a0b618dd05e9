"""The requests on which two sources differ.

Every question of either source is asked of both. Which origins they admit is compared exactly
besides: if there is any origin that one admits and the other does not, one is found and asked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from corsage.browser import CredentialsMode, Reason, Request, Verdict
from corsage.chain.surface import Question, Surface
from corsage.layers.urls import split_url
from corsage.patterns import Undecided
from corsage.policy.public_suffixes import registrable_domain


@dataclass(frozen=True, slots=True)
class Difference:
    """``request`` is the first of ``count`` that differ for one reason, on ``paths``; ``about``
    says in what."""

    request: Request
    about: str
    first: Verdict
    second: Verdict
    count: int = 1
    paths: tuple[str, ...] = ()

    @property
    def asked(self) -> str:
        """The request in a line."""
        request = self.request
        path = split_url(request.url).path
        names = ", ".join(name for name, _ in request.headers)
        return (
            f"{request.method} {path} from {request.origin}"
            + (f" with {names}" if names else "")
            + (" with credentials" if request.credentials == "include" else "")
        )

    @property
    def change(self) -> str:
        """What becomes of the request where the second takes the place of the first."""
        if self.first.allowed:
            return f"{self.asked} is no longer allowed: {self.second.sentence}"
        return f"{self.asked} is now allowed; until now {self.first.sentence}"

    @property
    def refusal(self) -> Verdict:
        """The verdict of the one that blocks."""
        return self.second if self.first.allowed else self.first


def differences(first: Surface, second: Surface) -> list[Difference]:
    """What differs in the browsers' verdicts, one for each reason. Paths that neither source
    routes, and hosts that one of them does not have, are left out."""
    comparison = _Comparison(first, second)
    asked = dict.fromkeys(
        question
        for question in (*first.questions, *second.questions)
        if first.knows(question.request.url) and second.knows(question.request.url)
    )
    urls: dict[str, None] = {}
    for question in asked:
        url = question.request.url
        if first.routes(url) or second.routes(url):
            urls[url] = None
            comparison.ask(question)
    for url in urls:
        comparison.ask_exactly(url)
    return list(comparison.found.values())


class _Comparison:
    def __init__(self, first: Surface, second: Surface) -> None:
        self.found: dict[tuple[object, ...], Difference] = {}
        self._first = first
        self._second = second
        self._origins_differ: set[tuple[str, bool]] = set()

    def ask(self, question: Question) -> None:
        request = question.request
        one, other = self._first.ask(request), self._second.ask(request)
        if one.allowed == other.allowed:
            return
        if not self._is_routed(self._first if one.allowed else self._second, request.url):
            return  # what can be read there is a 404, which differs from what the other routes
        path = split_url(request.url).path
        fresh = Difference(request, question.about, one, other, 1, (path,))
        cause = _cause(fresh.refusal, request.origin)
        if cause[0] == "origin":
            self._origins_differ.add((request.url, one.allowed))
            if self._is_open(self._first if one.allowed else self._second, request):
                cause = "origin", "everybody"
        key = one.allowed, *cause
        known = self.found.get(key)
        self.found[key] = fresh if known is None else _merged(known, fresh)

    @staticmethod
    def _is_routed(surface: Surface, url: str) -> bool:
        is_running = surface.admits(url) is None
        return is_running or surface.routes(url)

    def _is_open(self, looser: Surface, request: Request) -> bool:
        """Whether the looser source admits everybody: all whom it alone admits are one."""
        admitted = looser.admits(request.url)
        return admitted is not None and request.origin in admitted and _STRANGER in admitted

    def ask_exactly(self, url: str) -> None:
        """Ask for an origin that only one of them admits, unless such a one was met already."""
        first, second = self._first.admits(url), self._second.admits(url)
        if first is None or second is None:
            return
        for one, other, by_first in ((first, second, True), (second, first, False)):
            if (url, by_first) in self._origins_differ:
                continue
            try:
                origin = (one - other).shortest()
            except Undecided:
                continue
            modes: tuple[CredentialsMode, ...] = ("include", "omit") if origin else ()
            for credentials in modes:
                request = Request(url, origin or "", credentials=credentials)
                self.ask(Question(request, "an origin that only one of them admits"))


_STRANGER = "https://stranger.example"
_OF_THE_ORIGIN = {
    Reason.MISSING_ALLOW_ORIGIN,
    Reason.ALLOW_ORIGIN_MISMATCH,
    Reason.PREFLIGHT_MISSING_ALLOW_ORIGIN,
    Reason.PREFLIGHT_ALLOW_ORIGIN_MISMATCH,
    Reason.PREFLIGHT_STATUS,
}
_OF_A_NAME = {Reason.METHOD_NOT_ALLOWED, Reason.HEADER_NOT_ALLOWED}


def _cause(refusal: Verdict, origin: str) -> tuple[object, ...]:
    """What makes two differences one: a method or header, whose origins, or the reason."""
    if refusal.reason in _OF_A_NAME:
        return refusal.reason, refusal.value
    if refusal.reason in _OF_THE_ORIGIN:
        url = split_url(origin)
        host = url.hostname or ""
        return "origin", url.scheme, registrable_domain(host) or host
    return (refusal.reason,)


def _merged(known: Difference, fresh: Difference) -> Difference:
    paths = dict.fromkeys((*known.paths, *fresh.paths))
    return replace(known, count=known.count + 1, paths=tuple(paths))
