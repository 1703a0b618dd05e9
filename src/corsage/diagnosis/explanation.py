"""One pasted failure, explained: the browsers' verdicts, what they print, and the diagnosis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from corsage.browser import PROFILES, Profile, Request, Response, Verdict, WireRequest, judge
from corsage.browser.preflight import preflight_for
from corsage.diagnosis.case import Case
from corsage.diagnosis.diagnosis import Diagnosis, diagnose
from corsage.diagnosis.observation import Answer, Asked, Observation
from corsage.diagnosis.redact import redact

BROWSERS = ("chromium", "firefox", "safari")
"""The browsers whose console is quoted, by the names of their profiles."""

_NONE: Mapping[str, Verdict] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Explanation:
    """``verdicts`` holds what each browser makes of the recording, by profile; it is empty where
    the text says too little to judge (then ``missing`` says what to add). ``diagnosis`` is None
    where every browser lets the page read the answer and nothing else was complained of.
    """

    title: str
    diagnosis: Diagnosis | None
    verdicts: Mapping[str, Verdict] = field(default_factory=lambda: _NONE)
    missing: str = ""
    notes: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool | None:
        """Whether every browser lets the page read the answer; None where that is not known."""
        if not self.verdicts:
            return None
        return all(verdict.allowed for verdict in self.verdicts.values())

    @property
    def console(self) -> Mapping[str, tuple[str, ...]]:
        """What Chrome, Firefox and Safari print, secrets redacted; only browsers that print."""
        return {
            name: tuple(map(redact, self.verdicts[name].console))
            for name in BROWSERS
            if name in self.verdicts and self.verdicts[name].console
        }

    @property
    def sentence(self) -> str:
        """The answer in one sentence."""
        if self.diagnosis is not None:
            return self.diagnosis.sentence
        if self.allowed:
            return "Nothing is blocked here: every browser lets the page read this answer."
        return f"I cannot tell yet: {self.missing}"


def explain(case: Case, *, stack: str = "", config: str = "") -> Explanation:
    """Judge what was recorded and find the cause. ``stack`` and ``config`` are the user's own
    words about the path and the configuration, where there are any."""
    verdicts, missing = _judge(case)
    if case.symptom or case.response.status == 0:
        failed = True
    elif verdicts:
        failed = any(not verdict.allowed for verdict in verdicts.values())
    else:
        failed = _looks_refused(case)
    observation = _observation(case, stack, config)
    diagnosis = diagnose(observation) if failed else None
    return Explanation(redact(case.title), diagnosis, verdicts, missing, case.notes)


def _looks_refused(case: Case) -> bool:
    """Whether what was recorded of an incomplete exchange shows a failure by itself."""
    if case.preflight.failed or case.preflight.redirects:
        return True
    seen = case.response if case.response.seen else case.preflight
    if not seen.seen:
        return False
    origin = case.request.origin if case.request else None
    lines = seen.lines("access-control-allow-origin")
    granted = len(lines) == 1 and (lines[0] in {"*", origin} or origin is None)
    return not granted or case.response.redirects


def _observation(case: Case, stack: str, config: str) -> Observation:
    asked = Asked()
    if case.request is not None:
        request = case.request
        sent = preflight_for(request)
        names = tuple(
            (name.lower(), value)
            for name, value in (sent.headers if sent else ())
            if name.lower() == "access-control-request-headers"
        )
        asked = Asked(request.method, request.url, request.origin, names, request.credentials)
    return Observation(
        id=redact(case.title),
        preflight=case.preflight,
        response=case.response,
        asked=asked,
        stack=stack,
        config=config,
        symptom=case.symptom,
    )


class _UnrecordedError(Exception):
    """The browser would send something whose answer is not in the recording."""


def _judge(case: Case) -> tuple[Mapping[str, Verdict], str]:
    request = case.request
    if request is None:
        return _NONE, "name the page's origin with --origin, and paste the request with its answer"
    verdicts: dict[str, Verdict] = {}
    for name in BROWSERS:
        try:
            verdicts[name] = _verdict(request, case, PROFILES[name])
        except _UnrecordedError as missing:
            return _NONE, str(missing)
    return verdicts, ""


def _verdict(request: Request, case: Case, profile: Profile) -> Verdict:
    def server(wire: WireRequest) -> Response | None:
        answer = case.preflight if wire.kind == "preflight" else case.response
        if wire.url != request.url.partition("#")[0] and wire.kind == "actual":
            raise _UnrecordedError(
                f"paste the answer of {redact(wire.url)} too, where it redirects to"
            )
        return _response(answer, wire)

    return judge(request, server, profile=profile)


def _response(answer: Answer, wire: WireRequest) -> Response | None:
    if answer.status is None:
        raise _UnrecordedError(
            f"the answer to the {_NAMES[wire.kind]} is missing; ask with\n{_curl(wire)}"
        )
    return Response(answer.status, answer.headers) if answer.status else None


_NAMES = {"preflight": "preflight", "actual": "request itself"}


def _curl(wire: WireRequest) -> str:
    """The command that asks what the browser asks."""
    words = ["curl -i -X", wire.method, _quoted(redact(wire.url))]
    words += [f"-H {_quoted(f'{name}: {_shown(name, value)}')}" for name, value in wire.headers]
    return "  " + " ".join(words)


def _shown(name: str, value: str) -> str:
    plain = name.lower() in {"origin", "content-type", "accept"} or name.lower().startswith(
        "access-"
    )
    return value if plain else "..."


_SHOWN = {"accept", "content-type", "origin"}


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
