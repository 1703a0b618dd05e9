"""What browsers make of a recorded exchange."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from corsage.browser import PROFILES, Profile, Request, Response, Verdict, WireRequest, judge
from corsage.diagnosis.observation import Answer
from corsage.diagnosis.redact import redact

BROWSERS = ("chromium", "firefox", "safari")
"""The browsers that are asked, by the names of their profiles."""

_NONE: Mapping[str, Verdict] = MappingProxyType({})
_NAMES = {"preflight": "preflight", "actual": "request itself"}
_SHOWN = {"accept", "content-type", "origin"}


class _UnrecordedError(Exception):
    """The browser would send something whose answer is not in the recording."""


def verdicts_of(
    request: Request, preflight: Answer, response: Answer
) -> tuple[Mapping[str, Verdict], str]:
    """The verdict of each browser, or none and what is missing to reach one."""
    verdicts: dict[str, Verdict] = {}
    for name in BROWSERS:
        try:
            verdicts[name] = _verdict(request, preflight, response, PROFILES[name])
        except _UnrecordedError as missing:
            return _NONE, str(missing)
    return verdicts, ""


def first_refusal(verdicts: Mapping[str, Verdict]) -> Verdict | None:
    """The first verdict that keeps the answer from the page."""
    return next((verdict for verdict in verdicts.values() if verdict.reason), None)


def seen_response(refusal: Verdict | None, response: Answer) -> Answer:
    """The response as far as the browser came to ask for it: not after a failed preflight."""
    if refusal is not None and refusal.sent and refusal.sent[-1][0].kind == "preflight":
        return Answer()
    return response


def _verdict(request: Request, preflight: Answer, response: Answer, profile: Profile) -> Verdict:
    asked = request.url.partition("#")[0]

    def server(wire: WireRequest) -> Response | None:
        if wire.url.partition("#")[0] != asked:
            raise _UnrecordedError(f"paste the answer of {redact(wire.url)} too: it leads there")
        answer = preflight if wire.kind == "preflight" else response
        if answer.status is None:
            name = _NAMES[wire.kind]
            raise _UnrecordedError(f"the answer to the {name} is missing; ask with\n{_curl(wire)}")
        return Response(answer.status, answer.headers) if answer.status else None

    return judge(request, server, profile=profile)


def _curl(wire: WireRequest) -> str:
    """The command that asks what the browser asks."""
    words = ["curl -i -X", wire.method, _quoted(redact(wire.url))]
    words += [f"-H {_quoted(f'{name}: {_shown(name, value)}')}" for name, value in wire.headers]
    return "  " + " ".join(words)


def _shown(name: str, value: str) -> str:
    lower = name.lower()
    return value if lower in _SHOWN or lower.startswith("access-control-") else "..."


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
