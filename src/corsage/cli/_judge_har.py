"""HAR files, or single entries of them, as cases for ``corsage judge --har``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from corsage.browser import Request, Response, WireRequest
from corsage.browser.case import CaseError
from corsage.diagnosis import case as recorded
from corsage.diagnosis.inputs import har
from corsage.diagnosis.observation import Answer


@dataclass(frozen=True, slots=True)
class HarCase:
    """One recorded request. ``respond`` answers as the archive says that the servers did."""

    id: str
    request: Request
    preflight: Response
    actual: Response | None

    def respond(self, asked: WireRequest) -> Response | None:
        """The recorded answer; nothing is known of what a redirect leads to."""
        if asked.url != self.request.url:
            return None
        return self.preflight if asked.kind == "preflight" else self.actual


def har_cases(text: str, name: str) -> Iterator[HarCase]:
    """The cross-origin requests of an archive, or of one entry of its ``log.entries``.

    Raises CaseError for what is neither, or where an entry is too incomplete to judge.
    """
    document = _json(text)
    if isinstance(document, dict) and "log" not in document:
        document = {"log": {"entries": [document]}}
    try:
        found = har.read(json.dumps(document))
    except recorded.InputError as error:
        raise CaseError(str(error)) from None
    if not found:
        raise CaseError("no cross-origin request with an Origin header")
    for number, case in enumerate(found, 1):
        yield _case(case, name if len(found) == 1 else f"{name}#{number}")


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except RecursionError:
        raise CaseError("not JSON that can be read: nested too deeply") from None
    except ValueError as error:
        raise CaseError(f"not JSON: {error}") from None


def _case(case: recorded.Case, name: str) -> HarCase:
    if case.request is None:
        raise CaseError("the entry does not say what was asked")
    if not case.preflight.seen and not case.response.seen:
        raise CaseError(
            f"{case.title}: neither the preflight's answer nor the request's was recorded"
        )
    return HarCase(name, case.request, _preflight(case), _response(case.response))


def _preflight(case: recorded.Case) -> Response:
    if case.preflight.seen:
        return _response(case.preflight) or Response(204)
    # DevTools keeps preflights apart or has them cached: the request was sent, so it passed.
    assert case.request is not None
    names = ", ".join(header for header, _ in case.request.headers)
    return Response(
        204,
        (
            ("Access-Control-Allow-Origin", case.request.origin),
            ("Access-Control-Allow-Credentials", "true"),
            ("Access-Control-Allow-Methods", case.request.method),
            *((("Access-Control-Allow-Headers", names),) if names else ()),
        ),
    )


def _response(answer: Answer) -> Response | None:
    return Response(answer.status, answer.headers) if answer.status else None
