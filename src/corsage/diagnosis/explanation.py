"""One pasted failure, explained: the browsers' verdicts, what they print, and the diagnosis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from corsage.browser import Verdict, preflight_for
from corsage.diagnosis.case import Case
from corsage.diagnosis.diagnosis import Diagnosis, diagnose
from corsage.diagnosis.observation import Asked, Observation
from corsage.diagnosis.redact import redact
from corsage.diagnosis.verdicts import BROWSERS, first_refusal, seen_response, verdicts_of

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
        refusal = first_refusal(self.verdicts)
        if refusal is not None:
            return (
                f"The call itself is refused, before anything is sent: {redact(refusal.sentence)}"
            )
        if self.allowed:
            return "Nothing is blocked here: every browser lets the page read this answer."
        return f"I cannot tell yet: {self.missing}"


def explain(case: Case, *, stack: str = "", config: str = "") -> Explanation:
    """Judge what was recorded and find the cause. ``stack`` and ``config`` are the user's own
    words about the path and the configuration, where there are any."""
    verdicts, missing = _judged(case)
    refusal = first_refusal(verdicts)
    if refusal is not None and not refusal.sent:
        # Refused before anything was sent: the call itself is wrong, and no server can help.
        return Explanation(redact(case.title), None, verdicts, missing, case.notes)
    if case.symptom or case.response.status == 0:
        failed = True
    elif verdicts:
        failed = refusal is not None
    else:
        failed = _looks_refused(case)
    observation = _observation(case, refusal, stack, config)
    diagnosis = diagnose(observation) if failed else None
    return Explanation(redact(case.title), diagnosis, verdicts, missing, case.notes)


def _judged(case: Case) -> tuple[Mapping[str, Verdict], str]:
    if case.request is None:
        return _NONE, "name the page's origin with --origin, and paste the request with its answer"
    return verdicts_of(case.request, case.preflight, case.response)


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


def _observation(case: Case, refusal: Verdict | None, stack: str, config: str) -> Observation:
    asked = Asked()
    if case.request is not None:
        request = case.request
        sent = preflight_for(request)
        names = tuple(
            (name.lower(), value)
            for name, value in (sent.headers if sent else ())
            if name.lower() == "access-control-request-headers"
        )
        asked = Asked(
            request.method,
            request.url,
            request.origin,
            names,
            request.credentials,
            refusal.reason if refusal else None,
        )
    return Observation(
        id=redact(case.title),
        preflight=case.preflight,
        response=seen_response(refusal, case.response),
        asked=asked,
        stack=stack,
        config=config,
        symptom=case.symptom,
    )
