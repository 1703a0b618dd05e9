"""The requests on which two sources differ.

Every question of either source is asked of both. Which origins they admit is compared exactly
besides: if there is any origin that one admits and the other does not, one is found and asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from corsage.browser import Reason, Request, Verdict
from corsage.chain.surface import Question, Surface
from corsage.patterns import OriginLanguage, Undecided


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
        path = urlsplit(request.url).path
        names = ", ".join(name for name, _ in request.headers)
        return (
            f"{request.method} {path} from {request.origin}"
            + (f" with {names}" if names else "")
            + (" with credentials" if request.credentials == "include" else "")
        )

    @property
    def refusal(self) -> Verdict:
        """The verdict of the one that blocks."""
        return self.second if self.first.allowed else self.first


def differences(first: Surface, second: Surface) -> list[Difference]:
    """What differs in the browsers' verdicts, one for each reason."""
    found: dict[tuple[object, ...], Difference] = {}
    about_origin: dict[tuple[bool, str], str] = {}
    for question in _questions(first, second):
        request = question.request
        if not (first.answers(request.url) and second.answers(request.url)):
            continue
        one, other = first.ask(request), second.ask(request)
        if one.allowed == other.allowed:
            continue
        fresh = Difference(request, question.about, one, other, 1, (urlsplit(request.url).path,))
        about = about_origin.setdefault((one.allowed, request.origin), question.about)
        key = one.allowed, *_cause(fresh.refusal, about)
        known = found.get(key)
        found[key] = fresh if known is None else _merged(known, fresh)
    return list(found.values())


_OF_THE_ORIGIN = {
    Reason.MISSING_ALLOW_ORIGIN,
    Reason.ALLOW_ORIGIN_MISMATCH,
    Reason.PREFLIGHT_MISSING_ALLOW_ORIGIN,
    Reason.PREFLIGHT_ALLOW_ORIGIN_MISMATCH,
    Reason.PREFLIGHT_STATUS,
}
_OF_A_NAME = {Reason.METHOD_NOT_ALLOWED, Reason.HEADER_NOT_ALLOWED}


def _cause(refusal: Verdict, about_its_origin: str) -> tuple[object, ...]:
    """What makes two differences one: a method or header, a kind of origin, or the reason."""
    if refusal.reason in _OF_A_NAME:
        return refusal.reason, refusal.value
    if refusal.reason in _OF_THE_ORIGIN:
        return "origin", about_its_origin
    return (refusal.reason,)


def _merged(known: Difference, fresh: Difference) -> Difference:
    paths = dict.fromkeys((*known.paths, *fresh.paths))
    return replace(known, count=known.count + 1, paths=tuple(paths))


def _questions(first: Surface, second: Surface) -> Iterator[Question]:
    seen: set[Request] = set()
    urls: dict[str, Request] = {}
    for question in (*first.questions, *second.questions):
        if question.request not in seen:
            seen.add(question.request)
            urls.setdefault(question.request.url, question.request)
            yield question
    for url, request in urls.items():
        for origin in _only_one_admits(first.admits(url), second.admits(url)):
            for credentials in ("omit", "include"):
                simple = Request(url, origin, credentials=credentials)
                if simple not in seen and request.url == url:
                    yield Question(simple, "an origin that one of them admits")


def _only_one_admits(first: OriginLanguage | None, second: OriginLanguage | None) -> Iterator[str]:
    if first is None or second is None:
        return
    for one, other in ((first, second), (second, first)):
        try:
            origin = (one - other).shortest()
        except Undecided:
            continue
        if origin is not None:
            yield origin
